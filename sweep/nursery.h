/*
 * The nursery of a rank: a process of this same program that is started once,
 * keeps no data and has no threads, and forks itself for each trial, which so
 * is spared what starting a program costs (13 ms, most of it for libraries).
 *
 * A trial is the rank's own child, not the nursery's: the rank waits for it,
 * it dies with the rank, and the death of the nursery does it no harm. It is a
 * process like one that was started: a group, memory limit, streams and
 * signals of its own, and nothing inherited but what is said. By its command
 * line a nursery is called `nurse`, a trial `trial`.
 */
#ifndef SWEEP_NURSERY_H
#define SWEEP_NURSERY_H

#include "sweep/spawn.h"

struct nursery {
    pid_t process; /* 0: there is none */
    int fd;        /* what it is asked by */
};

/* Starts a process that runs main(arguments) of `program` (NULL-terminated,
 * its name first), as spawn_program does. The nursery is started if there is
 * none, and another one if it has died. Refused if the program or a process
 * cannot be started, or no nursery answers. */
CHECKED enum status nursery_start(struct nursery *nursery, const char *program,
                                  const char *folder,
                                  char *const *arguments,
                                  struct spawn_files files, pid_t *pid);

void nursery_close(struct nursery *nursery);

/* The nursery itself, whose parent has to be the process `supervisor`: serves
 * until that ends. Returns the exit status; in the processes that it makes,
 * that of `run`. */
int nursery_serve(long supervisor, int (*run)(int argc, char **argv));

#endif

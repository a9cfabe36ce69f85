/*
 * The processes of one sweep: how they are started, found, and killed.
 */
#ifndef TESTS_CHAOS_PREY_H
#define TESTS_CHAOS_PREY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { PREY_MAX = 64, PREY_TEXT_SIZE = 320 };

enum prey_kind {
    PREY_CHILD, /* a trial's process */
    PREY_RANK,  /* of MPI */
    PREY_ANY    /* the launcher and its daemons, too */
};

struct prey {
    const char *program, *experiment, *folder; /* absolute paths, borrowed */
    const char *log;     /* what the latest job says */
    const char *refuser; /* tests/chaos/disk.c as built */
    int n_ranks;
    double checkpoint_s;
};

/* The sweep on its ranks, in a session of its own. */
pid_t prey_start(const struct prey *prey);

/* Those that are alive, at most PREY_MAX. */
size_t prey_find(const struct prey *prey, enum prey_kind kind,
                 pid_t found[PREY_MAX]);

/* Number, state and parent (proc(5), stat), and the arguments' beginning. */
void prey_describe(pid_t process, char text[PREY_TEXT_SIZE]);

/* On stderr, a line each. */
void prey_show_all(const struct prey *prey);

/* SIGKILL to all of them. */
void prey_kill_all(const struct prey *prey);

/* CPU seconds of a process so far; negative if there is none. */
double prey_cpu_s(pid_t process);

#endif

/* Starting a process with nothing inherited but what is said. */
#ifndef SWEEP_SPAWN_H
#define SWEEP_SPAWN_H

#include "core/status.h"

#include <stdbool.h>
#include <sys/types.h>

/* Descriptors for the new process; -1: /dev/null. Standard output goes where
 * standard error goes; `extra` becomes descriptor 3 (not there if -1). */
struct spawn_files {
    int input, words, extra;
};

/* Starts `program` with these arguments (NULL-terminated) in a process group
 * of its own, all signals at their defaults, all other descriptors closed,
 * the launcher's variables (OMPI_*, PMIX_*, PMI_*) removed from its
 * environment, so that it does not take itself for a rank; its threads wait
 * without spinning unless OMP_WAIT_POLICY says otherwise. */
CHECKED enum status spawn_program(const char *program, char *const *arguments,
                                  struct spawn_files files, pid_t *pid);

/* From now on this process is killed when its parent ends. False if that is
 * not `parent`: then it has ended already. */
CHECKED bool spawn_die_with(pid_t parent);

/* The path of this program's executable; static. */
const char *spawn_own_program(void);

#endif

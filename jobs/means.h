/* Options of how trials are computed, which `run` and `trial` share. */
#ifndef JOBS_MEANS_H
#define JOBS_MEANS_H

#include "core/trial.h"

/* Rows of a table of options; the variables are the command's own. */
#define MEANS_OPTIONS(n_threads, recompute)                                    \
    {"threads", 0, "N", "threads of a trial (default 1); no result depends on it",               \
     OPTION_COUNT, n_threads},                                                 \
    {"recompute", 0, NULL, "trials make layers' currents again instead of keeping them: less "   \
     "memory, more time; no result depends on it. A run adds it to trials that would not fit "    \
     "else", OPTION_FLAG, recompute}

enum { MEANS_THREADS_MAX = 1024 };

CHECKED enum status means_check(size_t n_threads);

/* Starts this program anew if its threads would spin while they wait: the
 * library asks the environment before main. Returns if they do not (or if
 * OMP_WAIT_POLICY says what they are to do). */
void means_wait_passively(char **argv);

#endif

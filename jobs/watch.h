/*
 * `spikesweep status --watch`: a sweep as it goes on, drawn again and again in
 * place on a terminal, or as a line now and then.
 */
#ifndef JOBS_WATCH_H
#define JOBS_WATCH_H

#include "core/status.h"

/* Until the runs that serve the folder have ended, or somebody quits. At once
 * if none goes on. `period_s` 0: a second on a terminal, else ten. */
CHECKED enum status watch_sweep(const char *folder, double period_s);

#endif

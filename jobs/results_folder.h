/* Opening a sweep's results, up to date; private to jobs/. */
#ifndef JOBS_RESULTS_FOLDER_H
#define JOBS_RESULTS_FOLDER_H

#include "io/results.h"

/* Opens DIR/sweep.h5, made anew first if there are newer segments (the sweep
 * may be running); or a sweep.h5 by itself. Everything is in `arena`. */
CHECKED enum status results_folder_open(const char *path, struct arena *arena,
                                        struct results *results);

#endif

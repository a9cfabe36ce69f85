/* Opening a sweep's results, up to date; private to jobs/. */
#ifndef JOBS_RESULTS_FOLDER_H
#define JOBS_RESULTS_FOLDER_H

#include "io/results.h"

/* Opens DIR/sweep.h5, made anew first if there are newer segments (the sweep
 * may be running); or a sweep.h5 by itself. Nothing is lost by reading: a
 * sweep.h5 that holds more than the segments is read as it is; where there is
 * something else of that name, or nothing may be written, the segments are
 * read by way of a file elsewhere. Either is said on standard error.
 * Everything is in `arena`. */
CHECKED enum status results_folder_open(const char *path, struct arena *arena,
                                        struct results *results);

/* All of them, NULL-terminated, at least one: several are joined
 * (results_join), a path that is named twice counts once. */
CHECKED enum status results_folders_open(char *const *paths,
                                         struct arena *arena,
                                         struct results *results);

/* Likewise, for the time of `show`. */
CHECKED enum status
results_folders_show(char *const *paths,
                     enum status (*show)(const struct results *results,
                                         struct arena *arena));

#endif

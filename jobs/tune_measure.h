/*
 * Measuring what core/tuning.h is about, on this machine, now. Private to
 * jobs/tune.c.
 */
#ifndef JOBS_TUNE_MEASURE_H
#define JOBS_TUNE_MEASURE_H

#include "core/tuning.h"

/* The density at which lists and the dense way take equally long: one kind of
 * operation, one use, one class of widths; with the seconds that the dense way
 * took. A tenth of a second. */
struct break_even {
    double density, dense_s;
};

struct break_even tune_measure(enum block_operation kind, enum tuning_use use,
                               size_t width);

#endif

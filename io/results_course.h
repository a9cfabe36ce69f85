/* The course of training, a trial at a time. */
#ifndef IO_RESULTS_COURSE_H
#define IO_RESULTS_COURSE_H

#include "io/results.h"

/* The share of U - V_th in (-gamma, gamma) after each epoch of one trial. */
struct result_inside {
    size_t n_epochs, n_layers; /* of this trial; 0: not stored */
    const double *share;       /* [epoch][layer] */
};

CHECKED enum status results_inside(const struct results *results, size_t trial,
                                   struct arena *arena,
                                   struct result_inside *inside);

#endif

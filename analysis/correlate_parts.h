/* What the files analysis/correlate*.c share. */
#ifndef ANALYSIS_CORRELATE_PARTS_H
#define ANALYSIS_CORRELATE_PARTS_H

#include "analysis/correlate.h"

/* Points, and which trials each is the mean of. */
struct points {
    size_t n, n_groups;
    const size_t *of;          /* [trial] its point */
    size_t *group;             /* [n] */
    const char *const *groups; /* [n_groups] their names */
};

CHECKED enum status correlate_find_points(const struct results *results,
                                          const struct correlate *correlate,
                                          struct arena *arena,
                                          struct points *points);

/* A figure at each point, the mean of the trials that have it; NaN without. */
double *correlate_values(const struct results *results,
                         const struct points *points,
                         const struct figure *figure, struct arena *arena);

#endif

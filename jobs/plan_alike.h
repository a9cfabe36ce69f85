/* Cells of a plan that take equally long and as much memory. */
#ifndef JOBS_PLAN_ALIKE_H
#define JOBS_PLAN_ALIKE_H

#include "sweep/space.h"

/* Of each cell the first that is like it, perhaps itself, in the arena: they
 * differ in the seed, in numbers that are no counts (a leak, a weight: they
 * change how many spikes there are, not what is computed), or in parameters of
 * surrogate, regularizer and optimizer. One that is attacked and one that is
 * not are not alike. */
const size_t *plan_alike_find(const struct cells *cells, struct arena *arena);

#endif

/*
 * Workers that share the work of a trial: threads of one process. Work comes in
 * units. A unit writes to places of its own and to scratch of the worker that
 * runs it, and what is summed over units is added in the order of the units. So
 * no bit of a result tells how many workers there were.
 */
#ifndef CORE_TEAM_H
#define CORE_TEAM_H

#include <stddef.h>

struct team {
    size_t n_workers; /* at least 1; the caller is one of them */
};

/* Runs `work` once for every unit, in any order; returns when all have ended.
 * worker < n_workers: units that run at the same time have different ones. */
void team_run(const struct team *team, size_t n_units, void *self,
              void (*work)(void *self, size_t worker, size_t unit));

/* The same, but each unit is followed by its `settle` (by the same worker), and
 * units settle one at a time in their order: 0, 1, 2. */
void team_run_in_order(const struct team *team, size_t n_units, void *self,
                       void (*work)(void *self, size_t worker, size_t unit),
                       void (*settle)(void *self, size_t worker,
                                      size_t unit));

/* Part `unit` of n things that are cut into n_units parts as equal as can be:
 * [first, first + n). */
struct team_share {
    size_t first, n;
};
struct team_share team_share_of(size_t n, size_t n_units, size_t unit);

/* Parts to cut n things into, for work whose results do not depend on it: one
 * for a single worker, else some for each, so that none waits long. */
size_t team_count_shares(const struct team *team, size_t n);

#endif

/*
 * What a plan says of the combinations that are not run: each with the reason.
 */
#ifndef JOBS_PLAN_PRUNED_H
#define JOBS_PLAN_PRUNED_H

#include "core/settings.h"
#include "sweep/study.h"

/* At most n_most of them, by what varies among them and the cells, whose
 * settings are given. */
void plan_print_pruned(const struct study *study,
                       const struct settings *settings, size_t n_most,
                       struct arena *arena);

#endif

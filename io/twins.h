/* The undefended twin of each trial: the one that differs from it in nothing
 * but what defends it. */
#ifndef IO_STORE_TWINS_H
#define IO_STORE_TWINS_H

#include "io/store_index.h"

#define STORE_NO_TWIN SIZE_MAX

/* [index->n_trials] in the arena: the twin's place among the trials, or
 * STORE_NO_TWIN, as for a trial without a defence. */
const size_t *store_twins_find(const struct store_index *index,
                               struct arena *arena);

#endif

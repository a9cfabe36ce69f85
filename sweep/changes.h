/*
 * What became of an experiment since the last run in its folder: which cells
 * are new, which it no longer has, and what was changed for that. A cell is its
 * whole text, so whatever alters one alters its identity: it is another cell,
 * and no result of the earlier one counts for it.
 */
#ifndef SWEEP_CHANGES_H
#define SWEEP_CHANGES_H

#include "sweep/space.h"

struct changes {
    size_t n_kept, n_added, n_removed; /* cells */
    size_t attacks_kept, attacks_added, attacks_removed;
    /* What varies otherwise than before, a line each, "" if nothing does:
     *     "training.n_epochs: 2 (4 cells) became 3 (4 cells)"
     *     "encoding: poisson is new (8 cells)"
     *     "attack pgd.n_steps: 20 (1 attack) is no longer there" */
    const char *lines;
};

/* Both with all their cells; the lines are in `arena`. */
struct changes changes_find(const struct experiment *old,
                            const struct cells *old_cells,
                            const struct experiment *new,
                            const struct cells *new_cells, struct arena *arena);

/* All of it for people, NULL if not a cell and not an attack was changed. */
const char *changes_print(const struct changes *changes, struct arena *arena);

/* What has changed since the experiment that the folder keeps: as
 * changes_print, a sentence if that cannot be read any more, or NULL: nothing,
 * or there is none. */
const char *changes_since(const char *folder, const struct experiment *now,
                          struct arena *arena);

#endif

/*
 * The cells that a run is asked for (run --only): those of a list, as
 * space_find names them, or those of which a task has failed. All others are
 * left out, but for trainings of networks that their attacks are made on.
 */
#ifndef SWEEP_ONLY_H
#define SWEEP_ONLY_H

#include "sweep/ledger_aside.h"

struct only {
    bool is_given, failed;
    size_t n;
    const struct digest *cells; /* in the arena */
};

/* "failed", or names with commas between; NULL: all cells. */
CHECKED enum status only_read(const char *text, const struct cells *cells,
                              struct arena *arena, struct only *only);

/* Before the run starts, of a ledger that is cut. What was set aside gets
 * another chance if its cell is asked for. Returns the number of tasks left to
 * do. */
size_t only_apply(const struct only *only, struct ledger *ledger);

#endif

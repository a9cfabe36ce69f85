/*
 * Which cells the latest experiment file has, as a file beside it:
 *
 *     DIR/cells.list      magic, digest of the experiment file's text, number,
 *                         digests of the cells in rising order, checksum
 *
 * written by a run, read when sweep.h5 is made: cells that were taken out of
 * the experiment keep their results and are marked. A list that is not there or
 * not of DIR/experiment.cfg, as with folders of older programs, says nothing.
 */
#ifndef IO_CELL_LIST_H
#define IO_CELL_LIST_H

#include "core/arena.h"
#include "core/digest.h"
#include "core/status.h"

struct cell_list {
    bool known;
    size_t n;
    const struct digest *at; /* in rising order */
};

/* Of this experiment file's text; `cells` are sorted in place. No-op if the
 * folder has just that list. */
CHECKED enum status cell_list_write(const char *folder, const char *experiment,
                                    size_t n, struct digest *cells);

/* In the arena. */
struct cell_list cell_list_read(const char *folder, struct arena *arena);

bool cell_list_has(const struct cell_list *list, struct digest cell);

#endif

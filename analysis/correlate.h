/*
 * Whether a figure predicts others over the cells of a sweep: the paper's claim
 * is that Omega, the share of membrane potentials within the surrogate's range,
 * falls where robust accuracy rises (arXiv 2511.12199, section 4).
 *
 * A point is a cell: the mean over its seeds, since trials of one cell are no
 * independent witnesses of what differs between cells.
 */
#ifndef ANALYSIS_CORRELATE_H
#define ANALYSIS_CORRELATE_H

#include "analysis/axes.h"
#include "analysis/figure.h"
#include "analysis/plot.h"
#include "analysis/sheet.h"

struct correlate {
    struct figure x;
    struct figures figures; /* at least one */
    const char *within; /* axes with commas: their combinations are the groups
                           to look within; NULL: families, cells that differ in
                           nothing but their defences */
    bool each_seed;     /* a point is a trial */
};

/* A sheet in the arena: of each figure a row over all points, and one within
 * the groups (what is left when each group's mean is taken off) if there are
 * several. Refused: axes that there are not. */
CHECKED enum status correlate_make(const struct results *results,
                                   const struct correlate *correlate,
                                   struct arena *arena, struct sheet *sheet);

/* The points of the first figure, groups apart. */
CHECKED enum status correlate_draw(const struct results *results,
                                   const struct correlate *correlate,
                                   struct arena *arena, struct plot *plot);

#endif

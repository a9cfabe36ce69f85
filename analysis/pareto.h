/*
 * The Pareto front: cells (trials that are alike in some axes; by default in
 * all but the seed) by the means of two or more figures. A cell is on the front
 * if no other is at least as good in all figures and better in one.
 */
#ifndef ANALYSIS_PARETO_H
#define ANALYSIS_PARETO_H

#include "analysis/axes.h"
#include "analysis/figure.h"
#include "analysis/plot.h"
#include "analysis/sheet.h"

struct pareto_point {
    bool is_known, on_front; /* known: all figures have a value */
    const double *means;     /* [figures.n] */
};

struct pareto {
    const struct results *results;
    struct axes axes;
    struct axes_cells cells;
    struct figures figures; /* two at least, each with a better side */
    const struct pareto_point *points; /* [cells.n] */
    size_t n_known, n_front;
};

/* `axes` NULL: all that vary but the seed. Without figures (n is 0) clean
 * accuracy and the mean of the strongest attack in the L-infinity ball.
 * Everything is in the arena. Refused: fewer than two figures, such of which
 * neither large nor small is better. */
CHECKED enum status pareto_make(const struct results *results,
                                const char *axes,
                                const struct figures *figures,
                                struct arena *arena, struct pareto *pareto);

/* The front, in the order of the first figure, the best first; with `all`
 * behind it the other cells. */
struct sheet pareto_sheet(const struct pareto *pareto, bool all,
                          struct arena *arena);

/* The first two figures: cells as points, the front as a line with names. */
struct plot pareto_plot(const struct pareto *pareto, struct arena *arena);

#endif

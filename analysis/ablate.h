/*
 * What each axis does to a figure: the mean by level, and the share of the
 * variance that axes and pairs of axes explain (analysis/variance.h). Trials
 * that differ in their seed alone are repeats of one another.
 */
#ifndef ANALYSIS_ABLATE_H
#define ANALYSIS_ABLATE_H

#include "analysis/axes.h"
#include "analysis/figure.h"
#include "analysis/plot.h"
#include "analysis/sheet.h"

/* More levels are values of a scale, not choices: such axes are left out, and
 * a note says so. */
enum { ABLATE_LEVELS_MAX = 40 };

struct ablation {
    const char *axes;       /* with commas; NULL: all that vary but seeds, a
                               kind that varies together with its parameters */
    struct figures figures; /* at least one */
};

/* A sheet in the arena: of each figure a row for each axis and, below it, its
 * levels; then a row for each pair of axes. Refused: axes that there are not,
 * or none that varies. */
CHECKED enum status ablate_make(const struct results *results,
                                const struct ablation *ablation,
                                struct arena *arena, struct sheet *sheet);

/* The means by level of one figure, a panel an axis, with their intervals. */
CHECKED enum status ablate_draw(const struct results *results,
                                const struct ablation *ablation,
                                struct arena *arena, struct plot *plot);

#endif

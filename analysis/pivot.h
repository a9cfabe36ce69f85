/*
 * A sheet of any figures over any axes: a row for each combination of levels of
 * the row axes, for each of the column axes a group of columns, a column for
 * each figure in it. A number is the mean over the trials of its cell (seeds,
 * and axes that are neither rows nor columns, which a note names), with the
 * deviation of a sample beside it; the best of each column has a star. Against
 * a baseline there are the mean of paired differences, its 95 % interval and p.
 */
#ifndef ANALYSIS_PIVOT_H
#define ANALYSIS_PIVOT_H

#include "analysis/axes.h"
#include "analysis/figure.h"
#include "analysis/sheet.h"

enum pivot_test { PIVOT_T, PIVOT_WILCOXON };

/* For how many comparisons there are: of the whole sheet. */
enum pivot_correction {
    PIVOT_HOLM,
    PIVOT_BENJAMINI_HOCHBERG,
    PIVOT_UNCORRECTED
};

struct pivot {
    const char *rows, *columns; /* axes with commas; rows NULL: all that vary
                                   but seeds and columns; columns NULL: none */
    struct figures figures;     /* at least one */
    size_t n_baselines;         /* 0: no differences */
    const struct pick *baselines;
    enum pivot_test test;
    enum pivot_correction correction;
};

/* A sheet in the arena. Refused: axes and baselines that there are not. */
CHECKED enum status pivot_make(const struct results *results,
                               const struct pivot *pivot, struct arena *arena,
                               struct sheet *sheet);

#endif

/*
 * Two sweeps, trial by trial: those of one identity (the digest of all
 * parameters) stand for the same computation.
 */
#ifndef ANALYSIS_COMPARE_H
#define ANALYSIS_COMPARE_H

#include "analysis/figure.h"
#include "analysis/sheet.h"

struct compared {
    size_t n_first, n_second; /* that only the one has */
    size_t n_both, n_equal;   /* equal: see compare_sheet */
};

/* A row for each trial that both have, by default those that differ: figures
 * of the first, of the second, and their difference (second less first), and
 * whether weights and results are the same bit for bit; those are the state,
 * the network's digest and all that was measured in clean data and under
 * attacks that both have, at epsilons that both have, but no times. Notes say
 * how many there are, and what builds computed. Everything is in the arena.
 * Figures are the first's; `figures` of n 0: the usual. */
CHECKED enum status compare_make(const struct results *first,
                                 const struct results *second,
                                 const struct figures *figures, bool all,
                                 struct arena *arena, struct sheet *sheet,
                                 struct compared *compared);

/* Where a figure of the one is in the other; false if it is not. */
bool compare_find_figure(const struct results *first,
                         const struct figure *figure,
                         const struct results *second, struct figure *found);

/* Whether a and b are the same number, bit for bit, or both no number. */
bool compare_same(double a, double b);

#endif

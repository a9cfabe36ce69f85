/*
 * Means, tests and correlations. Values that are NaN count as missing, in pairs
 * both; what too few values say is NaN. Sums are taken in the values' order.
 *
 * Values that differ by less than 1e-9 of the largest magnitude among them are
 * ties and a difference so small is 0: rounding makes such differences, no
 * accuracy does.
 */
#ifndef ANALYSIS_STATISTICS_H
#define ANALYSIS_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>

/* means --------------------------------------------------------------- */

/* `deviation` is a sample's (by n - 1); NaN, and so is the interval, for one
 * value. The interval holds the mean with probability `level` (0.95) if the
 * values are normal: mean -+ t(n - 1) deviation / sqrt(n) (Student, Biometrika
 * 6 (1908)). */
struct estimate {
    size_t n;
    double mean, deviation, low, high;
};

struct estimate statistics_mean(const double *x, size_t n, double level);

/* Of the differences a[i] - b[i], paired (by seed, say). */
struct estimate statistics_difference(const double *a, const double *b,
                                      size_t n, double level);

/* The value below which a share of them lies, interpolated linearly (Hyndman
 * and Fan, Am. Stat. 50 (1996), type 7); 0.5: the median. */
double statistics_quantile(const double *x, size_t n, double share);

/* paired tests -------------------------------------------------------- */

/* Two-sided. n: the pairs that count. `exact`: p is not an approximation. */
struct significance {
    size_t n;
    double statistic, p;
    bool exact;
};

/* That the differences' mean is 0: Student's t. `b` NULL: a are differences.
 * p is NaN if all differences are the same: then nothing tells their spread. */
struct significance statistics_t_test(const double *a, const double *b,
                                      size_t n);

/* The same for their median, by signed ranks (Wilcoxon, Biometrics Bull. 1
 * (1945)): differences of 0 are left out as there, ties have the mean of their
 * ranks. `statistic` is the sum of the positive differences' ranks. With
 * STATISTICS_WILCOXON_EXACT pairs at most, p is exact for these very ranks,
 * ties included (the sum over all signs, by dynamic programming); with more
 * the normal approximation with corrections for continuity and ties (Lehmann,
 * Nonparametrics (1975), 3.2). No pair at all: p is 1. Not even with the
 * same sign in all of n pairs p is below 2^(1 - n): 0.25 for three seeds. */
enum { STATISTICS_WILCOXON_EXACT = 50 };

struct significance statistics_wilcoxon(const double *a, const double *b,
                                        size_t n);

/* many comparisons ---------------------------------------------------- */

/* p values adjusted for being the n of them that are not NaN (which stay NaN):
 * by Holm (Scand. J. Stat. 6 (1979)) for the chance of any false finding, by
 * Benjamini and Hochberg (J. R. Stat. Soc. B 57 (1995)) for the false ones'
 * share of the findings. In place is fine. */
void statistics_holm(const double *p, size_t n, double *adjusted);
void statistics_benjamini_hochberg(const double *p, size_t n,
                                   double *adjusted);

/* correlations -------------------------------------------------------- */

/* p: two-sided, that there is none, by t; the interval by Fisher's z (Metron 1
 * (1921)). n: the pairs that count. NaN: fewer than 3 pairs (4 for the
 * interval), or one of the two does not vary. */
struct correlation {
    size_t n;
    double r, p, low, high;
};

struct correlation statistics_pearson(const double *x, const double *y,
                                      size_t n, double level);

/* Of ranks; z's variance is (1 + r^2 / 2) / (n - 3) (Bonett and Wright,
 * Psychometrika 65 (2000), equation 9). p is an approximation, but no smaller
 * than that of the most extreme order of the ranks, 2 / n!. */
struct correlation statistics_spearman(const double *x, const double *y,
                                       size_t n, double level);

/* Within groups (group[i] in 0 to n_groups - 1): of what is left when each
 * group's mean is taken off, that is the partial correlation given the group;
 * degrees of freedom go with the groups (Snedecor and Cochran, Statistical
 * Methods, on pooling within classes). `by_ranks`: of ranks, taken in each
 * group by itself. Groups of one pair do not count. */
struct correlation statistics_within(const double *x, const double *y,
                                     const size_t *group, size_t n,
                                     size_t n_groups, bool by_ranks,
                                     double level);

/* Ranks from 1; ties have the mean of theirs. No value may be NaN. */
void statistics_rank(const double *x, size_t n, double *ranks);

#endif

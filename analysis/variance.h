/*
 * Analysis of variance over factors that are crossed, balanced or not: what
 * each factor, and each pair of them, explains of values that were observed
 * once or several times (seeds) at combinations of their levels.
 *
 * Sums of squares are of type II (Yates, J. Am. Stat. Assoc. 29 (1934),
 * "fitting constants"; Langsrud, Stat. Comput. 13 (2003)): what a term adds to
 * the model of all terms that do not contain it. For balanced designs that is
 * the classical decomposition, and the sums add up. The error is what is left
 * of the whole model: seeds, and interactions of more than two.
 */
#ifndef ANALYSIS_VARIANCE_H
#define ANALYSIS_VARIANCE_H

#include "core/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct variance_factor {
    size_t n;          /* levels */
    const int32_t *of; /* [n_values] from 0; below 0 is one more level */
};

struct variance_term {
    size_t a, b; /* factors; b == a: a main effect */
    size_t df;   /* 0: nothing that is not explained by others */
    double sum_squares;
    double eta;         /* its share of the total */
    double omega;       /* the same without bias (Hays, Statistics (1963)):
                           (SS - df MSE) / (total + MSE); may be below 0 */
    double eta_partial; /* SS / (SS + error) */
    double f, p;        /* NaN without an error to hold it against */
};

struct variance {
    size_t n; /* values that are not NaN */
    double mean, total;
    size_t df_error;
    double error; /* its sum of squares */
    size_t n_terms;
    const struct variance_term *terms; /* main effects, then pairs */
    bool has_pairs; /* false: too few values for an error beside them, or too
                       many levels (VARIANCE_COLUMNS_MAX of all terms) */
};

enum { VARIANCE_COLUMNS_MAX = 600 };

/* Everything is in the arena. */
struct variance variance_analyze(const double *values, size_t n_values,
                                 const struct variance_factor *factors,
                                 size_t n_factors, struct arena *arena);

/* Of the values at a level: their mean, and its interval with the variance
 * analysis' error (t of its degrees of freedom; NaN without). */
struct variance_level {
    size_t n;
    double mean, low, high;
};

struct variance_level variance_level(const struct variance *variance,
                                     const double *values, size_t n_values,
                                     const struct variance_factor *factor,
                                     int32_t level, double confidence);

#endif

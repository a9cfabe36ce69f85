/*
 * What tables show of a cell, a column each, and its statistics over seeds and
 * pairs of twins.
 */
#ifndef ANALYSIS_COLUMNS_H
#define ANALYSIS_COLUMNS_H

#include "analysis/groups.h"

enum quantity {
    QUANTITY_CLEAN,  /* accuracy in 0 to 1 */
    QUANTITY_ATTACK, /* likewise, under `attack` at `epsilon` */
    QUANTITY_WORST,  /* likewise, all attacks of that norm, each sample by its
                        worst */
    QUANTITY_SURROGATE_WORST,  /* likewise, the attack through all surrogates
                                  that it was run through */
    QUANTITY_SURROGATE_SPREAD, /* of accuracies, over these */
    QUANTITY_MEAN,   /* likewise, mean over the epsilons above 0 */
    QUANTITY_OMEGA,  /* means over layers and time steps */
    QUANTITY_INSIDE,
    QUANTITY_RATE
};

struct column {
    enum quantity quantity;
    size_t attack, epsilon; /* indices into the results' */
};

/* NaN where the trial has no such value, or where it diverged: what it had by
 * then is in the file, but would only blur a comparison. */
double column_value(const struct results *results, const struct column *column,
                    size_t trial);

/* A column's heading: "clean", "8/255", "Omega"; in the arena. */
const char *column_heading(const struct results *results,
                           const struct column *column, struct arena *arena);

/* A value as text: accuracies in percent, shares as they are, differences with
 * their sign; "-" for NaN; in the arena. */
const char *column_print(const struct column *column, double value,
                         bool is_difference, struct arena *arena);

/* An epsilon as people write it: "8/255" where it is that, else "0.1". */
const char *column_print_epsilon(double epsilon, struct arena *arena);

/* The epsilons above 0 that an attack was run with, as indices into the
 * results', ascending; in the arena. */
struct indices {
    size_t n;
    const size_t *at;
};

struct indices columns_epsilons(const struct results *results, size_t attack,
                                struct arena *arena);

/* Of n things, k that lie evenly spread and have the last among them; all of
 * them if k is at least n. */
struct indices columns_spread_out(struct indices all, size_t k,
                                  struct arena *arena);

/* Statistics of values, those that are NaN left out. */
struct spread {
    size_t n, n_above, n_below; /* of 0 */
    double mean, deviation, lowest, highest; /* NaN if n is 0; deviation: of a
                                                sample, NaN if n is 1 */
};

/* Over a group's seeds; and of the differences to the twin of each seed. */
struct spread column_spread(const struct results *results,
                            const struct column *column,
                            const struct group *group);
struct spread column_difference(const struct results *results,
                                const struct column *column,
                                const struct group *group);

/* The differences of all groups of this defence. */
struct spread column_effect(const struct results *results,
                            const struct column *column,
                            const struct groups *groups,
                            const char *defence);

#endif

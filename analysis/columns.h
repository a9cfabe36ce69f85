/*
 * Figures as columns of tables: headings, numbers as people read them, and
 * statistics over seeds and pairs of twins.
 */
#ifndef ANALYSIS_COLUMNS_H
#define ANALYSIS_COLUMNS_H

#include "analysis/figure.h"
#include "analysis/groups.h"
#include "analysis/sheet.h"

/* A column's heading: "clean", "8/255", "Omega"; in the arena. */
const char *column_heading(const struct results *results,
                           const struct figure *column, struct arena *arena);

/* The figure as a column of a sheet: by its whole name, the attack over it. */
struct sheet_column column_of_sheet(const struct results *results,
                                    const struct figure *column,
                                    struct arena *arena);

/* A value as text: accuracies in percent, shares as they are, bytes in MB,
 * differences with their sign; "-" for NaN; in the arena. */
const char *column_print(const struct figure *column, double value,
                         bool is_difference, struct arena *arena);

/* An epsilon as people write it: "8/255" where it is that, else "0.1". */
const char *column_print_epsilon(double epsilon, struct arena *arena);

/* Whether an attack is one in the L-infinity ball. */
bool columns_is_in_ball(const struct results *results, size_t attack);

/* The epsilons above 0 that an attack was run with, as indices into the
 * results', ascending; in the arena. */
struct indices {
    size_t n;
    const size_t *at;
};

bool columns_was_run(const struct results *results, size_t attack,
                     size_t epsilon);
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
                            const struct figure *column,
                            const struct group *group);
struct spread column_difference(const struct results *results,
                                const struct figure *column,
                                const struct group *group);

/* The differences of all groups of this defence. */
struct spread column_effect(const struct results *results,
                            const struct figure *column,
                            const struct groups *groups,
                            const char *defence);

#endif

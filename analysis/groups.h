/*
 * Cells as a reader wants them: a group is the cells that differ in their seed
 * alone; a family is the groups that differ in their regularizer alone, so
 * that a regularized group stands beside its undefended twin.
 */
#ifndef ANALYSIS_GROUPS_H
#define ANALYSIS_GROUPS_H

#include "io/results.h"

#include <stdbool.h>

enum { GROUPS_NO_TRIAL = -1 };

struct group {
    const char *family;      /* what varies but for regularizer and seed; "" if
                                nothing does */
    const char *regularizer; /* "no regularizer", "mpd_sgr weight=0.1"; "" if
                                it does not vary */
    const char *label;       /* both; never "" */
    bool undefended;         /* regularizer none */
    size_t i_family;         /* families count from 0, in order */
    size_t n;                /* trials, one a seed */
    const size_t *trials;    /* indices into the results', by seed */
    const int64_t *twins;    /* [n] the trial of the same family and seed that
                                is undefended; GROUPS_NO_TRIAL where there is
                                none, or where the group is itself that */
};

/* Families in the order of the results' trials; in each, first the group
 * without a regularizer. */
struct groups {
    size_t n, n_families;
    const struct group *at;
    bool regularizer_varies, seed_varies;
};

struct groups groups_make(const struct results *results, struct arena *arena);

#endif

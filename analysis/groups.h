/*
 * Cells as a reader wants them: a group is the cells that differ in their seed
 * alone; a family is the groups that differ in nothing but their defences
 * (io/twins.h), so that a defended group stands beside its undefended twin.
 */
#ifndef ANALYSIS_GROUPS_H
#define ANALYSIS_GROUPS_H

#include "io/results.h"

#include <stdbool.h>

enum { GROUPS_NO_TRIAL = -1 };

struct group {
    const char *family;   /* what varies but for defences and seed; "" if
                             nothing does */
    const char *defence;  /* "no regularizer", "mpd_sgr weight=0.1"; "" if none
                             varies */
    const char *label;    /* both; never "" */
    bool undefended;      /* without the defences that vary; where none does,
                             without any */
    size_t i_family;      /* families count from 0, in order */
    size_t n;             /* trials, one a seed */
    const size_t *trials; /* indices into the results', by seed */
    const int64_t *twins; /* [n] as twins_find says; GROUPS_NO_TRIAL: none */
};

/* Families in the order of the results' trials; in each, first the group
 * without a defence. */
struct groups {
    size_t n, n_families;
    const struct group *at;
    bool defence_varies, seed_varies;
};

struct groups groups_make(const struct results *results, struct arena *arena);

#endif

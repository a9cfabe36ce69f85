/*
 * Trials by an expression: a row each, columns of axes, figures and
 * expressions, sorted.
 */
#ifndef ANALYSIS_QUERY_H
#define ANALYSIS_QUERY_H

#include "analysis/expression.h"
#include "analysis/sheet.h"

struct search {
    const char *where;       /* an expression; NULL: all trials */
    const char *const *show; /* lists of expressions with commas between */
    size_t n_show;           /* 0: id, all axes that vary, usual figures */
    const char *sort;        /* an expression, the smallest first; NULL: as in
                                the file. What has no value comes last */
    size_t limit;            /* rows; 0: all */
};

CHECKED enum status query_make(const struct results *results,
                               const struct search *query, struct arena *arena,
                               struct sheet *sheet);

/* The trials for which it holds, as results (see results_select); all of them
 * if `where` is NULL. Refused where it holds for none. */
CHECKED enum status query_select(const struct results *results,
                                 const char *where, struct arena *arena,
                                 struct results *part);

#endif

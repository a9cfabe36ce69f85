/* A sheet of figures over axes while it is made; private to analysis/pivot*.c.
 */
#ifndef ANALYSIS_PIVOT_PARTS_H
#define ANALYSIS_PIVOT_PARTS_H

#include "analysis/pivot.h"

/* Where a figure stands in a group of columns. */
struct pivot_places {
    size_t mean, deviation, n, difference, low, high, n_pairs, p, adjusted;
};

struct pivot_table {
    const struct results *results;
    const struct pivot *pivot;
    struct arena *arena;
    struct sheet *sheet;
    struct axes rows, columns, both;
    struct axes_cells row_cells, column_cells, cells;
    const size_t *partners; /* NULL: no baseline */
    size_t n_column;        /* the column that counts trials */
    struct pivot_places *places;  /* [column cell][figure] */
    double *values, *others; /* of a cell, as many as the largest has */
};

/* By rows, column cells and figures, which must be known. */
void pivot_add_columns(struct pivot_table *table);

#endif

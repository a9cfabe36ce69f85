/*
 * The axis "deflation": what becomes of a network's gradients between the
 * backward pass and the optimizer's step.
 *
 * Kinds: none, dominant (DEP, arXiv 2505.11134).
 */
#ifndef CORE_DEFLATION_H
#define CORE_DEFLATION_H

#include "core/kind.h"

/* The gradient of a weight matrix, [n_rows][n_columns]. */
struct deflated_matrix {
    float *at;
    size_t n_rows, n_columns;
    float *square;   /* [n_columns][n_columns], scratch */
    double *vectors; /* [2][n_columns], scratch */
};

struct deflation {
    struct kind kind;
    /* NULL: gradients stay as they are. Returns how exact that was: the
     * residual of what it found, 0 for exact. */
    double (*change)(const void *params,
                     const struct deflated_matrix *matrix);
};

extern const struct axis deflation_axis;
const struct deflation *deflation_of(const struct kind *kind);

#endif

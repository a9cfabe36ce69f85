/*
 * A network's weight matrices, of its operations and its read-out: what methods
 * work on that see a weight as part of a linear map. Scales, shifts and leaks
 * are none.
 */
#ifndef CORE_MATRICES_H
#define CORE_MATRICES_H

#include "core/model.h"

enum { MATRICES_MAX = 2 * NETWORK_BLOCKS_MAX + 1 };

/* [n_rows][n_columns]: inputs of an output (of a convolution the channels of
 * all taps), outputs. Papers that write W x mean the transposed matrix. */
struct weight_matrix {
    size_t at; /* where it begins in weights and gradients */
    size_t n_rows, n_columns;
    bool is_linear; /* no convolution */
};

/* In the order of the layers, a layer's shortcut after it, the read-out last.
 * Returns how many. */
size_t matrices_list(const struct model *model,
                     struct weight_matrix at[MATRICES_MAX]);

/* The largest numbers of entries and of columns, for scratch. */
struct matrix_sizes {
    size_t n_entries, n_columns;
};
struct matrix_sizes matrices_measure(const struct spec *spec,
                                     const struct data_set *data);

#endif

/*
 * Dense products of the shapes that the engine needs: many rows, a few hundred
 * columns, sums of 32 to some thousand terms. Private to core/linalg.c, which
 * takes BLIS for all others.
 *
 * A sum is taken in the order of its terms, in pieces of a fixed length that
 * are added up in their order: an entry depends on its row and its column
 * alone.
 */
#ifndef CORE_PRODUCT_H
#define CORE_PRODUCT_H

#include "core/linalg.h"

#include <stdbool.h>

/* Columns come in whole vectors. */
bool product_serves(size_t n);

/* c [m][n] = a b + beta c, beta 0 or 1, with a [m][k]; or with a [k][m], the
 * left side transposed. */
void product_of_rows(size_t m, size_t n, size_t k, struct matrix a,
                     struct matrix b, float beta, float *c, size_t stride_c);
void product_of_columns(size_t m, size_t n, size_t k, struct matrix a,
                        struct matrix b, float beta, float *c,
                        size_t stride_c);

#endif

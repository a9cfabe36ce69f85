/*
 * Matrix products, the only door to BLIS. All matrices are dense float32 in
 * row-major order; `stride` is the distance of two rows in entries. Products
 * with whole vectors of columns are core/product.h's, all others BLIS', which
 * loses half of its speed on row-major products with very many rows: callers
 * hand in tiles of 64 to 512.
 */
#ifndef CORE_LINALG_H
#define CORE_LINALG_H

#include <stdbool.h>
#include <stddef.h>

struct matrix {
    const float *at;
    size_t stride;
};

/* c = a b + beta c, with a [m][k], b [k][n], c [m][n]. If beta is 0, c may
 * hold anything. A row of c depends on its row of a alone: it has the same bits
 * whatever m is and wherever the row stands. */
void linalg_product(size_t m, size_t n, size_t k, struct matrix a,
                    struct matrix b, float beta, float *c, size_t stride_c);

/* The same, with beta 0, of factors rounded to bfloat16 and summed in float32;
 * if n is no whole number of vectors, in float32 throughout. The machine must
 * have a unit for it: "amx" or "avx512_bf16", else NULL. */
const char *linalg_bf16_unit(void);
void linalg_product_bf16(size_t m, size_t n, size_t k, struct matrix a,
                         struct matrix b, float *c, size_t stride_c);

/* The same by BLIS, whatever the sizes: what others are measured by. */
void linalg_product_by_blis(size_t m, size_t n, size_t k, struct matrix a,
                            struct matrix b, float beta, float *c,
                            size_t stride_c);

/* c = aT b + beta c, with a [k][m], b [k][n]: gradients of weights. beta is 0
 * or 1, here and above. */
void linalg_product_left_transposed(size_t m, size_t n, size_t k,
                                    struct matrix a, struct matrix b,
                                    float beta, float *c, size_t stride_c);

/* True if an entry of such a product with n columns depends on its row and its
 * column alone. BLIS cuts a sum into pieces as it likes, by m, too. */
bool linalg_sums_alone(size_t n);

/* sum += from, n entries of each, which do not overlap. */
void linalg_add(size_t n, const float *from, float *sum);

/* "BLIS 0.9.0, zen3": version and the kernels in use, for provenance. */
const char *linalg_version(void);

#endif

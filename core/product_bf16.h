/*
 * Dense products of bfloat16 factors (8 bits of mantissa, rounded to nearest
 * even), summed in float32. Private to core/linalg.c. Two kinds of instructions
 * can do it: dot products of pairs (AVX512-BF16), and tiles (AMX), which are
 * several times as fast where the machine has them.
 *
 * As in core/product.h, an entry depends on its row and its column alone.
 */
#ifndef CORE_PRODUCT_BF16_H
#define CORE_PRODUCT_BF16_H

#include "core/linalg.h"

/* "amx", "avx512_bf16", or NULL if this machine, or the path that this was
 * built for, has neither. */
const char *product_bf16_unit(void);

/* c [m][n] = a b, with a [m][k]; columns come in whole vectors. */
void product_bf16_of_rows(size_t m, size_t n, size_t k, struct matrix a,
                          struct matrix b, float *c, size_t stride_c);

#endif

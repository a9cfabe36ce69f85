/*
 * Operands of bfloat16 products as both kinds of instructions take them: each
 * number is a pair of terms that follow each other, the first in its lower
 * half. Private to core/product_bf16.c and the kernels that it chooses from.
 */
#ifndef CORE_PAIRS_H
#define CORE_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PAIRS_LANES = 16,
    PAIRS_PANEL = 2 * PAIRS_LANES, /* columns of a panel */
    PAIRS_MAX = 128,               /* in a piece of a sum */
    PAIRS_UNIT = 16                /* a piece is padded to such with zeros */
};

/* Rows [m][PAIRS_MAX] times panels [n / PAIRS_PANEL][PAIRS_MAX][PAIRS_PANEL];
 * the last panel may have half of its columns. */
struct pairs {
    size_t m, n, n_pairs;
    const uint32_t *rows, *panels;
    bool adds; /* to what c holds */
    float *c;
    size_t stride_c;
};

void pairs_multiply_dots(const struct pairs *pairs);
void pairs_multiply_tiles(const struct pairs *pairs);

/* True if tiles are there and the system lets this process use them. */
bool pairs_have_tiles(void);

#endif

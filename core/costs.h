/*
 * Which way is faster on a machine: products go by lists of the numbers that
 * are not zero (core/sparse.h, core/sparse_linear.h) up to a density, above
 * which the dense way is taken. The densities depend on the machine; a way
 * other than another's may give other last bits, so all cells of a sweep go by
 * the same ones.
 */
#ifndef CORE_COSTS_H
#define CORE_COSTS_H

#include "core/network.h"

/* Forward; gradient of the weights; gradient by the input. */
enum costs_use { COSTS_FORWARD, COSTS_WEIGHTS, COSTS_INPUT };

/* Classes by the vectors of LANES outputs that an entry is multiplied with: 1,
 * 2, 4, and 8 or more. */
enum { COSTS_OPERATIONS = 2, COSTS_USES = 3, COSTS_WIDTHS = 4 };

struct costs {
    /* [enum block_operation][enum costs_use][width], 0 to 1 */
    double densest[COSTS_OPERATIONS][COSTS_USES][COSTS_WIDTHS];
};

/* Rounded from measurements on two machines with AVX-512. */
extern const struct costs costs_builtin;

/* The density up to which lists are taken; n_out outputs for each entry. */
double costs_densest(const struct costs *costs, enum block_operation kind,
                     enum costs_use use, size_t n_out);

#endif

/*
 * Which way is faster on a machine: products go by lists of the numbers that
 * are not zero (core/sparse.h, core/sparse_linear.h) up to a density, above
 * which the dense way is taken. The densities depend on the machine; a way
 * other than another's may give other last bits, so all cells of a sweep go by
 * the same ones.
 */
#ifndef CORE_TUNING_H
#define CORE_TUNING_H

#include "core/network.h"

/* Forward; gradient of the weights; gradient by the input. */
enum tuning_use { TUNING_FORWARD, TUNING_WEIGHTS, TUNING_INPUT };

/* Classes by the vectors of LANES outputs that an entry is multiplied with: 1,
 * 2, 4, 8, 16, and 32 or more. The weights of the last ones do not fit the
 * second-level cache. */
enum { TUNING_OPERATIONS = 2, TUNING_USES = 3, TUNING_WIDTHS = 6 };

#define TUNING_LEAST 0.001 /* lists are hardly ever worth while */

struct tuning {
    /* [enum block_operation][enum tuning_use][width], TUNING_LEAST to 1 */
    double densest[TUNING_OPERATIONS][TUNING_USES][TUNING_WIDTHS];
};

/* Rounded from what `spikesweep tune` gave on a machine with AVX-512. */
extern const struct tuning tuning_builtin;

/* Outputs that a class begins with: LANES << width. */
size_t tuning_outputs(size_t width);

/* The density up to which lists are taken; n_out outputs for each entry. */
double tuning_densest(const struct tuning *tuning, enum block_operation kind,
                     enum tuning_use use, size_t n_out);

#endif

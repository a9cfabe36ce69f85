/*
 * Dense 3x3 convolutions, stride 1, straight from the padded image: nothing is
 * copied for each tap, and an output is a sum in a fixed order, kernel line by
 * kernel line, whatever is computed beside it. C_out has to be a multiple of
 * LANES (core/lanes.h).
 */
#ifndef CORE_DIRECT_H
#define CORE_DIRECT_H

#include <stddef.h>

struct direct {
    size_t height, width, n_in, n_out;
};

/* out [H][W][C_out] = padded [H + 2][W + 2][C_in], whose border is zero, with
 * weights [3][3][C_in][C_out]. */
void direct_forward(const struct direct *direct, const float *padded,
                    const float *weights, float *out);

#endif

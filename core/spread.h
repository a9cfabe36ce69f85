/*
 * The gradient of the input of a convolution with a stride, or of few channels:
 * each gradient of an output times the transposed weights, spread over the
 * k x k pixels that the output was made of. Nothing is computed for the zeros
 * that a convolution of the spaced-out gradient would multiply.
 */
#ifndef CORE_SPREAD_H
#define CORE_SPREAD_H

#include "core/operation.h"

/* k * k * C_out, the entries that a pixel of the source is spread to. */
size_t spread_fan_out(const struct operation *operation);

/* The same, rounded up to whole vectors: rows of weights and of products. */
size_t spread_stride(const struct operation *operation);

/* operation_forward of an operation that spreads: from floats
 * [B][S][H][W][C_in] without gaps to out [B][S][H'][W'][C_out], H = H'/s
 * rounded up, by weights [C_in][k * k * C_out], whose rows are
 * followed by zeros up to spread_stride. Sums are taken in the order of
 * (line, column) of the source; an image of out depends on its own source
 * alone. */
void spread_forward(const struct operation *operation,
                    const struct source *source, const float *weights,
                    struct image_range range, float *out);

#endif

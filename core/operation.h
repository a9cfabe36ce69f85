/*
 * The operations of a layer that have weights: a linear map, and a 3x3
 * convolution with stride 1 and zero padding 1. Images are [H][W][C], weights
 * [n_in][n_out] and [3][3][C_in][C_out]; a linear map is over images of one
 * pixel. Work is done on a range of images of the batch, all steps of them:
 * convolutions image by image, of spikes by lists of those that are there
 * (core/sparse.h) and else directly (core/direct.h); the rest by BLIS, in tiles
 * that fit the second-level cache. Which way an image goes depends on it alone.
 *
 * Outputs and their gradients are [B][S][H][W][C_out], where S is the number
 * of steps that are distinct: T, or 1 if the input is constant in time.
 */
#ifndef CORE_OPERATION_H
#define CORE_OPERATION_H

#include "core/arena.h"
#include "core/network.h"
#include "core/source.h"
#include "core/sparse.h"

struct operation {
    enum block_operation kind;
    size_t height, width, n_in, n_out; /* height = width = 1 if linear */
    size_t n_steps;                    /* S */
    size_t tile_lines; /* lines of an image (linear: images) in a tile */
    float *columns;    /* scratch: [tile pixels][n_weights / n_out] */
    float *padded;     /* scratch: [H + 2][W + 2][C_in] */
    struct sparse sparse; /* scratch: lists of one image's spikes */
};

struct image_range {
    size_t first, n; /* images of the batch */
};

/* Rows of the weight matrix: inputs of one output. */
size_t operation_fan_in(const struct operation *operation);

/* Takes the scratch; sizes must be set. */
void operation_lay_out(struct operation *operation, struct arena *arena);

/* out = weights applied to the source. */
void operation_forward(const struct operation *operation,
                       const struct source *source, const float *weights,
                       struct image_range range, float *out);

/* d_weights += the gradient of the range. */
void operation_backward_weights(const struct operation *operation,
                                const struct source *source,
                                const float *d_out, struct image_range range,
                                float *d_weights);

/* The operation that takes d_out to d_in, and its weights (same number) from
 * those of the forward operation: a convolution with the kernel turned by 180
 * degrees, or the transposed linear map. */
struct operation operation_reversed(const struct operation *operation);
void operation_reverse_weights(const struct operation *operation,
                               const float *weights, float *reversed);

#endif

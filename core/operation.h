/*
 * The operations of a layer that have weights: a linear map, and convolutions,
 * k x k (3 or 1) with stride s (1 or 2) and zero padding k/2. Images are
 * [H][W][C], weights [n_in][n_out] and [k][k][C_in][C_out]; a linear map is
 * over images of one pixel. Work is done on a range of images of the batch, all
 * steps of them: by lists of what is not zero where that is little, see
 * core/sparse.h and core/sparse_linear.h, which serve 3x3 convolutions and
 * linear maps; else 3x3 convolutions with stride 1 transformed
 * (core/winograd.h) or, of few channels, directly (core/direct.h); the rest as
 * products of matrices, in tiles that fit the second-level cache. Which way an
 * image goes depends on it alone.
 *
 * Outputs and their gradients are [B][S][H'][W'][C_out], where S is the number
 * of steps that are distinct: T, or 1 if the input is constant in time, and
 * H' = H/s rounded up.
 */
#ifndef CORE_OPERATION_H
#define CORE_OPERATION_H

#include "core/arena.h"
#include "core/tuning.h"
#include "core/source.h"
#include "core/sparse.h"
#include "core/sparse_linear.h"
#include "core/team.h"
#include "core/winograd.h"

struct operation {
    enum block_operation kind;
    size_t size, stride; /* k, s; 1 if linear */
    size_t height, width, out_height, out_width; /* all 1 if linear */
    size_t n_in, n_out;
    size_t n_steps; /* S */
    bool spreads;   /* see core/spread.h */
    bool bf16;      /* products of bfloat16, forward */
    size_t tile_lines; /* lines of outputs (linear: images) in a tile */
    float *columns;    /* scratch: [tile pixels][n_weights / n_out] */
    float *padded;     /* scratch: [H + k - 1][W + k - 1][C_in] */
    /* Up to this density an image goes by lists: forward, and for the gradient
     * of the weights. 0: none does, and nobody looks. */
    double densest, densest_weights;
    struct sparse sparse;        /* scratch: lists of one image, */
    struct sparse_linear linear; /* or of rows */
    bool is_reversed;         /* see below; nobody wants its own gradient */
    bool transforms;          /* what is dense goes by core/winograd.h */
    struct winograd winograd; /* its scratch is the caller's */
    struct operation *others; /* [n_workers - 1] with scratch of their own */
};

/* H' of H. */
size_t operation_strided(size_t n, size_t stride);

/* Rows of the weight matrix: inputs of one output. */
size_t operation_fan_in(const struct operation *operation);

/* Lets images that are mostly zeros go by lists, where there are such: for
 * TUNING_WEIGHTS the gradient of the weights; else the operation itself, which
 * is a reversed one for TUNING_INPUT. For TUNING_FORWARD those that are dense
 * are transformed where that is faster, as a reversed one's always are. */
void operation_choose(struct operation *operation, const struct tuning *tuning,
                      enum tuning_use use);

/* Takes the scratch; sizes must be set, and the choice made. */
void operation_lay_out(struct operation *operation, size_t n_workers,
                       struct arena *arena);

/* The same operation with a worker's own scratch. */
const struct operation *operation_own(const struct operation *operation,
                                      size_t worker);

/* What lists and products go by, and for dense images what core/winograd.h
 * makes of it: NULL if no image needs it. */
struct operation_weights {
    const float *plain, *transformed;
};

/* Those of a forward operation, for the first n_images of the source: `to`
 * [operation_count_transformed] is filled if one of them is dense. */
size_t operation_count_transformed(const struct operation *operation);
struct operation_weights
operation_prepare(const struct operation *operation, const struct team *team,
                  const struct source *source, size_t n_images,
                  const float *weights, float *to);

/* out = weights applied to the source. */
void operation_forward(const struct operation *operation,
                       const struct source *source,
                       struct operation_weights weights,
                       struct image_range range, float *out);

/* d_weights += the gradient of the range, by all workers. Each has rows of the
 * weights to itself: every sum is taken in one order. */
void operation_backward_weights(const struct operation *operation,
                                const struct team *team,
                                const struct source *source,
                                const float *d_out, struct image_range range,
                                float *d_weights);

/* The operation that takes d_out to d_in, and its weights from those of the
 * forward operation, put into `to` [operation_count_reversed]: a convolution
 * with the kernel turned by 180 degrees (and transformed, where that is
 * faster), or the transposed linear map; of a convolution with a stride, or of
 * few channels, the transposed matrix [C_out][k * k * C_in], whose products are
 * spread. */
struct operation operation_reversed(const struct operation *operation);
size_t operation_count_reversed(const struct operation *reversed);
struct operation_weights
operation_reverse_weights(const struct operation *reversed,
                          const struct team *team, const float *weights,
                          float *to);

#endif

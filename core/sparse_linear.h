/*
 * Linear maps of rows that are mostly zeros: spikes, or gradients where a
 * surrogate's support leaves few. The others are listed and only they are
 * multiplied. An output is the sum over its inputs in their order, a weight's
 * gradient the sum over rows in theirs, whatever rows come together in a call.
 *
 * A block of inputs is gone through at a time, for all rows, so that its rows
 * of weights stay in the first-level cache. Weights are [n_in][n_out]; n_out
 * has to be a multiple of LANES (core/lanes.h).
 */
#ifndef CORE_SPARSE_LINEAR_H
#define CORE_SPARSE_LINEAR_H

#include "core/arena.h"
#include "core/listing.h"
#include "core/team.h"

struct sparse_linear {
    size_t n_in, n_out;
    uint32_t *start;      /* scratch: [rows of a tile + 1] first entry of a row
                             in the block */
    struct listing lists; /* scratch */
    float *block;         /* scratch: weights, or gradients, of a block */
};

/* Rows of a source: row r is step r % n_steps of image r / n_steps. */
struct sparse_rows {
    const struct source *source;
    size_t n_steps, first, n;
};

void sparse_linear_lay_out(struct sparse_linear *linear, struct arena *arena);

/* The share of a row's inputs that are not zero. */
double sparse_linear_density(const struct sparse_linear *linear,
                             const struct source *source, size_t n_steps,
                             size_t row);

/* out [n][n_out] = the rows times the weights. */
void sparse_linear_forward(const struct sparse_linear *linear,
                           const struct sparse_rows *rows,
                           const float *weights, float *out);

/* d_weights += the gradient of the rows, by d_out [n][n_out]; for some of the
 * inputs. */
void sparse_linear_backward_weights(const struct sparse_linear *linear,
                                    const struct sparse_rows *rows,
                                    struct team_share inputs,
                                    const float *d_out, float *d_weights);

#endif

/*
 * 3x3 convolutions of images that are mostly zeros: stride 1 or 2, zero padding
 * 1. Most of the counts that a layer of neurons hands on are zero, and so are
 * most gradients where a surrogate's support leaves few; the others are listed,
 * once, and only they are multiplied. An output is the sum over its inputs in
 * the order of (kernel line, kernel column, channel), as in the dense product;
 * it depends on its own image alone.
 *
 * Images are [H][W][C], weights [3][3][C_in][C_out]; C_out has to be a multiple
 * of LANES (core/lanes.h).
 */
#ifndef CORE_SPARSE_H
#define CORE_SPARSE_H

#include "core/arena.h"
#include "core/listing.h"
#include "core/team.h"

/* One image's entries that are not zero, line by line of the padded image. */
struct sparse {
    size_t height, width, n_in, n_out; /* H and W of the input */
    size_t stride;                     /* H' = H / stride, rounded up */
    uint32_t *start; /* [H + 2][W + 3]: first entry of a padded pixel, and the
                        line's end */
    struct listing lists; /* an entry's place: padded pixel of its line times
                             C_in, plus channel */
    /* For the gradient of the weights, of n_slots images: the same by
     * channel. */
    size_t n_slots;
    uint32_t *n_before;      /* [n_slots * H + 1][C_in]: on lines before */
    uint32_t *channel_place; /* [C_in][n_slots * H*W]: pixel of all padded */
    float *channel_value;
    float *padded; /* [n_slots][H + 2][W + 2][C_out]: gradient of the output,
                      zero where the stride leaves a pixel out */
};

/* Takes the lists; sizes must be set. Those by channel only if gradients of
 * weights are to be computed. */
void sparse_lay_out(struct sparse *sparse, bool of_weights,
                    struct arena *arena);

/* Lists image b at step t of the source. */
void sparse_load(const struct sparse *sparse, const struct source *source,
                 size_t b, size_t t);

/* out [H'][W'][C_out] = the convolution of the listed image. */
void sparse_forward(const struct sparse *sparse, const float *weights,
                    float *out);

/* Keeps the listed image and d_out, the gradient of its output, in a slot; the
 * slots are filled from 0 on. */
void sparse_gather(const struct sparse *sparse, size_t slot,
                   const float *d_out);

/* d_weights += the gradient of the gathered images, for some of the input
 * channels. */
void sparse_backward_weights(const struct sparse *sparse, size_t n_gathered,
                             struct team_share channels, float *d_weights);

#endif

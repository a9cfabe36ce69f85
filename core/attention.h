/*
 * The axis "attention": factors, from 0 to 1, of the currents that a layer's
 * neurons take, and so of what they add to its membranes; one for each image,
 * step and channel.
 *
 *     q = mean over pixels of z          [T C], all steps and channels
 *     a = sigmoid(W_2 max(0, W_1 q))     W_1: [T C][T C / r], W_2 back
 *     the neurons take a z
 *
 * z is the current after normalization, a shortcut's included. Weights are
 * [n_in][n_out] and learned; there is no bias.
 *
 * Kinds: none, temporal_channel.
 */
#ifndef CORE_ATTENTION_H
#define CORE_ATTENTION_H

#include "core/kind.h"

struct attention {
    struct kind kind;
    /* The size of the hidden layer for n = T C; NULL: there is none. */
    size_t (*n_hidden)(const void *params, size_t n);
};

extern const struct axis attention_axis;
const struct attention *attention_of(const struct kind *kind);

/* The two linear maps of a layer. */
struct attention_maps {
    size_t n, n_hidden;
    const float *squeeze, *excite; /* [n][n_hidden], [n_hidden][n] */
};

/* From q to the hidden layer, after max, and to a. */
void attention_forward(const struct attention_maps *maps, const float *q,
                       float *hidden, float *a);

/* From dL/da to the gradients by what the sigmoid and the max take, and by q.
 */
void attention_backward(const struct attention_maps *maps, const float *hidden,
                        const float *a, const float *d_a, float *d_logits,
                        float *d_hidden, float *d_q);

#endif

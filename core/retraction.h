/*
 * The axis "retraction": what is done to a network's weights after the
 * optimizer's step, to keep them near a set.
 *
 * Kinds: none, parseval (nearly orthogonal rows, as SNN-RAT does).
 */
#ifndef CORE_RETRACTION_H
#define CORE_RETRACTION_H

#include "core/kind.h"
#include "core/rng.h"

/* A weight matrix W' [n_rows][n_columns]: inputs, outputs. */
struct retracted {
    float *at;
    size_t n_rows, n_columns;
    bool is_linear;           /* no convolution */
    struct rng_stream stream; /* of this matrix and step */
    /* Scratch: two of [n_rows][n_columns], [n_columns]^2, [n_columns]. */
    float *some, *image, *square;
    uint32_t *order;
};

struct retraction {
    struct kind kind;
    /* NULL: weights stay as they are. */
    void (*retract)(const void *params, const struct retracted *matrix);
};

extern const struct axis retraction_axis;
const struct retraction *retraction_of(const struct kind *kind);

#endif

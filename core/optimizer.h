/*
 * The axis "optimizer": from gradients to new weights. All weights of a
 * network are one flat vector, so a step is one loop.
 *
 * Kinds: sgd (momentum, weight decay; the form of Sutskever et al. 2013 that
 * PyTorch uses: v = momentum v + (gradient + decay w); w = w - rate v).
 */
#ifndef CORE_OPTIMIZER_H
#define CORE_OPTIMIZER_H

#include "core/kind.h"

struct optimizer {
    struct kind kind;
    size_t n_slots; /* floats of state per weight, zero at first */
    double (*learning_rate)(const void *params); /* before the schedule */
    /* Of n weights, some or all: what becomes of one depends on it alone.
     * state: [n_slots][n], theirs; i_step counts from 0. */
    void (*step)(const void *params, double learning_rate, size_t i_step,
                 size_t n, const float *gradient, float *weights,
                 float *state);
};

extern const struct axis optimizer_axis;
const struct optimizer *optimizer_of(const struct kind *kind);

#endif

/*
 * The axis "optimizer": from gradients to new weights. All weights of a
 * network are one flat vector, so a step is one loop.
 *
 * Kinds, with g the gradient and w the weights, in PyTorch's forms:
 * sgd     v = momentum v + (g + decay w); w = w - rate v, or with nesterov
 *         w = w - rate (g + decay w + momentum v);
 * adam    of h = g + decay w: m = beta_1 m + (1 - beta_1) h, s = beta_2 s +
 *         (1 - beta_2) h^2; w = w - rate m' / (sqrt(s') + epsilon), where m' =
 *         m / (1 - beta_1^t), s' = s / (1 - beta_2^t), t from 1;
 * adamw   the same of h = g, but w = (1 - rate decay) w - ...
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

/*
 * The axis "neuron": the recurrence over time of a layer of spiking neurons.
 *
 *     U_t = leak V_{t-1} + z_t         membrane potential before reset
 *     s_t = 1 if U_t >= V_th else 0    spike
 *     V_t = U_t (1 - s_t)              hard reset to 0
 *     V_t = U_t - V_th s_t             soft reset
 *
 * with V_{-1} = 0. Neurons are worked on in tiles [T][n], n neurons side by
 * side, small enough for the first-level cache; all arrays are dense.
 *
 * A layer's neurons may have tensors of values of their own, which are trained
 * like weights, and noise that is added to their potentials in training.
 *
 * Kinds: lif, if, plif, pif, dlif, feel, nlif, slif, adaptive, talif,
 * cuba.
 */
#ifndef CORE_NEURON_H
#define CORE_NEURON_H

#include "core/kind.h"

enum neuron_reset { NEURON_RESET_HARD, NEURON_RESET_SOFT };

enum { NEURON_TENSORS_MAX = 2 };

/* A tensor of a layer's neurons, [T or 1][H W C or 1]. */
struct neuron_tensor {
    const char *name;
    bool by_step, by_neuron; /* one for each of them, or one for all */
    bool running; /* not trained, but made of training's batches: see `follow`
                     and `gathers` */
    double (*begin)(const void *params); /* all entries at first */
};

size_t neuron_count_values(const struct neuron_tensor *tensor, size_t n_steps,
                           size_t n_neurons);

/* From input current z to x = U - V_th and spikes s (0.0 or 1.0), each [T][n].
 * own: the values of the tile's neurons, [T or 1][n or 1] as their tensor
 * says. u: U itself, written by kinds that gather it only. */
struct neuron_tile {
    size_t n_steps, n;
    const float *own[NEURON_TENSORS_MAX];
    const float *z;
    float *x, *s, *u;
};

/* Gradients of a tile. d_s: dL/ds, d_x: a direct dL/dx (of a regularizer) or
 * NULL, g: the surrogate's derivative at x. d_z = dL/dz may be d_s. d_own:
 * [T][n], what each step and neuron adds to the gradient of a value of
 * own that is trained, the caller sums it; or all NULL: not wanted. */
struct neuron_gradients {
    const float *g, *d_s, *d_x;
    float *d_z;
    float *d_own[NEURON_TENSORS_MAX];
};

/* What a neuron does at one step instead where it is trained as the activation
 * that its firing rate tends to (core/conversion.h): s = 0.0 to n_levels, the
 * level, and d_s is the gradient by s / n_levels. Levels have no derivative:
 * that of the activation without them takes its place. x and g are not used. */
struct neuron_activation {
    /* NULL, or why neurons with such parameters do not fire at that rate. */
    const char *(*objection)(const void *params);
    void (*forward)(const void *params, size_t n_levels,
                    const struct neuron_tile *tile);
    void (*backward)(const void *params, const struct neuron_tile *tile,
                     const struct neuron_gradients *gradients);
};

/* U = leak V + gain z, and what a number learned by all neurons of a layer
 * changes of them. */
struct neuron_constants {
    double leak, gain, d_leak, d_gain;
};

struct neuron {
    struct kind kind;
    const struct neuron_tensor *tensors;
    size_t n_tensors;
    double (*threshold)(const void *params); /* V_th, above 0 */
    /* The deviation of normal noise that is added to z, and so to U, of every
     * step in training; NULL: none. */
    double (*noise)(const void *params);
    /* NULL, or tensor 0 is [T] and running. What takes the place of its value
     * at a step in training, from the mean and the deviation of U at that step
     * over all neurons and the batch; no gradient goes through it. The value
     * itself, for tests, goes from batch to batch by
     * (1 - momentum) value + momentum that. */
    double (*follow)(const void *params, double mean, double deviation);
    /* Tensor 0 is [T][H W C] and running: from batch to batch of clean images
     * in training (1 - momentum) value + momentum mean of U over the batch, as
     * the model's passes forward see it that are said to be clean. No gradient
     * goes through it. */
    bool gathers;
    double (*momentum)(const void *params);
    /* NULL, or tensor 0 is one number, from which both constants follow. */
    struct neuron_constants (*constants)(const void *params, double value);
    /* NULL, or all neurons of a layer are U = leak V + gain z at all steps with
     * one threshold: those constants, without derivatives. own: tensor 0, if
     * there is one. */
    struct neuron_constants (*linear)(const void *params, const float *own);
    void (*forward)(const void *params, const struct neuron_tile *tile);
    /* Backpropagation through time: writes d_z and d_own. With a detached
     * reset the path through s_t into V_t is left out. */
    void (*backward)(const void *params, const struct neuron_tile *tile,
                     const struct neuron_gradients *gradients);
    const struct neuron_activation *activation; /* NULL: none */
};

extern const struct axis neuron_axis;
const struct neuron *neuron_of(const struct kind *kind);

#endif

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
 * Kinds: lif, if.
 */
#ifndef CORE_NEURON_H
#define CORE_NEURON_H

#include "core/kind.h"

enum neuron_reset { NEURON_RESET_HARD, NEURON_RESET_SOFT };

struct neuron {
    struct kind kind;
    double (*threshold)(const void *params); /* V_th, above 0 */
    /* From input current z to x = U - V_th and spikes s (0.0 or 1.0). */
    void (*forward)(const void *params, size_t n_steps, size_t n,
                    const float *z, float *x, float *s);
    /* Backpropagation through time. d_s: dL/ds, d_x: a direct dL/dx (of a
     * regularizer) or NULL, g: the surrogate's derivative at x. Writes
     * d_z = dL/dz. With a detached reset the path through s_t into V_t is
     * left out. d_z may be d_s. */
    void (*backward)(const void *params, size_t n_steps, size_t n,
                     const float *x, const float *s, const float *g,
                     const float *d_s, const float *d_x, float *d_z);
};

extern const struct axis neuron_axis;
const struct neuron *neuron_of(const struct kind *kind);

#endif

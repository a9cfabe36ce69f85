/*
 * The axis "attack_rule": how an attack's gradient goes back through a layer of
 * spiking neurons, from dL/ds to dL/dz.
 *
 * The rules by rates look at a neuron as at a function of one number. With
 * means over the T steps m(.), m(s) = f(m(z)), and
 *
 *     dL/dz_t = f'(m(z)) dL/ds_t,
 *
 * whatever happened within the T steps. The pass forward is always that of the
 * spiking network, and so is everything between the neurons on the way back:
 * weights, normalization, attention, gates, pooling, joined spikes.
 *
 * Kinds: bptt, bptr, rga, conversion, hart.
 */
#ifndef CORE_BACKWARD_RULE_H
#define CORE_BACKWARD_RULE_H

#include "core/neuron.h"

/* A tile of neurons after its pass forward. */
struct rule_tile {
    const struct neuron *neuron;
    const void *neuron_params;
    const struct neuron_tile *neurons;
    float *room; /* [n] */
    float *d;    /* [T][n]: dL/ds comes in, dL/dz leaves */
};

struct backward_rule {
    struct kind kind;
    /* NULL: backpropagation through time, by the neurons' own way back. */
    void (*backward)(const void *params, const struct rule_tile *tile);
};

extern const struct axis backward_rule_axis;
const struct backward_rule *backward_rule_of(const struct kind *kind);

struct backward_use {
    const struct backward_rule *rule;
    const void *params;
};

/* In training, bptt; and in the spec's attack, bptt if it has none. */
struct backward_use backward_rule_in_training(void);
struct backward_use backward_rule_in_attack(const struct spec *spec);

#endif

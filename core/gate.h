/*
 * The axis "gate": what lets a neuron's spike through to the next layers,
 *
 *     s_out = a m s,   m = 1 where u >= 1 - p, else 0,
 *
 * with u uniform in [0, 1): drawn anew for every sample and neuron, and for
 * every step or once for all. So m is 1 with probability p. The neuron's own
 * reset goes by s. a is 1 / p if the gate is scaled, else 1.
 *
 * p is the same for all neurons, or each has its own and learns it; by p, m
 * has the derivative of the relaxed gate (the straight-through form of the
 * binary concrete distribution)
 *
 *     logistic((ln(p / (1 - p + e)) + ln(u / (1 - u + e))) / temperature),
 *
 * e = GATE_EPSILON.
 *
 * Kinds: none, dropout, stog.
 */
#ifndef CORE_GATE_H
#define CORE_GATE_H

#include "core/kind.h"

#define GATE_EPSILON 1e-3

/* What a kind with some parameters does. */
struct gate_law {
    double keep; /* p; at first, if it is learned */
    bool scaled;
    bool each_step;
    bool only_linear; /* only before linear layers and the read-out */
    bool in_tests;    /* drawn in tests and under attack; else all are open */
    bool learned;     /* the rest is for learned gates only */
    double minimum;   /* p is kept in [minimum, 1] */
    double temperature;
    bool published;  /* gradients by p are those of StoG's program: negated,
                        and the mean over samples and steps, not their sum */
    double prior;    /* half of it times the sum of p^2 is added to the loss */
    size_t n_learning_epochs; /* p is trained in so many, from the first on */
};

struct gate {
    struct kind kind;
    /* NULL: every gate is open, and not scaled. */
    void (*describe)(const void *params, struct gate_law *law);
};

extern const struct axis gate_axis;
const struct gate *gate_of(const struct kind *kind);

/* The law of a spec's gates; false if all are open. */
bool gate_take_law(const struct spec *spec, struct gate_law *law);

/* Whether a network's answer to an image is drawn: needs expectation over
 * transformation when attacked. */
bool gate_is_random(const struct spec *spec);

#endif

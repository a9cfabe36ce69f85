/*
 * Kinds of neurons with some parameters, for tests of all of them, and their
 * plain twin: the recurrence as core/neuron.h has it, in double.
 */
#ifndef TESTS_NEURON_TWIN_H
#define TESTS_NEURON_TWIN_H

#include "core/neuron.h"
#include "core/surrogate.h"

enum {
    TWIN_STEPS = 6,
    TWIN_NEURONS = 9,
    TWIN_ENTRIES = TWIN_STEPS * TWIN_NEURONS,
    NEURON_OWN_MAX = 900
};

/* A kind of neuron with some parameters, and what the plain twin has to know
 * of them. */
struct neuron_sample {
    const struct neuron *neuron;
    void *params;
    double leak, threshold, spike_weight, initial, synaptic_leak;
    bool hard, detached, scale_input, delayed;
    double spread; /* of the neurons' own values about those at first */
};

/* `leak` is ignored by a kind without one, whose leak is 1. */
struct neuron_sample neuron_sample_make(const struct kind *kind, double leak,
                                        bool hard, bool detached,
                                        struct arena *arena);
/* Of a kind that learns it and has no such row: lambda, in whose units the
 * potential is. */
void neuron_sample_set_threshold(struct neuron_sample *sample,
                                 double threshold, struct arena *arena);
/* scale_input, spike_weight and delayed, if the kind knows of them. */
void neuron_sample_take_options(struct neuron_sample *sample,
                                struct arena *arena);

/* Calls `check` for every kind with both resets, detached and not, and with
 * other parameters. */
void neuron_sample_for_all(void (*check)(struct neuron_sample sample));

struct neuron_own {
    float at[NEURON_TENSORS_MAX][NEURON_OWN_MAX];
};

/* Puts the values of neurons `first` to first + n into the tile. */
void neuron_sample_put_own(const struct neuron_sample *sample, size_t first,
                           struct neuron_own *values,
                           struct neuron_tile *tile);

/* The spike is the primitive of a surrogate, or jumps if that is NULL. A
 * detached reset takes its spikes from `frozen`, which no difference moves. */
struct neuron_twin {
    struct neuron_sample sample;
    const struct surrogate *surrogate;
    void *params;
    double x[TWIN_ENTRIES], s[TWIN_ENTRIES], u[TWIN_ENTRIES];
    double frozen[TWIN_ENTRIES];
    double own[NEURON_TENSORS_MAX][TWIN_ENTRIES];
    bool freeze;
};

/* From currents [T][n] to x and s, with the sample's own values. */
void neuron_twin_begin(struct neuron_twin *twin);
void neuron_twin_forward(struct neuron_twin *twin, const double *z);

/* What the engine makes of the twin's own potentials. d_own is summed; it may
 * be NULL. */
void neuron_twin_run_engine(const struct neuron_twin *twin, const double *z,
                            bool direct, float *d_z,
                            double d_own[][TWIN_ENTRIES]);

/* Holds all gradients of the engine against differences of the twin; `direct`:
 * of a loss that depends on potentials, too. */
void neuron_twin_compare(struct neuron_twin *twin, bool direct);

#endif

/*
 * What a task costs, before anybody has measured one like it: by how much its
 * network holds for a batch, how many samples go through it, and how often. In
 * a unit of its own, so that only ratios mean something: of two tasks the one
 * that costs more is begun first, and seconds of finished tasks are scaled by
 * it for those that differ in more than the seed.
 *
 * Memory of a batch is proportional to the neurons times the time steps times
 * the batch, as is the work in its layers but for their fan-in: a rule of
 * thumb.
 */
#ifndef SWEEP_COST_H
#define SWEEP_COST_H

#include "core/span.h"
#include "core/spec.h"

/* n_bytes: of the task's memory; n_train, n_test: samples of its data. The
 * samples of a part are those of its span. 0: not known, for a training that is
 * no real one. */
double cost_guess(const struct spec *spec, struct span span, size_t n_bytes,
                  size_t n_train, size_t n_test);

/* Passes of a sample through the network in an attack, by its rows. */
double cost_count_passes(const struct choice *attack);

/* What is known of a task before it has run. */
struct cost_rule {
    void *self;
    /* As cost_guess; 0: not known. */
    double (*cost)(void *self, const struct spec *spec, struct span span);
    /* True if it can be left with a checkpoint. */
    bool (*keeps)(void *self, const struct spec *spec);
};

#endif

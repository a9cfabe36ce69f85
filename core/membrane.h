/*
 * The distribution of the membrane potential, x = U - V_th before reset, per
 * layer and time step: histogram, moments, share within (-gamma, gamma),
 * firing rate.
 */
#ifndef CORE_MEMBRANE_H
#define CORE_MEMBRANE_H

#include "core/arena.h"
#include "core/record.h"

struct membrane {
    size_t n_layers, n_steps, n_bins; /* n_bins without under- and overflow */
    double range;                     /* the bins cover (-range, range) */
    double gamma;
    /* all [layer][step] (counts also [n_bins + 2]) */
    uint64_t *counts, *n_inside, *n_spikes, *n;
    double *sum, *sum_squares;
};

/* Takes the arrays; sizes must be set. */
void membrane_lay_out(struct membrane *membrane, struct arena *arena);

/* Adds a tile [T][n] of one layer. */
void membrane_add(struct membrane *membrane, size_t layer, size_t n_steps,
                  size_t n, const float *x, const float *s);

/* Adds what a membrane of a single layer has gathered to a layer of another,
 * and begins it anew. */
void membrane_move(struct membrane *part, size_t layer, struct membrane *sum);

/* The share of a layer's potentials within (-gamma, gamma), at all steps. */
double membrane_inside(const struct membrane *membrane, size_t layer);

/* Begins anew. */
void membrane_clear(struct membrane *membrane);

/* Writes the FIELD_MEMBRANE_* and FIELD_FIRING_RATE fields. */
void membrane_write(const struct membrane *membrane, struct record *record);

#endif

/*
 * Tiles: the neurons that spiking_forward and spiking_backward work on at a
 * time, [T][lanes], lane = pixel of the window times channels plus channel.
 * Private to core/spiking*.c.
 */
#ifndef CORE_TILE_H
#define CORE_TILE_H

#include "core/spiking.h"

enum {
    TILE_STEPS_MAX = 32,
    TILE_LANES_MIN = 16, /* channels side by side: one AVX-512 register */
    TILE_MAX = TILE_STEPS_MAX * TILE_LANES_MIN * 4
};

/* The neurons that share one pooled output: 4 pixels, or 1 without pooling
 * and 1 or 2 at an odd edge, whose spikes go nowhere. */
struct window {
    size_t n_pixels, pixel[4];
    size_t out; /* pooled pixel, or TILE_NOWHERE */
};

#define TILE_NOWHERE SIZE_MAX

struct tile {
    struct window window;
    size_t b;          /* image */
    size_t channel, n; /* first channel, number of them */
};

/* Calls `visit` for every tile of an image, always in the same order. */
struct tile_visitor {
    const struct spiking *spiking;
    void (*visit)(struct tile_visitor *visitor, const struct tile *tile);
};

void tile_visit_image(struct tile_visitor *visitor, size_t b);

size_t tile_count_lanes(const struct tile *tile);

/* Where channel `tile->channel` of a pixel lies in [B][n_steps][n_pixels][C],
 * at step t. */
size_t tile_place(const struct spiking *spiking, const struct tile *tile,
                  size_t n_steps, size_t t, size_t n_pixels, size_t pixel);

/* The counts that join the spikes of a tile, which is of one pixel, at step t.
 */
const uint8_t *tile_find_joined(const struct spiking *spiking,
                                const struct tile *tile, size_t t);

/* Input current z, x = U - V_th, spikes s and U of a tile, and its neurons'
 * own values where each has others. */
struct potentials {
    _Alignas(64) float z[TILE_MAX], x[TILE_MAX], s[TILE_MAX];
    _Alignas(64) float u[TILE_MAX];
    _Alignas(64) float own[NEURON_TENSORS_MAX][TILE_MAX];
};

/* Returns the neurons as their kind sees them; they lie in `at`. */
struct neuron_tile tile_run_neurons(const struct spiking *spiking,
                                    const struct tile *tile, const float *y,
                                    struct potentials *at);

/* The sum of n numbers, always in the same order. */
double tile_sum(size_t n, const float *from);

/* A step's random numbers for a tile's neurons [n], made by rng_fill_uniform or
 * rng_fill_normal; a tile's first channel is even, as their places have to
 * be. */
void tile_fill_step(const struct spiking *spiking, const struct tile *tile,
                    const struct spiking_numbers *numbers,
                    void (*fill)(struct rng_stream stream, uint64_t first,
                                 size_t n, float *out),
                    size_t t, float *out);

/* Where the values of the channels of pixel p of the window lie, at step t, in
 * a tensor with one for each neuron. */
size_t tile_place_own(const struct spiking *spiking, const struct tile *tile,
                      size_t t, size_t p);

/* sum += from, n entries. */
void tile_add_values(size_t n, const float *from, double *sum);

/* Adds a tile's d_own [T][n] to the gradient of tensor k, which is laid out as
 * the tensor is. */
void tile_add_own(const struct spiking *spiking, const struct tile *tile,
                  size_t k, const float *d_own, double *gradient);

/* g' [T][lanes] of a surrogate that follows each sample, after M and D of the
 * tile's neurons have taken x in (core/spiking_sharpness.c). */
void tile_take_sharp(const struct spiking *spiking, const struct tile *tile,
                     const float *x, float *g);

/* The gates of a tile (core/tile_gate.c): p [n], u and m [T][n]. */
struct gates {
    _Alignas(64) float keep[TILE_MAX], u[TILE_MAX], m[TILE_MAX];
};

void tile_draw_gates(const struct spiking *spiking, const struct tile *tile,
                     struct gates *gates);

/* through = m s, [T][n]. */
void tile_pass_gates(const struct spiking *spiking, const struct tile *tile,
                     const struct gates *gates, const float *s,
                     float *through);

/* From the gradient by what comes through the gates to that by s, in place.
 * Unless it is NULL, the gradient by the learned p is added to d_keep [P][C].
 */
void tile_open_back(const struct spiking *spiking, const struct tile *tile,
                    const struct gates *gates, const float *s, float *d_s,
                    double *d_keep);

#endif

/*
 * The axis "encoding": from an image in [0, 1] to T time steps of input. Pixels
 * a little outside, as a regularizer's probe may have them, are coded as the
 * formula has it.
 *
 * Kinds: direct, poisson, latency, latency_log, ttfs, burst, phase, delta,
 * population, population_bernoulli, rsc, frequency, events.
 */
#ifndef CORE_ENCODING_H
#define CORE_ENCODING_H

#include "core/data.h"
#include "core/kind.h"
#include "core/rng.h"

/* What an encoding gets to see. B images of n = H*W*C pixels. */
struct encoding_batch {
    size_t n_steps, n_images, n_pixels, n_channels; /* T, B, n, C */
    size_t height, width;      /* H, W */
    const float *images;       /* [B][n] in [0, 1] */
    const uint32_t *ids;       /* [B] index of the sample in its split: a
                                  sample's random numbers depend on it alone,
                                  never on its place in the batch */
    const float *mean, *deviation; /* [C] of the data set */
    uint64_t seed;
    enum rng_use use;          /* RNG_ENCODE_* */
    uint32_t draw;             /* which of the sample's draws */
    float *scratch;            /* [n_scratch n]; NULL if that is 0 */
};

struct encoding {
    struct kind kind;
    bool constant; /* the same at every step: one step is written, and
                      backward receives the sum over t */
    bool random;   /* needs expectation over transformation when attacked */
    bool masked;   /* backward passes only where the pixel spikes */
    size_t n_scratch; /* floats a pixel that encode and backward need */
    /* Optional: the shape m of what is written a step, if not the image's. */
    struct image_shape (*shape)(const void *params, struct image_shape image,
                                size_t n_steps);
    /* encoded: [T][B][m], or [1][B][m] if constant. */
    void (*encode)(const void *params, const struct encoding_batch *batch,
                   float *encoded);
    /* Backward rule, d_encoded -> d_images [B][n]. If `sums` is true the rule
     * needs only the sum over t, so d_encoded is [1][B][m]; else [T][B][m].
     * `encoded` is what encode wrote. */
    bool sums;
    void (*backward)(const void *params, const struct encoding_batch *batch,
                     const float *encoded, const float *d_encoded,
                     float *d_images);
};

extern const struct axis encoding_axis;
const struct encoding *encoding_of(const struct kind *kind);

/* The shape m of what the encoding writes a step. */
struct image_shape encoding_shape(const struct encoding *encoding,
                                  const void *params,
                                  struct image_shape image, size_t n_steps);

#endif

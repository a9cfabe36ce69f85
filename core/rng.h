/*
 * Random numbers as pure functions: the n-th number of a stream depends on
 * (seed, use, lane, n) and nothing else (Philox4x32-10 of the Random123
 * library; Salmon et al., SC'11). No state, so any part of a stream can be
 * made anywhere, in any order, by any number of ranks.
 */
#ifndef CORE_RNG_H
#define CORE_RNG_H

#include <stddef.h>
#include <stdint.h>

/* What a number is for. Append only: the values are part of every result. */
enum rng_use {
    RNG_WEIGHTS = 0,      /* lane: layer */
    RNG_ORDER = 1,        /* lane: epoch */
    RNG_SUBSET = 2,       /* lane: 0 train, 1 test, 2 validation */
    RNG_SYNTHETIC = 3,    /* lane: sample */
    RNG_ENCODE_TRAIN = 4, /* lane: see rng_lane */
    RNG_ENCODE_TEST = 5,
    RNG_ENCODE_ATTACK = 6,
    RNG_ATTACK_START = 7,
    RNG_NOISE = 8,
    RNG_ADVERSARY = 9, /* lane: epoch for its seed; then see rng_lane */
    RNG_RETRACTION = 10, /* lane: rng_lane(matrix, step) */
    RNG_DEFLATION = 11,  /* lane: 0 */
    RNG_AUGMENTATION = 12, /* lane: rng_lane(sample, epoch) */
    RNG_CURVATURE = 13,     /* lane: 0 */
    RNG_NEURON = 14,     /* lane: see rng_lane */
    RNG_GATE_TRAIN = 15, /* likewise */
    RNG_GATE_TEST = 16,
    RNG_GATE_ATTACK = 17,
    RNG_ATTACK_SEARCH = 18, /* lane: rng_lane(sample, query or round) */
    RNG_SHAKE = 19,         /* lane: sample */
    RNG_SAMPLER = 20        /* lane: rng_lane(dimension, see core/sampler.c) */
};

struct rng_stream {
    uint64_t seed;
    enum rng_use use;
    uint64_t lane; /* a sub-stream: an epoch, a layer, a sample's draw */
};

/* The lane of one sample's k-th draw (both below 2^32). */
uint64_t rng_lane(uint64_t sample, uint64_t draw);

/* The index-th 32-bit word of a stream; index below 2^34. */
uint32_t rng_word(struct rng_stream stream, uint64_t index);

/* out[i] = number first + i of the stream: uniform in [0, 1), 24 bits. */
void rng_fill_uniform(struct rng_stream stream, uint64_t first, size_t n,
                      float *out);

/* The same for the standard normal distribution (Box-Muller, in pairs of
 * words; `first` even). */
void rng_fill_normal(struct rng_stream stream, uint64_t first, size_t n,
                     float *out);

/* A permutation of 0 .. n-1 (Fisher-Yates; n at most 2^32 - 1). */
void rng_permute(struct rng_stream stream, size_t n, uint32_t *order);

#endif

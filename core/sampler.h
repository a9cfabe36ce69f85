/*
 * Samplers: how the points of an experiment are chosen where its axes are not
 * all combined. A point is a number in [0, 1) in each dimension; what it means
 * on an axis is the business of io/. All is in whole numbers, as shares of
 * 2^32: the same on every machine.
 *
 * Kinds: grid (all combinations: no points), random, latin_hypercube, sobol.
 * They are part of no cell's identity.
 */
#ifndef CORE_SAMPLER_H
#define CORE_SAMPLER_H

#include "core/kind.h"

enum { SAMPLER_POINTS_MAX = 100000 };

/* Parameters that all kinds but the grid begin with. */
struct sampler_common {
    size_t n_points, seed;
};

struct sampler {
    struct kind kind;
    size_t n_dimensions; /* at most; 0: any number */
    /* out[i], i < n_points: the numbers in a dimension. NULL: the grid. */
    void (*fill)(const void *params, size_t dimension, uint32_t *out);
};

extern const struct axis sampler_axis;

const struct sampler *sampler_of(const struct kind *kind);

#endif

/*
 * Small networks and data sets, made by hand, for the tests of the engine.
 * What is random is a function of the seed.
 */
#ifndef TESTS_SMALL_NET_H
#define TESTS_SMALL_NET_H

#include "core/data.h"
#include "core/spec.h"

/* The defaults changed by `text`, the lines of a canonical text. */
struct spec small_spec(const char *text, struct arena *arena);

/* Images of n_classes noisy patterns; `noise` is the share of a pixel, from 0
 * to 1, that is noise. Labels go round in turn. */
struct data_set small_data(struct image_shape shape, size_t n_classes,
                           size_t n_train, size_t n_test, double noise,
                           struct arena *arena);

/* Parameters and running statistics of the spec's network in the order of the
 * flat vector: weights uniform with deviation `spread` / sqrt(fan-in), scales
 * and variances about 1. All are exact in float. */
size_t small_count_values(const struct spec *spec,
                          const struct data_set *data);
void small_fill_values(const struct spec *spec, const struct data_set *data,
                       uint64_t seed, double spread, double *values);

#endif

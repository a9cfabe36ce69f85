/* What the files core/encoding_*.c share: kinds, and backward rules. */
#ifndef CORE_ENCODING_PARTS_H
#define CORE_ENCODING_PARTS_H

#include "core/encoding.h"

extern const struct encoding encoding_direct, encoding_rsc, encoding_frequency,
    encoding_events;
extern const struct encoding encoding_poisson, encoding_population,
    encoding_population_bernoulli;
extern const struct encoding encoding_latency, encoding_latency_log,
    encoding_ttfs, encoding_burst, encoding_phase, encoding_delta;

/* Pixels of all images of a batch; each channel is every C-th of them. */
size_t encoding_count_pixels(const struct encoding_batch *batch);

/* Backward the identity at every step: takes the sum over t. */
void encoding_pass_sum(const void *params, const struct encoding_batch *batch,
                       const float *encoded, const float *d_encoded,
                       float *d_images);

/* Backward the identity at the steps at which the pixel spikes. */
void encoding_pass_spikes(const void *params,
                          const struct encoding_batch *batch,
                          const float *encoded, const float *d_encoded,
                          float *d_images);

#endif

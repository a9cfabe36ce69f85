#include "core/encoding_parts.h"

#include <string.h>

size_t encoding_count_pixels(const struct encoding_batch *batch)
{
    return batch->n_images * batch->n_pixels;
}

void encoding_pass_sum(const void *params, const struct encoding_batch *batch,
                       const float *encoded, const float *d_encoded,
                       float *d_images)
{
    (void)params;
    (void)encoded;
    memcpy(d_images, d_encoded,
           encoding_count_pixels(batch) * sizeof *d_images);
}

void encoding_pass_spikes(const void *params,
                          const struct encoding_batch *batch,
                          const float *encoded, const float *d_encoded,
                          float *d_images)
{
    (void)params;
    size_t n = encoding_count_pixels(batch);
    float *restrict out = d_images;
    memset(d_images, 0, n * sizeof *d_images);
    for (size_t t = 0; t < batch->n_steps; t++) {
        const float *restrict spikes = encoded + t * n;
        const float *restrict in = d_encoded + t * n;
        for (size_t i = 0; i < n; i++)
            out[i] += spikes[i] * in[i];
    }
}

struct image_shape encoding_shape(const struct encoding *encoding,
                                  const void *params, struct image_shape image,
                                  size_t n_steps)
{
    return encoding->shape ? encoding->shape(params, image, n_steps) : image;
}

/* table of contents --------------------------------------------------- */

static const struct kind *const kinds[] = {
    &encoding_direct.kind,      &encoding_poisson.kind,
    &encoding_latency.kind,     &encoding_latency_log.kind,
    &encoding_ttfs.kind,        &encoding_burst.kind,
    &encoding_phase.kind,       &encoding_delta.kind,
    &encoding_population.kind,  &encoding_population_bernoulli.kind,
    &encoding_rsc.kind,         &encoding_frequency.kind,
    &encoding_events.kind};

const struct axis encoding_axis = {"encoding",
                                   "from an image to T steps of input", kinds,
                                   KIND_COUNT(kinds), "direct"};

const struct encoding *encoding_of(const struct kind *kind)
{
    return (const struct encoding *)kind;
}

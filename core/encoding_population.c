/* Codes in which each pixel is told by a population of neurons: K channels in
 * the place of one, with receptive fields side by side. */
#include "core/encoding_parts.h"

#include <math.h>

struct population {
    size_t n_fields;
    double width, threshold; /* threshold: of the deterministic kind only */
};

/* Field k is at k / (K - 1). Computed in every place by the same lines, since
 * passes forward and back must see the same. */
static float centre_of(const struct population *population, size_t k)
{
    return (float)k / (float)(population->n_fields - 1);
}

static float activity_of(float x, float centre, float width)
{
    float distance = (x - centre) / width;
    return expf(-0.5f * distance * distance);
}

static struct image_shape population_shape(const void *params,
                                           struct image_shape image,
                                           size_t n_steps)
{
    (void)n_steps;
    const struct population *population = params;
    image.n_channels *= population->n_fields;
    return image;
}

/* out: [B n][K] */
static void take_activities(const struct population *population,
                            const struct encoding_batch *batch,
                            float *restrict out)
{
    size_t n = encoding_count_pixels(batch), n_fields = population->n_fields;
    float width = (float)population->width;
    for (size_t k = 0; k < n_fields; k++) {
        float centre = centre_of(population, k);
        for (size_t i = 0; i < n; i++)
            out[i * n_fields + k] =
                activity_of(batch->images[i], centre, width);
    }
}

/* The activity is the current of an integrate-and-fire neuron, which is reset
 * by subtraction. Each activity lies in the first step's room for its spike. */
static void population_encode(const void *params,
                              const struct encoding_batch *batch,
                              float *encoded)
{
    const struct population *population = params;
    size_t n = encoding_count_pixels(batch) * population->n_fields;
    float threshold = (float)population->threshold;
    take_activities(population, batch, encoded);
    for (size_t i = 0; i < n; i++) {
        float activity = encoded[i], membrane = 0;
        for (size_t t = 0; t < batch->n_steps; t++) {
            membrane += activity;
            float spike = membrane >= threshold ? 1.0f : 0.0f;
            membrane -= spike * threshold;
            encoded[t * n + i] = spike;
        }
    }
}

/* At every step the identity to the activity, and from there its derivative. */
static void population_backward(const void *params,
                                const struct encoding_batch *batch,
                                const float *encoded, const float *d_encoded,
                                float *d_images)
{
    (void)encoded;
    const struct population *population = params;
    size_t n = encoding_count_pixels(batch), n_fields = population->n_fields;
    float width = (float)population->width;
    for (size_t i = 0; i < n; i++) {
        float sum = 0, x = batch->images[i];
        for (size_t k = 0; k < n_fields; k++) {
            float centre = centre_of(population, k);
            sum += d_encoded[i * n_fields + k] *
                   activity_of(x, centre, width) *
                   ((centre - x) / (width * width));
        }
        d_images[i] = sum;
    }
}

#define FIELD_ROWS                                                             \
    {.name = "n_fields", .unit = "1",                                          \
     .doc = "neurons a pixel K; their fields' centres lie evenly from 0 to 1", \
     .type = ROW_COUNT, .fallback = "4", .minimum = 2, .maximum = 16,          \
     .offset = offsetof(struct population, n_fields)},                         \
    {.name = "width", .unit = "1",                                             \
     .doc = "deviation of a receptive field; this program's default",          \
     .type = ROW_REAL, .fallback = "0.2", .minimum = 0.01, .maximum = 2,       \
     .scale = SCALE_LOG, .offset = offsetof(struct population, width)}

static const struct row population_rows[] = {
    FIELD_ROWS,
    {.name = "threshold", .unit = "1",
     .doc = "of the neurons that turn activity into spikes",
     .type = ROW_REAL, .fallback = "0.999", .minimum = 0.01, .maximum = 10,
     .offset = offsetof(struct population, threshold)},
};

const struct encoding encoding_population = {
    .kind = {.name = "population",
             .doc = "K channels in the place of each: integrate-and-fire neurons driven by "
                    "exp(-((x - centre) / width)^2 / 2) and reset by subtraction; backward the "
                    "identity from spikes to that activity at every step",
             .cite = "PopSAN, Tang et al., CoRL 2020, as SpikingJelly's "
                     "PopSpikeEncoderDeterministic",
             .rows = population_rows,
             .n_rows = KIND_COUNT(population_rows),
             .params_size = sizeof(struct population)},
    .shape = population_shape,
    .encode = population_encode,
    .sums = true,
    .backward = population_backward,
};

/* population_bernoulli ------------------------------------------------ */

/* In place: from uniform numbers to spikes. */
static void compare(const struct population *population, size_t n,
                    const float *restrict image, float *restrict numbers)
{
    size_t n_fields = population->n_fields;
    float width = (float)population->width;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n_fields; k++) {
            float activity =
                activity_of(image[i], centre_of(population, k), width);
            float number = numbers[i * n_fields + k];
            numbers[i * n_fields + k] = number < activity ? 1.0f : 0.0f;
        }
}

static void bernoulli_encode(const void *params,
                             const struct encoding_batch *batch,
                             float *encoded)
{
    const struct population *population = params;
    size_t n = batch->n_pixels, n_all = n * population->n_fields;
    for (size_t b = 0; b < batch->n_images; b++) {
        struct rng_stream stream = {batch->seed, batch->use,
                                    rng_lane(batch->ids[b], batch->draw)};
        for (size_t t = 0; t < batch->n_steps; t++) {
            float *spikes = encoded + (t * batch->n_images + b) * n_all;
            rng_fill_uniform(stream, t * n_all, n_all, spikes);
            compare(population, n, batch->images + b * n, spikes);
        }
    }
}

static const struct row bernoulli_rows[] = {FIELD_ROWS};

const struct encoding encoding_population_bernoulli = {
    .kind = {.name = "population_bernoulli",
             .doc = "K channels in the place of each, that spike with the probability "
                    "exp(-((x - centre) / width)^2 / 2) at every step, independent; backward the "
                    "identity from spikes to that activity at every step",
             .cite = "PopSAN, Tang et al., CoRL 2020, as SpikingJelly's "
                     "PopSpikeEncoderRandom",
             .rows = bernoulli_rows,
             .n_rows = KIND_COUNT(bernoulli_rows),
             .params_size = sizeof(struct population)},
    .random = true,
    .shape = population_shape,
    .encode = bernoulli_encode,
    .sums = true,
    .backward = population_backward,
};

#include "core/encoding.h"

#include <math.h>
#include <string.h>

/* Pixels of all images of a batch; each channel is every C-th of them. */
static size_t count_pixels(const struct encoding_batch *batch)
{
    return batch->n_images * batch->n_pixels;
}

static void pass_sum(const void *params, const struct encoding_batch *batch,
                     const float *encoded, const float *d_encoded,
                     float *d_images)
{
    (void)params;
    (void)encoded;
    memcpy(d_images, d_encoded, count_pixels(batch) * sizeof *d_images);
}

/* direct -------------------------------------------------------------- */

struct direct {
    bool normalize;
};

static void direct_encode(const void *params,
                          const struct encoding_batch *batch, float *encoded)
{
    const struct direct *direct = params;
    size_t n = count_pixels(batch), n_channels = batch->n_channels;
    const float *restrict images = batch->images;
    float *restrict out = encoded;
    if (!direct->normalize) {
        memcpy(encoded, batch->images, n * sizeof *encoded);
        return;
    }
    for (size_t c = 0; c < n_channels; c++) {
        float mean = batch->mean[c], deviation = batch->deviation[c];
        for (size_t i = c; i < n; i += n_channels)
            out[i] = (images[i] - mean) / deviation;
    }
}

static void direct_backward(const void *params,
                            const struct encoding_batch *batch,
                            const float *encoded, const float *d_encoded,
                            float *d_images)
{
    const struct direct *direct = params;
    size_t n = count_pixels(batch), n_channels = batch->n_channels;
    if (!direct->normalize) {
        pass_sum(params, batch, encoded, d_encoded, d_images);
        return;
    }
    const float *restrict in = d_encoded;
    float *restrict out = d_images;
    for (size_t c = 0; c < n_channels; c++) {
        float deviation = batch->deviation[c];
        for (size_t i = c; i < n; i += n_channels)
            out[i] = in[i] / deviation;
    }
}

static const struct row direct_rows[] = {
    {.name = "normalize", .unit = "1",
     .doc = "per channel to mean 0 and deviation 1 of the training images",
     .type = ROW_FLAG, .fallback = "true",
     .offset = offsetof(struct direct, normalize)},
};

static const struct encoding direct = {
    .kind = {.name = "direct",
             .doc = "the image itself as input current at every step",
             .cite = "Rueckauer et al., Front. Neurosci. 2017; "
                     "Wu et al., AAAI 2019",
             .rows = direct_rows,
             .n_rows = KIND_COUNT(direct_rows),
             .params_size = sizeof(struct direct)},
    .constant = true,
    .encode = direct_encode,
    .sums = true,
    .backward = direct_backward,
};

/* poisson ------------------------------------------------------------- */

/* In place: from uniform numbers to spikes. */
static void compare(size_t n, const float *restrict image,
                    float *restrict numbers)
{
    for (size_t i = 0; i < n; i++)
        numbers[i] = numbers[i] < image[i] ? 1.0f : 0.0f;
}

static void poisson_encode(const void *params,
                           const struct encoding_batch *batch, float *encoded)
{
    (void)params;
    size_t n = batch->n_pixels;
    for (size_t b = 0; b < batch->n_images; b++) {
        struct rng_stream stream = {batch->seed, batch->use,
                                    rng_lane(batch->ids[b], batch->draw)};
        for (size_t t = 0; t < batch->n_steps; t++) {
            float *spikes = encoded + (t * batch->n_images + b) * n;
            rng_fill_uniform(stream, t * n, n, spikes);
            compare(n, batch->images + b * n, spikes);
        }
    }
}

static const struct encoding poisson = {
    .kind = {.name = "poisson",
             .doc = "a spike with probability x at every step, independent; "
                    "backward the identity at every step",
             .cite = "Diehl and Cook, Front. Comput. Neurosci. 2015; "
                     "straight-through: Bengio et al., arXiv 1308.3432"},
    .random = true,
    .encode = poisson_encode,
    .sums = true,
    .backward = pass_sum,
};

/* latency ------------------------------------------------------------- */

/* The step of the spike, rounded half to even; x outside [0, 1] never fires. */
static void latency_encode(const void *params,
                           const struct encoding_batch *batch, float *encoded)
{
    (void)params;
    size_t n = count_pixels(batch);
    const float *restrict images = batch->images;
    float last = (float)(batch->n_steps - 1);
    for (size_t t = 0; t < batch->n_steps; t++) {
        float *restrict spikes = encoded + t * n;
        float now = (float)t;
        for (size_t i = 0; i < n; i++)
            spikes[i] =
                rintf(last * (1.0f - images[i])) == now ? 1.0f : 0.0f;
    }
}

static void latency_backward(const void *params,
                             const struct encoding_batch *batch,
                             const float *encoded, const float *d_encoded,
                             float *d_images)
{
    (void)params;
    size_t n = count_pixels(batch);
    float *restrict out = d_images;
    memset(d_images, 0, n * sizeof *d_images);
    for (size_t t = 0; t < batch->n_steps; t++) {
        const float *restrict spikes = encoded + t * n;
        const float *restrict in = d_encoded + t * n;
        for (size_t i = 0; i < n; i++)
            out[i] += spikes[i] * in[i];
    }
}

static const struct encoding latency = {
    .kind = {.name = "latency",
             .doc = "one spike a pixel, at step rint((T - 1) (1 - x)): bright ones first; "
                    "backward the identity at that step",
             .cite = "linear time to first spike, as SpikingJelly's "
                     "LatencyEncoder; Park et al., DAC 2020 (T2FSNN)"},
    .encode = latency_encode,
    .backward = latency_backward,
};

/* table of contents --------------------------------------------------- */

static const struct kind *const kinds[] = {&direct.kind, &poisson.kind,
                                           &latency.kind};

const struct axis encoding_axis = {"encoding",
                                   "from an image to T steps of input", kinds,
                                   KIND_COUNT(kinds), "direct"};

const struct encoding *encoding_of(const struct kind *kind)
{
    return (const struct encoding *)kind;
}

/* Codes whose input is a current: the image itself, or with noise on it. */
#include "core/encoding_parts.h"

#include <string.h>

static void normalize(const struct encoding_batch *batch,
                      const float *restrict in, float *restrict out)
{
    size_t n = encoding_count_pixels(batch), n_channels = batch->n_channels;
    for (size_t c = 0; c < n_channels; c++) {
        float mean = batch->mean[c], deviation = batch->deviation[c];
        for (size_t i = c; i < n; i += n_channels)
            out[i] = (in[i] - mean) / deviation;
    }
}

static void normalize_backward(const struct encoding_batch *batch,
                               const float *restrict in, float *restrict out)
{
    size_t n = encoding_count_pixels(batch), n_channels = batch->n_channels;
    for (size_t c = 0; c < n_channels; c++) {
        float deviation = batch->deviation[c];
        for (size_t i = c; i < n; i += n_channels)
            out[i] = in[i] / deviation;
    }
}

/* direct -------------------------------------------------------------- */

struct direct {
    bool normalize;
};

static void direct_encode(const void *params,
                          const struct encoding_batch *batch, float *encoded)
{
    const struct direct *direct = params;
    if (direct->normalize)
        normalize(batch, batch->images, encoded);
    else
        memcpy(encoded, batch->images,
               encoding_count_pixels(batch) * sizeof *encoded);
}

static void direct_backward(const void *params,
                            const struct encoding_batch *batch,
                            const float *encoded, const float *d_encoded,
                            float *d_images)
{
    const struct direct *direct = params;
    if (direct->normalize)
        normalize_backward(batch, d_encoded, d_images);
    else
        encoding_pass_sum(params, batch, encoded, d_encoded, d_images);
}

static const struct row direct_rows[] = {
    {.name = "normalize", .unit = "1",
     .doc = "per channel to mean 0 and deviation 1 of the training images",
     .type = ROW_FLAG, .fallback = "true",
     .offset = offsetof(struct direct, normalize)},
};

const struct encoding encoding_direct = {
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

/* rsc ----------------------------------------------------------------- */

struct rsc {
    double sigma;
    bool normalize;
};

/* The noise lies in the scratch's place of one image; a stream's normal
 * numbers come in pairs, so each step begins with an even one. */
static void rsc_encode(const void *params, const struct encoding_batch *batch,
                       float *encoded)
{
    const struct rsc *rsc = params;
    size_t n = batch->n_pixels, stride = n + n % 2;
    float sigma = (float)rsc->sigma;
    for (size_t b = 0; b < batch->n_images; b++) {
        struct rng_stream stream = {batch->seed, batch->use,
                                    rng_lane(batch->ids[b], batch->draw)};
        struct encoding_batch one = *batch;
        one.n_images = 1;
        for (size_t t = 0; t < batch->n_steps; t++) {
            float *restrict noisy = batch->scratch;
            const float *restrict image = batch->images + b * n;
            float *out = encoded + (t * batch->n_images + b) * n;
            rng_fill_normal(stream, t * stride, n, noisy);
            for (size_t i = 0; i < n; i++)
                noisy[i] = image[i] + sigma * noisy[i];
            if (rsc->normalize)
                normalize(&one, noisy, out);
            else
                memcpy(out, noisy, n * sizeof *out);
        }
    }
}

static void rsc_backward(const void *params,
                         const struct encoding_batch *batch,
                         const float *encoded, const float *d_encoded,
                         float *d_images)
{
    const struct rsc *rsc = params;
    if (rsc->normalize)
        normalize_backward(batch, d_encoded, d_images);
    else
        encoding_pass_sum(params, batch, encoded, d_encoded, d_images);
}

static const struct row rsc_rows[] = {
    {.name = "sigma", .unit = "1",
     .doc = "deviation of the noise, before normalization; the paper's value is not known here",
     .type = ROW_REAL, .fallback = "0.1", .minimum = 0, .maximum = 2,
     .offset = offsetof(struct rsc, sigma)},
    {.name = "normalize", .unit = "1",
     .doc = "per channel to mean 0 and deviation 1 of the training images",
     .type = ROW_FLAG, .fallback = "true",
     .offset = offsetof(struct rsc, normalize)},
};

const struct encoding encoding_rsc = {
    .kind = {.name = "rsc",
             .doc = "randomized smoothing: at every step the image plus fresh normal noise, not "
                    "clipped, as input current; backward the identity at every step. The formula "
                    "is a reconstruction",
             .cite = "RSC-SNN, arXiv 2407.20099, its abstract",
             .rows = rsc_rows,
             .n_rows = KIND_COUNT(rsc_rows),
             .params_size = sizeof(struct rsc)},
    .random = true,
    .n_scratch = 1,
    .encode = rsc_encode,
    .sums = true,
    .backward = rsc_backward,
};

/* Codes whose spikes' rate is the pixel. */
#include "core/encoding_parts.h"

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

const struct encoding encoding_poisson = {
    .kind = {.name = "poisson",
             .doc = "a spike with probability x at every step, independent; "
                    "backward the identity at every step",
             .cite = "Diehl and Cook, Front. Comput. Neurosci. 2015; "
                     "straight-through: Bengio et al., arXiv 1308.3432"},
    .random = true,
    .encode = poisson_encode,
    .sums = true,
    .backward = encoding_pass_sum,
};

/* Noise: what a network has to bear without an adversary, and the yardstick
 * that an attack has to beat. */
#include "core/attack_parts.h"
#include "core/rng.h"

#include <string.h>

/* gaussian ------------------------------------------------------------ */

struct gaussian {
    struct attack_common common;
    size_t n_repeats;
};

static void add_noise(size_t n, float deviation, const float *restrict clean,
                      float *restrict images)
{
    for (size_t i = 0; i < n; i++) {
        float noisy = clean[i] + deviation * images[i];
        noisy = noisy > 0.0f ? noisy : 0.0f;
        images[i] = noisy < 1.0f ? noisy : 1.0f;
    }
}

/* One stream a sample and repeat, the same numbers for every epsilon. */
static void make_noisy(struct assault *assault, size_t i_repeat)
{
    size_t n = assault->n_pixels;
    for (size_t i = 0; i < assault->n; i++) {
        struct rng_stream stream = {assault->batch->seed, RNG_NOISE,
                                    rng_lane(assault->ids[i], i_repeat)};
        rng_fill_normal(stream, 0, n, assault->images + i * n);
        add_noise(n, assault->epsilon[i], assault->clean + i * n,
                  assault->images + i * n);
    }
}

/* A single repeat is plain noise: nobody looks at the victim. */
static void gaussian_run(const void *params, const struct victim *victim,
                         struct attack_batch *batch)
{
    const struct gaussian *gaussian = params;
    struct assault assault =
        assault_open(&attack_gaussian, &gaussian->common, victim, batch);
    assault_count_no_zeros(&assault);
    assault_keep_all(&assault);
    assault_release_still(&assault);
    for (size_t i = 0; i < gaussian->n_repeats && assault.n > 0; i++) {
        make_noisy(&assault, i);
        if (gaussian->n_repeats > 1)
            assault_query(&assault);
        if (i == 0)
            assault_keep_all(&assault);
        else
            assault_keep_better(&assault);
        if (gaussian->n_repeats > 1)
            assault_release_beaten(&assault);
    }
}

static const struct row gaussian_rows[] = {
    ATTACK_PIXEL_ROWS,
    {.name = "n_repeats", .unit = "1",
     .doc = "independent noises; of several, the one that hurts the sample most is kept",
     .type = ROW_COUNT, .fallback = "1", .minimum = 1, .maximum = 100000,
     .offset = offsetof(struct gaussian, n_repeats)},
};

const struct attack attack_gaussian = {
    .kind = {.name = "gaussian",
             .doc = "normal noise of deviation epsilon on every pixel, "
                    "clipped to [0, 1]",
             .cite = "Hendrycks and Dietterich, ICLR 2019; with deviation "
                     "8/255 in FEEL-SNN, NeurIPS 2024",
             .rows = gaussian_rows,
             .n_rows = KIND_COUNT(gaussian_rows),
             .params_size = sizeof(struct gaussian),
             .applies = attack_applies},
    .blind = true,
    .run = gaussian_run,
};

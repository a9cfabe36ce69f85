/* Noise: what a network has to bear without an adversary, and the yardstick
 * that an attack has to beat. */
#include "core/attack_parts.h"
#include "core/ball.h"
#include "core/rng.h"

struct noise {
    struct attack_common common;
    size_t n_repeats;
};

/* One noisy image of n pixels. */
typedef void add_noise(struct rng_stream stream, size_t n, float epsilon,
                       const float *restrict clean, float *restrict image);

/* One stream a sample and repeat, the same numbers for every epsilon. */
static void make_noisy(struct assault *assault, add_noise *add,
                       size_t i_repeat)
{
    size_t n = assault->n_pixels;
    for (size_t i = 0; i < assault->n; i++) {
        struct rng_stream stream = {assault->batch->seed, RNG_NOISE,
                                    rng_lane(assault->ids[i], i_repeat)};
        add(stream, n, assault->epsilon[i], assault->clean + i * n,
            assault->images + i * n);
    }
}

/* A single repeat is plain noise: nobody looks at the victim. */
static void run_noise(const struct attack *attack, add_noise *add,
                      const struct noise *noise, const struct victim *victim,
                      struct attack_batch *batch)
{
    struct assault assault =
        assault_open(attack, &noise->common, victim, batch);
    assault_count_no_zeros(&assault);
    assault_keep_all(&assault);
    assault_release_still(&assault);
    for (size_t i = 0; i < noise->n_repeats && assault.n > 0; i++) {
        make_noisy(&assault, add, i);
        if (noise->n_repeats > 1)
            assault_query(&assault);
        if (i == 0)
            assault_keep_all(&assault);
        else
            assault_keep_better(&assault);
        if (noise->n_repeats > 1)
            assault_release_beaten(&assault);
    }
}

#define REPEAT_ROW                                                             \
    {.name = "n_repeats", .unit = "1",                                         \
     .doc = "independent noises; of several, the one that hurts the sample most is kept", \
     .type = ROW_COUNT, .fallback = "1", .minimum = 1, .maximum = 100000,      \
     .offset = offsetof(struct noise, n_repeats)}

static const struct row noise_rows[] = {ATTACK_PIXEL_ROWS, REPEAT_ROW};

/* gaussian ------------------------------------------------------------ */

static void add_gaussian(struct rng_stream stream, size_t n, float epsilon,
                         const float *restrict clean, float *restrict image)
{
    rng_fill_normal(stream, 0, n, image);
    for (size_t i = 0; i < n; i++) {
        float noisy = clean[i] + epsilon * image[i];
        noisy = noisy > 0.0f ? noisy : 0.0f;
        image[i] = noisy < 1.0f ? noisy : 1.0f;
    }
}

static void gaussian_run(const void *params, const struct victim *victim,
                         struct attack_batch *batch)
{
    run_noise(&attack_gaussian, add_gaussian, params, victim, batch);
}

const struct attack attack_gaussian = {
    .kind = {.name = "gaussian",
             .doc = "normal noise of deviation epsilon on every pixel, "
                    "clipped to [0, 1]",
             .cite = "Hendrycks and Dietterich, ICLR 2019; with deviation "
                     "8/255 in FEEL-SNN, NeurIPS 2024",
             .rows = noise_rows,
             .n_rows = KIND_COUNT(noise_rows),
             .params_size = sizeof(struct noise),
             .applies = attack_applies},
    .blind = true,
    .run = gaussian_run,
};

/* uniform ------------------------------------------------------------- */

static void add_uniform(struct rng_stream stream, size_t n, float epsilon,
                        const float *restrict clean, float *restrict image)
{
    rng_fill_uniform(stream, 0, n, image);
    ball_spread(n, epsilon, clean, image);
}

static void uniform_run(const void *params, const struct victim *victim,
                        struct attack_batch *batch)
{
    run_noise(&attack_uniform, add_uniform, params, victim, batch);
}

const struct attack attack_uniform = {
    .kind = {.name = "uniform",
             .doc = "noise uniform in [-epsilon, epsilon] on every pixel, clipped to [0, 1]: the "
                    "yardstick of attacks in the L-infinity ball",
             .cite = "the start of Madry et al., ICLR 2018 (arXiv 1706.06083), without a step",
             .rows = noise_rows,
             .n_rows = KIND_COUNT(noise_rows),
             .params_size = sizeof(struct noise),
             .applies = attack_applies},
    .norm = NORM_LINF,
    .blind = true,
    .run = uniform_run,
};

/* salt_pepper --------------------------------------------------------- */

/* What is hit at a small epsilon is hit, to the same end, at larger ones. The
 * first n numbers say what is hit, bits of the next n to which end. */
static void add_salt_pepper(struct rng_stream stream, size_t n, float epsilon,
                            const float *restrict clean,
                            float *restrict image)
{
    rng_fill_uniform(stream, 0, n, image);
    for (size_t i = 0; i < n; i++) {
        bool is_hit = image[i] < epsilon;
        image[i] = clean[i];
        if (is_hit)
            image[i] = rng_word(stream, n + i) >> 31 ? 1.0f : 0.0f;
    }
}

static void salt_pepper_run(const void *params, const struct victim *victim,
                            struct attack_batch *batch)
{
    run_noise(&attack_salt_pepper, add_salt_pepper, params, victim, batch);
}

static const struct row salt_pepper_rows[] = {
    ATTACK_EPSILON_ROW("shares of the entries that are hit, expected", 1),
    ATTACK_SAMPLE_ROWS, REPEAT_ROW};

const struct attack attack_salt_pepper = {
    .kind = {.name = "salt_pepper",
             .doc = "impulse noise: each entry of the image (pixel and channel) is hit with "
                    "probability epsilon, and is then 0 or 1, equally likely",
             .cite = "impulse noise of Hendrycks and Dietterich, ICLR 2019 (arXiv 1903.12261)",
             .rows = salt_pepper_rows,
             .n_rows = KIND_COUNT(salt_pepper_rows),
             .params_size = sizeof(struct noise),
             .applies = attack_applies},
    .blind = true,
    .run = salt_pepper_run,
};

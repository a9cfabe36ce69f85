/* Projected gradient descent in the L2 ball:
 *
 *     x <- P(x + step g / |g|_2),
 *
 * P first to the ball, then to the box, which leads nearer to the clean image,
 * since that is in the box. What counts is the distance of the floats that come
 * out: where rounding leads out of the ball the image is drawn in further. */
#include "core/attack_climb.h"

#include <math.h>
#include <string.h>

/* image <- clean + scale (image - clean), within the box */
static void draw_in(size_t n, double scale, const float *restrict clean,
                    float *restrict image)
{
    for (size_t i = 0; i < n; i++) {
        double x = (double)clean[i];
        float drawn = (float)(x + scale * ((double)image[i] - x));
        drawn = drawn > 0.0f ? drawn : 0.0f;
        image[i] = drawn < 1.0f ? drawn : 1.0f;
    }
}

/* Rounded to floats of the size of a pixel an image may stay outside of a very
 * small ball; it is the clean one in the end. */
static void project(size_t n, float epsilon, const float *restrict clean,
                    float *restrict image)
{
    double distance = norm_distance(NORM_L2, n, clean, image);
    double most = (double)epsilon;
    draw_in(n, distance > most ? most / distance : 1, clean, image);
    for (double slack = 0x1p-24; slack < 1; slack *= 2) {
        distance = norm_distance(NORM_L2, n, clean, image);
        if (distance <= most)
            return;
        draw_in(n, most / distance * (1 - slack), clean, image);
    }
    if (!(norm_distance(NORM_L2, n, clean, image) <= most))
        memcpy(image, clean, n * sizeof *image);
}

/* A gradient that is all zero, or not finite, moves nothing. */
static void step_in_l2(size_t n, float epsilon, float step,
                       const float *restrict clean,
                       const float *restrict direction, float *restrict images)
{
    double squares = 0;
    for (size_t i = 0; i < n; i++)
        squares += (double)direction[i] * (double)direction[i];
    if (!(squares > 0) || !isfinite(squares))
        return;
    double scale = (double)step / sqrt(squares);
    for (size_t i = 0; i < n; i++)
        images[i] =
            (float)((double)images[i] + scale * (double)direction[i]);
    project(n, epsilon, clean, images);
}

/* Uniform in the ball: a direction of normal numbers, and a radius whose n-th
 * power is uniform. Words from 2^33 on are no part of the normal numbers. */
static void start_in_l2(struct rng_stream stream, size_t n, float epsilon,
                        const float *restrict clean, float *restrict image)
{
    float share;
    rng_fill_uniform(stream, 1ull << 33, 1, &share);
    rng_fill_normal(stream, 0, n, image);
    double squares = 0;
    for (size_t i = 0; i < n; i++)
        squares += (double)image[i] * (double)image[i];
    double radius = (double)epsilon * pow((double)share, 1 / (double)n);
    double scale = squares > 0 ? radius / sqrt(squares) : 0;
    for (size_t i = 0; i < n; i++)
        image[i] = (float)((double)clean[i] + scale * (double)image[i]);
    project(n, epsilon, clean, image);
}

static void pgd_l2_run(const void *params, const struct victim *victim,
                       struct attack_batch *batch)
{
    struct climb climb = climb_of_restarted(&attack_pgd_l2, params);
    climb.start = start_in_l2;
    climb.full = step_in_l2;
    climb_run(&climb, victim, batch);
}

static const struct row pgd_l2_rows[] = {
    {.name = "epsilons", .unit = "1",
     .doc = "sizes of the perturbation in the L2 norm, of pixels from 0 to 1; "
            "in any order",
     .type = ROW_REALS, .is_set = true, .fallback = "[0, 0.25, 0.5, 1, 2]",
     .minimum = 0, .maximum = 1000,
     .offset = offsetof(struct attack_common, epsilons)},
    ATTACK_SAMPLE_ROWS,
    ITERATIVE_COUNT_ROW("7"),
    ITERATIVE_STEP_ROW("in the L2 norm", 1000),
    ATTACK_GUIDED_ROWS,
    RESTART_ROWS,
};

const struct attack attack_pgd_l2 = {
    .kind = {.name = "pgd_l2",
             .doc = "projected gradient descent in the L2 ball: steps along "
                    "the gradient divided by its norm, from random starts "
                    "uniform in the ball; one step of size epsilon from the "
                    "clean image is a candidate, too",
             .cite = "Madry et al., ICLR 2018 (arXiv 1706.06083), sec. 5.1; "
                     "epsilon 128/255 and 7 steps in StoG; the candidate is "
                     "this program's",
             .rows = pgd_l2_rows,
             .n_rows = KIND_COUNT(pgd_l2_rows),
             .params_size = sizeof(struct restarted),
             .applies = attack_nested_applies},
    .norm = NORM_L2,
    .gradient = true,
    .run = pgd_l2_run,
};

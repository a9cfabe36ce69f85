/* Attacks whose steps remember the gradients before:
 *
 *     m <- decay m + g / mean |g|,
 *
 * of whose signs MIM makes its steps; SA-PGD divides m by the root of a like
 * mean of squares, so that a pixel goes as far as its gradients agree. A
 * gradient that is all zero, or not finite, adds nothing. */
#include "core/attack_climb.h"
#include "core/ball.h"

#include <math.h>
#include <string.h>

struct gradient_means {
    double size, square; /* of |g| and g^2 */
};

static struct gradient_means find_means(size_t n, const float *gradient)
{
    double size = 0, square = 0;
    for (size_t i = 0; i < n; i++) {
        size += fabs((double)gradient[i]);
        square += (double)gradient[i] * (double)gradient[i];
    }
    return (struct gradient_means){size / (double)n, square / (double)n};
}

/* m <- decay m + g / mean |g| */
static void add_gradient(size_t n, double decay, const float *restrict g,
                         double mean, float *restrict m)
{
    bool adds = mean > 0 && isfinite(mean);
    for (size_t i = 0; i < n; i++) {
        double kept = decay * (double)m[i];
        m[i] = (float)(adds ? kept + (double)g[i] / mean : kept);
    }
}

/* m <- decay m + g^2 / mean g^2 */
static void add_square(size_t n, double decay, const float *restrict g,
                       double mean, float *restrict m)
{
    bool adds = mean > 0 && isfinite(mean);
    for (size_t i = 0; i < n; i++) {
        double kept = decay * (double)m[i], slope = (double)g[i];
        m[i] = (float)(adds ? kept + slope * slope / mean : kept);
    }
}

static void forget(struct assault *assault, size_t n_images)
{
    size_t n = assault->n * assault->n_pixels;
    for (size_t k = 0; k < n_images; k++)
        memset(assault->own[k], 0, n * sizeof *assault->own[k]);
}

/* mim ----------------------------------------------------------------- */

struct mim {
    struct iterative iterative;
    double decay;
};

static void mim_move(struct assault *assault, const struct climb *climb,
                     size_t i_step)
{
    const struct mim *mim = (const void *)climb->guided;
    size_t n = assault->n_pixels;
    if (i_step == 0)
        forget(assault, 1);
    for (size_t i = 0; i < assault->n; i++) {
        const float *gradient = assault->gradient + i * n;
        float *momentum = assault->own[0] + i * n;
        add_gradient(n, mim->decay, gradient, find_means(n, gradient).size,
                     momentum);
        ball_step(n, assault->epsilon[i],
                  climb_step_of(climb, assault->epsilon[i]),
                  assault->clean + i * n, momentum, assault->images + i * n);
    }
}

static void mim_run(const void *params, const struct victim *victim,
                    struct attack_batch *batch)
{
    struct climb climb = climb_of(&attack_mim, params);
    climb.move = mim_move;
    climb_run(&climb, victim, batch);
}

static const struct row mim_rows[] = {
    ITERATIVE_ROWS("5"),
    {.name = "decay", .unit = "1",
     .doc = "what stays of the accumulated gradient from step to step",
     .type = ROW_REAL, .fallback = "1", .minimum = 0, .maximum = 1,
     .offset = offsetof(struct mim, decay)},
};

const struct attack attack_mim = {
    .kind = {.name = "mim",
             .doc = "momentum iterative method: BIM along the sign of "
                    "gradients that are accumulated, each divided by its mean "
                    "size; FGSM's one step is a candidate, too",
             .cite = "Dong et al., CVPR 2018 (arXiv 1710.06081), algorithm 1, "
                     "decay 1; mean instead of L1 norm: the same directions",
             .rows = mim_rows,
             .n_rows = KIND_COUNT(mim_rows),
             .params_size = sizeof(struct mim),
             .applies = attack_nested_applies},
    .norm = NORM_LINF,
    .gradient = true,
    .deterministic = true,
    .state = {.n_images = 1},
    .run = mim_run,
};

/* sa_pgd -------------------------------------------------------------- */

enum { SA_MEAN, SA_SQUARE, SA_N_IMAGES };

/* Uniform noise, as large as its largest entry allows. */
static void start_at_rim(struct rng_stream stream, size_t n, float epsilon,
                         const float *restrict clean, float *restrict image)
{
    float largest = 0;
    rng_fill_uniform(stream, 0, n, image);
    for (size_t i = 0; i < n; i++) {
        image[i] = 2 * image[i] - 1;
        largest = fmaxf(largest, fabsf(image[i]));
    }
    float scale = largest > 0 ? epsilon / largest : 0;
    for (size_t i = 0; i < n; i++)
        image[i] = clean[i] + scale * image[i];
    ball_clip(n, epsilon, clean, image);
}

/* What k of n steps have made of the size of a step, the same for all. */
static float shrink_step(size_t n, size_t k)
{
    float share = 1;
    for (size_t i = 1, since; i <= k; i++)
        if (climb_is_checkpoint(n, i, &since))
            share /= 2;
    return share;
}

static void take_adaptive_step(size_t n, float step, const float *restrict m,
                               const float *restrict v, float *restrict image)
{
    for (size_t i = 0; i < n; i++) {
        double way = (double)m[i] / (sqrt((double)v[i]) + 1e-12);
        way *= (double)step;
        way = fmin(fmax(way, -(double)step), (double)step);
        image[i] = (float)((double)image[i] + way);
    }
}

static void sa_pgd_move(struct assault *assault, const struct climb *climb,
                        size_t i_step)
{
    size_t n = assault->n_pixels;
    float share = shrink_step(climb->n_steps, i_step);
    if (i_step == 0)
        forget(assault, SA_N_IMAGES);
    for (size_t i = 0; i < assault->n; i++) {
        const float *gradient = assault->gradient + i * n;
        float *m = assault->own[SA_MEAN] + i * n;
        float *v = assault->own[SA_SQUARE] + i * n;
        float *image = assault->images + i * n, epsilon = assault->epsilon[i];
        struct gradient_means means = find_means(n, gradient);
        add_gradient(n, 0.5, gradient, means.size, m);
        add_square(n, 0.8, gradient, means.square, v);
        take_adaptive_step(n, share * climb_step_of(climb, epsilon), m, v,
                           image);
        ball_clip(n, epsilon, assault->clean + i * n, image);
    }
}

static void sa_pgd_run(const void *params, const struct victim *victim,
                       struct attack_batch *batch)
{
    struct climb climb = climb_of_restarted(&attack_sa_pgd, params);
    climb.step_share = 1;
    climb.start = start_at_rim;
    climb.move = sa_pgd_move;
    climb_run(&climb, victim, batch);
}

static const struct row sa_pgd_rows[] = {
    ATTACK_PIXEL_ROWS,
    ITERATIVE_COUNT_ROW("100"),
    {.name = "step", .unit = "1",
     .doc = "size of the first steps, in pixels from 0 to 1; 0: epsilon",
     .type = ROW_REAL, .fallback = "0", .minimum = 0, .maximum = 1,
     .offset = offsetof(struct iterative, step)},
    ATTACK_GUIDED_ROWS,
    RESTART_ROWS,
};

const struct attack attack_sa_pgd = {
    .kind = {.name = "sa_pgd",
             .doc = "stable adaptive PGD: pixels go step m / sqrt(v), at most "
                    "one step, with means m of gradients and v of their "
                    "squares; the step halves after 22 % of all, then at "
                    "intervals that shrink to 6 %, in steps rounded up; the "
                    "best iterate is kept, not the last misclassified",
             .cite = "Wang et al., CVPR 2026 (arXiv 2512.22522) and its code; "
                     "FGSM's step as a candidate is this program's",
             .rows = sa_pgd_rows,
             .n_rows = KIND_COUNT(sa_pgd_rows),
             .params_size = sizeof(struct restarted),
             .applies = attack_nested_applies},
    .norm = NORM_LINF,
    .gradient = true,
    .state = {.n_images = SA_N_IMAGES},
    .run = sa_pgd_run,
};

/* Attacks that follow the sign of the gradient within an L-infinity ball:
 *
 *     x <- clip(x + step sign(dL/dx)),
 *
 * once for FGSM, repeatedly for BIM, from random starts for PGD. The clean
 * image is the first iterate of all of them: an image that is misclassified
 * as it is has to stay so, and the share of zeros in its gradient is the alarm
 * for masked gradients. FGSM's step is a candidate of all of them, too: of a
 * loss with many small summits small steps may miss what one large step finds,
 * and an iterative attack that is weaker than FGSM says nothing. */
#include "core/attack_parts.h"
#include "core/rng.h"

#include <string.h>

/* The ball ------------------------------------------------------------ */

/* a + b - fl(a + b), exactly (Knuth, TAOCP 2, sec. 4.2.2, theorem B). */
static inline float rounded_off(float a, float b)
{
    float sum = a + b, b_share = sum - a;
    return (a - (sum - b_share)) + (b - b_share);
}

/* The clip bounds of a pixel. x + epsilon is rounded, perhaps to a float that
 * is farther than epsilon from x; its neighbour towards x is not, since the
 * exact bound lies between the two. Bits of floats above 0 are ordered as the
 * floats are, so the neighbour is one bit away, without a branch. */
static inline float upper_bound(float x, float epsilon)
{
    float bound = x + epsilon;
    int32_t bits;
    memcpy(&bits, &bound, sizeof bits);
    bits -= rounded_off(x, epsilon) < 0.0f;
    memcpy(&bound, &bits, sizeof bound);
    return bound < 1.0f ? bound : 1.0f;
}

static inline float lower_bound(float x, float epsilon)
{
    float bound = x - epsilon;
    int32_t bits;
    memcpy(&bits, &bound, sizeof bits);
    bits += rounded_off(x, -epsilon) > 0.0f;
    memcpy(&bound, &bits, sizeof bound);
    return bound > 0.0f ? bound : 0.0f;
}

static inline float clip(float moved, float x, float epsilon)
{
    float low = lower_bound(x, epsilon), high = upper_bound(x, epsilon);
    moved = moved > low ? moved : low;
    return moved < high ? moved : high;
}

/* A gradient of zero, or one that is not a number, moves nothing. */
static void take_step(size_t n, float epsilon, float step,
                      const float *restrict clean,
                      const float *restrict gradient, float *restrict images)
{
    for (size_t i = 0; i < n; i++) {
        float up = gradient[i] > 0.0f ? step : 0.0f;
        float down = gradient[i] < 0.0f ? step : 0.0f;
        images[i] = clip(images[i] + (up - down), clean[i], epsilon);
    }
}

static void spread_out(size_t n, float epsilon, const float *restrict clean,
                       float *restrict images)
{
    for (size_t i = 0; i < n; i++) {
        float offset = epsilon * (2.0f * images[i] - 1.0f);
        images[i] = clip(clean[i] + offset, clean[i], epsilon);
    }
}

/* The climb ----------------------------------------------------------- */

struct climb {
    size_t n_steps, n_restarts;
    float step;
    bool random_start; /* of the first; all others are */
};

/* Uniform in the ball; one stream a sample and restart, the same numbers for
 * every epsilon. */
static void start_randomly(struct assault *assault, size_t i_restart)
{
    const struct attack_batch *batch = assault->batch;
    size_t n = batch->n_pixels;
    for (size_t i = 0; i < batch->n; i++) {
        struct rng_stream stream = {batch->seed, RNG_ATTACK_START,
                                    rng_lane(batch->ids[i], i_restart)};
        rng_fill_uniform(stream, 0, n, assault->images + i * n);
        spread_out(n, batch->epsilon, batch->clean + i * n,
                   assault->images + i * n);
    }
}

static void count_zeros(const struct assault *assault)
{
    const struct attack_batch *batch = assault->batch;
    for (size_t i = 0; i < batch->n; i++) {
        const float *gradient = assault->gradient + i * batch->n_pixels;
        uint32_t n_zero = 0;
        for (size_t k = 0; k < batch->n_pixels; k++)
            n_zero += gradient[k] == 0.0f;
        batch->n_zero_pixels[i] = n_zero;
    }
}

/* From the clean image, whose gradient is known, as far as the ball allows:
 * with the draws that FGSM takes, so that the score is FGSM's. One query more,
 * and the iterate is the clean image again. */
static void try_full_step(struct assault *assault)
{
    const struct attack_batch *batch = assault->batch;
    size_t n = batch->n * batch->n_pixels;
    take_step(n, batch->epsilon, batch->epsilon, batch->clean,
              assault->gradient, assault->images);
    assault_query(assault);
    assault_keep_better(assault);
    memcpy(assault->images, batch->clean, n * sizeof *batch->clean);
}

/* A climb from the clean image whose steps are as large takes it anyway. */
static bool takes_full_step(const struct climb *climb, float epsilon)
{
    return !climb->random_start && climb->step >= epsilon;
}

/* From the iterate on, whose gradient is known. */
static void climb_on(struct assault *assault, const struct climb *climb)
{
    const struct attack_batch *batch = assault->batch;
    size_t n = batch->n * batch->n_pixels;
    for (size_t i = 1; i <= climb->n_steps; i++) {
        take_step(n, batch->epsilon, climb->step, batch->clean,
                  assault->gradient, assault->images);
        if (i < climb->n_steps)
            assault_query_gradient(assault);
        else
            assault_query(assault);
        assault_keep_better(assault);
    }
}

/* Up to the last iterate, which nobody asks the victim about. */
static void climb_blindly(struct assault *assault, const struct climb *climb)
{
    const struct attack_batch *batch = assault->batch;
    size_t n = batch->n * batch->n_pixels;
    if (climb->random_start)
        start_randomly(assault, 0);
    for (size_t i = 0; i < climb->n_steps; i++) {
        assault_query_gradient(assault);
        take_step(n, batch->epsilon, climb->step, batch->clean,
                  assault->gradient, assault->images);
    }
    memcpy(batch->adversarial, assault->images, n * sizeof *batch->clean);
}

static void run_climb(const struct attack_common *common,
                      const struct climb *climb, const struct victim *victim,
                      struct attack_batch *batch)
{
    struct assault assault = assault_open(common, victim, batch, true);
    if (batch->only_last) {
        climb_blindly(&assault, climb);
        return;
    }
    assault_query_gradient(&assault);
    assault_keep_all(&assault);
    count_zeros(&assault);
    if (batch->epsilon == 0.0f)
        return;
    if (!takes_full_step(climb, batch->epsilon))
        try_full_step(&assault);
    for (size_t i = 0; i < climb->n_restarts; i++) {
        if (i > 0 || climb->random_start) {
            start_randomly(&assault, i);
            assault_query_gradient(&assault);
            assault_keep_better(&assault);
        }
        climb_on(&assault, climb);
    }
}

/* fgsm ---------------------------------------------------------------- */

static void fgsm_run(const void *params, const struct victim *victim,
                     struct attack_batch *batch)
{
    struct climb climb = {
        .n_steps = 1, .n_restarts = 1, .step = batch->epsilon};
    run_climb(params, &climb, victim, batch);
}

static const struct row fgsm_rows[] = {ATTACK_COMMON_ROWS};

const struct attack attack_fgsm = {
    .kind = {.name = "fgsm",
             .doc = "fast gradient sign method: one step of size epsilon",
             .cite = "Goodfellow et al., ICLR 2015 (arXiv 1412.6572), sec. 4",
             .rows = fgsm_rows,
             .n_rows = KIND_COUNT(fgsm_rows),
             .params_size = sizeof(struct attack_common),
             .applies = attack_applies},
    .in_ball = true,
    .gradient = true,
    .single_step = true,
    .run = fgsm_run,
};

/* bim ----------------------------------------------------------------- */

/* Parameters that iterative attacks begin with. */
struct iterative {
    struct attack_common common;
    size_t n_steps;
    double step;
};

#define ITERATIVE_ROWS                                                         \
    ATTACK_COMMON_ROWS,                                                        \
    {.name = "n_steps", .unit = "1", .doc = "gradient steps",                  \
     .type = ROW_COUNT, .fallback = "7", .minimum = 1, .maximum = 100000,      \
     .offset = offsetof(struct iterative, n_steps)},                           \
    {.name = "step", .unit = "1",                                              \
     .doc = "size of a step, in pixels from 0 to 1; 0: 2.5 epsilon / n_steps", \
     .type = ROW_REAL, .fallback = "0", .minimum = 0, .maximum = 1,            \
     .offset = offsetof(struct iterative, step)}

/* 2.5 epsilon / n_steps (Madry et al.): from anywhere in the ball its whole
 * width is within reach. */
static struct climb climb_of(const struct iterative *iterative, float epsilon)
{
    double step = iterative->step;
    if (step == 0.0)
        step = 2.5 * (double)epsilon / (double)iterative->n_steps;
    return (struct climb){.n_steps = iterative->n_steps,
                          .n_restarts = 1,
                          .step = (float)step};
}

static void bim_run(const void *params, const struct victim *victim,
                    struct attack_batch *batch)
{
    const struct iterative *iterative = params;
    struct climb climb = climb_of(iterative, batch->epsilon);
    run_climb(&iterative->common, &climb, victim, batch);
}

static const struct row bim_rows[] = {ITERATIVE_ROWS};

const struct attack attack_bim = {
    .kind = {.name = "bim",
             .doc = "basic iterative method: FGSM in small steps, clipped to "
                    "the ball after each; FGSM's one step is a candidate, "
                    "too, for one forward pass more",
             .cite = "Kurakin et al., ICLR 2017 workshop (arXiv 1607.02533), "
                     "sec. 2.2; the candidate is this program's",
             .rows = bim_rows,
             .n_rows = KIND_COUNT(bim_rows),
             .params_size = sizeof(struct iterative),
             .applies = attack_applies},
    .in_ball = true,
    .gradient = true,
    .run = bim_run,
};

/* pgd ----------------------------------------------------------------- */

struct pgd {
    struct iterative iterative;
    bool random_start;
    size_t n_restarts;
};

static void pgd_run(const void *params, const struct victim *victim,
                    struct attack_batch *batch)
{
    const struct pgd *pgd = params;
    struct climb climb = climb_of(&pgd->iterative, batch->epsilon);
    climb.random_start = pgd->random_start;
    climb.n_restarts = pgd->n_restarts;
    run_climb(&pgd->iterative.common, &climb, victim, batch);
}

static const struct row pgd_rows[] = {
    ITERATIVE_ROWS,
    {.name = "random_start", .unit = "1",
     .doc = "start the first climb anywhere in the ball instead of at the clean image; restarts "
            "always do",
     .type = ROW_FLAG, .fallback = "true",
     .offset = offsetof(struct pgd, random_start)},
    {.name = "n_restarts", .unit = "1",
     .doc = "climbs in all, of which the best is kept", .type = ROW_COUNT,
     .fallback = "1", .minimum = 1, .maximum = 10000,
     .offset = offsetof(struct pgd, n_restarts)},
};

const struct attack attack_pgd = {
    .kind = {.name = "pgd",
             .doc = "projected gradient descent: sign steps from random "
                    "starts in the ball; FGSM's one step is a candidate, too, "
                    "for one forward pass more",
             .cite = "Madry et al., ICLR 2018 (arXiv 1706.06083), sec. 2.1; "
                     "the candidate is this program's",
             .rows = pgd_rows,
             .n_rows = KIND_COUNT(pgd_rows),
             .params_size = sizeof(struct pgd),
             .applies = attack_applies},
    .in_ball = true,
    .gradient = true,
    .run = pgd_run,
};

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
#include "core/ball.h"
#include "core/rng.h"

#include <string.h>

/* The climb ----------------------------------------------------------- */

struct climb {
    const struct attack *attack;
    const struct attack_guided *guided;
    size_t n_steps, n_restarts;
    double step;       /* 0: step_share of epsilon */
    double step_share;
    bool random_start; /* of the first; all others are */
};

/* 2.5 epsilon / n_steps (Madry et al.): from anywhere in the ball its whole
 * width is within reach. */
static float step_of(const struct climb *climb, float epsilon)
{
    double step = climb->step;
    return (float)(step > 0 ? step : climb->step_share * (double)epsilon);
}

static void take_steps(struct assault *assault, const struct climb *climb)
{
    for (size_t i = 0; i < assault->n; i++) {
        size_t at = i * assault->n_pixels;
        ball_step(assault->n_pixels, assault->epsilon[i],
                  step_of(climb, assault->epsilon[i]), assault->clean + at,
                  assault->gradient + at, assault->images + at);
    }
}

/* Uniform in the ball; one stream a sample and climb, the same numbers for
 * every epsilon. */
static void start_randomly(struct assault *assault, size_t i_climb)
{
    size_t n = assault->n_pixels;
    for (size_t i = 0; i < assault->n; i++) {
        struct rng_stream stream = {assault->batch->seed, RNG_ATTACK_START,
                                    rng_lane(assault->ids[i], i_climb)};
        rng_fill_uniform(stream, 0, n, assault->images + i * n);
        ball_spread(n, assault->epsilon[i], assault->clean + i * n,
                    assault->images + i * n);
    }
}

static void start_clean(struct assault *assault)
{
    memcpy(assault->images, assault->clean,
           assault->n * assault->n_pixels * sizeof *assault->clean);
}

static void keep_better(struct assault *assault)
{
    assault_keep_better(assault);
    assault_release_beaten(assault);
}

/* From the clean image, whose gradient is known, as far as the ball allows:
 * with the draws that FGSM takes, so that the score is FGSM's. One query more,
 * and the iterate is the clean image again. */
static void try_full_step(struct assault *assault)
{
    struct climb full = {.step_share = 1};
    take_steps(assault, &full);
    assault_query(assault);
    keep_better(assault);
    start_clean(assault);
}

/* From the iterate on, whose gradient is known. */
static void climb_on(struct assault *assault, const struct climb *climb)
{
    for (size_t i = 1; i <= climb->n_steps && assault->n > 0; i++) {
        take_steps(assault, climb);
        if (i < climb->n_steps)
            assault_query_gradient(assault);
        else
            assault_query(assault);
        keep_better(assault);
    }
}

/* Up to the last iterate, which nobody asks the victim about. */
static void climb_blindly(struct assault *assault, const struct climb *climb)
{
    if (climb->random_start)
        start_randomly(assault, 0);
    for (size_t i = 0; i < climb->n_steps; i++) {
        assault_query_gradient(assault);
        take_steps(assault, climb);
    }
    memcpy(assault->batch->adversarial, assault->images,
           assault->n * assault->n_pixels * sizeof *assault->images);
}

/* The climbs towards targets begin as those away from the label. */
static void climb_from_start(struct assault *assault, const struct climb *climb,
                             size_t i_climb, bool gradient_is_known)
{
    bool random = i_climb > 0 || climb->random_start;
    if (random)
        start_randomly(assault, i_climb);
    else
        start_clean(assault);
    if (random || !gradient_is_known) {
        assault_query_gradient(assault);
        keep_better(assault);
    }
    climb_on(assault, climb);
}

static void climb_to_targets(struct assault *assault, const struct climb *climb)
{
    size_t n_others = assault->victim->n_classes - 1;
    size_t n = climb->guided->n_targets;
    for (size_t t = 0; t < n && t < n_others && assault->n > 0; t++) {
        assault_aim(assault, climb->guided->objective, t);
        for (size_t i = 0; i < climb->n_restarts && assault->n > 0; i++)
            climb_from_start(assault, climb, i, false);
    }
}

static void run_climb(const struct climb *climb, const struct victim *victim,
                      struct attack_batch *batch)
{
    const struct attack_guided *guided = climb->guided;
    struct assault assault =
        assault_open(climb->attack, &guided->common, victim, batch);
    assault_pursue(&assault, guided->objective);
    if (batch->only_last) {
        climb_blindly(&assault, climb);
        return;
    }
    assault_query_gradient(&assault);
    assault_keep_all(&assault);
    assault_count_zeros(&assault);
    assault_rank_classes(&assault);
    assault_release_still(&assault);
    assault_release_beaten(&assault);
    bool is_whole = climb->random_start || climb->step > 0 ||
                    climb->step_share < 1 || guided->n_targets > 0;
    if (is_whole)
        try_full_step(&assault);
    if (guided->n_targets > 0)
        climb_to_targets(&assault, climb);
    for (size_t i = 0; guided->n_targets == 0 && i < climb->n_restarts; i++)
        climb_from_start(&assault, climb, i, true);
}

/* fgsm ---------------------------------------------------------------- */

static void fgsm_run(const void *params, const struct victim *victim,
                     struct attack_batch *batch)
{
    struct climb climb = {.attack = &attack_fgsm,
                          .guided = params,
                          .n_steps = 1,
                          .n_restarts = 1,
                          .step_share = 1};
    run_climb(&climb, victim, batch);
}

static const struct row fgsm_rows[] = {ATTACK_PIXEL_ROWS, ATTACK_GUIDED_ROWS};

const struct attack attack_fgsm = {
    .kind = {.name = "fgsm",
             .doc = "fast gradient sign method: one step of size epsilon",
             .cite = "Goodfellow et al., ICLR 2015 (arXiv 1412.6572), sec. 4",
             .rows = fgsm_rows,
             .n_rows = KIND_COUNT(fgsm_rows),
             .params_size = sizeof(struct attack_guided),
             .applies = attack_nested_applies},
    .norm = NORM_LINF,
    .gradient = true,
    .single_step = true,
    .deterministic = true,
    .run = fgsm_run,
};

/* bim ----------------------------------------------------------------- */

/* Parameters that iterative attacks begin with. */
struct iterative {
    struct attack_guided guided;
    size_t n_steps;
    double step;
};

#define ITERATIVE_ROWS                                                         \
    ATTACK_PIXEL_ROWS,                                                         \
    {.name = "n_steps", .unit = "1", .doc = "gradient steps",                  \
     .type = ROW_COUNT, .fallback = "7", .minimum = 1, .maximum = 100000,      \
     .offset = offsetof(struct iterative, n_steps)},                           \
    {.name = "step", .unit = "1",                                              \
     .doc = "size of a step, in pixels from 0 to 1; 0: 2.5 epsilon / n_steps", \
     .type = ROW_REAL, .fallback = "0", .minimum = 0, .maximum = 1,            \
     .offset = offsetof(struct iterative, step)},                              \
    ATTACK_GUIDED_ROWS

static struct climb climb_of(const struct attack *attack,
                             const struct iterative *iterative)
{
    return (struct climb){.attack = attack,
                          .guided = &iterative->guided,
                          .n_steps = iterative->n_steps,
                          .n_restarts = 1,
                          .step = iterative->step,
                          .step_share = 2.5 / (double)iterative->n_steps};
}

static void bim_run(const void *params, const struct victim *victim,
                    struct attack_batch *batch)
{
    struct climb climb = climb_of(&attack_bim, params);
    run_climb(&climb, victim, batch);
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
             .applies = attack_nested_applies},
    .norm = NORM_LINF,
    .gradient = true,
    .deterministic = true,
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
    struct climb climb = climb_of(&attack_pgd, &pgd->iterative);
    climb.random_start = pgd->random_start;
    climb.n_restarts = pgd->n_restarts;
    run_climb(&climb, victim, batch);
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
             .applies = attack_nested_applies},
    .norm = NORM_LINF,
    .gradient = true,
    .run = pgd_run,
};

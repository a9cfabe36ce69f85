/* Attacks that follow the sign of the gradient within an L-infinity ball:
 *
 *     x <- clip(x + step sign(dL/dx)),
 *
 * once for FGSM, once from a random corner for RFGSM, repeatedly for BIM, from
 * random starts for PGD. */
#include "core/attack_climb.h"
#include "core/ball.h"

/* fgsm ---------------------------------------------------------------- */

static void fgsm_run(const void *params, const struct victim *victim,
                     struct attack_batch *batch)
{
    struct climb climb = {.attack = &attack_fgsm,
                          .guided = params,
                          .n_steps = 1,
                          .n_restarts = 1,
                          .step_share = 1};
    climb_run(&climb, victim, batch);
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

/* rfgsm --------------------------------------------------------------- */

/* Each pixel half of epsilon up or down, equally likely. */
static void start_at_corner(struct rng_stream stream, size_t n, float epsilon,
                            const float *restrict clean, float *restrict image)
{
    for (size_t i = 0; i < n; i++) {
        float side = rng_word(stream, i) >> 31 ? 1.0f : -1.0f;
        image[i] = clean[i] + side * (epsilon / 2);
    }
    ball_clip(n, epsilon / 2, clean, image);
}

static void rfgsm_run(const void *params, const struct victim *victim,
                      struct attack_batch *batch)
{
    struct climb climb = {.attack = &attack_rfgsm,
                          .guided = params,
                          .n_steps = 1,
                          .n_restarts = 1,
                          .step_share = 0.5,
                          .random_start = true,
                          .no_full_step = true,
                          .start = start_at_corner};
    climb_run(&climb, victim, batch);
}

const struct attack attack_rfgsm = {
    .kind = {.name = "rfgsm",
             .doc = "random step of half epsilon along signs of normal "
                    "numbers, then a gradient sign step of the other half: "
                    "out of the flat place that a sample may be in",
             .cite = "Tramer et al., ICLR 2018 (arXiv 1705.07204), sec. 4.2, "
                     "alpha = epsilon/2",
             .rows = fgsm_rows,
             .n_rows = KIND_COUNT(fgsm_rows),
             .params_size = sizeof(struct attack_guided),
             .applies = attack_nested_applies},
    .norm = NORM_LINF,
    .gradient = true,
    .single_step = true,
    .run = rfgsm_run,
};

/* bim ----------------------------------------------------------------- */

static void bim_run(const void *params, const struct victim *victim,
                    struct attack_batch *batch)
{
    struct climb climb = climb_of(&attack_bim, params);
    climb_run(&climb, victim, batch);
}

static const struct row bim_rows[] = {ITERATIVE_ROWS("7")};

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

static void pgd_run(const void *params, const struct victim *victim,
                    struct attack_batch *batch)
{
    struct climb climb = climb_of_restarted(&attack_pgd, params);
    climb_run(&climb, victim, batch);
}

static const struct row pgd_rows[] = {ITERATIVE_ROWS("7"), RESTART_ROWS};

const struct attack attack_pgd = {
    .kind = {.name = "pgd",
             .doc = "projected gradient descent: sign steps from random "
                    "starts in the ball; FGSM's one step is a candidate, too, "
                    "for one forward pass more",
             .cite = "Madry et al., ICLR 2018 (arXiv 1706.06083), sec. 2.1; "
                     "the candidate is this program's",
             .rows = pgd_rows,
             .n_rows = KIND_COUNT(pgd_rows),
             .params_size = sizeof(struct restarted),
             .applies = attack_nested_applies},
    .norm = NORM_LINF,
    .gradient = true,
    .run = pgd_run,
};

/* Auto-PGD: sign steps with momentum whose size is halved, and which go on from
 * the best iterate, where the objective stops rising. With P the projection:
 *
 *     z <- P(x + step sign g),  x' <- P(x + a (z - x) + (1 - a) (x - x_before))
 *
 * At a checkpoint, so many steps after the last one, the step is halved if
 * fewer than rho of these have raised the objective, or if neither step nor
 * best objective have changed since the last. Each sample for itself.
 *
 * Printed and published algorithm differ in little, and the printed one is
 * taken, but that no step is made only to be thrown away for the best iterate:
 * the code takes a share of exactly rho for too few, and a step never for
 * unchanged at the first checkpoint. */
#include "core/attack_climb.h"
#include "core/ball.h"

#include <math.h>
#include <string.h>

struct apgd {
    struct restarted restarted;
    double momentum, rho;
};

enum { APGD_BEFORE, APGD_BEST, APGD_GRADIENT, APGD_N_IMAGES };

/* Of a sample: objectives, of the last iterate, the best, and the best as it
 * was at the last checkpoint. */
struct apgd_state {
    double last, best, best_then;
    size_t n_rises; /* since the last checkpoint */
    float step;
    bool is_halved; /* at the last checkpoint */
};

/* One that is not a number is the last choice. */
static double objective_of(const struct assault *assault, size_t i)
{
    double aimed = assault->score[i].aimed;
    return isnan(aimed) ? -(double)INFINITY : aimed;
}

static void keep_best(struct assault *assault, size_t i)
{
    size_t n = assault->n_pixels, at = i * n;
    struct apgd_state *state = (struct apgd_state *)assault->state + i;
    state->best = objective_of(assault, i);
    memcpy(assault->own[APGD_BEST] + at, assault->images + at,
           n * sizeof(float));
    memcpy(assault->own[APGD_GRADIENT] + at, assault->gradient + at,
           n * sizeof(float));
}

static void begin(struct assault *assault, const struct climb *climb, size_t i)
{
    size_t n = assault->n_pixels, at = i * n;
    struct apgd_state *state = (struct apgd_state *)assault->state + i;
    keep_best(assault, i);
    memcpy(assault->own[APGD_BEFORE] + at, assault->images + at,
           n * sizeof(float));
    *state = (struct apgd_state){
        .last = objective_of(assault, i),
        .best = objective_of(assault, i),
        .best_then = objective_of(assault, i),
        .step = climb_step_of(climb, assault->epsilon[i]),
    };
}

static void note_answer(struct assault *assault, size_t i)
{
    struct apgd_state *state = (struct apgd_state *)assault->state + i;
    double now = objective_of(assault, i);
    state->n_rises += now > state->last;
    state->last = now;
    if (now > state->best)
        keep_best(assault, i);
}

/* Back to the best iterate, whose gradient is known. */
static void return_to_best(struct assault *assault, size_t i)
{
    size_t n = assault->n_pixels, at = i * n;
    struct apgd_state *state = (struct apgd_state *)assault->state + i;
    memcpy(assault->images + at, assault->own[APGD_BEST] + at,
           n * sizeof(float));
    memcpy(assault->gradient + at, assault->own[APGD_GRADIENT] + at,
           n * sizeof(float));
    state->last = state->best;
}

static void check(struct assault *assault, double rho, size_t i, size_t since)
{
    struct apgd_state *state = (struct apgd_state *)assault->state + i;
    bool rises_seldom = (double)state->n_rises < rho * (double)since;
    bool is_stuck = !state->is_halved && state->best == state->best_then;
    state->is_halved = rises_seldom || is_stuck;
    if (state->is_halved) {
        state->step /= 2;
        return_to_best(assault, i);
    }
    state->best_then = state->best;
    state->n_rises = 0;
}

/* From x, the image, to the next; x becomes the one before. */
static void step_on(struct assault *assault, double momentum, size_t i)
{
    size_t n = assault->n_pixels;
    const struct apgd_state *state = (struct apgd_state *)assault->state + i;
    const float *clean = assault->clean + i * n;
    float *image = assault->images + i * n;
    float *before = assault->own[APGD_BEFORE] + i * n;
    float epsilon = assault->epsilon[i];
    for (size_t k = 0; k < n; k++) {
        float x = image[k], z = x;
        ball_step(1, epsilon, state->step, clean + k,
                  assault->gradient + i * n + k, &z);
        double there = (double)z - (double)x;
        double inertia = (double)x - (double)before[k];
        before[k] = x;
        image[k] = (float)((double)x + momentum * there +
                           (1 - momentum) * inertia);
    }
    ball_clip(n, epsilon, clean, image);
}

/* The first step is a whole one. */
static void apgd_move(struct assault *assault, const struct climb *climb,
                      size_t i_step)
{
    const struct apgd *apgd = (const void *)climb->guided;
    size_t since;
    bool is_checkpoint = climb_is_checkpoint(climb->n_steps, i_step, &since);
    for (size_t i = 0; i < assault->n; i++) {
        if (i_step == 0)
            begin(assault, climb, i);
        else
            note_answer(assault, i);
        if (i_step > 0 && is_checkpoint)
            check(assault, apgd->rho, i, since);
        step_on(assault, i_step == 0 ? 1 : apgd->momentum, i);
    }
}

static void apgd_run(const void *params, const struct victim *victim,
                     struct attack_batch *batch)
{
    const struct apgd *apgd = params;
    struct climb climb = climb_of_restarted(&attack_apgd, &apgd->restarted);
    climb.step_share = 2;
    climb.start_is_asked = true;
    climb.move = apgd_move;
    climb_run(&climb, victim, batch);
}

static const struct row apgd_rows[] = {
    ATTACK_PIXEL_ROWS,
    ITERATIVE_COUNT_ROW("100"),
    {.name = "step", .unit = "1",
     .doc = "size of the first steps, in pixels from 0 to 1; 0: 2 epsilon",
     .type = ROW_REAL, .fallback = "0", .minimum = 0, .maximum = 1,
     .offset = offsetof(struct iterative, step)},
    ATTACK_GUIDED_ROWS,
    RESTART_ROWS,
    {.name = "momentum", .unit = "1",
     .doc = "a: share of the new step, the rest is of the last one",
     .type = ROW_REAL, .fallback = "0.75", .minimum = 0, .maximum = 1,
     .offset = offsetof(struct apgd, momentum)},
    {.name = "rho", .unit = "1",
     .doc = "share of steps that have to raise the objective",
     .type = ROW_REAL, .fallback = "0.75", .minimum = 0, .maximum = 1,
     .offset = offsetof(struct apgd, rho)},
};

const struct attack attack_apgd = {
    .kind = {.name = "apgd",
             .doc = "Auto-PGD: sign steps with momentum; each sample's step "
                    "is halved, and its best iterate gone on from, where its "
                    "objective stops rising; FGSM's one step is a candidate, "
                    "too",
             .cite = "Croce and Hein, ICML 2020 (arXiv 2003.01690), algorithm "
                     "1, conditions 1 and 2 of sec. 3.1 as printed there (not "
                     "as in its code); checks come before the next step as in "
                     "the code; uniform start; the candidate is this program's",
             .rows = apgd_rows,
             .n_rows = KIND_COUNT(apgd_rows),
             .params_size = sizeof(struct apgd),
             .applies = attack_nested_applies},
    .norm = NORM_LINF,
    .gradient = true,
    .state = {.n_images = APGD_N_IMAGES, .n_bytes = sizeof(struct apgd_state)},
    .run = apgd_run,
};

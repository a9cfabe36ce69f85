#include "core/attack_climb.h"
#include "core/ball.h"

#include <string.h>

/* 2.5 epsilon / n_steps (Madry et al.): from anywhere in the ball its whole
 * width is within reach. */
float climb_step_of(const struct climb *climb, float epsilon)
{
    double step = climb->step;
    return (float)(step > 0 ? step : climb->step_share * (double)epsilon);
}

static void take_steps(struct assault *assault, const struct climb *climb)
{
    climb_step *take = climb->full ? climb->full : ball_step;
    for (size_t i = 0; i < assault->n; i++) {
        size_t at = i * assault->n_pixels;
        take(assault->n_pixels, assault->epsilon[i],
             climb_step_of(climb, assault->epsilon[i]), assault->clean + at,
             assault->gradient + at, assault->images + at);
    }
}

static void move(struct assault *assault, const struct climb *climb, size_t i)
{
    if (climb->move)
        climb->move(assault, climb, i);
    else
        take_steps(assault, climb);
}

static void start_uniformly(struct rng_stream stream, size_t n, float epsilon,
                            const float *restrict clean, float *restrict image)
{
    rng_fill_uniform(stream, 0, n, image);
    ball_spread(n, epsilon, clean, image);
}

/* One stream a sample and climb, the same numbers for every epsilon. */
static void start_randomly(struct assault *assault, const struct climb *climb,
                           size_t i_climb)
{
    climb_start *start = climb->start ? climb->start : start_uniformly;
    size_t n = assault->n_pixels;
    for (size_t i = 0; i < assault->n; i++) {
        struct rng_stream stream = {assault->batch->seed, RNG_ATTACK_START,
                                    rng_lane(assault->ids[i], i_climb)};
        start(stream, n, assault->epsilon[i], assault->clean + i * n,
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
static void try_full_step(struct assault *assault, const struct climb *climb)
{
    struct climb full = {.full = climb->full, .step_share = 1};
    take_steps(assault, &full);
    assault_query(assault);
    keep_better(assault);
    start_clean(assault);
}

/* From the iterate on, whose gradient is known. */
static void climb_on(struct assault *assault, const struct climb *climb)
{
    for (size_t i = 1; i <= climb->n_steps && assault->n > 0; i++) {
        move(assault, climb, i - 1);
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
        start_randomly(assault, climb, 0);
    for (size_t i = 0; i < climb->n_steps; i++) {
        assault_query_gradient(assault);
        move(assault, climb, i);
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
        start_randomly(assault, climb, i_climb);
    else
        start_clean(assault);
    if (random || !gradient_is_known || climb->start_is_asked) {
        assault_forget(assault, 0, assault->n);
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

void climb_run(const struct climb *climb, const struct victim *victim,
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
    bool goes_elsewhere = climb->random_start || climb->move ||
                          climb->step > 0 || climb->step_share < 1 ||
                          guided->n_targets > 0;
    if (goes_elsewhere && !climb->no_full_step)
        try_full_step(&assault, climb);
    if (guided->n_targets > 0)
        climb_to_targets(&assault, climb);
    for (size_t i = 0; guided->n_targets == 0 && i < climb->n_restarts; i++)
        climb_from_start(&assault, climb, i, true);
}

/* parameters ---------------------------------------------------------- */

struct climb climb_of(const struct attack *attack,
                      const struct iterative *iterative)
{
    return (struct climb){.attack = attack,
                          .guided = &iterative->guided,
                          .n_steps = iterative->n_steps,
                          .n_restarts = 1,
                          .step = iterative->step,
                          .step_share = 2.5 / (double)iterative->n_steps};
}

struct climb climb_of_restarted(const struct attack *attack,
                                const struct restarted *restarted)
{
    struct climb climb = climb_of(attack, &restarted->iterative);
    climb.random_start = restarted->random_start;
    climb.n_restarts = restarted->n_restarts;
    return climb;
}

/* checkpoints --------------------------------------------------------- */

bool climb_is_checkpoint(size_t n, size_t k, size_t *since)
{
    size_t last = 0;
    for (size_t percent = 22, gap = 22; percent < 100;) {
        size_t at = (percent * n + 99) / 100;
        if (at >= k) {
            *since = k - last;
            return at == k;
        }
        last = at;
        gap = gap > 9 ? gap - 3 : 6;
        percent += gap;
    }
    return false;
}

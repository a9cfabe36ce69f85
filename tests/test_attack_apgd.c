/* Auto-PGD's step size on objectives whose course is written beforehand,
 * whatever the images are: so the halvings can be told by hand. */
#include "tests/fake_victim.h"
#include "tests/test.h"

#include <math.h>

enum { N_STEPS = 100, N_CALLS = N_STEPS + 3, FIRST = 2 };

/* The objective at the start (k = 0) and after k steps. */
typedef float course(size_t k);

/* Asked about the clean image, about one full step, and from call FIRST on by
 * the climb. Gradients go up and down by turns. */
struct scripted {
    course *at;
    size_t n_calls;
    float asked[N_CALLS];
};

static float slope_at(size_t k)
{
    return k % 3 == 1 ? -1 : 1;
}

static void scripted_ask(void *self, const struct query *query)
{
    struct scripted *scripted = self;
    size_t call = scripted->n_calls++, k = call < FIRST ? 0 : call - FIRST;
    assert_true(query->n == 1 && call < N_CALLS);
    scripted->asked[call] = query->images[0];
    query->loss[0] = call < FIRST ? -1000 : scripted->at(k);
    query->predicted[0] = query->labels[0];
    for (size_t j = 0; query->logits && j < 2; j++)
        query->logits[j] = 0;
    if (query->d_images)
        query->d_images[0] = slope_at(k);
}

static const float first_step = 1.0f / 1024;

static void run(struct scripted *scripted)
{
    const struct attack *apgd = stage_attack("apgd");
    struct stage stage;
    stage_open_grey(&stage, FAKE_LINEAR, 1, 1);
    stage.victim.self = scripted;
    stage.victim.ask = scripted_ask;
    void *params = stage_params(&stage, apgd, "n_steps", "100");
    stage_set(&stage, apgd, params, "step", "0.0009765625");
    stage_set(&stage, apgd, params, "random_start", "false");
    stage_run(&stage, apgd, params, 0.25f);
    assert_int_equal(scripted->n_calls, N_CALLS);
    stage_close(&stage);
}

/* One pixel far from the ball's end: algorithm 1 without projections, halved
 * after these steps, 0 behind the last. */
static void check_course(course *at, const size_t *halvings)
{
    struct scripted scripted = {.at = at};
    run(&scripted);
    double x = (double)scripted.asked[0], before = x, best_x = x;
    double step = (double)first_step, slope = (double)slope_at(0);
    double best_slope = slope;
    float best = at(0);
    for (size_t k = 0;; k++) {
        assert_true(fabs((double)scripted.asked[FIRST + k] - x) < 1e-6);
        if (k == N_STEPS)
            break;
        slope = (double)slope_at(k);
        if (at(k) > best) {
            best = at(k);
            best_x = x;
            best_slope = slope;
        }
        if (*halvings == k && k > 0) {
            halvings++;
            step /= 2;
            x = best_x;
            slope = best_slope;
        }
        double share = k == 0 ? 1 : 0.75;
        double next = x + share * step * slope + (1 - share) * (x - before);
        before = x;
        x = next;
    }
    assert_int_equal(*halvings, 0);
}

/* courses ------------------------------------------------------------- */

/* Rises all the time, and never gets to where it began. */
static float below_the_start(size_t k)
{
    return k == 0 ? 1000 : (float)k;
}

/* As many rises as any condition 1 could ask for. The best is as it was at
 * every checkpoint; the step is not where it was halved at the last one. */
static void a_best_that_stays_halves_at_every_other_checkpoint(void **state)
{
    (void)state;
    check_course(below_the_start, (const size_t[]){22, 57, 80, 93, 0});
}

static float better_once(size_t k)
{
    return k == 50 ? 2000 : below_the_start(k);
}

/* The new best of step 50 is news at 57 and none at 70. */
static void a_best_that_rises_puts_the_next_halving_off(void **state)
{
    (void)state;
    check_course(better_once, (const size_t[]){22, 70, 87, 99, 0});
}

static float two_up_one_down(size_t k)
{
    return (float)(k / 3) + (k % 3 == 2 ? 5.0f : (float)(k % 3) * 4);
}

/* Two of three steps rise, to ever new heights: too few for rho of 3/4. */
static void few_rises_halve_at_every_checkpoint(void **state)
{
    (void)state;
    check_course(two_up_one_down,
                 (const size_t[]){22, 41, 57, 70, 80, 87, 93, 99, 0});
}

static float uphill(size_t k)
{
    return (float)k;
}

static void nothing_is_halved_on_the_way_up(void **state)
{
    (void)state;
    check_course(uphill, (const size_t[]){0});
}

static float three_up_one_down(size_t k)
{
    return (float)(k / 4) + (float)(k % 4) * 4;
}

/* Up to 22, 17 of 22 steps rise; from 22 to 41, 14 of 19, a share of less than
 * 3/4. A return is no rise: what follows is held to the best. */
static void a_share_of_rises_is_that_since_the_last_checkpoint(void **state)
{
    (void)state;
    check_course(three_up_one_down, (const size_t[]){41, 57, 70, 80, 87, 93,
                                                     99, 0});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_best_that_stays_halves_at_every_other_checkpoint),
        cmocka_unit_test(a_best_that_rises_puts_the_next_halving_off),
        cmocka_unit_test(few_rises_halve_at_every_checkpoint),
        cmocka_unit_test(nothing_is_halved_on_the_way_up),
        cmocka_unit_test(a_share_of_rises_is_that_since_the_last_checkpoint),
    };
    return cmocka_run_group_tests_name("attack apgd", tests, NULL, NULL);
}

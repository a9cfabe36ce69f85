#include "tests/test.h"

#include "core/optimizer.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { N = 37 };

/* An optimizer with some parameters. */
struct sample {
    const struct optimizer *optimizer;
    void *params;
};

static struct sample make(const struct kind *kind, struct arena *arena)
{
    return (struct sample){optimizer_of(kind), kind_defaults(kind, arena)};
}

static struct sample make_sgd(const char *momentum, const char *decay,
                              struct arena *arena)
{
    struct sample sgd = make(kind_find(&optimizer_axis, "sgd"), arena);
    const struct kind *kind = &sgd.optimizer->kind;
    assert_int_equal(row_set(kind_find_row(kind, "momentum"), momentum,
                             sgd.params, arena),
                     STATUS_OK);
    assert_int_equal(row_set(kind_find_row(kind, "weight_decay"), decay,
                             sgd.params, arena),
                     STATUS_OK);
    return sgd;
}

/* L = sum of curvature_i (w_i - target_i)^2 / 2. */
static double curvature(size_t i)
{
    return 0.5 + (double)(i % 5) / 4;
}

static double target(size_t i)
{
    return sin((double)i);
}

static void find_gradient(const float *weights, float *gradient)
{
    for (size_t i = 0; i < N; i++)
        gradient[i] =
            (float)(curvature(i) * ((double)weights[i] - target(i)));
}

static void step(struct sample sample, double rate, size_t i_step,
                 float *weights, float *state)
{
    float gradient[N];
    find_gradient(weights, gradient);
    sample.optimizer->step(sample.params, rate, i_step, N, gradient, weights,
                           state);
}

/* all kinds ----------------------------------------------------------- */

enum { SLOTS_MAX = 4 };

static void every_optimizer_comes_to_the_bottom_of_a_quadratic(void **state)
{
    (void)state;
    for (size_t k = 0; k < optimizer_axis.n_kinds; k++) {
        struct arena arena = arena_open();
        struct sample sample = make(optimizer_axis.kinds[k], &arena);
        float weights[N] = {0}, slots[SLOTS_MAX * N] = {0};
        assert_true(sample.optimizer->n_slots <= SLOTS_MAX);
        double rate = sample.optimizer->learning_rate(sample.params);
        for (size_t i = 0; i < 500; i++)
            step(sample, rate, i, weights, slots);
        for (size_t i = 0; i < N; i++)
            assert_true(fabs((double)weights[i] - target(i)) < 0.01);
        arena_close(&arena);
    }
}

static void weights_and_state_are_all_there_is_to_remember(void **state)
{
    (void)state;
    for (size_t k = 0; k < optimizer_axis.n_kinds; k++) {
        struct arena arena = arena_open();
        struct sample sample = make(optimizer_axis.kinds[k], &arena);
        float weights[N] = {0}, slots[SLOTS_MAX * N] = {0};
        float weights_2[N], slots_2[SLOTS_MAX * N];
        for (size_t i = 0; i < 20; i++) {
            if (i == 7) {
                memcpy(weights_2, weights, sizeof weights);
                memcpy(slots_2, slots, sizeof slots);
            }
            step(sample, 0.05, i, weights, slots);
        }
        struct sample restored = make(optimizer_axis.kinds[k], &arena);
        for (size_t i = 7; i < 20; i++)
            step(restored, 0.05, i, weights_2, slots_2);
        assert_memory_equal(weights, weights_2, sizeof weights);
        assert_memory_equal(slots, slots_2, sizeof slots);
        arena_close(&arena);
    }
}

/* sgd ----------------------------------------------------------------- */

static void expect_closed_loop(struct sample sgd, double momentum,
                               double decay)
{
    float weights[N] = {0}, velocity[N] = {0};
    double w[N] = {0}, v[N] = {0};
    for (size_t i_step = 0; i_step < 60; i_step++) {
        double rate = 0.2 / (1 + (double)i_step / 10);
        step(sgd, rate, i_step, weights, velocity);
        for (size_t i = 0; i < N; i++) {
            v[i] = momentum * v[i] + curvature(i) * (w[i] - target(i)) +
                   decay * w[i];
            w[i] -= rate * v[i];
            assert_true(fabs((double)weights[i] - w[i]) < 1e-5);
            assert_true(fabs((double)velocity[i] - v[i]) < 1e-5);
        }
    }
}

static void sgd_follows_the_loop_in_double(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    assert_int_equal(make_sgd("0", "0", &arena).optimizer->n_slots, 1);
    expect_closed_loop(make_sgd("0", "0", &arena), 0, 0);
    expect_closed_loop(make_sgd("0.9", "0", &arena), 0.9, 0);
    expect_closed_loop(make_sgd("0", "0.125", &arena), 0, 0.125);
    expect_closed_loop(make_sgd("0.75", "0.03125", &arena), 0.75, 0.03125);
    arena_close(&arena);
}

/* Exact in binary: no formula but numbers. */
static void sgd_takes_these_two_steps(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct sample sgd = make_sgd("0.5", "0.25", &arena);
    float weight = 2, velocity = 0, gradient = 1;
    sgd.optimizer->step(sgd.params, 0.5, 0, 1, &gradient, &weight, &velocity);
    assert_true(velocity == 1.5f && weight == 1.25f);
    gradient = -1;
    sgd.optimizer->step(sgd.params, 0.25, 1, 1, &gradient, &weight, &velocity);
    assert_true(velocity == 0.0625f && weight == 1.234375f);
    arena_close(&arena);
}

static void weight_decay_alone_shrinks_weights(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct sample sgd = make_sgd("0", "0.5", &arena);
    float weights[2] = {1, -2}, velocity[2] = {0}, gradient[2] = {0};
    for (size_t i = 0; i < 10; i++)
        sgd.optimizer->step(sgd.params, 0.5, i, 2, gradient, weights,
                            velocity);
    double left = pow(0.75, 10);
    assert_true(fabs((double)weights[0] - left) < 1e-6);
    assert_true(fabs((double)weights[1] + 2 * left) < 1e-6);
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_optimizer_comes_to_the_bottom_of_a_quadratic),
        cmocka_unit_test(weights_and_state_are_all_there_is_to_remember),
        cmocka_unit_test(sgd_follows_the_loop_in_double),
        cmocka_unit_test(sgd_takes_these_two_steps),
        cmocka_unit_test(weight_decay_alone_shrinks_weights),
    };
    return cmocka_run_group_tests_name("optimizer", tests, NULL, NULL);
}

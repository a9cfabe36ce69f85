#include "tests/test.h"

#include "core/optimizer.h"
#include "core/spec.h"

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

static void set(struct sample sample, const char *name, const char *value,
                struct arena *arena)
{
    const struct row *row = kind_find_row(&sample.optimizer->kind, name);
    assert_int_equal(row_set(row, value, sample.params, arena), STATUS_OK);
}

static struct sample make_sgd(const char *momentum, const char *decay,
                              struct arena *arena)
{
    struct sample sgd = make(kind_find(&optimizer_axis, "sgd"), arena);
    set(sgd, "momentum", momentum, arena);
    set(sgd, "weight_decay", decay, arena);
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
        for (size_t i = 0; i < 5000; i++)
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

/* nesterov ------------------------------------------------------------ */

static void nesterov_follows_the_loop_in_double(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct sample sgd = make_sgd("0.75", "0.03125", &arena);
    float weights[N] = {0}, velocity[N] = {0};
    double w[N] = {0}, v[N] = {0};
    set(sgd, "nesterov", "true", &arena);
    for (size_t i_step = 0; i_step < 60; i_step++) {
        double rate = 0.2 / (1 + (double)i_step / 10);
        step(sgd, rate, i_step, weights, velocity);
        for (size_t i = 0; i < N; i++) {
            double h = curvature(i) * (w[i] - target(i)) + 0.03125 * w[i];
            v[i] = 0.75 * v[i] + h;
            w[i] -= rate * (h + 0.75 * v[i]);
            assert_true(fabs((double)weights[i] - w[i]) < 1e-5);
            assert_true(fabs((double)velocity[i] - v[i]) < 1e-5);
        }
    }
    arena_close(&arena);
}

/* Exact in binary. */
static void nesterov_takes_these_two_steps(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct sample sgd = make_sgd("0.5", "0.25", &arena);
    set(sgd, "nesterov", "true", &arena);
    float weight = 2, velocity = 0, gradient = 1;
    sgd.optimizer->step(sgd.params, 0.5, 0, 1, &gradient, &weight, &velocity);
    assert_true(velocity == 1.5f && weight == 0.875f);
    gradient = -1;
    sgd.optimizer->step(sgd.params, 0.25, 1, 1, &gradient, &weight, &velocity);
    assert_true(velocity == -0.03125f && weight == 1.07421875f);
    arena_close(&arena);
}

static void nesterov_without_momentum_is_pruned(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct spec spec;
    assert_int_equal(spec_parse("optimizer = sgd\noptimizer.momentum = 0\n"
                                "optimizer.nesterov = true\n",
                                &spec, &arena),
                     STATUS_OK);
    assert_non_null(strstr(spec_objection(&spec, &arena), "nesterov"));
    assert_int_equal(spec_parse("optimizer = sgd\noptimizer.momentum = 0\n",
                                &spec, &arena),
                     STATUS_OK);
    assert_null(spec_objection(&spec, &arena));
    arena_close(&arena);
}

/* adam, adamw --------------------------------------------------------- */

static void expect_adam(const char *name, bool decoupled)
{
    struct arena arena = arena_open();
    struct sample adam = make(kind_find(&optimizer_axis, name), &arena);
    float weights[N] = {0}, slots[2 * N] = {0};
    double w[N] = {0}, m[N] = {0}, s[N] = {0};
    set(adam, "beta_1", "0.75", &arena);
    set(adam, "beta_2", "0.9375", &arena);
    set(adam, "epsilon", "0.0625", &arena);
    set(adam, "weight_decay", "0.125", &arena);
    assert_int_equal(adam.optimizer->n_slots, 2);
    for (size_t i_step = 0; i_step < 60; i_step++) {
        double rate = 0.2 / (1 + (double)i_step / 10), t = (double)i_step + 1;
        step(adam, rate, i_step, weights, slots);
        for (size_t i = 0; i < N; i++) {
            double g = curvature(i) * (w[i] - target(i));
            if (decoupled)
                w[i] -= rate * 0.125 * w[i];
            else
                g += 0.125 * w[i];
            m[i] = 0.75 * m[i] + 0.25 * g;
            s[i] = 0.9375 * s[i] + 0.0625 * g * g;
            w[i] -= rate * (m[i] / (1 - pow(0.75, t))) /
                    (sqrt(s[i] / (1 - pow(0.9375, t))) + 0.0625);
            assert_true(fabs((double)weights[i] - w[i]) < 1e-5);
            assert_true(fabs((double)slots[i] - m[i]) < 1e-5);
            assert_true(fabs((double)slots[N + i] - s[i]) < 1e-5);
        }
    }
    arena_close(&arena);
}

static void adam_follows_the_loop_in_double(void **state)
{
    (void)state;
    expect_adam("adam", false);
    expect_adam("adamw", true);
}

/* Of whatever size the gradient is: m' / sqrt(s') is its sign. */
static void adams_first_step_is_as_long_as_the_rate(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct sample adam = make(kind_find(&optimizer_axis, "adam"), &arena);
    float gradient[3] = {1e-3f, -5, 2000}, weights[3] = {1, 1, 1};
    float slots[6] = {0};
    adam.optimizer->step(adam.params, 0.25, 0, 3, gradient, weights, slots);
    assert_true(fabs((double)weights[0] - 0.75) < 1e-5);
    assert_true(fabs((double)weights[1] - 1.25) < 1e-5);
    assert_true(fabs((double)weights[2] - 0.75) < 1e-5);
    arena_close(&arena);
}

/* Decoupled: by 1 - rate decay a step where there is no gradient. */
static void adamw_shrinks_weights_that_have_no_gradient(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct sample adamw = make(kind_find(&optimizer_axis, "adamw"), &arena);
    float gradient[2] = {0}, weights[2] = {1, -2}, slots[4] = {0};
    set(adamw, "weight_decay", "0.5", &arena);
    for (size_t i = 0; i < 10; i++)
        adamw.optimizer->step(adamw.params, 0.5, i, 2, gradient, weights,
                              slots);
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
        cmocka_unit_test(nesterov_follows_the_loop_in_double),
        cmocka_unit_test(nesterov_takes_these_two_steps),
        cmocka_unit_test(nesterov_without_momentum_is_pruned),
        cmocka_unit_test(adam_follows_the_loop_in_double),
        cmocka_unit_test(adams_first_step_is_as_long_as_the_rate),
        cmocka_unit_test(adamw_shrinks_weights_that_have_no_gradient),
    };
    return cmocka_run_group_tests_name("optimizer", tests, NULL, NULL);
}

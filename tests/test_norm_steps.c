/* Normalization of every step by itself, and of currents that stand for all
 * steps: against as many normalizations, of rows that are written out. */
#include "tests/test.h"

#include "core/batch_norm.h"
#include "tests/norm_stage.h"

#include <math.h>
#include <string.h>

enum { T = 3, B = 5, P = 4, C = N_CHANNELS, ROWS = B * T * P };

struct subject {
    struct batch_norm norm;
    float weight[T * C], bias[C], mean[T * C], variance[T * C];
    float d_weight[T * C], d_bias[C];
};

static void open_subject(struct subject *at, size_t n_steps, size_t spread,
                         bool no_bias, struct arena *arena)
{
    *at = (struct subject){.norm = {.active = true,
                                    .no_bias = no_bias,
                                    .n_channels = C,
                                    .n_steps = n_steps,
                                    .spread = spread,
                                    .n_pixels = P,
                                    .gain = 1,
                                    .momentum = 0.25,
                                    .epsilon = 1e-3}};
    at->norm.weight = at->weight;
    at->norm.bias = at->bias;
    at->norm.running_mean = at->mean;
    at->norm.running_variance = at->variance;
    batch_norm_lay_out(&at->norm, 1, arena);
    for (size_t i = 0; i < T * C; i++) {
        at->weight[i] = 1.5f + norm_stage_scatter(i);
        at->mean[i] = norm_stage_scatter(i + 100);
        at->variance[i] = 1.5f + norm_stage_scatter(i + 150);
    }
    for (size_t c = 0; c < C && !no_bias; c++)
        at->bias[c] = norm_stage_scatter(c + 50);
}

/* In two parts, of whole images. */
static void run_forward(struct subject *at, size_t n_image, const float *y)
{
    batch_norm_begin(&at->norm);
    batch_norm_sum(&at->norm, 0, 2 * n_image, y);
    batch_norm_settle(&at->norm, 0);
    batch_norm_sum(&at->norm, 0, 3 * n_image, y + 2 * n_image * C);
    batch_norm_settle(&at->norm, 0);
    batch_norm_end(&at->norm, B * n_image,
                   at->norm.spread > 1 ? at->norm.spread : 1);
}

static void run_backward(struct subject *at, size_t n_image, size_t n_image_y,
                         const float *y, float *d_z)
{
    batch_norm_backward_begin(&at->norm);
    batch_norm_backward_sum(&at->norm, 0, 2 * n_image, y, d_z);
    batch_norm_backward_settle(&at->norm, 0);
    batch_norm_backward_sum(&at->norm, 0, 3 * n_image,
                            y + 2 * n_image_y * C, d_z + 2 * n_image * C);
    batch_norm_backward_settle(&at->norm, 0);
    batch_norm_backward_end(&at->norm, B * n_image, at->d_weight, at->d_bias);
    batch_norm_backward_apply(&at->norm, B * n_image, y, d_z);
}

static void expect_near(size_t n, const float *found, const float *expected)
{
    for (size_t i = 0; i < n; i++)
        norm_stage_near((double)found[i], (double)expected[i], 2e-5);
}

/* Row (b, p) of step t, and its place in the rows of all steps. */
static size_t place(size_t t, size_t b, size_t p)
{
    return (b * T + t) * P + p;
}

static void gather(const float *all, size_t t, float *own)
{
    for (size_t i = 0; i < B * P * C; i++)
        own[i] = all[place(t, i / C / P, i / C % P) * C + i % C];
}

static void a_step_is_normalized_by_itself(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct subject all, one;
    float y[ROWS * C], d_z[ROWS * C], own[B * P * C], d_own[B * P * C];
    for (size_t i = 0; i < ROWS * C; i++) {
        size_t t = i / C / P % T;
        y[i] = (float)t + (1 + (float)t) * norm_stage_scatter(i);
        d_z[i] = norm_stage_scatter(i + 7777);
    }
    float d_y[ROWS * C];
    memcpy(d_y, d_z, sizeof d_y);
    open_subject(&all, T, 1, true, &arena);
    run_forward(&all, T * P, y);
    run_backward(&all, T * P, T * P, y, d_y);
    for (size_t t = 0; t < T; t++) {
        open_subject(&one, 1, 1, false, &arena);
        memset(one.bias, 0, sizeof one.bias);
        memmove(one.weight, one.weight + t * C, C * sizeof(float));
        memmove(one.mean, one.mean + t * C, C * sizeof(float));
        memmove(one.variance, one.variance + t * C, C * sizeof(float));
        gather(y, t, own);
        gather(d_z, t, d_own);
        run_forward(&one, P, own);
        expect_near(C, all.norm.scale + t * C, one.norm.scale);
        expect_near(C, all.norm.shift + t * C, one.norm.shift);
        expect_near(C, all.mean + t * C, one.mean);
        expect_near(C, all.variance + t * C, one.variance);
        run_backward(&one, P, P, own, d_own);
        expect_near(C, all.d_weight + t * C, one.d_weight);
        gather(d_y, t, own);
        expect_near(B * P * C, own, d_own);
    }
    for (size_t c = 0; c < C; c++) /* there is none */
        assert_true(all.d_bias[c] == 0.0f);
    arena_close(&arena);
}

/* Rows that stand for all steps, whose gradients differ. */
static void check_spread(size_t n_steps)
{
    struct arena arena = arena_open();
    struct subject once, written;
    float y[B * P * C], all[ROWS * C], d_once[ROWS * C], d_all[ROWS * C];
    for (size_t i = 0; i < B * P * C; i++)
        y[i] = 2 * norm_stage_scatter(i) - 0.5f;
    for (size_t i = 0; i < ROWS * C; i++) {
        size_t row = i / C;
        all[i] = y[(row / P / T * P + row % P) * C + i % C];
        d_once[i] = d_all[i] = norm_stage_scatter(i + 7777);
    }
    open_subject(&once, n_steps, T, n_steps > 1, &arena);
    open_subject(&written, n_steps, 1, n_steps > 1, &arena);
    run_forward(&once, P, y);
    run_forward(&written, T * P, all);
    expect_near(n_steps * C, once.norm.scale, written.norm.scale);
    expect_near(n_steps * C, once.norm.shift, written.norm.shift);
    expect_near(n_steps * C, once.mean, written.mean);
    expect_near(n_steps * C, once.variance, written.variance);
    run_backward(&once, T * P, P, y, d_once);
    run_backward(&written, T * P, T * P, all, d_all);
    expect_near(n_steps * C, once.d_weight, written.d_weight);
    expect_near(C, once.d_bias, written.d_bias);
    expect_near(ROWS * C, d_once, d_all);
    arena_close(&arena);
}

static void currents_of_all_steps_are_normalized_once(void **state)
{
    (void)state;
    check_spread(1);
    check_spread(T);
}

static void without_training_each_step_has_its_factor(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct subject at;
    float d_z[ROWS * C];
    for (size_t i = 0; i < ROWS * C; i++)
        d_z[i] = 1;
    open_subject(&at, T, 1, true, &arena);
    batch_norm_use_running(&at.norm);
    batch_norm_backward_fixed(&at.norm, ROWS, d_z);
    for (size_t i = 0; i < ROWS * C; i++) {
        size_t entry = i / C / P % T * C + i % C;
        double factor = (double)at.weight[entry] /
                        sqrt((double)at.variance[entry] + 1e-3);
        norm_stage_near((double)d_z[i], factor, 1e-6);
        norm_stage_near((double)at.norm.shift[entry],
                        -factor * (double)at.mean[entry], 1e-6);
    }
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_is_normalized_by_itself),
        cmocka_unit_test(currents_of_all_steps_are_normalized_once),
        cmocka_unit_test(without_training_each_step_has_its_factor),
    };
    return cmocka_run_group_tests_name("norm steps", tests, NULL, NULL);
}

#include "tests/test.h"

#include "core/batch_norm.h"
#include "core/normalization.h"

#include <math.h>
#include <string.h>

enum { N_CHANNELS = 5, N_ROWS = 700, N_ALL = N_ROWS * N_CHANNELS };

/* A normalization with everything that it works on, and the same in double. */
struct fixture {
    struct arena arena;
    struct batch_norm norm;
    float weight[N_CHANNELS], bias[N_CHANNELS];
    float running_mean[N_CHANNELS], running_variance[N_CHANNELS];
    float y[N_ALL], d_z[N_ALL];
    size_t n_rows, repeats;
};

/* Numbers without a pattern, in (-1, 1). */
static float scatter(size_t i)
{
    double wave = sin(12.9898 * (double)i + 1) * 43758.5453;
    return (float)(2 * (wave - floor(wave)) - 1);
}

static void open_fixture(struct fixture *at, const char *name, size_t n_rows,
                         size_t repeats)
{
    at->arena = arena_open();
    at->n_rows = n_rows;
    at->repeats = repeats;
    const struct kind *kind = kind_find(&normalization_axis, name);
    assert_non_null(kind);
    const struct normalization *normalization = normalization_of(kind);
    void *params = kind_defaults(kind, &at->arena);
    at->norm = (struct batch_norm){
        .active = normalization->uses_statistics,
        .n_channels = N_CHANNELS,
        .gain = normalization->gain(params, 0.5, 1),
        .momentum = 0.25,
        .epsilon = 1e-3,
        .weight = at->weight,
        .bias = at->bias,
        .running_mean = at->running_mean,
        .running_variance = at->running_variance,
    };
    batch_norm_lay_out(&at->norm, &at->arena);
    for (size_t c = 0; c < N_CHANNELS; c++) {
        at->weight[c] = 1.5f + scatter(c);
        at->bias[c] = scatter(c + 50);
        at->running_mean[c] = scatter(c + 100);
        at->running_variance[c] = 1.5f + scatter(c + 150);
    }
    for (size_t i = 0; i < n_rows * N_CHANNELS; i++) {
        float c = (float)(i % N_CHANNELS);
        at->y[i] = 0.5f * c - 1 + (0.25f + c) * scatter(i);
        at->d_z[i] = scatter(i + 7777);
    }
}

/* Rows in three calls, as they come from tiles. */
static void add_forward(struct fixture *at)
{
    size_t a = at->n_rows / 7, b = at->n_rows / 2;
    batch_norm_begin(&at->norm);
    batch_norm_add(&at->norm, a, at->y);
    batch_norm_add(&at->norm, b - a, at->y + a * N_CHANNELS);
    batch_norm_add(&at->norm, at->n_rows - b, at->y + b * N_CHANNELS);
    batch_norm_end(&at->norm, at->n_rows, at->repeats);
}

struct moments {
    double mean, variance; /* biased */
};

static struct moments plain_moments(const struct fixture *at, size_t c)
{
    struct moments moments = {0, 0};
    double n = (double)at->n_rows;
    for (size_t i = 0; i < at->n_rows; i++)
        moments.mean += (double)at->y[i * N_CHANNELS + c] / n;
    for (size_t i = 0; i < at->n_rows; i++) {
        double off = (double)at->y[i * N_CHANNELS + c] - moments.mean;
        moments.variance += off * off / n;
    }
    return moments;
}

static double plain_z(const struct fixture *at, struct moments moments,
                      size_t i)
{
    size_t c = i % N_CHANNELS;
    double deviation = sqrt(moments.variance + at->norm.epsilon);
    return (double)at->weight[c] * at->norm.gain *
               ((double)at->y[i] - moments.mean) / deviation +
           (double)at->bias[c];
}

/* L = sum of d_z z: its differences are what backward has to give. A row that
 * stands for several steps adds to the loss once, with d_z their sum. */
static double plain_loss(const struct fixture *at, size_t c)
{
    struct moments moments = plain_moments(at, c);
    double loss = 0;
    for (size_t i = c; i < at->n_rows * N_CHANNELS; i += N_CHANNELS)
        loss += (double)at->d_z[i] * plain_z(at, moments, i);
    return loss;
}

/* Sums in float leave the variance a relative error of some 1e-6 where the
 * mean is several deviations, as that of channel 0 is. */
static void expect_near(double value, double expected, double tolerance)
{
    if (fabs(value - expected) > tolerance)
        fail_msg("%.9g instead of %.9g", value, expected);
}

static const char *const active[] = {"batch", "tdbn"};

/* forward ------------------------------------------------------------- */

static void the_batch_is_normalized_per_channel(void **state)
{
    (void)state;
    static struct fixture at;
    for (size_t k = 0; k < 2; k++) {
        open_fixture(&at, active[k], N_ROWS, 1);
        add_forward(&at);
        for (size_t i = 0; i < N_ALL; i++) {
            size_t c = i % N_CHANNELS;
            float z = at.norm.scale[c] * at.y[i] + at.norm.shift[c];
            expect_near((double)z, plain_z(&at, plain_moments(&at, c), i),
                        5e-5);
        }
        arena_close(&at.arena);
    }
}

static void tdbn_has_a_gain_of_alpha_times_the_threshold(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    const struct kind *kind = kind_find(&normalization_axis, "tdbn");
    void *params = kind_defaults(kind, &arena);
    const struct row *alpha = kind_find_row(kind, "alpha");
    assert_true(normalization_of(kind)->gain(params, 0.5, 1) == 0.5);
    assert_int_equal(row_set(alpha, "3", params, &arena), STATUS_OK);
    assert_true(normalization_of(kind)->gain(params, 0.5, 1) == 1.5);
    expect_near(normalization_of(kind)->gain(params, 0.5, 2), 1.06066, 1e-5);
    kind = kind_find(&normalization_axis, "batch");
    assert_true(normalization_of(kind)->gain(params, 0.5, 1) == 1);
    arena_close(&arena);
}

static void running_statistics_follow_the_batches(void **state)
{
    (void)state;
    static struct fixture at;
    open_fixture(&at, "batch", 40, 3);
    double mean[N_CHANNELS], variance[N_CHANNELS];
    for (size_t c = 0; c < N_CHANNELS; c++) {
        mean[c] = (double)at.running_mean[c];
        variance[c] = (double)at.running_variance[c];
    }
    for (size_t k = 0; k < 4; k++) {
        for (size_t i = 0; i < 40 * N_CHANNELS; i++)
            at.y[i] += scatter(i + 1000 * k);
        add_forward(&at);
        for (size_t c = 0; c < N_CHANNELS; c++) {
            struct moments moments = plain_moments(&at, c);
            mean[c] = 0.75 * mean[c] + 0.25 * moments.mean;
            variance[c] = 0.75 * variance[c] +
                          0.25 * moments.variance * 120.0 / 119.0;
            expect_near((double)at.running_mean[c], mean[c], 1e-5);
            expect_near((double)at.running_variance[c], variance[c], 1e-5);
        }
    }
    arena_close(&at.arena);
}

static void testing_uses_the_running_statistics(void **state)
{
    (void)state;
    static struct fixture at;
    open_fixture(&at, "tdbn", 10, 1);
    batch_norm_use_running(&at.norm);
    for (size_t i = 0; i < 10 * N_CHANNELS; i++) {
        size_t c = i % N_CHANNELS;
        struct moments running = {(double)at.running_mean[c],
                                  (double)at.running_variance[c]};
        float z = at.norm.scale[c] * at.y[i] + at.norm.shift[c];
        expect_near((double)z, plain_z(&at, running, i), 1e-5);
    }
    arena_close(&at.arena);
}

/* Silent inputs, and one row alone. */
static void a_channel_without_deviation_gives_the_bias(void **state)
{
    (void)state;
    static struct fixture at;
    for (size_t n_rows = 1; n_rows < 600; n_rows += 299) {
        open_fixture(&at, "batch", n_rows, 1);
        for (size_t i = 0; i < n_rows * N_CHANNELS; i++)
            at.y[i] = 0.3f * (float)(i % N_CHANNELS);
        add_forward(&at);
        for (size_t c = 0; c < N_CHANNELS; c++) {
            float z = at.norm.scale[c] * at.y[c] + at.norm.shift[c];
            expect_near((double)z, (double)at.bias[c], 1e-4);
            assert_true(at.running_variance[c] >= 0);
        }
        arena_close(&at.arena);
    }
}

/* The variance is what is left of two large numbers. */
static void a_mean_of_many_deviations_spoils_nothing(void **state)
{
    (void)state;
    static struct fixture at;
    open_fixture(&at, "batch", N_ROWS, 1);
    for (size_t i = 0; i < N_ALL; i++)
        at.y[i] = 30 + scatter(i);
    add_forward(&at);
    for (size_t c = 0; c < N_CHANNELS; c++) {
        struct moments moments = plain_moments(&at, c);
        double deviation = sqrt(moments.variance + at.norm.epsilon);
        expect_near((double)at.norm.inverse[c] * deviation, 1, 1e-3);
    }
    arena_close(&at.arena);
}

/* backward ------------------------------------------------------------ */

static void run_backward(struct fixture *at, float *d_weight, float *d_bias,
                         float *d_y)
{
    size_t a = at->n_rows / 3;
    batch_norm_backward_begin(&at->norm);
    batch_norm_backward_add(&at->norm, a, at->y, at->d_z);
    batch_norm_backward_add(&at->norm, at->n_rows - a,
                            at->y + a * N_CHANNELS, at->d_z + a * N_CHANNELS);
    batch_norm_backward_end(&at->norm, d_weight, d_bias);
    memcpy(d_y, at->d_z, at->n_rows * N_CHANNELS * sizeof *d_y);
    batch_norm_backward_apply(&at->norm, at->n_rows, a, at->y, d_y);
    batch_norm_backward_apply(&at->norm, at->n_rows, at->n_rows - a,
                              at->y + a * N_CHANNELS, d_y + a * N_CHANNELS);
}

/* Central differences of the loss in double, by one float. */
static double difference(struct fixture *at, float *by, size_t c)
{
    float held = *by;
    *by = held + 0x1p-7f;
    double above = plain_loss(at, c), width = (double)*by;
    *by = held - 0x1p-7f;
    double below = plain_loss(at, c);
    width -= (double)*by;
    *by = held;
    return (above - below) / width;
}

static void the_gradients_are_the_differences(void **state)
{
    (void)state;
    static struct fixture at;
    static float d_weight[N_CHANNELS], d_bias[N_CHANNELS], d_y[N_ALL];
    for (size_t k = 0; k < 2; k++) {
        open_fixture(&at, active[k], 300, 1);
        add_forward(&at);
        run_backward(&at, d_weight, d_bias, d_y);
        for (size_t c = 0; c < N_CHANNELS; c++) {
            expect_near((double)d_weight[c],
                        difference(&at, &at.weight[c], c), 1e-4);
            expect_near((double)d_bias[c], difference(&at, &at.bias[c], c),
                        1e-4);
        }
        for (size_t i = 0; i < 300 * N_CHANNELS; i += 31)
            expect_near((double)d_y[i],
                        difference(&at, &at.y[i], i % N_CHANNELS), 1e-4);
        arena_close(&at.arena);
    }
}

/* Three times the same rows, with a d_z of their own each, against the rows
 * once with the sum of the three. */
static void a_row_may_stand_for_several_steps(void **state)
{
    (void)state;
    enum { N = 90, N_ONE = N * N_CHANNELS };
    static struct fixture whole, once;
    static float d_weight[2][N_CHANNELS], d_bias[2][N_CHANNELS], d_y[2][N_ALL];
    open_fixture(&whole, "tdbn", 3 * N, 1);
    open_fixture(&once, "tdbn", N, 3);
    memcpy(whole.y + N_ONE, whole.y, N_ONE * sizeof *whole.y);
    memcpy(whole.y + 2 * N_ONE, whole.y, N_ONE * sizeof *whole.y);
    for (size_t i = 0; i < N_ONE; i++)
        once.d_z[i] =
            whole.d_z[i] + whole.d_z[i + N_ONE] + whole.d_z[i + 2 * N_ONE];
    add_forward(&whole);
    add_forward(&once);
    run_backward(&whole, d_weight[0], d_bias[0], d_y[0]);
    run_backward(&once, d_weight[1], d_bias[1], d_y[1]);
    for (size_t c = 0; c < N_CHANNELS; c++) {
        expect_near((double)once.norm.scale[c], (double)whole.norm.scale[c],
                    5e-5);
        expect_near((double)once.running_variance[c],
                    (double)whole.running_variance[c], 5e-5);
        expect_near((double)d_weight[1][c], (double)d_weight[0][c], 1e-4);
        expect_near((double)d_bias[1][c], (double)d_bias[0][c], 1e-4);
    }
    for (size_t i = 0; i < N_ONE; i++)
        expect_near((double)d_y[1][i],
                    (double)d_y[0][i] + (double)d_y[0][i + N_ONE] +
                        (double)d_y[0][i + 2 * N_ONE],
                    1e-4);
    arena_close(&whole.arena);
    arena_close(&once.arena);
}

static void testing_only_scales_the_gradient(void **state)
{
    (void)state;
    static struct fixture at;
    open_fixture(&at, "batch", 10, 1);
    batch_norm_use_running(&at.norm);
    float d_z[10 * N_CHANNELS];
    memcpy(d_z, at.d_z, sizeof d_z);
    batch_norm_backward_fixed(&at.norm, 10, d_z);
    for (size_t i = 0; i < 10 * N_CHANNELS; i++)
        assert_true(d_z[i] == at.norm.scale[i % N_CHANNELS] * at.d_z[i]);
    arena_close(&at.arena);
}

static void a_gradient_that_others_need_may_stay(void **state)
{
    (void)state;
    static struct fixture at;
    float d_z[10 * N_CHANNELS], d_y[10 * N_CHANNELS];
    open_fixture(&at, "tdbn", 10, 1);
    add_forward(&at);
    batch_norm_backward_begin(&at.norm);
    batch_norm_backward_add(&at.norm, 10, at.y, at.d_z);
    memcpy(d_z, at.d_z, sizeof d_z);
    batch_norm_backward_apply_to(&at.norm, 10, 10, at.y, at.d_z, d_y);
    batch_norm_backward_apply(&at.norm, 10, 10, at.y, d_z);
    assert_memory_equal(d_y, d_z, sizeof d_z);
    arena_close(&at.arena);
}

static void without_statistics_there_is_only_a_bias(void **state)
{
    (void)state;
    static struct fixture at;
    static float d_weight[N_CHANNELS], d_bias[N_CHANNELS], d_y[N_ALL];
    open_fixture(&at, "none", 300, 1);
    at.norm.weight = NULL;
    at.norm.running_mean = at.norm.running_variance = NULL;
    for (int testing = 0; testing < 2; testing++) {
        if (testing)
            batch_norm_use_running(&at.norm);
        else
            add_forward(&at);
        for (size_t c = 0; c < N_CHANNELS; c++)
            assert_true(at.norm.scale[c] == 1 &&
                        at.norm.shift[c] == at.bias[c]);
    }
    run_backward(&at, d_weight, d_bias, d_y);
    assert_memory_equal(d_y, at.d_z, 300 * N_CHANNELS * sizeof *d_y);
    batch_norm_backward_fixed(&at.norm, 300, d_y);
    assert_memory_equal(d_y, at.d_z, 300 * N_CHANNELS * sizeof *d_y);
    for (size_t c = 0; c < N_CHANNELS; c++) {
        double sum = 0;
        for (size_t i = 0; i < 300; i++)
            sum += (double)at.d_z[i * N_CHANNELS + c];
        expect_near((double)d_bias[c], sum, 1e-4);
        assert_true(d_weight[c] == 0);
    }
    arena_close(&at.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_batch_is_normalized_per_channel),
        cmocka_unit_test(tdbn_has_a_gain_of_alpha_times_the_threshold),
        cmocka_unit_test(running_statistics_follow_the_batches),
        cmocka_unit_test(testing_uses_the_running_statistics),
        cmocka_unit_test(a_channel_without_deviation_gives_the_bias),
        cmocka_unit_test(a_mean_of_many_deviations_spoils_nothing),
        cmocka_unit_test(the_gradients_are_the_differences),
        cmocka_unit_test(a_row_may_stand_for_several_steps),
        cmocka_unit_test(testing_only_scales_the_gradient),
        cmocka_unit_test(a_gradient_that_others_need_may_stay),
        cmocka_unit_test(without_statistics_there_is_only_a_bias),
    };
    return cmocka_run_group_tests_name("batch_norm", tests, NULL, NULL);
}

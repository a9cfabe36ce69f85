#include "tests/norm_stage.h"
#include "tests/test.h"

#include "core/normalization.h"

#include <math.h>
#include <string.h>

static const char *const active[] = {"batch", "tdbn"};

static void the_batch_is_normalized_per_channel(void **state)
{
    (void)state;
    static struct norm_stage at;
    for (size_t k = 0; k < 2; k++) {
        norm_stage_open(&at, active[k], N_ROWS, 1);
        norm_stage_add(&at);
        for (size_t i = 0; i < N_ALL; i++) {
            size_t c = i % N_CHANNELS;
            float z = at.norm.scale[c] * at.y[i] + at.norm.shift[c];
            struct norm_moments moments = norm_stage_moments(&at, c);
            norm_stage_near((double)z, norm_stage_z(&at, moments, i), 5e-5);
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
    norm_stage_near(normalization_of(kind)->gain(params, 0.5, 2), 1.06066,
                    1e-5);
    kind = kind_find(&normalization_axis, "batch");
    assert_true(normalization_of(kind)->gain(params, 0.5, 1) == 1);
    arena_close(&arena);
}

static void running_statistics_follow_the_batches(void **state)
{
    (void)state;
    static struct norm_stage at;
    norm_stage_open(&at, "batch", 40, 3);
    double mean[N_CHANNELS], variance[N_CHANNELS];
    for (size_t c = 0; c < N_CHANNELS; c++) {
        mean[c] = (double)at.running_mean[c];
        variance[c] = (double)at.running_variance[c];
    }
    for (size_t k = 0; k < 4; k++) {
        for (size_t i = 0; i < 40 * N_CHANNELS; i++)
            at.y[i] += norm_stage_scatter(i + 1000 * k);
        norm_stage_add(&at);
        for (size_t c = 0; c < N_CHANNELS; c++) {
            struct norm_moments moments = norm_stage_moments(&at, c);
            mean[c] = 0.75 * mean[c] + 0.25 * moments.mean;
            variance[c] = 0.75 * variance[c] +
                          0.25 * moments.variance * 120.0 / 119.0;
            norm_stage_near((double)at.running_mean[c], mean[c], 1e-5);
            norm_stage_near((double)at.running_variance[c], variance[c], 1e-5);
        }
    }
    arena_close(&at.arena);
}

static void testing_uses_the_running_statistics(void **state)
{
    (void)state;
    static struct norm_stage at;
    norm_stage_open(&at, "tdbn", 10, 1);
    batch_norm_use_running(&at.norm);
    for (size_t i = 0; i < 10 * N_CHANNELS; i++) {
        size_t c = i % N_CHANNELS;
        struct norm_moments running = {(double)at.running_mean[c],
                                  (double)at.running_variance[c]};
        float z = at.norm.scale[c] * at.y[i] + at.norm.shift[c];
        norm_stage_near((double)z, norm_stage_z(&at, running, i), 1e-5);
    }
    arena_close(&at.arena);
}

/* Silent inputs, and one row alone. */
static void a_channel_without_deviation_gives_the_bias(void **state)
{
    (void)state;
    static struct norm_stage at;
    for (size_t n_rows = 1; n_rows < 600; n_rows += 299) {
        norm_stage_open(&at, "batch", n_rows, 1);
        for (size_t i = 0; i < n_rows * N_CHANNELS; i++)
            at.y[i] = 0.3f * (float)(i % N_CHANNELS);
        norm_stage_add(&at);
        for (size_t c = 0; c < N_CHANNELS; c++) {
            float z = at.norm.scale[c] * at.y[c] + at.norm.shift[c];
            norm_stage_near((double)z, (double)at.bias[c], 1e-4);
            assert_true(at.running_variance[c] >= 0);
        }
        arena_close(&at.arena);
    }
}

/* The variance is what is left of two large numbers. */
static void a_mean_of_many_deviations_spoils_nothing(void **state)
{
    (void)state;
    static struct norm_stage at;
    norm_stage_open(&at, "batch", N_ROWS, 1);
    for (size_t i = 0; i < N_ALL; i++)
        at.y[i] = 30 + norm_stage_scatter(i);
    norm_stage_add(&at);
    for (size_t c = 0; c < N_CHANNELS; c++) {
        struct norm_moments moments = norm_stage_moments(&at, c);
        double deviation = sqrt(moments.variance + at.norm.epsilon);
        norm_stage_near((double)at.norm.inverse[c] * deviation, 1, 1e-3);
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
    };
    return cmocka_run_group_tests_name("batch_norm", tests, NULL, NULL);
}

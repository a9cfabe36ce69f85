#include "tests/norm_stage.h"
#include "tests/test.h"

#include <string.h>

static const char *const active[] = {"batch", "tdbn"};

static void add_gradients(struct norm_stage *at, size_t first, size_t end)
{
    batch_norm_backward_sum(&at->norm, 0, end - first,
                            at->y + first * N_CHANNELS,
                            at->d_z + first * N_CHANNELS);
    batch_norm_backward_settle(&at->norm, 0);
}

static void run_backward(struct norm_stage *at, float *d_weight, float *d_bias,
                         float *d_y)
{
    size_t a = at->n_rows / 3;
    batch_norm_backward_begin(&at->norm);
    add_gradients(at, 0, a);
    add_gradients(at, a, at->n_rows);
    batch_norm_backward_end(&at->norm, at->n_rows, d_weight, d_bias);
    memcpy(d_y, at->d_z, at->n_rows * N_CHANNELS * sizeof *d_y);
    batch_norm_backward_apply(&at->norm, a, at->y, d_y);
    batch_norm_backward_apply(&at->norm, at->n_rows - a,
                              at->y + a * N_CHANNELS, d_y + a * N_CHANNELS);
}

/* Central differences of the loss in double, by one float. */
static double difference(struct norm_stage *at, float *by, size_t c)
{
    float held = *by;
    *by = held + 0x1p-7f;
    double above = norm_stage_loss(at, c), width = (double)*by;
    *by = held - 0x1p-7f;
    double below = norm_stage_loss(at, c);
    width -= (double)*by;
    *by = held;
    return (above - below) / width;
}

static void the_gradients_are_the_differences(void **state)
{
    (void)state;
    static struct norm_stage at;
    static float d_weight[N_CHANNELS], d_bias[N_CHANNELS], d_y[N_ALL];
    for (size_t k = 0; k < 2; k++) {
        norm_stage_open(&at, active[k], 300, 1);
        norm_stage_add(&at);
        run_backward(&at, d_weight, d_bias, d_y);
        for (size_t c = 0; c < N_CHANNELS; c++) {
            norm_stage_near((double)d_weight[c],
                            difference(&at, &at.weight[c], c), 1e-4);
            norm_stage_near((double)d_bias[c], difference(&at, &at.bias[c], c),
                            1e-4);
        }
        for (size_t i = 0; i < 300 * N_CHANNELS; i += 31)
            norm_stage_near((double)d_y[i],
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
    static struct norm_stage whole, once;
    static float d_weight[2][N_CHANNELS], d_bias[2][N_CHANNELS], d_y[2][N_ALL];
    norm_stage_open(&whole, "tdbn", 3 * N, 1);
    norm_stage_open(&once, "tdbn", N, 3);
    memcpy(whole.y + N_ONE, whole.y, N_ONE * sizeof *whole.y);
    memcpy(whole.y + 2 * N_ONE, whole.y, N_ONE * sizeof *whole.y);
    for (size_t i = 0; i < N_ONE; i++)
        once.d_z[i] =
            whole.d_z[i] + whole.d_z[i + N_ONE] + whole.d_z[i + 2 * N_ONE];
    norm_stage_add(&whole);
    norm_stage_add(&once);
    run_backward(&whole, d_weight[0], d_bias[0], d_y[0]);
    run_backward(&once, d_weight[1], d_bias[1], d_y[1]);
    for (size_t c = 0; c < N_CHANNELS; c++) {
        norm_stage_near((double)once.norm.scale[c], (double)whole.norm.scale[c],
                        5e-5);
        norm_stage_near((double)once.running_variance[c],
                        (double)whole.running_variance[c], 5e-5);
        norm_stage_near((double)d_weight[1][c], (double)d_weight[0][c], 1e-4);
        norm_stage_near((double)d_bias[1][c], (double)d_bias[0][c], 1e-4);
    }
    for (size_t i = 0; i < N_ONE; i++)
        norm_stage_near((double)d_y[1][i],
                        (double)d_y[0][i] + (double)d_y[0][i + N_ONE] +
                        (double)d_y[0][i + 2 * N_ONE],
                    1e-4);
    arena_close(&whole.arena);
    arena_close(&once.arena);
}

static void testing_only_scales_the_gradient(void **state)
{
    (void)state;
    static struct norm_stage at;
    norm_stage_open(&at, "batch", 10, 1);
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
    static struct norm_stage at;
    float d_z[10 * N_CHANNELS], d_y[10 * N_CHANNELS];
    float d_weight[N_CHANNELS], d_bias[N_CHANNELS];
    norm_stage_open(&at, "tdbn", 10, 1);
    norm_stage_add(&at);
    batch_norm_backward_begin(&at.norm);
    add_gradients(&at, 0, 10);
    batch_norm_backward_end(&at.norm, 10, d_weight, d_bias);
    memcpy(d_z, at.d_z, sizeof d_z);
    batch_norm_backward_apply_to(&at.norm, 10, at.y, at.d_z, d_y);
    batch_norm_backward_apply(&at.norm, 10, at.y, d_z);
    assert_memory_equal(d_y, d_z, sizeof d_z);
    arena_close(&at.arena);
}

static void without_statistics_there_is_only_a_bias(void **state)
{
    (void)state;
    static struct norm_stage at;
    static float d_weight[N_CHANNELS], d_bias[N_CHANNELS], d_y[N_ALL];
    norm_stage_open(&at, "none", 300, 1);
    at.norm.weight = NULL;
    at.norm.running_mean = at.norm.running_variance = NULL;
    for (int testing = 0; testing < 2; testing++) {
        if (testing)
            batch_norm_use_running(&at.norm);
        else
            norm_stage_add(&at);
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
        norm_stage_near((double)d_bias[c], sum, 1e-4);
        assert_true(d_weight[c] == 0);
    }
    arena_close(&at.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gradients_are_the_differences),
        cmocka_unit_test(a_row_may_stand_for_several_steps),
        cmocka_unit_test(testing_only_scales_the_gradient),
        cmocka_unit_test(a_gradient_that_others_need_may_stay),
        cmocka_unit_test(without_statistics_there_is_only_a_bias),
    };
    return cmocka_run_group_tests_name("batch_norm, backward", tests, NULL,
                                       NULL);
}

#include "tests/neuron_twin.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

/* forward ------------------------------------------------------------- */

static void run(struct neuron_sample sample, size_t n_steps, size_t n,
                const double *currents, float *x, float *s)
{
    float z[64] = {0};
    for (size_t i = 0; i < n_steps * n; i++)
        z[i] = (float)currents[i];
    struct neuron_own own;
    float u[64];
    struct neuron_tile tile = {n_steps, n, {NULL}, z, x, s, u};
    neuron_sample_put_own(&sample, 0, &own, &tile);
    sample.neuron->forward(sample.params, &tile);
}

static void expect(struct neuron_sample sample, size_t n_steps,
                   const double *currents, const double *potentials,
                   const double *spikes)
{
    float x[TWIN_STEPS], s[TWIN_STEPS];
    run(sample, n_steps, 1, currents, x, s);
    for (size_t t = 0; t < n_steps; t++) {
        assert_true((double)x[t] == potentials[t] - sample.threshold);
        assert_true((double)s[t] == spikes[t]);
    }
}

static void a_hard_reset_forgets_what_is_above_the_threshold(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    const struct kind *lif = kind_find(&neuron_axis, "lif");
    double z[] = {0.75, 0.75, 0.5, 1.5, -1, 3};
    expect(neuron_sample_make(lif, 0.5, true, false, &arena), 6, z,
           (double[]){0.75, 1.125, 0.5, 1.75, -1, 2.5},
           (double[]){0, 1, 0, 1, 0, 1});
    const struct kind *integrate = kind_find(&neuron_axis, "if");
    expect(neuron_sample_make(integrate, 1, true, false, &arena), 6, z,
           (double[]){0.75, 1.5, 0.5, 2, -1, 2}, (double[]){0, 1, 0, 1, 0, 1});
    arena_close(&arena);
}

static void a_soft_reset_takes_the_threshold_away(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    const struct kind *lif = kind_find(&neuron_axis, "lif");
    double z[] = {0.75, 0.75, 0.5, 1.5, -1, 3};
    expect(neuron_sample_make(lif, 0.5, false, false, &arena), 6, z,
           (double[]){0.75, 1.125, 0.5625, 1.78125, -0.609375, 2.6953125},
           (double[]){0, 1, 0, 1, 0, 1});
    const struct kind *integrate = kind_find(&neuron_axis, "if");
    struct neuron_sample sample =
        neuron_sample_make(integrate, 1, false, false, &arena);
    expect(sample, 6, z, (double[]){0.75, 1.5, 1, 1.5, -0.5, 2.5},
           (double[]){0, 1, 1, 1, 0, 1});
    neuron_sample_set_threshold(&sample, 2, &arena);
    expect(sample, 6, z, (double[]){0.75, 1.5, 2, 1.5, 0.5, 3.5},
           (double[]){0, 0, 1, 0, 0, 1});
    arena_close(&arena);
}

static void check_threshold(struct neuron_sample sample)
{
    double th = sample.threshold, below = th * (1 - 1e-6), z[] = {below, th};
    float x[2], s[2];
    assert_true(sample.neuron->threshold(sample.params) == th);
    if (sample.spread > 0 || sample.scale_input || sample.initial > 0)
        return; /* the potential is not the input */
    if (sample.neuron->gathers)
        return; /* it moves the threshold */
    run(sample, 1, 2, z, x, s);
    assert_true(x[0] < 0 && s[0] == 0.0f);
    assert_true(x[1] == 0.0f && s[1] == 1.0f);
}

static void a_potential_at_the_threshold_is_a_spike(void **state)
{
    (void)state;
    neuron_sample_for_all(check_threshold);
}

/* Potentials of a neuron whose own values are given, hard reset. */
static void expect_with(struct neuron_sample sample, const float *own,
                        const float *z, size_t n_steps,
                        const double *potentials, const double *spikes)
{
    float x[TWIN_STEPS], s[TWIN_STEPS], u[TWIN_STEPS];
    struct neuron_tile tile = {n_steps, 1, {own}, z, x, s, u};
    sample.neuron->forward(sample.params, &tile);
    for (size_t t = 0; t < n_steps; t++) {
        assert_true(fabs((double)x[t] - (potentials[t] - 1)) < 1e-6);
        assert_true((double)s[t] == spikes[t]);
    }
}

static void a_learned_leak_is_the_sigmoid_of_its_value(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    const struct kind *plif = kind_find(&neuron_axis, "plif");
    struct neuron_sample sample =
        neuron_sample_make(plif, 0.8, true, false, &arena);
    float own = logf(3.0f), z[] = {0.8f, 0.6f, 0.4f, 4.0f};
    assert_true(fabs(sample.neuron->tensors[0].begin(sample.params) -
                     log(4)) < 1e-12);
    expect_with(sample, &own, z, 4, (double[]){0.8, 1.2, 0.4, 4.3},
                (double[]){0, 1, 0, 1});
    neuron_sample_take_options(&sample, &arena);
    expect_with(sample, &own, z, 4, (double[]){0.2, 0.3, 0.325, 1.24375},
                (double[]){0, 0, 0, 1});
    arena_close(&arena);
}

static void a_learned_threshold_is_what_potentials_are_measured_by(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    const struct kind *pif = kind_find(&neuron_axis, "pif");
    struct neuron_sample sample =
        neuron_sample_make(pif, 1, false, false, &arena);
    assert_true(sample.neuron->tensors[0].begin(sample.params) == 1);
    float own = 2, none = -1, z[] = {1, 1.5f, 4, -1}, little = 0.001f;
    expect_with(sample, &own, z, 4, (double[]){0.75, 1.5, 2.5, 1},
                (double[]){0, 1, 1, 1});
    expect_with(sample, &none, &little, 1, (double[]){1.25}, (double[]){1});
    sample = neuron_sample_make(pif, 1, true, false, &arena);
    expect_with(sample, &own, z, 4, (double[]){0.75, 1.5, 2, -0.5},
                (double[]){0, 1, 1, 0});
    arena_close(&arena);
}

static void a_learned_gain_is_that_of_its_step(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    const struct kind *dlif = kind_find(&neuron_axis, "dlif");
    struct neuron_sample sample =
        neuron_sample_make(dlif, 0.5, true, false, &arena);
    assert_true(sample.neuron->tensors[0].begin(sample.params) == 1);
    float own[] = {0.5f, 2, -1, 3}, z[] = {0.8f, 0.6f, 0.4f, 0.5f};
    expect_with(sample, own, z, 4, (double[]){0.4, 1.4, -0.4, 1.3},
                (double[]){0, 1, 0, 1});
    arena_close(&arena);
}

static void an_evolutionary_leak_is_that_of_its_step(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    const struct kind *feel = kind_find(&neuron_axis, "feel");
    struct neuron_sample sample =
        neuron_sample_make(feel, 1, true, false, &arena);
    float own[] = {7, 0.5f, 3, -1}, z[] = {0.8f, 0.2f, 0.1f, 0.4f};
    expect_with(sample, own, z, 4, (double[]){0.8, 0.6, 1.9, 0.4},
                (double[]){0, 0, 1, 0});
    arena_close(&arena);
}

static void a_prediction_is_added_a_step_later(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    const struct kind *slif = kind_find(&neuron_axis, "slif");
    struct neuron_sample sample =
        neuron_sample_make(slif, 0.5, true, false, &arena);
    float own = 0.5f, z[] = {0.8f, 0.4f, 0.4f, 0.4f};
    /* P after each step: 0.4, -0.1, 0.15 */
    expect_with(sample, &own, z, 4, (double[]){0.8, 1.2, 0.3, 0.7},
                (double[]){0, 1, 0, 0});
    arena_close(&arena);
}

/* the twin ------------------------------------------------------------ */

/* The engine's potentials and spikes are those of the formula in double. */
static void check_formula(struct neuron_sample sample)
{
    struct neuron_twin twin = {.sample = sample};
    double z[TWIN_ENTRIES];
    float x[TWIN_ENTRIES], s[TWIN_ENTRIES];
    size_t n_spikes = 0;
    for (size_t at = 0; at < TWIN_ENTRIES; at++)
        z[at] = 0.8 + 2 * sin(5.1 * (double)at);
    neuron_twin_begin(&twin);
    neuron_twin_forward(&twin, z);
    run(sample, TWIN_STEPS, TWIN_NEURONS, z, x, s);
    for (size_t at = 0; at < TWIN_ENTRIES; at++) {
        assert_true(fabs((double)x[at] - twin.x[at]) < 1e-5);
        assert_true((double)s[at] == twin.s[at]);
        n_spikes += s[at] > 0;
    }
    assert_in_range(n_spikes, 3, TWIN_ENTRIES - 3);
}

static void every_kind_follows_its_formula(void **state)
{
    (void)state;
    neuron_sample_for_all(check_formula);
}

static void check_gradient(struct neuron_sample sample)
{
    static const char *const smooth[] = {"sigmoid", "atan"};
    for (size_t i = 0; i < 2; i++) {
        struct arena arena = arena_open();
        const struct kind *kind = kind_find(&surrogate_axis, smooth[i]);
        assert_non_null(kind);
        struct neuron_twin twin = {.sample = sample,
                            .surrogate = surrogate_of(kind),
                            .params = kind_defaults(kind, &arena)};
        neuron_twin_compare(&twin, false);
        neuron_twin_compare(&twin, true);
        arena_close(&arena);
    }
}

static void the_gradient_is_that_of_a_smooth_twin(void **state)
{
    (void)state;
    neuron_sample_for_all(check_gradient);
}

/* The four rules differ, or the test above would not tell them apart. */
static void the_ways_of_reset_have_different_gradients(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    const struct kind *kind = kind_find(&surrogate_axis, "sigmoid");
    float d_z[4][TWIN_ENTRIES];
    for (int i = 0; i < 4; i++) {
        struct neuron_twin twin = {
            .sample = neuron_sample_make(neuron_axis.kinds[0], 0.75, i & 1,
                                         i & 2, &arena),
            .surrogate = surrogate_of(kind),
            .params = kind_defaults(kind, &arena)};
        for (size_t at = 0; at < TWIN_ENTRIES; at++) {
            twin.x[at] = sin(5.1 * (double)at);
            twin.s[at] = twin.x[at] >= 0;
        }
        neuron_twin_run_engine(&twin, twin.x, false, d_z[i], NULL);
        for (int k = 0; k < i; k++)
            assert_memory_not_equal(d_z[i], d_z[k], sizeof d_z[i]);
    }
    arena_close(&arena);
}

/* tiles --------------------------------------------------------------- */

enum { WIDE = 300, TILE = 3 * WIDE };

struct tile {
    float z[TILE], x[TILE], s[TILE], u[TILE], g[TILE], d_x[TILE], d_z[TILE];
    float d_own[NEURON_TENSORS_MAX][TILE];
};

/* Neurons `first` to first + n. */
static void run_tile(struct neuron_sample sample, size_t first, size_t n,
                     struct tile *tile)
{
    struct neuron_own own;
    struct neuron_tile neurons = {3,       n,       {NULL}, tile->z,
                                  tile->x, tile->s, tile->u};
    struct neuron_gradients gradients = {
        .g = tile->g, .d_s = tile->d_z, .d_x = tile->d_x, .d_z = tile->d_z};
    neuron_sample_put_own(&sample, first, &own, &neurons);
    for (size_t k = 0; k < sample.neuron->n_tensors; k++)
        if (!sample.neuron->tensors[k].running)
            gradients.d_own[k] = tile->d_own[k];
    sample.neuron->forward(sample.params, &neurons);
    for (size_t i = 0; i < 3 * n; i++) {
        tile->g[i] = fabsf(tile->x[i]) < 0.7f ? 1.0f : 0.0f;
        tile->d_x[i] = 0.25f * tile->x[i];
        tile->d_z[i] = tile->z[i] - 0.5f;
    }
    sample.neuron->backward(sample.params, &neurons, &gradients);
}

static void check_tiles(struct neuron_sample sample)
{
    static struct tile wide, narrow;
    static const size_t sizes[] = {1, 15, 16, 127, 128, 129, WIDE};
    for (size_t k = 0; k < 7; k++) {
        size_t n = sizes[k];
        for (size_t i = 0; i < 3 * n; i++)
            wide.z[i] = (float)fabs(sin(2.9 * (double)i)) * 1.5f;
        run_tile(sample, 0, n, &wide);
        for (size_t i = 0; i < n; i++) {
            for (size_t t = 0; t < 3; t++)
                narrow.z[t] = wide.z[t * n + i];
            run_tile(sample, i, 1, &narrow);
            for (size_t t = 0; t < 3; t++) {
                size_t at = t * n + i;
                assert_true(narrow.x[t] == wide.x[at]);
                assert_true(narrow.s[t] == wide.s[at]);
                assert_true(narrow.d_z[t] == wide.d_z[at]);
                for (size_t j = 0; j < sample.neuron->n_tensors; j++)
                    assert_true(sample.neuron->tensors[j].running ||
                                narrow.d_own[j][t] == wide.d_own[j][at]);
            }
        }
    }
}

static void a_neuron_does_not_notice_its_neighbours(void **state)
{
    (void)state;
    neuron_sample_for_all(check_tiles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hard_reset_forgets_what_is_above_the_threshold),
        cmocka_unit_test(a_soft_reset_takes_the_threshold_away),
        cmocka_unit_test(a_potential_at_the_threshold_is_a_spike),
        cmocka_unit_test(a_learned_leak_is_the_sigmoid_of_its_value),
        cmocka_unit_test(
            a_learned_threshold_is_what_potentials_are_measured_by),
        cmocka_unit_test(a_learned_gain_is_that_of_its_step),
        cmocka_unit_test(an_evolutionary_leak_is_that_of_its_step),
        cmocka_unit_test(a_prediction_is_added_a_step_later),
        cmocka_unit_test(every_kind_follows_its_formula),
        cmocka_unit_test(the_gradient_is_that_of_a_smooth_twin),
        cmocka_unit_test(the_ways_of_reset_have_different_gradients),
        cmocka_unit_test(a_neuron_does_not_notice_its_neighbours),
    };
    return cmocka_run_group_tests_name("neuron", tests, NULL, NULL);
}

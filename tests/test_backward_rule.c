/* The rules by which attacks go back: each formula on single neurons. */
#include "tests/test.h"

#include "core/backward_rule.h"
#include "core/spec.h"

#include <math.h>
#include <string.h>

enum { T = 4, N = 3 };

/* N neurons of a spec under its rule. */
struct bench {
    struct arena arena;
    struct rule_tile tile;
    struct neuron_tile neurons;
    struct backward_use use;
    float own[NEURON_TENSORS_MAX][T * N];
    float z[T * N], x[T * N], s[T * N], u[T * N], room[N], d[T * N];
};

/* `text`: neuron and rule, and their parameters. */
static void bench_open(struct bench *bench, const char *text)
{
    *bench = (struct bench){.arena = arena_open()};
    struct spec spec;
    const char *whole = arena_print(
        &bench->arena, "neuron = lif\nattack = fgsm\n%s", text);
    MUST(spec_parse(whole, &spec, &bench->arena) == STATUS_OK);
    const struct choice *neuron = &spec.at[SPEC_NEURON];
    bench->use = backward_rule_in_attack(&spec);
    bench->neurons = (struct neuron_tile){.n_steps = T, .n = N,
                                          .z = bench->z, .x = bench->x,
                                          .s = bench->s, .u = bench->u};
    bench->tile = (struct rule_tile){.neuron = neuron_of(neuron->kind),
                                     .neuron_params = neuron->params,
                                     .neurons = &bench->neurons,
                                     .room = bench->room,
                                     .d = bench->d};
    for (size_t k = 0; k < bench->tile.neuron->n_tensors; k++) {
        for (size_t i = 0; i < T * N; i++)
            bench->own[k][i] = (float)bench->tile.neuron->tensors[k].begin(
                neuron->params);
        bench->neurons.own[k] = bench->own[k];
    }
}

/* From currents and dL/ds, [T][N], to dL/dz. */
static void bench_run(struct bench *bench, const float z[T * N],
                      const float d_s[T * N])
{
    memcpy(bench->z, z, sizeof bench->z);
    memcpy(bench->d, d_s, sizeof bench->d);
    bench->tile.neuron->forward(bench->tile.neuron_params, &bench->neurons);
    bench->use.rule->backward(bench->use.params, &bench->tile);
}

/* The slope of a rule by means where all currents of a neuron are z. */
static double slope_at(const char *text, double z)
{
    struct bench bench;
    float currents[T * N], ones[T * N];
    for (size_t i = 0; i < T * N; i++) {
        currents[i] = (float)z;
        ones[i] = 1;
    }
    bench_open(&bench, text);
    bench_run(&bench, currents, ones);
    for (size_t i = 1; i < T * N; i++)
        assert_true(bench.d[i] == bench.d[0]);
    double slope = (double)bench.d[0];
    arena_close(&bench.arena);
    return slope;
}

static void expect_slope(const char *text, double z, double expected)
{
    double slope = slope_at(text, z);
    if (fabs(slope - expected) > 1e-6)
        fail_msg("%sat %g: %.7f instead of %.7f", text, z, slope, expected);
}

/* Neuron 0 never spikes, 1 does once, 2 at every step. */
static void bptr_lets_all_through_that_spiked_at_all(void **state)
{
    (void)state;
    static const float z[T * N] = {0.4f, 0.9f, 2, 0.4f, 0.6f, 2,
                                   0.4f, 0,    2, 0.4f, 0,    2};
    static const float d_s[T * N] = {1, 2, 3, 4, 5, 6, 7, 8, 9, -1, -2, -3};
    struct bench bench;
    bench_open(&bench, "attack_rule = bptr\n");
    bench_run(&bench, z, d_s);
    for (size_t i = 0; i < T * N; i++)
        assert_true(bench.d[i] == (i % N == 0 ? 0 : d_s[i]));
    assert_true(bench.s[N + 1] == 1 && bench.s[1] == 0);
    arena_close(&bench.arena);
}

#define RGA "attack_rule = rga\n"

static void rga_has_the_slopes_of_its_paper(void **state)
{
    (void)state;
    /* leak .5: .2 up to .5, then (1 - .2 + .2 x .5) / (.5 + 1) = .6 up to 2 */
    expect_slope(RGA, -0.1, 0);
    expect_slope(RGA, 0.1, 0.2);
    expect_slope(RGA, 0.499, 0.2);
    expect_slope(RGA, 0.501, 0.6);
    expect_slope(RGA, 1.999, 0.6);
    expect_slope(RGA, 2.001, 0);
    /* leak .9 */
    expect_slope(RGA "neuron.leak = 0.9\n", 0.09, 0.2);
    expect_slope(RGA "neuron.leak = 0.9\n", 0.11, 0.98 / 1.9);
    /* nothing leaks: 1 / 2 */
    expect_slope("neuron = if\n" RGA, 0.01, 0.5);
    expect_slope("neuron = if\n" RGA, 1.99, 0.5);
    /* where pieces meet their slopes add up */
    expect_slope(RGA, 0.5, 0.8);
    expect_slope("neuron = if\n" RGA, 0, 0.7);
}

static void rga_counts_in_thresholds_and_by_its_parameters(void **state)
{
    (void)state;
    expect_slope(RGA "neuron.threshold = 4\n", 1.9, 0.2 / 4);
    expect_slope(RGA "neuron.threshold = 4\n", 2.1, 0.6 / 4);
    expect_slope(RGA "neuron.threshold = 4\n", 8.1, 0);
    expect_slope(RGA "attack_rule.gamma = 0\n", 0.4, 0);
    expect_slope(RGA "attack_rule.gamma = 0\n", 0.6, 1 / 1.5);
    expect_slope(RGA "attack_rule.extent = 0.5\n", 1.4, 0.9);
    expect_slope(RGA "attack_rule.extent = 0.5\n", 1.6, 0);
    /* U = .8 V + .2 z */
    static const char scaled[] =
        "neuron = plif\nneuron.leak = 0.8\nneuron.scale_input = true\n" RGA;
    expect_slope(scaled, 0.99, 0.2 * 0.2);
    expect_slope(scaled, 1.01, 0.2 * (0.8 + 0.2 * 0.8) / 1.8);
    expect_slope("neuron = pif\nneuron.lambda = 3\n" RGA, 1, 0.5 / 3);
}

/* The slopes are those of a rate that rises from 0 to 1. */
static void rga_and_qcfs_rise_to_one(void **state)
{
    (void)state;
    static const char *const rules[] = {
        RGA, RGA "neuron.leak = 0.9\n", "neuron = if\n" RGA,
        RGA "neuron.threshold = 0.5\nattack_rule.gamma = 0.7\n",
        "attack_rule = conversion\n",
        "neuron = pif\nneuron.lambda = 0.7\nattack_rule = conversion\n"};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        double sum = 0, h = 1.0 / 512;
        for (double z = -1 + h / 2; z < 3; z += h)
            sum += h * slope_at(rules[i], z);
        assert_true(fabs(sum - 1) < 2 * h);
    }
}

#define RELU "attack_rule = conversion\nattack_rule.activation = relu\n"

static void conversion_has_the_slopes_of_activations(void **state)
{
    (void)state;
    static const char qcfs[] = "attack_rule = conversion\n";
    expect_slope(qcfs, -0.01, 0);
    expect_slope(qcfs, 0, 1);
    expect_slope(qcfs, 0.99, 1);
    expect_slope(qcfs, 1, 1);
    expect_slope(qcfs, 1.01, 0);
    expect_slope("neuron.threshold = 2\nattack_rule = conversion\n", 1.9, 0.5);
    expect_slope("neuron.threshold = 2\nattack_rule = conversion\n", 2.1, 0);
    expect_slope(RELU, -0.01, 0);
    expect_slope(RELU, 0, 0);
    expect_slope(RELU, 0.01, 1);
    expect_slope(RELU, 99, 1);
    expect_slope("neuron = pif\nneuron.lambda = 4\n" RELU, 99, 0.25);
}

/* Only the mean counts, not how a current comes. */
static void rules_by_means_do_not_see_the_order_of_steps(void **state)
{
    (void)state;
    static const char *const by_means[] = {RGA, RELU,
                                           "attack_rule = conversion\n"};
    static const float z[T * N] = {3, -1, 0,    -1, 3, 0.5f,
                                   0, 0,  0.5f, 0,  0, 1};
    static const float d_s[T * N] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    static const double slopes[] = {0.8, 1, 1};
    for (size_t i = 0; i < 3; i++) {
        struct bench bench;
        bench_open(&bench, by_means[i]);
        bench_run(&bench, z, d_s);
        for (size_t k = 0; k < T * N; k++)
            assert_true(fabs((double)bench.d[k] - slopes[i]) < 1e-6);
        arena_close(&bench.arena);
    }
}

/* U = .8, .4 + .9 = 1.3 (spike), .5, .25 + .2 of neuron 0. */
static void hart_averages_what_single_steps_say(void **state)
{
    (void)state;
    static const float z[T * N] = {0.8f, 0, 9, 0.9f, 0, 9,
                                   0.5f, 0, 9, 0.2f, 0, 9};
    static const float d_s[T * N] = {1, 1, 1, 2, 1, 1, 3, 1, 1, -4, 1, 1};
    struct bench bench;
    bench_open(&bench, "attack_rule = hart\n");
    bench_run(&bench, z, d_s);
    double mean = (1 * 0.8 + 2 * 0.7 + 3 * 0.5 - 4 * 0.45) / 4;
    for (size_t t = 0; t < T; t++) {
        assert_true(fabs((double)bench.d[t * N] - mean) < 1e-6);
        assert_true(bench.d[t * N + 1] == 0 && bench.d[t * N + 2] == 0);
    }
    arena_close(&bench.arena);
    bench_open(&bench, "attack_rule = hart\nattack_rule.gamma = 2\n");
    bench_run(&bench, z, d_s);
    mean = (1 * 1.8 + 2 * 1.7 + 3 * 1.5 - 4 * 1.45) / 4 / 4;
    for (size_t t = 0; t < T; t++) {
        assert_true(fabs((double)bench.d[t * N] - mean) < 1e-6);
        assert_true(fabs((double)bench.d[t * N + 1] - 0.25) < 1e-6);
    }
    arena_close(&bench.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bptr_lets_all_through_that_spiked_at_all),
        cmocka_unit_test(rga_has_the_slopes_of_its_paper),
        cmocka_unit_test(rga_counts_in_thresholds_and_by_its_parameters),
        cmocka_unit_test(rga_and_qcfs_rise_to_one),
        cmocka_unit_test(conversion_has_the_slopes_of_activations),
        cmocka_unit_test(rules_by_means_do_not_see_the_order_of_steps),
        cmocka_unit_test(hart_averages_what_single_steps_say),
    };
    return cmocka_run_group_tests_name("backward_rule", tests, NULL, NULL);
}

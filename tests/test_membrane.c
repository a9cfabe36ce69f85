#include "tests/test.h"

#include "core/membrane.h"
#include "core/regularizer.h"
#include "core/rng.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { N_LAYERS = 3, N_STEPS = 4 };

struct fixture {
    struct arena arena;
    struct membrane membrane;
    struct record record;
};

static void open_fixture(struct fixture *at, double range, size_t n_bins,
                         double gamma)
{
    *at = (struct fixture){.arena = arena_open()};
    at->membrane = (struct membrane){.n_layers = N_LAYERS,
                                     .n_steps = N_STEPS,
                                     .n_bins = n_bins,
                                     .range = range,
                                     .gamma = gamma};
    at->record = (struct record){
        .stage = STAGE_TRAIN,
        .extent = {[DIM_EPOCH] = 1, [DIM_LAYER] = N_LAYERS,
                   [DIM_STEP] = N_STEPS, [DIM_BIN] = n_bins + 2,
                   [DIM_SAMPLE] = 1}};
    membrane_lay_out(&at->membrane, &at->arena);
    record_lay_out(&at->record, &at->arena);
}

/* The same numbers at every layer and step, spikes where x is not below 0. */
static void add_everywhere(struct fixture *at, size_t n, const float *x)
{
    static float tile[N_STEPS * 4096], spikes[N_STEPS * 4096];
    assert_true(n <= 4096);
    for (size_t t = 0; t < N_STEPS; t++)
        for (size_t i = 0; i < n; i++) {
            tile[t * n + i] = x[i];
            spikes[t * n + i] = x[i] >= 0;
        }
    for (size_t layer = 0; layer < N_LAYERS; layer++)
        membrane_add(&at->membrane, layer, N_STEPS, n, tile, spikes);
    membrane_write(&at->membrane, &at->record);
}

static double get(const struct fixture *at, enum record_field field,
                  size_t place)
{
    return record_f64(&at->record, field)[place];
}

static const uint64_t *counts_at(const struct fixture *at, size_t place)
{
    size_t n = at->membrane.n_bins + 2;
    return record_u64(&at->record, FIELD_MEMBRANE_COUNT) + place * n;
}

/* histogram ----------------------------------------------------------- */

static void the_edges_divide_the_range_evenly(void **state)
{
    (void)state;
    struct fixture at;
    open_fixture(&at, 4, 80, 1);
    add_everywhere(&at, 1, (float[]){0});
    const double *edges = record_f64(&at.record, FIELD_MEMBRANE_EDGE);
    assert_true(edges[0] == -(double)INFINITY);
    for (size_t i = 0; i <= 80; i++)
        assert_true(fabs(edges[i + 1] - (-4 + 0.1 * (double)i)) < 1e-12);
    arena_close(&at.arena);
}

/* The bin whose half-open interval holds x; numbers within rounding errors of
 * an edge may lie on either side of it. */
static size_t find_bin(const struct fixture *at, double x)
{
    const double *edges = record_f64(&at->record, FIELD_MEMBRANE_EDGE);
    size_t bin = at->membrane.n_bins + 1;
    while (edges[bin] > x)
        bin--;
    return bin;
}

static void expect_bin(struct fixture *at, float x)
{
    uint64_t before[1026];
    size_t n = at->membrane.n_bins + 2, bin = find_bin(at, (double)x);
    memcpy(before, counts_at(at, 5), n * sizeof *before);
    add_everywhere(at, 1, &x);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(counts_at(at, 5)[i], before[i] + (i == bin));
}

static void a_number_falls_into_the_bin_that_holds_it(void **state)
{
    (void)state;
    static const double ranges[] = {4, 0.5, 37, 1000};
    static const size_t n_bins[] = {80, 2, 51, 1024};
    for (size_t k = 0; k < 4; k++) {
        struct fixture at;
        open_fixture(&at, ranges[k], n_bins[k], 1);
        add_everywhere(&at, 1, (float[]){0});
        double width = 2 * ranges[k] / (double)n_bins[k];
        for (int i = -40; i < 40; i++) {
            size_t bin = (size_t)((double)(i + 40) / 80 * (double)n_bins[k]);
            double edge = -ranges[k] + (double)bin * width;
            expect_bin(&at, (float)(edge + 0.001 * width));
            expect_bin(&at, (float)(edge + 0.999 * width));
        }
        expect_bin(&at, (float)(-1.001 * ranges[k]));
        expect_bin(&at, (float)(1.001 * ranges[k]));
        arena_close(&at.arena);
    }
}

/* A silent neuron sits at -V_th, one without any current at 0 exactly. */
static void an_edge_belongs_to_the_bin_above_it(void **state)
{
    (void)state;
    struct fixture at;
    open_fixture(&at, 4, 80, 1);
    add_everywhere(&at, 1, (float[]){0});
    for (int i = -8; i <= 8; i++)
        expect_bin(&at, 0.5f * (float)i);
    expect_bin(&at, nextafterf(-4, -5));
    arena_close(&at.arena);
}

static void what_is_out_of_range_or_no_number_is_counted_outside(void **state)
{
    (void)state;
    struct fixture at;
    open_fixture(&at, 2, 4, 1);
    add_everywhere(&at, 7, (float[]){-INFINITY, -1e30f, -2.5f, 2, 1e30f,
                                     INFINITY, NAN});
    for (size_t i = 0; i < N_LAYERS * N_STEPS; i++) {
        const uint64_t *counts = counts_at(&at, i);
        assert_int_equal(counts[0], 3);
        assert_int_equal(counts[5], 4);
        for (size_t k = 1; k <= 4; k++)
            assert_int_equal(counts[k], 0);
    }
    arena_close(&at.arena);
}

/* figures ------------------------------------------------------------- */

static void fill_normal(uint64_t lane, double mean, double deviation, size_t n,
                        float *x)
{
    rng_fill_normal((struct rng_stream){1, RNG_NOISE, lane}, 0, n, x);
    for (size_t i = 0; i < n; i++)
        x[i] = (float)(mean + deviation * (double)x[i]);
}

static void the_figures_are_those_of_plain_sums(void **state)
{
    (void)state;
    enum { N = 4096, N_TILES = 5 };
    static float x[N];
    struct fixture at;
    open_fixture(&at, 4, 80, 0.75);
    double sum = 0, squares = 0, inside = 0, above = 0, n = N * N_TILES;
    for (size_t k = 0; k < N_TILES; k++) {
        fill_normal(k, -0.5, 1.25, N, x);
        add_everywhere(&at, N, x);
        for (size_t i = 0; i < N; i++) {
            sum += (double)x[i];
            squares += (double)x[i] * (double)x[i];
            inside += fabsf(x[i]) < 0.75f;
            above += x[i] >= 0;
        }
    }
    double mean = sum / n, deviation = sqrt(squares / n - mean * mean);
    for (size_t i = 0; i < N_LAYERS * N_STEPS; i++) {
        assert_true(fabs(get(&at, FIELD_MEMBRANE_MEAN, i) - mean) < 1e-6);
        assert_true(fabs(get(&at, FIELD_MEMBRANE_DEVIATION, i) - deviation) <
                    1e-6);
        assert_true(get(&at, FIELD_MEMBRANE_INSIDE, i) == inside / n);
        assert_true(get(&at, FIELD_FIRING_RATE, i) == above / n);
        assert_true(fabs(get(&at, FIELD_MEMBRANE_OMEGA, i) -
                         omega_value(mean, deviation, 0.75)) < 1e-6);
        double all = 0;
        for (size_t k = 0; k < 82; k++)
            all += (double)counts_at(&at, i)[k];
        assert_true(all == n);
    }
    assert_true(get(&at, FIELD_MEMBRANE_GAMMA, 0) == 0.75);
    arena_close(&at.arena);
}

/* Of normal potentials the measured share is Omega. */
static void omega_is_the_share_of_normal_potentials(void **state)
{
    (void)state;
    enum { N = 4096, N_TILES = 10 };
    static float x[N];
    struct fixture at;
    open_fixture(&at, 4, 80, 1);
    for (size_t k = 0; k < N_TILES; k++) {
        fill_normal(k, -1, 0.5, N, x);
        add_everywhere(&at, N, x);
    }
    double omega = get(&at, FIELD_MEMBRANE_OMEGA, 0);
    assert_true(fabs(omega - 0.499968329) < 0.01);
    assert_true(fabs(get(&at, FIELD_MEMBRANE_INSIDE, 0) - omega) <
                4 * sqrt(0.25 / N / N_TILES));
    arena_close(&at.arena);
}

static void equal_potentials_have_no_deviation(void **state)
{
    (void)state;
    enum { N = 4096 };
    static float x[N];
    for (size_t i = 0; i < N; i++)
        x[i] = -0.9f;
    struct fixture at;
    open_fixture(&at, 4, 80, 1);
    add_everywhere(&at, N, x);
    assert_true(get(&at, FIELD_MEMBRANE_DEVIATION, 0) < 1e-6);
    arena_close(&at.arena);
}

/* A silent channel sits on the edge, where the surrogate is 0. */
static void the_ends_of_the_range_are_not_inside(void **state)
{
    (void)state;
    struct fixture at;
    open_fixture(&at, 4, 80, 1);
    add_everywhere(&at, 4, (float[]){-1, 1, nextafterf(-1, 0), 0});
    assert_true(get(&at, FIELD_MEMBRANE_INSIDE, 0) == 0.5);
    arena_close(&at.arena);
}

static void layers_and_steps_are_kept_apart(void **state)
{
    (void)state;
    struct fixture at;
    open_fixture(&at, 8, 16, 1);
    for (size_t layer = 0; layer < N_LAYERS; layer++) {
        float x[N_STEPS], s[N_STEPS];
        for (size_t t = 0; t < N_STEPS; t++) {
            x[t] = (float)(2 * layer + t) - 4;
            s[t] = (float)((layer + t) % 2);
        }
        membrane_add(&at.membrane, layer, N_STEPS, 1, x, s);
    }
    membrane_write(&at.membrane, &at.record);
    for (size_t layer = 0; layer < N_LAYERS; layer++)
        for (size_t t = 0; t < N_STEPS; t++) {
            size_t place = layer * N_STEPS + t;
            assert_true(get(&at, FIELD_MEMBRANE_MEAN, place) ==
                        (double)(2 * layer + t) - 4);
            assert_true(get(&at, FIELD_FIRING_RATE, place) ==
                        (double)((layer + t) % 2));
        }
    arena_close(&at.arena);
}

static void parts_of_a_layer_are_moved_to_it(void **state)
{
    (void)state;
    struct fixture at, parts;
    float x[N_STEPS * 8], s[N_STEPS * 8];
    open_fixture(&at, 2, 8, 1);
    open_fixture(&parts, 2, 8, 1);
    struct membrane part = parts.membrane;
    part.n_layers = 1;
    membrane_lay_out(&part, &parts.arena);
    for (size_t k = 0; k < 3; k++) {
        for (size_t i = 0; i < N_STEPS * 8; i++) {
            x[i] = (float)((7 * i + 5 * k) % 16) / 4 - 2;
            s[i] = x[i] >= 0;
        }
        for (size_t layer = 0; layer < N_LAYERS; layer++) {
            membrane_add(&at.membrane, layer, N_STEPS, 8, x, s);
            membrane_add(&part, 0, N_STEPS, 8, x, s);
            membrane_move(&part, layer, &parts.membrane);
        }
    }
    membrane_write(&at.membrane, &at.record);
    membrane_write(&parts.membrane, &parts.record);
    struct digest whole = record_digest(&at.record);
    struct digest moved = record_digest(&parts.record);
    assert_memory_equal(&whole, &moved, sizeof whole);
    arena_close(&parts.arena);
    arena_close(&at.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_edges_divide_the_range_evenly),
        cmocka_unit_test(a_number_falls_into_the_bin_that_holds_it),
        cmocka_unit_test(an_edge_belongs_to_the_bin_above_it),
        cmocka_unit_test(what_is_out_of_range_or_no_number_is_counted_outside),
        cmocka_unit_test(the_figures_are_those_of_plain_sums),
        cmocka_unit_test(omega_is_the_share_of_normal_potentials),
        cmocka_unit_test(equal_potentials_have_no_deviation),
        cmocka_unit_test(the_ends_of_the_range_are_not_inside),
        cmocka_unit_test(layers_and_steps_are_kept_apart),
        cmocka_unit_test(parts_of_a_layer_are_moved_to_it),
    };
    return cmocka_run_group_tests_name("membrane", tests, NULL, NULL);
}

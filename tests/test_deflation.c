/* Dominant singular components are taken out of gradients, and rows of weights
 * become orthonormal. */
#include "tests/test.h"

#include "core/deflation.h"
#include "core/retraction.h"
#include "tests/small_trial.h"

#include <math.h>
#include <string.h>

enum { ROWS_MAX = 400, COLUMNS_MAX = 240 };

static float start[ROWS_MAX * COLUMNS_MAX], at[ROWS_MAX * COLUMNS_MAX];
static float some[ROWS_MAX * COLUMNS_MAX], image[ROWS_MAX * COLUMNS_MAX];
static float square[COLUMNS_MAX * COLUMNS_MAX];
static double vectors[2 * COLUMNS_MAX];
static uint32_t order[COLUMNS_MAX];

static void fill(size_t n, uint64_t lane)
{
    rng_fill_normal((struct rng_stream){5, RNG_NOISE, lane}, 0, n + n % 2,
                    start);
    memcpy(at, start, n * sizeof *at);
}

/* u' A v for an A of the test's own making. */
struct spectrum {
    size_t n_rows, n_columns, n_values;
    double value[4];
};

/* Orthogonal waves: cosines of whole frequencies are, on such grids. */
static double wave(size_t n, size_t frequency, size_t i)
{
    static const double PI = 3.14159265358979323846;
    return sqrt(2.0 / (double)n) *
           cos(PI * (double)frequency * ((double)i + 0.5) / (double)n);
}

static double entry(const struct spectrum *spectrum, size_t first, size_t i,
                    size_t k)
{
    double sum = 0;
    for (size_t l = first; l < spectrum->n_values; l++)
        sum += spectrum->value[l] * wave(spectrum->n_rows, l + 1, i) *
               wave(spectrum->n_columns, l + 3, k);
    return sum;
}

/* What is left of sum sigma_l u_l v_l' is the same sum without its first. */
static void check_spectrum(const struct spectrum *spectrum)
{
    size_t n_rows = spectrum->n_rows, n = spectrum->n_columns;
    struct arena arena = arena_open();
    const struct kind *kind = kind_find(&deflation_axis, "dominant");
    void *params = kind_defaults(kind, &arena);
    assert_int_equal(row_set(kind_find_row(kind, "tolerance"), "1e-6", params,
                             &arena),
                     STATUS_OK);
    for (size_t i = 0; i < n_rows * n; i++)
        at[i] = (float)entry(spectrum, 0, i / n, i % n);
    struct deflated_matrix matrix = {at, n_rows, n, square, vectors};
    double residual = deflation_of(kind)->change(params, &matrix);
    assert_true(residual >= 0 && residual <= 1e-6);
    for (size_t i = 0; i < n_rows * n; i++)
        assert_true(fabs((double)at[i] - entry(spectrum, 1, i / n, i % n)) <
                    1e-5 * spectrum->value[0]);
    arena_close(&arena);
}

static void the_largest_component_is_subtracted(void **state)
{
    (void)state;
    check_spectrum(&(struct spectrum){300, 40, 3, {3, 2, 1}});
    check_spectrum(&(struct spectrum){9, 64, 3, {3, 2.9, 1}});
    check_spectrum(&(struct spectrum){30, 30, 1, {1e-6}});
}

static double frobenius(size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)at[i] * (double)at[i];
    return sum;
}

/* A random one: what goes is at least its share, and never more than all. */
static void a_descent_direction_stays_one(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    const struct kind *kind = kind_find(&deflation_axis, "dominant");
    fill(ROWS_MAX * 50, 1);
    double before = frobenius(ROWS_MAX * 50), along = 0;
    struct deflated_matrix matrix = {at, ROWS_MAX, 50, square, vectors};
    deflation_of(kind)->change(kind_defaults(kind, &arena), &matrix);
    double after = frobenius(ROWS_MAX * 50);
    for (size_t i = 0; i < ROWS_MAX * 50; i++)
        along += (double)at[i] * (double)start[i];
    assert_true(after < before * (1 - 1.0 / 50) && after > 0.9 * before);
    assert_true(fabs(along / after - 1) < 1e-5);
    arena_close(&arena);
}

static void too_few_iterations_are_told(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    const struct kind *kind = kind_find(&deflation_axis, "dominant");
    void *params = kind_defaults(kind, &arena);
    assert_int_equal(row_set(kind_find_row(kind, "n_iterations"), "2", params,
                             &arena),
                     STATUS_OK);
    fill(ROWS_MAX * 50, 2);
    struct deflated_matrix matrix = {at, ROWS_MAX, 50, square, vectors};
    assert_true(deflation_of(kind)->change(params, &matrix) > 0.001);
    memset(at, 0, sizeof at);
    assert_true(deflation_of(kind)->change(params, &matrix) == 0);
    for (size_t i = 0; i < ROWS_MAX * 50; i++)
        assert_true(at[i] == 0);
    arena_close(&arena);
}

/* retraction ---------------------------------------------------------- */

static struct retracted retract(size_t n_rows, size_t n_columns,
                                bool is_linear, const char *beta,
                                uint64_t step)
{
    struct arena arena = arena_open();
    const struct kind *kind = kind_find(&retraction_axis, "parseval");
    void *params = kind_defaults(kind, &arena);
    struct retracted matrix = {.at = at,
                               .n_rows = n_rows,
                               .n_columns = n_columns,
                               .is_linear = is_linear,
                               .stream = {1, RNG_RETRACTION, step},
                               .some = some,
                               .image = image,
                               .square = square,
                               .order = order};
    assert_int_equal(
        row_set(kind_find_row(kind, "beta"), beta, params, &arena), STATUS_OK);
    retraction_of(kind)->retract(params, &matrix);
    arena_close(&arena);
    return matrix;
}

static void a_step_is_the_formula(void **state)
{
    (void)state;
    enum { N_ROWS = 300, N = 20 };
    fill(N_ROWS * N, 3);
    retract(N_ROWS, N, false, "0.001", 0);
    for (size_t i = 0; i < N_ROWS; i += 37)
        for (size_t o = 0; o < N; o++) {
            double sum = 0; /* of W W' W, W' = start */
            for (size_t p = 0; p < N; p++)
                for (size_t l = 0; l < N_ROWS; l++)
                    sum += (double)start[l * N + o] * (double)start[l * N + p] *
                           (double)start[i * N + p];
            double expected =
                1.001 * (double)start[i * N + o] - 0.001 * sum;
            assert_true(fabs((double)at[i * N + o] - expected) < 1e-5);
        }
}

static void rows_become_orthonormal(void **state)
{
    (void)state;
    enum { N_ROWS = 100, N = 12 };
    fill(N_ROWS * N, 4);
    for (size_t i = 0; i < N_ROWS * N; i++)
        at[i] *= 0.1f;
    for (uint64_t step = 0; step < 60; step++)
        retract(N_ROWS, N, true, "0.5", step);
    for (size_t o = 0; o < N; o++)
        for (size_t p = 0; p < N; p++) {
            double sum = 0;
            for (size_t i = 0; i < N_ROWS; i++)
                sum += (double)at[i * N + o] * (double)at[i * N + p];
            assert_true(fabs(sum - (o == p)) < 1e-5);
        }
}

static size_t count_changed(size_t n_rows, size_t n, bool changed[])
{
    size_t n_changed = 0;
    for (size_t o = 0; o < n; o++) {
        changed[o] = false;
        for (size_t i = 0; i < n_rows; i++)
            changed[o] = changed[o] || at[i * n + o] != start[i * n + o];
        n_changed += changed[o];
    }
    return n_changed;
}

/* Of a convolution all; and others in the next step. */
static void of_a_large_linear_layer_a_share_is_taken(void **state)
{
    (void)state;
    enum { N_ROWS = 30, N = 200 };
    bool first[N], second[N];
    fill(N_ROWS * N, 5);
    retract(N_ROWS, N, true, "0.01", 0);
    assert_int_equal(count_changed(N_ROWS, N, first), 60);
    memcpy(at, start, sizeof at);
    retract(N_ROWS, N, true, "0.01", 1);
    assert_int_equal(count_changed(N_ROWS, N, second), 60);
    assert_memory_not_equal(first, second, sizeof first);
    memcpy(at, start, sizeof at);
    retract(N_ROWS, N, false, "0.01", 0);
    assert_int_equal(count_changed(N_ROWS, N, first), N);
}

/* trials -------------------------------------------------------------- */

static void check_trial(const char *network, const char *method)
{
    struct arena arena = arena_open();
    struct small_trial trial, plain;
    small_trial_train(&plain, arena_print(&arena, "%straining.n_epochs = 30\n",
                                          network));
    small_trial_train(&trial,
                      arena_print(&arena, "%straining.n_epochs = 30\n%s",
                                  network, method));
    double accuracy = *record_f64(&trial.record, FIELD_CLEAN_ACCURACY);
    double residual = record_f64(&trial.record, FIELD_DEFLATION_RESIDUAL)[0];
    struct trial_hooks hooks = small_hooks(&trial.watch);
    assert_false(trial.record.diverged);
    assert_true(isnan(residual) == (strstr(method, "deflation") == NULL));
    assert_true(isnan(residual) || residual < 0.01);
    if (!(accuracy >= 0.85))
        fail_msg("accuracy %g with %s", accuracy, method);
    assert_memory_not_equal(plain.weights.at, trial.weights.at,
                            plain.weights.n * sizeof *plain.weights.at);
    /* An attack takes its scratch apart. */
    size_t n_bytes = trial_memory(&trial.spec, &trial.data, hooks.means);
    assert_true(strstr(method, "adversary") ? trial.run.n_bytes < n_bytes
                                            : trial.run.n_bytes == n_bytes);
    small_trial_close(&trial);
    small_trial_close(&plain);
    arena_close(&arena);
}

static void networks_learn_with_them(void **state)
{
    (void)state;
    static const char *const networks[] = {SMALL_MLP, SMALL_CSNN, SMALL_WRN};
    static const char *const methods[] = {
        "deflation = dominant\n", "retraction = parseval\n",
        "deflation = dominant\nretraction = parseval\nadversary = fgsm\n"};
    for (size_t i = 0; i < KIND_COUNT(networks); i++)
        for (size_t k = 0; k < KIND_COUNT(methods); k++)
            if (i < 2 || k < 2)
                check_trial(networks[i], methods[k]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_largest_component_is_subtracted),
        cmocka_unit_test(a_descent_direction_stays_one),
        cmocka_unit_test(too_few_iterations_are_told),
        cmocka_unit_test(a_step_is_the_formula),
        cmocka_unit_test(rows_become_orthonormal),
        cmocka_unit_test(of_a_large_linear_layer_a_share_is_taken),
        cmocka_unit_test(networks_learn_with_them),
    };
    return cmocka_run_group_tests_name("deflation", tests, NULL, NULL);
}

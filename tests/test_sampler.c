#include "core/sampler.h"
#include "core/sobol.h"
#include "tests/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A dimension of a kind's points, in the arena; NULL: as by default. */
static uint32_t *draw(const char *name, size_t n, const char *seed,
                      const char *scramble, size_t dimension,
                      struct arena *arena)
{
    const struct kind *kind = kind_find(&sampler_axis, name);
    void *params = kind_defaults(kind, arena);
    const char *const keys[] = {"n_points", "seed", "scramble"};
    const char *const values[] = {arena_print(arena, "%zu", n), seed, scramble};
    for (size_t i = 0; i < 3; i++)
        if (values[i])
            assert_int_equal(row_set(kind_find_row(kind, keys[i]), values[i],
                                     params, arena),
                             STATUS_OK);
    uint32_t *numbers = ARENA_ARRAY(arena, uint32_t, n);
    sampler_of(kind)->fill(params, dimension, numbers);
    return numbers;
}

static const char *const kinds[] = {"random", "latin_hypercube", "sobol"};

/* One in each of n equal intervals. */
static void assert_stratified(const uint32_t *numbers, size_t n)
{
    bool *taken = calloc(n, sizeof *taken);
    assert_non_null(taken);
    for (size_t i = 0; i < n; i++) {
        size_t stratum = (size_t)((uint64_t)numbers[i] * n >> 32);
        assert_false(taken[stratum]);
        taken[stratum] = true;
    }
    free(taken);
}

/* sobol --------------------------------------------------------------- */

/* tests/oracle/sobol.py */
static void unscrambled_points_are_those_of_another_program(void **state)
{
    (void)state;
    static const struct {
        size_t dimension;
        uint32_t parts[16]; /* of 32; points 1 to 16 */
    } shown[] = {
        {0, {16, 24, 8, 12, 28, 20, 4, 6, 22, 30, 14, 10, 26, 18, 2, 3}},
        {1, {16, 8, 24, 12, 28, 4, 20, 10, 26, 2, 18, 6, 22, 14, 30, 15}},
        {2, {16, 8, 24, 20, 4, 28, 12, 30, 14, 22, 6, 10, 26, 2, 18, 15}},
        {5, {16, 24, 8, 4, 20, 28, 12, 10, 26, 18, 2, 14, 30, 22, 6, 31}},
        {20, {16, 8, 24, 4, 20, 12, 28, 6, 22, 14, 30, 2, 18, 10, 26, 23}},
        {63, {16, 24, 8, 4, 20, 28, 12, 22, 6, 14, 30, 18, 2, 10, 26, 3}},
    };
    struct arena arena = arena_open();
    for (size_t d = 0; d < KIND_COUNT(shown); d++) {
        const uint32_t *numbers =
            draw("sobol", 17, "7", "false", shown[d].dimension, &arena);
        assert_int_equal(numbers[0], 0);
        for (size_t i = 0; i < 16; i++)
            assert_int_equal(numbers[i + 1], shown[d].parts[i] << 27);
    }
    uint64_t fold = 0;
    for (uint32_t i = 0; i < 4096; i++)
        for (size_t d = 0; d < SOBOL_DIMENSIONS; d++)
            fold = (fold * 1000003 + (sobol_number(d, i) >> 20)) %
                   INT32_MAX;
    assert_int_equal(fold, 1474184922);
    arena_close(&arena);
}

/* In every dimension, at every power of 2, before and after scrambling. */
static void every_interval_has_one_point(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    for (size_t d = 0; d < SOBOL_DIMENSIONS; d++)
        for (size_t s = 0; s < 2; s++) {
            const uint32_t *numbers =
                draw("sobol", 1024, "3", s ? "true" : "false", d, &arena);
            for (size_t n = 1; n <= 1024; n *= 2)
                assert_stratified(numbers, n);
        }
    arena_close(&arena);
}

/* The first two dimensions are a (0, k, 2)-net: every box of 2^-a by 2^-(k-a)
 * has one of 2^k points. */
static void every_box_of_two_dimensions_has_one_point(void **state)
{
    (void)state;
    enum { K = 10 };
    struct arena arena = arena_open();
    for (size_t s = 0; s < 3; s++) {
        const char *scramble = s ? "true" : "false", *seed = s == 2 ? "9" : "1";
        const uint32_t *x = draw("sobol", 1 << K, seed, scramble, 0, &arena);
        const uint32_t *y = draw("sobol", 1 << K, seed, scramble, 1, &arena);
        for (unsigned a = 0; a <= K; a++) {
            bool taken[1 << K] = {false};
            for (size_t i = 0; i < 1 << K; i++) {
                uint64_t column = (uint64_t)x[i] >> (32 - a);
                uint64_t line = (uint64_t)y[i] >> (32 - (K - a));
                size_t box = (size_t)(column << (K - a) | line);
                assert_false(taken[box]);
                taken[box] = true;
            }
        }
    }
    arena_close(&arena);
}

/* Over seeds, each point is anywhere: also in the digits that are flipped
 * together. */
static void scrambling_makes_each_point_uniform(void **state)
{
    (void)state;
    enum { N = 4096, BINS = 16 };
    size_t high[BINS] = {0}, low[BINS] = {0};
    for (size_t seed = 0; seed < N; seed++) {
        struct arena arena = arena_open();
        const uint32_t *numbers =
            draw("sobol", 6, arena_print(&arena, "%zu", seed), "true", 4,
                 &arena);
        high[numbers[5] >> 28]++;
        low[numbers[5] % BINS]++;
        arena_close(&arena);
    }
    for (size_t i = 0; i < BINS; i++) {
        /* 256 expected, deviation 15.5 */
        assert_in_range(high[i], 256 - 70, 256 + 70);
        assert_in_range(low[i], 256 - 70, 256 + 70);
    }
}

/* Of a smooth function of five dimensions. */
static double integrate(const char *name, size_t n, const char *seed)
{
    struct arena arena = arena_open();
    double *product = ARENA_ARRAY(&arena, double, n), sum = 0;
    for (size_t i = 0; i < n; i++)
        product[i] = 1;
    for (size_t d = 0; d < 5; d++) {
        const uint32_t *numbers = draw(name, n, seed, NULL, d, &arena);
        for (size_t i = 0; i < n; i++)
            product[i] *= 1.5 * sqrt((numbers[i] + 0.5) * 0x1p-32);
    }
    for (size_t i = 0; i < n; i++)
        sum += product[i];
    arena_close(&arena);
    return sum / (double)n;
}

/* The integral is 1. */
static void evenly_spread_points_integrate_better(void **state)
{
    (void)state;
    enum { N_SEEDS = 20 };
    double squares[3] = {0};
    for (size_t k = 0; k < 3; k++)
        for (size_t seed = 0; seed < N_SEEDS; seed++) {
            char text[8];
            snprintf(text, sizeof text, "%zu", seed);
            double error = integrate(kinds[k], 1024, text) - 1;
            squares[k] += error * error / N_SEEDS;
        }
    assert_true(sqrt(squares[0]) < 0.06);
    assert_true(squares[1] < squares[0] / 2);
    assert_true(squares[2] < squares[1] / 4);
}

/* all ----------------------------------------------------------------- */

static void more_points_go_on_from_fewer(void **state)
{
    (void)state;
    static const struct {
        const char *kind;
        size_t fewer, more;
    } cases[] = {
        {"random", 10, 1000}, {"random", 999, 1000}, {"sobol", 10, 1000},
        {"sobol", 100, 128},  {"latin_hypercube", 50, 100},
        {"latin_hypercube", 7, 7 * 64}, {"latin_hypercube", 1, 1024},
    };
    struct arena arena = arena_open();
    for (size_t i = 0; i < KIND_COUNT(cases); i++)
        for (size_t d = 0; d < 4; d++)
            assert_memory_equal(
                draw(cases[i].kind, cases[i].fewer, "5", NULL, d, &arena),
                draw(cases[i].kind, cases[i].more, "5", NULL, d, &arena),
                cases[i].fewer * sizeof(uint32_t));
    arena_close(&arena);
}

static void a_latin_hypercube_has_a_point_in_each_interval(void **state)
{
    (void)state;
    static const size_t numbers[] = {1, 2, 3, 7, 10, 48, 63, 64, 100, 999,
                                     1000, SAMPLER_POINTS_MAX};
    struct arena arena = arena_open();
    for (size_t i = 0; i < KIND_COUNT(numbers); i++)
        for (size_t d = 0; d < 3; d++)
            assert_stratified(draw("latin_hypercube", numbers[i], "2", NULL, d,
                                   &arena),
                              numbers[i]);
    arena_close(&arena);
}

/* No two numbers are alike, and dimensions are not correlated. Scrambled points
 * of two seeds are: whole intervals change places. */
static void dimensions_and_seeds_differ(void **state)
{
    (void)state;
    enum { N = 4096 };
    struct arena arena = arena_open();
    for (size_t k = 0; k < KIND_COUNT(kinds); k++) {
        const uint32_t *a = draw(kinds[k], N, "1", NULL, 0, &arena);
        const uint32_t *others[] = {draw(kinds[k], N, "1", NULL, 1, &arena),
                                    draw(kinds[k], N, "2", NULL, 0, &arena)};
        for (size_t o = 0; o < 2; o++) {
            double sum = 0;
            size_t n_equal = 0;
            for (size_t i = 0; i < N; i++) {
                sum += (a[i] * 0x1p-32 - 0.5) * (others[o][i] * 0x1p-32 - 0.5);
                n_equal += a[i] == others[o][i];
            }
            /* The correlation's deviation is 1/64. */
            if (o == 0 || strcmp(kinds[k], "sobol") != 0)
                assert_true(fabs(sum * 12 / N) < 5.0 / 64);
            assert_in_range(n_equal, 0, 1);
        }
    }
    arena_close(&arena);
}

/* As tests/test_kind.c has it for the axes of cells. */
static void every_kind_says_what_it_is_and_takes_its_ranges(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    assert_non_null(kind_find(&sampler_axis, sampler_axis.fallback));
    for (size_t k = 0; k < sampler_axis.n_kinds; k++) {
        const struct kind *kind = sampler_axis.kinds[k];
        void *params = kind_defaults(kind, &arena);
        assert_true(*kind->name && *kind->doc && *kind->cite);
        for (size_t r = 0; r < kind->n_rows; r++) {
            const struct row *row = &kind->rows[r];
            assert_true(*row->doc && *row->unit);
            assert_string_equal(row_print(row, params, &arena), row->fallback);
            if (row->type != ROW_COUNT)
                continue;
            const char *over = arena_print(&arena, "%.0f", row->maximum + 2);
            assert_int_equal(row_set(row, over, params, &arena),
                             STATUS_INVALID);
        }
    }
    arena_close(&arena);
}

/* Cells hang on these numbers: they are the same on every machine for ever. */
static void points_are_what_they_always_were(void **state)
{
    (void)state;
    static const uint32_t expected[][4] = {
        {3433522570, 3515620737, 3252193852, 2871774308},
        {1144507523, 4035185109, 986844037, 3102626056},
        {4152538939, 1016968452, 78549682, 473953243}};
    struct arena arena = arena_open();
    for (size_t k = 0; k < KIND_COUNT(kinds); k++) {
        const uint32_t *numbers = draw(kinds[k], 12, "1", NULL, 3, &arena);
        const uint32_t of[4] = {numbers[0], numbers[1], numbers[6],
                                numbers[11]};
        for (size_t i = 0; i < 4; i++)
            assert_int_equal(of[i], expected[k][i]);
    }
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unscrambled_points_are_those_of_another_program),
        cmocka_unit_test(every_interval_has_one_point),
        cmocka_unit_test(every_box_of_two_dimensions_has_one_point),
        cmocka_unit_test(scrambling_makes_each_point_uniform),
        cmocka_unit_test(evenly_spread_points_integrate_better),
        cmocka_unit_test(more_points_go_on_from_fewer),
        cmocka_unit_test(a_latin_hypercube_has_a_point_in_each_interval),
        cmocka_unit_test(dimensions_and_seeds_differ),
        cmocka_unit_test(every_kind_says_what_it_is_and_takes_its_ranges),
        cmocka_unit_test(points_are_what_they_always_were),
    };
    return cmocka_run_group_tests_name("sampler", tests, NULL, NULL);
}

#include "tests/test.h"

#include "core/surrogate.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* A surrogate with some parameters. */
struct sample {
    const struct surrogate *surrogate;
    void *params;
};

static void set(struct sample *sample, const char *name, double value,
                struct arena *arena)
{
    const struct row *row = kind_find_row(&sample->surrogate->kind, name);
    const char *text = arena_print(arena, "%.17g", value);
    assert_non_null(row);
    assert_int_equal(row_set(row, text, sample->params, arena), STATUS_OK);
}

static struct sample make(const struct kind *kind, struct arena *arena)
{
    return (struct sample){surrogate_of(kind), kind_defaults(kind, arena)};
}

static struct sample make_named(const char *name, struct arena *arena)
{
    const struct kind *kind = kind_find(&surrogate_axis, name);
    assert_non_null(kind);
    return make(kind, arena);
}

static double derivative(struct sample sample, double x)
{
    float in = (float)x, out = NAN;
    sample.surrogate->derivative(sample.params, 1, &in, &out);
    return (double)out;
}

/* Calls `check` for every kind: with its defaults, and with every parameter at
 * the ends of its range and at places in between. */
static void for_all(void (*check)(struct sample sample))
{
    for (size_t k = 0; k < surrogate_axis.n_kinds; k++) {
        const struct kind *kind = surrogate_axis.kinds[k];
        struct arena arena = arena_open();
        check(make(kind, &arena));
        for (size_t r = 0; r < kind->n_rows; r++) {
            const struct row *row = &kind->rows[r];
            double values[] = {row->minimum, row->maximum, 0.25, 3.0};
            for (size_t i = 0; i < 4; i++) {
                struct sample sample = make(kind, &arena);
                set(&sample, row->name, values[i], &arena);
                check(sample);
            }
        }
        arena_close(&arena);
    }
}

static void check_finite(struct sample sample)
{
    static const double places[] = {0,    1e-45, 1e-30, 1e-3,
                                    1e10, 1e30,  1e38,  (double)FLT_MAX};
    for (size_t i = 0; i < 8; i++)
        for (int sign = -1; sign <= 1; sign += 2) {
            double at = derivative(sample, sign * places[i]);
            assert_true(isfinite(at) && at >= 0);
        }
    assert_true(derivative(sample, 0) > 0);
}

static void a_derivative_is_finite_and_not_negative_anywhere(void **state)
{
    (void)state;
    for_all(check_finite);
}

static void check_shape(struct sample sample)
{
    double peak = derivative(sample, 0), before = peak;
    for (double x = 1e-6; x < 1e6; x *= 1.1) {
        double at = derivative(sample, x);
        assert_true(at <= before * (1 + 1e-6));
        assert_true(at == derivative(sample, -x));
        before = at;
    }
}

static void a_derivative_is_even_and_falls_from_its_peak(void **state)
{
    (void)state;
    for_all(check_shape);
}

static void check_support(struct sample sample)
{
    double width = sample.surrogate->half_width(sample.params);
    assert_true(width > 0);
    if (isinf(width)) {
        assert_true(derivative(sample, 10 / derivative(sample, 0)) > 0);
        return;
    }
    assert_true(derivative(sample, width * (1 + 1e-6)) == 0);
    assert_true(derivative(sample, -1e30) == 0);
    assert_true(derivative(sample, width * (1 - 1e-6)) > 0);
}

static void a_derivative_is_zero_outside_its_support_only(void **state)
{
    (void)state;
    for_all(check_support);
}

/* Mean over an interval by Gauss' three points; no point lies on a kink if
 * the kinks are the ends of intervals. */
static double mean_over(struct sample sample, double from, double to)
{
    double middle = 0.5 * (from + to), reach = 0.5 * (to - from) * sqrt(0.6);
    return (5.0 * derivative(sample, middle - reach) +
            8.0 * derivative(sample, middle) +
            5.0 * derivative(sample, middle + reach)) /
           18.0;
}

/* In units of the surrogate's own width, area / peak. In float, kinks are off
 * the ends of intervals by a few parts in 10^8 of that. */
static void check_primitive(struct sample sample)
{
    double peak = derivative(sample, 0), step = 1.0 / 64;
    double unit = sample.surrogate->area(sample.params) / peak;
    for (int i = -192; i < 192; i++) {
        double from = unit * i * step, to = unit * (i + 1) * step;
        double rise = sample.surrogate->primitive(sample.params, to) -
                      sample.surrogate->primitive(sample.params, from);
        double error = rise / (to - from) - mean_over(sample, from, to);
        assert_true(fabs(error) < 1e-5 * peak);
    }
}

static void the_primitives_derivative_is_the_derivative(void **state)
{
    (void)state;
    for_all(check_primitive);
}

/* The whole line is folded into (-1, 1) by x = unit u / (1 - u^2). */
static void check_area(struct sample sample)
{
    enum { N_POINTS = 20000 };
    double area = sample.surrogate->area(sample.params), sum = 0;
    double unit = area / derivative(sample, 0);
    for (int i = 0; i < N_POINTS; i++) {
        double u = -1 + (2.0 * i + 1) / N_POINTS, rest = 1 - u * u;
        double stretch = (1 + u * u) / (rest * rest);
        sum += derivative(sample, unit * u / rest) * unit * stretch;
    }
    assert_true(fabs(sum * 2 / N_POINTS - area) < 1e-3 * area);
    double rise = sample.surrogate->primitive(sample.params, 1e15) -
                  sample.surrogate->primitive(sample.params, -1e15);
    assert_true(fabs(rise - area) < 1e-6 * area);
}

static void the_area_is_the_integral_over_the_line(void **state)
{
    (void)state;
    for_all(check_area);
}

/* What a tile's place is must not matter to a neuron. */
static void check_places(struct sample sample)
{
    float x[67], y[67];
    for (size_t i = 0; i < 67; i++)
        x[i] = (float)sin(3.0 * (double)i);
    sample.surrogate->derivative(sample.params, 67, x, y);
    for (size_t i = 0; i < 67; i++) {
        float alone = NAN;
        sample.surrogate->derivative(sample.params, 1, &x[i], &alone);
        assert_memory_equal(&alone, &y[i], sizeof alone);
    }
    sample.surrogate->derivative(sample.params, 67, x, x);
    assert_memory_equal(x, y, sizeof x);
}

static void an_array_in_place_gives_what_single_numbers_give(void **state)
{
    (void)state;
    for_all(check_places);
}

/* Values of other implementations, kept in the project's notes: g'(x) at 1,
 * 0.5, 0.25 and 0. */
static void expect(struct sample sample, const double golden[4])
{
    static const double places[] = {1, 0.5, 0.25, 0};
    for (size_t i = 0; i < 4; i++)
        assert_true(fabs(derivative(sample, places[i]) - golden[i]) < 1e-6);
}

static void the_golden_values_come_out(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    expect(make_named("triangular", &arena), (double[]){0, 0.5, 0.75, 1});
    expect(make_named("rectangular", &arena), (double[]){0, 0, 1, 1});
    expect(make_named("sigmoid", &arena),
           (double[]){0.070651, 0.419974, 0.786448, 1});
    expect(make_named("atan", &arena),
           (double[]){0.092000, 0.288400, 0.618486, 1});
    struct sample superspike = make_named("superspike", &arena);
    set(&superspike, "slope", 1, &arena);
    expect(superspike, (double[]){0.25, 0.444444, 0.64, 1});
    set(&superspike, "slope", 25, &arena);
    expect(superspike, (double[]){0.001479, 0.005487, 0.019025, 1});
    arena_close(&arena);
}

static void the_sigmoid_is_exact_far_from_the_threshold(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct sample sigmoid = make_named("sigmoid", &arena);
    for (double x = 0; x < 20; x += 1.0 / 256) {
        double e = exp(-4 * x), exact = 4 * e / ((1 + e) * (1 + e));
        assert_true(fabs(derivative(sigmoid, x) / exact - 1) < 1e-6);
    }
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_derivative_is_finite_and_not_negative_anywhere),
        cmocka_unit_test(a_derivative_is_even_and_falls_from_its_peak),
        cmocka_unit_test(a_derivative_is_zero_outside_its_support_only),
        cmocka_unit_test(the_primitives_derivative_is_the_derivative),
        cmocka_unit_test(the_area_is_the_integral_over_the_line),
        cmocka_unit_test(an_array_in_place_gives_what_single_numbers_give),
        cmocka_unit_test(the_golden_values_come_out),
        cmocka_unit_test(the_sigmoid_is_exact_far_from_the_threshold),
    };
    return cmocka_run_group_tests_name("surrogate", tests, NULL, NULL);
}

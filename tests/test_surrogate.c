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

static void set_text(struct sample *sample, const struct row *row,
                     const char *text, struct arena *arena)
{
    assert_non_null(row);
    assert_int_equal(row_set(row, text, sample->params, arena), STATUS_OK);
}

static void set(struct sample *sample, const char *name, double value,
                struct arena *arena)
{
    set_text(sample, kind_find_row(&sample->surrogate->kind, name),
             arena_print(arena, "%.17g", value), arena);
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

/* Calls `check` for a kind, or for every one: with its defaults, and with every
 * parameter at the ends of its range and at places in between. */
static void for_row(const struct kind *kind, const struct row *row,
                    void (*check)(struct sample sample), struct arena *arena)
{
    double values[] = {row->minimum, row->maximum, 0.25, 3.0};
    bool whole = row->type == ROW_COUNT, choice = row->type == ROW_CHOICE;
    for (size_t i = 0; choice && row->choices[i]; i++) {
        struct sample sample = make(kind, arena);
        set_text(&sample, row, row->choices[i], arena);
        check(sample);
    }
    for (size_t i = 0; !choice && i < 4; i++) {
        struct sample sample = make(kind, arena);
        if (values[i] < row->minimum || values[i] > row->maximum ||
            (whole && values[i] != floor(values[i])))
            continue;
        set(&sample, row->name, values[i], arena);
        check(sample);
    }
}

static void for_kind(const struct kind *kind,
                     void (*check)(struct sample sample))
{
    struct arena arena = arena_open();
    check(make(kind, &arena));
    for (size_t r = 0; r < kind->n_rows; r++)
        for_row(kind, &kind->rows[r], check, &arena);
    arena_close(&arena);
}

static void for_all(void (*check)(struct sample sample))
{
    for (size_t k = 0; k < surrogate_axis.n_kinds; k++)
        for_kind(surrogate_axis.kinds[k], check);
}

/* The largest |g'|: at 0 unless it is unlike the others. */
static double peak_of(struct sample sample)
{
    double peak = fabs(derivative(sample, 0));
    if (!sample.surrogate->lopsided && !sample.surrogate->rises)
        return peak;
    for (double x = 1e-6; x < 1e6; x *= 1.01) {
        peak = fmax(peak, fabs(derivative(sample, x)));
        peak = fmax(peak, fabs(derivative(sample, -x)));
    }
    return peak;
}

/* Its own width, by which places are measured. */
static double unit_of(struct sample sample)
{
    double area = sample.surrogate->area(sample.params);
    return (isfinite(area) ? area : 1) / peak_of(sample);
}

static void check_finite(struct sample sample)
{
    static const double places[] = {0,    1e-45, 1e-30, 1e-3,
                                    1e10, 1e30,  1e38,  (double)FLT_MAX};
    for (size_t i = 0; i < 8; i++)
        for (int sign = -1; sign <= 1; sign += 2) {
            double at = derivative(sample, sign * places[i]);
            assert_true(isfinite(at));
            assert_true(at >= 0 || sample.surrogate->rises);
        }
    assert_true(sample.surrogate->lopsided || derivative(sample, 0) > 0);
    assert_true(peak_of(sample) > 0);
}

static void a_derivative_is_finite_and_not_negative_anywhere(void **state)
{
    (void)state;
    for_all(check_finite);
}

/* How g' differs from an even one that falls from its peak. */
struct shape {
    bool lopsided, rises;
};

static struct shape shape_of(struct sample sample)
{
    struct shape shape = {false, false};
    double before = derivative(sample, 0);
    for (double x = 1e-6; x < 1e6; x *= 1.1) {
        double at = derivative(sample, x);
        /* on the right alone: what is lopsided has no peak at 0 */
        if (x > 1e-6 || !sample.surrogate->lopsided)
            shape.rises |= !(at <= before * (1 + 1e-6));
        shape.rises |= at < 0;
        shape.lopsided |= at != derivative(sample, -x);
        before = at;
    }
    return shape;
}

static struct shape seen;

static void check_shape(struct sample sample)
{
    struct shape shape = shape_of(sample);
    assert_true(sample.surrogate->lopsided || !shape.lopsided);
    assert_true(sample.surrogate->rises || !shape.rises);
    seen.lopsided |= shape.lopsided;
    seen.rises |= shape.rises;
}

static void a_derivative_is_even_and_falls_unless_told(void **state)
{
    (void)state;
    for (size_t k = 0; k < surrogate_axis.n_kinds; k++) {
        const struct kind *kind = surrogate_axis.kinds[k];
        seen = (struct shape){false, false};
        for_kind(kind, check_shape);
        assert_int_equal(seen.lopsided, surrogate_of(kind)->lopsided);
        assert_int_equal(seen.rises, surrogate_of(kind)->rises);
    }
}

/* Without an end it is not 0 far out. */
static void check_no_end(struct sample sample)
{
    double far = 10 / peak_of(sample), largest = 0;
    if (!sample.surrogate->rises) {
        assert_true(derivative(sample, far) > 0);
        return;
    }
    for (double x = far; x < 2 * far; x += 0.01 * far)
        largest = fmax(largest, fabs(derivative(sample, x)));
    assert_true(largest > 0);
}

static void check_support(struct sample sample)
{
    double width = sample.surrogate->half_width(sample.params);
    assert_true(width > 0);
    if (isinf(width)) {
        check_no_end(sample);
        return;
    }
    assert_true(derivative(sample, width * (1 + 1e-6)) == 0);
    assert_true(derivative(sample, -width * (1 + 1e-6)) == 0);
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

/* In units of the surrogate's own width. In float, kinks are off
 * the ends of intervals by a few parts in 10^8 of that. */
static void check_primitive(struct sample sample)
{
    double peak = peak_of(sample), step = 1.0 / 64;
    double unit = unit_of(sample);
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

static double rise(struct sample sample, double from, double to)
{
    return sample.surrogate->primitive(sample.params, to) -
           sample.surrogate->primitive(sample.params, from);
}

/* Both halves of the line, by x = unit exp(u) and its negative: tails that fall
 * as a power fall exponentially in u. */
static double integrate(struct sample sample)
{
    enum { N_POINTS = 200000 };
    double unit = unit_of(sample), step = (log(1e18) + 20) / N_POINTS, sum = 0;
    for (int i = 0; i < N_POINTS; i++) {
        double x = unit * exp(-20 + (i + 0.5) * step);
        sum += (derivative(sample, x) + derivative(sample, -x)) * x;
    }
    return sum * step;
}

/* What diverges gains no less from each power of 10 than from the one before;
 * the gains of what converges dwindle. */
static void check_divergence(struct sample sample)
{
    double before = rise(sample, -1e10, 1e10) - rise(sample, -1e5, 1e5);
    double after = rise(sample, -1e15, 1e15) - rise(sample, -1e10, 1e10);
    assert_true(before > 0 && after > 0.99 * before);
}

/* Up to ever larger places it neither grows nor settles. */
static void check_no_limit(struct sample sample)
{
    double unit = unit_of(sample), least = INFINITY, most = -INFINITY;
    assert_true(sample.surrogate->rises);
    for (int i = 1000; i < 2000; i++) {
        double at = rise(sample, -i * unit, i * unit);
        least = fmin(least, at);
        most = fmax(most, at);
    }
    assert_true(least < 0 && most > 0 && most < 2);
}

static void check_area(struct sample sample)
{
    double area = sample.surrogate->area(sample.params);
    if (isnan(area)) {
        check_no_limit(sample);
        return;
    }
    if (isinf(area)) {
        check_divergence(sample);
        return;
    }
    assert_true(area > 0);
    assert_true(fabs(integrate(sample) - area) < 1e-3 * area);
    assert_true(fabs(rise(sample, -1e15, 1e15) - area) < 1e-6 * area);
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
 * 0.5, 0.25 and 0, and where it is lopsided at -0.25, -0.5 and -1. */
static void expect(struct sample sample, const double golden[7])
{
    static const double places[] = {1, 0.5, 0.25, 0, -0.25, -0.5, -1};
    for (size_t i = 0; i < 7; i++) {
        bool even = i > 3 && !sample.surrogate->lopsided;
        double value = golden[even ? 6 - i : i];
        assert_true(fabs(derivative(sample, places[i]) - value) < 1e-6);
    }
}

static void the_golden_values_come_out(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *row;
        double value, golden[7];
    } all[] = {
        {"triangular", NULL, 0, {0, 0.5, 0.75, 1}},
        {"rectangular", NULL, 0, {0, 0, 1, 1}},
        {"sigmoid", NULL, 0, {0.070651, 0.419974, 0.786448, 1}},
        {"atan", NULL, 0, {0.092000, 0.288400, 0.618486, 1}},
        {"superspike", "slope", 1, {0.25, 0.444444, 0.64, 1}},
        {"superspike", "slope", 25, {0.001479, 0.005487, 0.019025, 1}},
        {"softsign", NULL, 0, {0.111111, 0.25, 0.444444, 1}},
        {"fast_sigmoid", NULL, 0, {0.001479, 0.005487, 0.019025, 1}},
        {"piecewise_exp", NULL, 0, {0.183940, 0.303265, 0.389400, 0.5}},
        {"erf", NULL, 0, {0.020667, 0.415107, 0.878783, 1.128379}},
        {"gaussian", NULL, 0, {0.107982, 0.483941, 0.704131, 0.797885}},
        {"noisy_lif", NULL, 0, {0.107982, 0.483941, 0.704131, 0.797885}},
        {"q_pseudospike", NULL, 0, {0.111111, 0.25, 0.444444, 1}},
        {"s2nn", NULL, 0,
         {0.5, 0.666667, 0.8, 1, 0.786448, 0.419974, 0.070651}},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct arena arena = arena_open();
        struct sample sample = make_named(all[i].kind, &arena);
        if (all[i].row)
            set(&sample, all[i].row, all[i].value, &arena);
        expect(sample, all[i].golden);
        arena_close(&arena);
    }
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
        cmocka_unit_test(a_derivative_is_even_and_falls_unless_told),
        cmocka_unit_test(a_derivative_is_zero_outside_its_support_only),
        cmocka_unit_test(the_primitives_derivative_is_the_derivative),
        cmocka_unit_test(the_area_is_the_integral_over_the_line),
        cmocka_unit_test(an_array_in_place_gives_what_single_numbers_give),
        cmocka_unit_test(the_golden_values_come_out),
        cmocka_unit_test(the_sigmoid_is_exact_far_from_the_threshold),
    };
    return cmocka_run_group_tests_name("surrogate", tests, NULL, NULL);
}

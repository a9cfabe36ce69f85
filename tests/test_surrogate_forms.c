/* Every surrogate's formula once more, as its paper or library has it: in
 * double, by the C library, with parameters that are not the defaults. */
#include "tests/test.h"

#include "core/surrogate.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

struct form {
    const char *kind;
    struct {
        const char *row;
        double value;
    } at[4];
    double (*formula)(double x);
};

static double normal(double x, double mean, double sigma)
{
    double z = (x - mean) / sigma;
    return exp(-0.5 * z * z) / (sqrt(2 * PI) * sigma);
}

static double logistic_slope(double slope, double x)
{
    double s = 1 / (1 + exp(-slope * x)), rest = 1 / (1 + exp(slope * x));
    return slope * s * rest;
}

static double triangular(double x)
{
    return fmax(0.7 - fabs(x), 0) / (0.7 * 0.7);
}

static double rectangular(double x)
{
    return fabs(x) < 0.75 ? 1 / 1.5 : 0;
}

static double sigmoid(double x)
{
    return logistic_slope(2.5, x);
}

static double superspike(double x)
{
    return 1.5 / pow(1 + 10 * fabs(x), 2);
}

static double atan_slope(double x)
{
    return 3 / (2 * (1 + pow(PI / 2 * 3 * x, 2)));
}

static double softsign(double x)
{
    return 1 / (2 * 3 * pow(1.0 / 3 + fabs(x), 2));
}

static double fast_sigmoid(double x)
{
    return 1 / pow(8 * fabs(x) + 1, 2);
}

/* The ensemble's a exp(-b |x|) of a = 0.3, b = 2. */
static double piecewise_exp(double x)
{
    return 0.3 * exp(-2 * fabs(x));
}

static double erf_slope(double x)
{
    return 1.5 / sqrt(PI) * exp(-1.5 * 1.5 * x * x);
}

static double gaussian(double x)
{
    return normal(x, 0, 0.8);
}

static double multi_gaussian(double x)
{
    return 0.7 * ((1 + 0.2) * normal(x, 0, 0.4) -
                  0.2 * normal(x, 0.4, 5 * 0.4) -
                  0.2 * normal(x, -0.4, 5 * 0.4));
}

static double q_pseudospike(double x)
{
    return pow(1 + 2 / (3.5 - 1) * fabs(x), -3.5);
}

static double s2nn(double x)
{
    return x < 0 ? logistic_slope(3, x) : 0.5 / (x + 1);
}

static double nonzero_sign_log_abs(double x)
{
    return 2 / (1 + 2 * fabs(x));
}

static double piecewise_leaky_relu(double x)
{
    return fabs(x) < 0.8 ? 1 / (2 * 0.8) : 0.05;
}

static double leaky_k_relu(double x)
{
    return x >= 0 ? 1.5 : 0.1;
}

static double log_tailed_relu(double x)
{
    if (x <= 0)
        return 0.2;
    return x <= 1 ? 1 : 1 / x;
}

static double fake_numerical(double x)
{
    double quotient = (x >= 0 ? 1 : -1) / x;
    return quotient < 0.6 ? quotient : 0.6;
}

static double squarewave_fourier(double x)
{
    double w = 2 * PI / 5;
    return 4 / 5.0 * (cos(w * x) + cos(3 * w * x) + cos(5 * w * x));
}

static double straight_through(double x)
{
    return x == x;
}

static double poisson_pass(double x)
{
    return x + 0.375 >= 0 && x + 0.375 <= 1;
}

static const struct form forms[] = {
    {"triangular", {{"width", 0.7}}, triangular},
    {"rectangular", {{"width", 1.5}}, rectangular},
    {"sigmoid", {{"slope", 2.5}}, sigmoid},
    {"superspike", {{"slope", 10}, {"scale", 1.5}}, superspike},
    {"atan", {{"slope", 3}}, atan_slope},
    {"softsign", {{"slope", 3}}, softsign},
    {"fast_sigmoid", {{"slope", 8}}, fast_sigmoid},
    {"piecewise_exp", {{"slope", 2}, {"area", 0.3}}, piecewise_exp},
    {"erf", {{"slope", 1.5}}, erf_slope},
    {"gaussian", {{"sigma", 0.8}}, gaussian},
    {"multi_gaussian",
     {{"sigma", 0.4}, {"height", 0.2}, {"stretch", 5}, {"scale", 0.7}},
     multi_gaussian},
    {"noisy_lif", {{"sigma", 0.8}}, gaussian},
    {"q_pseudospike", {{"exponent", 3.5}}, q_pseudospike},
    {"s2nn", {{"slope", 3}, {"scale", 0.5}}, s2nn},
    {"nonzero_sign_log_abs", {{"slope", 2}}, nonzero_sign_log_abs},
    {"piecewise_leaky_relu",
     {{"width", 0.8}, {"leak", 0.05}},
     piecewise_leaky_relu},
    {"leaky_k_relu", {{"leak", 0.1}, {"slope", 1.5}}, leaky_k_relu},
    {"log_tailed_relu", {{"leak", 0.2}}, log_tailed_relu},
    {"fake_numerical", {{"slope", 0.6}}, fake_numerical},
    {"squarewave_fourier",
     {{"n_terms", 3}, {"period", 5}},
     squarewave_fourier},
    {"straight_through", {{NULL, 0}}, straight_through},
    {"poisson_pass", {{"offset", 0.375}}, poisson_pass},
    /* before they are fitted */
    {"pdsg", {{"stretch", 0.8}}, gaussian},
    {"mpd_agl", {{"width", 1.5}}, rectangular},
    {"ds_atgo", {{"width", 1.5}}, rectangular},
    {"psg", {{"width", 0.7}}, triangular},
};
enum { N_FORMS = sizeof forms / sizeof *forms };

static void *make_params(const struct form *form, const struct kind *kind,
                         struct arena *arena)
{
    void *params = kind_defaults(kind, arena);
    for (size_t i = 0; i < 4 && form->at[i].row; i++) {
        const struct row *row = kind_find_row(kind, form->at[i].row);
        const char *text = arena_print(arena, "%.17g", form->at[i].value);
        assert_non_null(row);
        assert_int_equal(row_set(row, text, params, arena), STATUS_OK);
    }
    return params;
}

/* Relative to the value, but where a sum of terms of both signs is small, or a
 * tail so thin that an exponent of 70 has no more digits. */
static void check_form(const struct form *form)
{
    struct arena arena = arena_open();
    const struct kind *kind = kind_find(&surrogate_axis, form->kind);
    assert_non_null(kind);
    const struct surrogate *surrogate = surrogate_of(kind);
    void *params = make_params(form, kind, &arena);
    double least = surrogate->rises ? 1 : 1e-12;
    for (int i = -3000; i < 3000; i++) {
        float x = (float)(i + 0.5) / 256, y = NAN;
        double exact = form->formula((double)x);
        surrogate->derivative(params, 1, &x, &y);
        if (!(fabs((double)y - exact) < 1e-5 * fmax(fabs(exact), least)))
            fail_msg("%s at %g: %g, not %g", form->kind, (double)x, (double)y,
                     exact);
    }
    arena_close(&arena);
}

static void every_derivative_is_its_formula(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_FORMS; i++)
        check_form(&forms[i]);
}

static void no_kind_is_without_a_formula(void **state)
{
    (void)state;
    for (size_t k = 0; k < surrogate_axis.n_kinds; k++) {
        size_t i = 0;
        while (i < N_FORMS && kind_find(&surrogate_axis, forms[i].kind) !=
                                  surrogate_axis.kinds[k])
            i++;
        assert_true(i < N_FORMS);
    }
}

/* What a threshold belongs to, and the ends of a support. */
static void edges_are_where_the_sources_have_them(void **state)
{
    (void)state;
    static const struct {
        const char *kind;
        float x;
        float expected;
    } all[] = {
        {"rectangular", 0.5f, 0},      {"piecewise_leaky_relu", 1, 0.01f},
        {"leaky_k_relu", 0, 1},        {"leaky_k_relu", -1e-30f, 0},
        {"log_tailed_relu", 0, 0},     {"log_tailed_relu", 1e-30f, 1},
        {"log_tailed_relu", 1, 1},     {"s2nn", 0, 1},
        {"poisson_pass", 0, 1},        {"poisson_pass", 1, 1},
        {"poisson_pass", -1e-30f, 0},  {"fake_numerical", 0, 0.3f},
        {"squarewave_fourier", 0, 1},  {"squarewave_fourier", 2, 0},
        {"squarewave_fourier", 8e6f, 1},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct arena arena = arena_open();
        const struct kind *kind = kind_find(&surrogate_axis, all[i].kind);
        float y = NAN;
        surrogate_of(kind)->derivative(kind_defaults(kind, &arena), 1,
                                       &all[i].x, &y);
        if (!(fabsf(y - all[i].expected) < 1e-6f))
            fail_msg("%s at %g: %g", all[i].kind, (double)all[i].x, (double)y);
        arena_close(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_derivative_is_its_formula),
        cmocka_unit_test(no_kind_is_without_a_formula),
        cmocka_unit_test(edges_are_where_the_sources_have_them),
    };
    return cmocka_run_group_tests_name("surrogate_forms", tests, NULL, NULL);
}

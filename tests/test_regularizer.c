#include "tests/test.h"

#include "core/regularizer.h"
#include "core/spec.h"
#include "core/surrogate.h"

#include <math.h>
#include <string.h>

static bool near(double value, double expected, double tolerance)
{
    return fabs(value - expected) <= tolerance;
}

/* omega --------------------------------------------------------------- */

/* mu, sigma, gamma; Omega and its derivatives, checked by finite differences
 * and Monte Carlo when they were noted down. */
static const double golden[][6] = {
    {0, 1, 1, 0.682689492, 0, -0.483941449},
    {-1, 1, 1, 0.477249868, 0.344951314, -0.107981933},
    {-1, 0.5, 1, 0.499968329, 0.797616900, -0.001070642},
    {0.5, 2, 1, 0.372078973, -0.042765342, -0.161260052},
    {-2, 1, 1, 0.157305356, 0.237538876, 0.228675179},
    {-0.3, 0.7, 0.5, 0.485902564, 0.250510288, -0.495308160},
};

static void omega_and_its_derivatives_have_the_golden_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
        const double *row = golden[i];
        double mu = row[0], sigma = row[1], gamma = row[2];
        assert_true(near(omega_value(mu, sigma, gamma), row[3], 1e-9));
        assert_true(near(omega_by_mu(mu, sigma, gamma), row[4], 1e-9));
        assert_true(near(omega_by_sigma(mu, sigma, gamma), row[5], 1e-9));
    }
}

/* Calls `check` on a grid of mean, deviation and half width. */
static void for_grid(void (*check)(double mu, double sigma, double gamma))
{
    static const double mu[] = {-30, -5, -1.5, -1, -0.2, 0, 0.7, 1, 3, 12};
    static const double sigma[] = {0.1, 0.3, 1, 2.5, 40, 1000};
    static const double gamma[] = {0.05, 0.5, 1, 2};
    for (size_t i = 0; i < 10; i++)
        for (size_t k = 0; k < 6; k++)
            for (size_t m = 0; m < 4; m++)
                check(mu[i], sigma[k], gamma[m]);
}

static void check_even(double mu, double sigma, double gamma)
{
    assert_true(omega_value(mu, sigma, gamma) ==
                omega_value(-mu, sigma, gamma));
    assert_true(omega_by_mu(mu, sigma, gamma) ==
                -omega_by_mu(-mu, sigma, gamma));
    assert_true(omega_by_sigma(mu, sigma, gamma) ==
                omega_by_sigma(-mu, sigma, gamma));
    assert_true(omega_value(mu, sigma, gamma) >= 0);
    assert_true(omega_value(mu, sigma, gamma) <= 1);
}

static void omega_is_a_share_and_even_in_the_mean(void **state)
{
    (void)state;
    for_grid(check_even);
}

static void check_differences(double mu, double sigma, double gamma)
{
    double h = 1e-5 * sigma;
    double by_mu = (omega_value(mu + h, sigma, gamma) -
                    omega_value(mu - h, sigma, gamma)) /
                   (2 * h);
    double by_sigma = (omega_value(mu, sigma + h, gamma) -
                       omega_value(mu, sigma - h, gamma)) /
                      (2 * h);
    assert_true(near(omega_by_mu(mu, sigma, gamma), by_mu, 1e-8 / sigma));
    assert_true(near(omega_by_sigma(mu, sigma, gamma), by_sigma, 1e-8 / sigma));
}

static void the_derivatives_are_omegas_differences(void **state)
{
    (void)state;
    for_grid(check_differences);
}

/* The normal density over the range by Simpson's rule, times a power of the
 * distance from the mean in deviations. Its terms are of one sign, so nothing
 * cancels however far out the range lies. */
static double integral(double mu, double sigma, double gamma, int power)
{
    enum { N_PIECES = 20000 };
    double step = 2 * gamma / N_PIECES, sum = 0;
    for (int i = 0; i <= N_PIECES; i++) {
        double z = (-gamma + i * step - mu) / sigma;
        double weight = i == 0 || i == N_PIECES ? 1 : i % 2 ? 4 : 2;
        sum += weight * pow(z, power) * exp(-0.5 * z * z);
    }
    return sum * step / 3 / (sigma * sqrt(2 * acos(-1)));
}

static void expect_integrals(double mu, double sigma, double gamma)
{
    double share = integral(mu, sigma, gamma, 0);
    double by_mu = integral(mu, sigma, gamma, 1) / sigma;
    double by_sigma = (integral(mu, sigma, gamma, 2) - share) / sigma;
    assert_true(near(omega_value(mu, sigma, gamma) / share, 1, 1e-9));
    assert_true(near(omega_by_mu(mu, sigma, gamma) / by_mu, 1, 1e-9));
    assert_true(near(omega_by_sigma(mu, sigma, gamma) / by_sigma, 1, 1e-9));
}

static void omega_is_exact_to_nine_digits_in_the_tails(void **state)
{
    (void)state;
    for (double mu = 3; mu < 36; mu *= 1.2) {
        expect_integrals(-mu, 1, 1);
        expect_integrals(mu, 1, 0.01);
        expect_integrals(mu / 10, 0.1, 0.2);
    }
    expect_integrals(1000, 999, 1);
    expect_integrals(-500, 1000, 0.01);
    expect_integrals(3, 1000, 1);
}

/* A silent layer and one that is driven hard lie there. */
static void far_out_everything_is_zero_and_a_number(void **state)
{
    (void)state;
    for (double mu = 60; mu < 1e300; mu *= 10) {
        assert_true(omega_value(mu, 1, 1) == 0);
        assert_true(omega_by_mu(mu, 1, 1) == 0);
        assert_true(omega_by_sigma(mu, 1, 1) == 0);
    }
    for (double sigma = 1e-300; sigma < 1e-3; sigma *= 10)
        for (double mu = -2; mu <= 2; mu += 0.25) {
            assert_true(isfinite(omega_value(mu, sigma, 1)));
            bool edge = fabs(mu) == 1;
            assert_true(edge || omega_by_mu(mu, sigma, 1) == 0);
            assert_true(edge || omega_by_sigma(mu, sigma, 1) == 0);
        }
}

static void without_deviation_omega_is_its_limit(void **state)
{
    (void)state;
    for (double mu = -2; mu <= 2; mu += 0.25) {
        assert_true(omega_value(mu, 0, 1) == (fabs(mu) < 1 ? 1 : 0));
        assert_true(omega_by_mu(mu, 0, 1) == 0);
        assert_true(omega_by_sigma(mu, 0, 1) == 0);
        if (fabs(mu) != 1)
            assert_true(near(omega_value(mu, 1e-3, 1), omega_value(mu, 0, 1),
                             1e-12));
    }
}

/* the axis ------------------------------------------------------------ */

static const struct regularizer *find(const char *name)
{
    const struct kind *kind = kind_find(&regularizer_axis, name);
    assert_non_null(kind);
    return regularizer_of(kind);
}

static void none_weighs_nothing_and_looks_at_nothing(void **state)
{
    (void)state;
    assert_true(find("none")->weight(NULL, 0.5) == 0);
    assert_null(find("none")->moments);
}

static void moments_sum_omega_and_give_each_pairs_own_gradient(void **state)
{
    (void)state;
    enum { N = 7 };
    struct arena arena = arena_open();
    const struct regularizer *mpd_sgr = find("mpd_sgr");
    void *params = kind_defaults(&mpd_sgr->kind, &arena);
    float mu[N] = {-1, 0, 0.5f, -3, 40, 1, -0.25f};
    float sigma[N] = {1, 0.5f, 2, 1, 1, 0.125f, 0};
    float d_mu[N], d_sigma[N];
    double sum = 0;
    for (size_t i = 0; i < N; i++)
        sum += omega_value((double)mu[i], (double)sigma[i], 0.75);
    double found = mpd_sgr->moments(params, 0.75, N, mu, sigma, d_mu, d_sigma);
    assert_true(near(found, sum, 1e-12));
    for (size_t i = 0; i < N; i++) {
        double m = (double)mu[i], s = (double)sigma[i];
        assert_true(near((double)d_mu[i], omega_by_mu(m, s, 0.75), 1e-7));
        assert_true(near((double)d_sigma[i], omega_by_sigma(m, s, 0.75), 1e-7));
    }
    arena_close(&arena);
}

/* A silent channel sits on the edge with a deviation of rounding errors, where
 * the derivatives grow as 1/sigma. */
static void a_deviation_of_rounding_errors_counts_as_none(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    const struct regularizer *mpd_sgr = find("mpd_sgr");
    void *params = kind_defaults(&mpd_sgr->kind, &arena);
    float mu[3] = {-1, -1, 0.999f}, sigma[3] = {1e-7f, 9e-4f, 1e-6f};
    float d_mu[3], d_sigma[3];
    double sum = mpd_sgr->moments(params, 1, 3, mu, sigma, d_mu, d_sigma);
    assert_true(sum == 1);
    for (size_t i = 0; i < 3; i++)
        assert_true(d_mu[i] == 0 && d_sigma[i] == 0);
    arena_close(&arena);
}

static struct spec make_spec(const char *surrogate, const char *rest,
                             struct arena *arena)
{
    struct spec spec;
    const char *text =
        arena_print(arena, "surrogate = %s\n%s", surrogate, rest);
    assert_int_equal(spec_parse(text, &spec, arena), STATUS_OK);
    return spec;
}

static void an_unbounded_surrogate_needs_a_range(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    const struct kind *mpd_sgr = &find("mpd_sgr")->kind;
    size_t n_refused = 0;
    for (size_t i = 0; i < surrogate_axis.n_kinds; i++) {
        const struct kind *kind = surrogate_axis.kinds[i];
        struct spec bare =
            make_spec(kind->name, "regularizer = mpd_sgr\n", &arena);
        const struct choice *choice = &bare.at[SPEC_SURROGATE];
        double width = surrogate_of(kind)->half_width(choice->params);
        assert_int_equal(mpd_sgr->applies(&bare) != NULL, isinf(width));
        n_refused += mpd_sgr->applies(&bare) != NULL;
        struct spec ranged = make_spec(
            kind->name, "regularizer = mpd_sgr\nregularizer.range = 0.5\n",
            &arena);
        assert_null(mpd_sgr->applies(&ranged));
        assert_true(regularizer_gamma(&ranged) == 0.5);
    }
    assert_true(n_refused > 0 && n_refused < surrogate_axis.n_kinds);
    arena_close(&arena);
}

static void gamma_is_the_surrogates_half_width_unless_told(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct spec spec = make_spec("triangular", "", &arena);
    assert_true(regularizer_gamma(&spec) == 1);
    spec = make_spec("rectangular", "regularizer = mpd_sgr\n", &arena);
    assert_true(regularizer_gamma(&spec) == 0.5);
    spec = make_spec("atan", "", &arena);
    assert_true(regularizer_gamma(&spec) == 0);
    arena_close(&arena);
}

/* Closed forms of the width that holds a share p of the area. */
static void a_share_gives_unbounded_surrogates_a_range(void **state)
{
    (void)state;
    static const struct {
        const char *surrogate;
        double share, width;
    } all[] = {
        {"triangular", 0.75, 0.5},              /* 1 - sqrt(1 - p) */
        {"rectangular", 0.5, 0.25},             /* p/2 */
        {"sigmoid", 0.9, 0.73610974479161},     /* ln((1 + p)/(1 - p))/4 */
        {"atan", 0.5, 0.31830988618379067},     /* tan(pi p/2)/pi */
        {"softsign", 0.9, 4.5},                 /* p/(1 - p)/2 */
        {"superspike", 0.9, 0.09},              /* p/(1 - p)/100 */
        {"fast_sigmoid", 0.5, 0.04},            /* p/(1 - p)/25 */
        {"piecewise_exp", 0.9, 2.302585092994}, /* -ln(1 - p) */
        {"gaussian", 0.682689492137086, 0.5},   /* one deviation */
        {"erf", 0.954499736103642, 0.7071067811865476}, /* two */
        {"q_pseudospike", 0.9, 4.5},            /* as softsign */
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct arena arena = arena_open();
        struct spec spec = make_spec(
            all[i].surrogate,
            arena_print(&arena,
                        "regularizer = mpd_sgr\nregularizer.share = %.17g\n",
                        all[i].share),
            &arena);
        const struct kind *kind = spec.at[SPEC_REGULARIZER].kind;
        assert_null(kind->applies(&spec));
        assert_true(fabs(regularizer_gamma(&spec) - all[i].width) <
                    1e-10 * all[i].width);
        arena_close(&arena);
    }
}

/* Every kind: what the width holds is the share, if there is an area. */
static void a_share_is_held_or_refused(void **state)
{
    (void)state;
    size_t n_refused = 0;
    for (size_t i = 0; i < surrogate_axis.n_kinds; i++) {
        struct arena arena = arena_open();
        const struct kind *kind = surrogate_axis.kinds[i];
        const struct surrogate *surrogate = surrogate_of(kind);
        struct spec spec = make_spec(kind->name,
                                     "regularizer = mpd_sgr\n"
                                     "regularizer.share = 0.875\n",
                                     &arena);
        const void *params = spec.at[SPEC_SURROGATE].params;
        double area = surrogate->area(params);
        double width = regularizer_gamma(&spec);
        double held = surrogate->primitive(params, width) -
                      surrogate->primitive(params, -width);
        const char *objection = spec.at[SPEC_REGULARIZER].kind->applies(&spec);
        assert_int_equal(objection == NULL, isfinite(area));
        if (isfinite(area))
            assert_true(fabs(held - 0.875 * area) < 1e-9 * area);
        n_refused += objection != NULL;
        arena_close(&arena);
    }
    assert_true(n_refused > 0 && n_refused < surrogate_axis.n_kinds);
}

static void a_range_goes_before_a_share(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct spec spec = make_spec("sigmoid",
                                 "regularizer = mpd_sgr\n"
                                 "regularizer.range = 0.5\n"
                                 "regularizer.share = 0.9\n",
                                 &arena);
    assert_true(regularizer_gamma(&spec) == 0.5);
    arena_close(&arena);
}

static void the_weight_is_the_parameter(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct spec spec = make_spec(
        "triangular", "regularizer = mpd_sgr\nregularizer.weight = 0.375\n",
        &arena);
    const struct choice *choice = &spec.at[SPEC_REGULARIZER];
    assert_true(regularizer_of(choice->kind)->weight(choice->params, 0) ==
                0.375);
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(omega_and_its_derivatives_have_the_golden_values),
        cmocka_unit_test(omega_is_a_share_and_even_in_the_mean),
        cmocka_unit_test(the_derivatives_are_omegas_differences),
        cmocka_unit_test(omega_is_exact_to_nine_digits_in_the_tails),
        cmocka_unit_test(far_out_everything_is_zero_and_a_number),
        cmocka_unit_test(without_deviation_omega_is_its_limit),
        cmocka_unit_test(none_weighs_nothing_and_looks_at_nothing),
        cmocka_unit_test(moments_sum_omega_and_give_each_pairs_own_gradient),
        cmocka_unit_test(a_deviation_of_rounding_errors_counts_as_none),
        cmocka_unit_test(an_unbounded_surrogate_needs_a_range),
        cmocka_unit_test(gamma_is_the_surrogates_half_width_unless_told),
        cmocka_unit_test(a_share_gives_unbounded_surrogates_a_range),
        cmocka_unit_test(a_share_is_held_or_refused),
        cmocka_unit_test(a_range_goes_before_a_share),
        cmocka_unit_test(the_weight_is_the_parameter),
    };
    return cmocka_run_group_tests_name("regularizer", tests, NULL, NULL);
}

/* analysis/statistics.c where closed forms tell what must come out; against
 * independent implementations: test_statistics_oracle.c. */
#include "analysis/distribution.h"
#include "analysis/statistics.h"
#include "tests/test.h"

#include <float.h>
#include <math.h>

static void expect_close(double found, double wanted)
{
    if (!(fabs(found - wanted) <= 1e-11 * fmax(1, fabs(wanted))))
        fail_msg("%.17g instead of %.17g", found, wanted);
}

/* distributions ------------------------------------------------------- */

static void quantiles_and_tails_undo_each_other(void **state)
{
    (void)state;
    for (double p = 0.001; p < 1; p += 0.0499)
        for (double df = 1; df < 1e5; df *= 3.7) {
            double t = distribution_t_quantile(p, df);
            expect_close(distribution_t_beyond(t, df), 2 * fmin(p, 1 - p));
            double z = distribution_normal_quantile(p);
            expect_close(distribution_normal_above(z), 1 - p);
        }
}

static void f_of_one_degree_is_the_square_of_t(void **state)
{
    (void)state;
    for (double t = 0.01; t < 50; t *= 1.7)
        for (double df = 1; df < 1000; df *= 2.3)
            expect_close(distribution_f_above(t * t, 1, df),
                         distribution_t_beyond(t, df));
}

static void the_beta_function_is_binomial_for_whole_numbers(void **state)
{
    (void)state;
    double x = 0.3, sum = 0, choose = 1;
    for (int k = 0; k < 4; k++) { /* P(Binomial(10, x) < 4) */
        sum += choose * pow(x, k) * pow(1 - x, 10 - k);
        choose = choose * (10 - k) / (k + 1);
    }
    expect_close(distribution_beta(4, 7, x), 1 - sum);
    expect_close(distribution_beta(7, 4, 1 - x), sum);
}

static void what_makes_no_sense_is_no_number(void **state)
{
    (void)state;
    assert_true(isnan(distribution_beta(0, 1, 0.5)));
    assert_true(isnan(distribution_beta(1, 1, 1.5)));
    assert_true(isnan(distribution_beta(1, 1, NAN)));
    assert_true(isnan(distribution_t_beyond(1, 0)));
    assert_true(isnan(distribution_t_quantile(1, 3)));
    assert_true(isnan(distribution_t_quantile(0.9, 0)));
    assert_true(isnan(distribution_normal_quantile(0)));
    assert_true(isnan(distribution_f_above(-1, 2, 2)));
    assert_true(distribution_t_beyond(INFINITY, 3) == 0);
    assert_true(distribution_f_above(INFINITY, 3, 3) == 0);
}

/* means and tests ----------------------------------------------------- */

static void what_is_missing_does_not_count(void **state)
{
    (void)state;
    double x[] = {NAN, 1, 2, NAN, 3}, y[] = {1, 0, NAN, 5, 0};
    struct estimate mean = statistics_mean(x, 5, 0.95);
    assert_int_equal(mean.n, 3);
    expect_close(mean.mean, 2);
    expect_close(mean.deviation, 1);
    struct estimate difference = statistics_difference(x, y, 5, 0.95);
    assert_int_equal(difference.n, 2);
    expect_close(difference.mean, 2);
    assert_int_equal(statistics_t_test(x, y, 5).n, 2);
    assert_int_equal(statistics_wilcoxon(x, y, 5).n, 2);
    expect_close(statistics_quantile(x, 5, 0.5), 2);
    double p[] = {0.01, NAN, 0.04}, adjusted[3];
    statistics_holm(p, 3, adjusted);
    expect_close(adjusted[0], 0.02);
    assert_true(isnan(adjusted[1]));
    expect_close(adjusted[2], 0.04);
}

static void too_few_values_say_nothing(void **state)
{
    (void)state;
    double x[] = {1, 2, 3}, y[] = {2, 3, 5};
    assert_true(isnan(statistics_mean(x, 0, 0.95).mean));
    assert_true(isnan(statistics_quantile(x, 0, 0.5)));
    struct estimate one = statistics_mean(x, 1, 0.95);
    assert_true(one.mean == 1 && isnan(one.deviation) && isnan(one.low));
    assert_true(isnan(statistics_t_test(x, y, 1).p));
    assert_true(statistics_wilcoxon(x, x, 3).p == 1);
    assert_true(statistics_wilcoxon(x, y, 1).p == 1);
    assert_true(isnan(statistics_pearson(x, y, 2, 0.95).r));
    struct correlation three = statistics_pearson(x, y, 3, 0.95);
    assert_true(three.p > 0 && isnan(three.low));
}

/* 0.9 - 0.8 and 0.8 - 0.7 are not the same number. */
static void differences_by_rounding_alone_are_none(void **state)
{
    (void)state;
    double a[] = {0.9, 0.8, 0.7}, b[] = {0.8, 0.7, 0.6};
    assert_false(a[0] - b[0] == a[1] - b[1]);
    assert_true(isnan(statistics_t_test(a, b, 3).p));
    double c[] = {0.9, 0.7, 0.7}, d[] = {0.8, 0.8, 0.2};
    struct significance found = statistics_wilcoxon(c, d, 3);
    expect_close(found.statistic, 1.5 + 3);
    double e[] = {0.3, 0.1 + 0.2, 0.4}, f[] = {0.3, 0.3, 0.5};
    assert_int_equal(statistics_wilcoxon(e, f, 3).n, 1);
}

static void signed_ranks_of_one_sign_have_the_smallest_p(void **state)
{
    (void)state;
    double x[60];
    for (size_t n = 1; n <= 50; n++) {
        x[n - 1] = (double)n;
        struct significance found = statistics_wilcoxon(x, NULL, n);
        assert_true(found.exact);
        expect_close(found.p / ldexp(1, 1 - (int)n), 1);
    }
    x[50] = 51;
    assert_false(statistics_wilcoxon(x, NULL, 51).exact);
}

static void an_order_does_not_change_a_correction(void **state)
{
    (void)state;
    double p[] = {0.03, 0.01, 0.04}, q[] = {0.04, 0.03, 0.01}, a[3], b[3];
    statistics_holm(p, 3, a);
    statistics_holm(q, 3, b);
    assert_true(a[0] == b[1] && a[1] == b[2] && a[2] == b[0]);
    expect_close(a[0], 0.06); /* 2 x 0.03 */
    expect_close(a[1], 0.03); /* 3 x 0.01 */
    expect_close(a[2], 0.06); /* not below a smaller one's */
    statistics_benjamini_hochberg(p, 3, p);
    expect_close(p[0], 0.04); /* not above a larger one's */
}

/* correlations -------------------------------------------------------- */

static void a_line_correlates_fully(void **state)
{
    (void)state;
    double x[] = {0.1, 0.2, 0.4, 0.7, 0.8}, y[5], z[5];
    for (int i = 0; i < 5; i++) {
        y[i] = 3 - 2 * x[i];
        z[i] = exp(20 * x[i]);
    }
    struct correlation line = statistics_pearson(x, y, 5, 0.95);
    expect_close(line.r, -1);
    assert_true(line.p < 1e-10 && line.low <= line.r && line.r <= line.high);
    expect_close(statistics_spearman(x, z, 5, 0.95).r, 1);
    assert_true(statistics_pearson(x, z, 5, 0.95).r < 0.95);
}

static void what_does_not_vary_has_no_correlation(void **state)
{
    (void)state;
    double x[] = {0.3, 0.1 + 0.2, 0.3, 0.3}, y[] = {1, 2, 3, 4};
    assert_true(isnan(statistics_pearson(x, y, 4, 0.95).r));
    assert_true(isnan(statistics_spearman(y, x, 4, 0.95).r));
}

static void few_ranks_are_never_certain(void **state)
{
    (void)state;
    double x[] = {1, 2, 3, 4, 5, 6}, y[] = {1, 2, 4, 5, 7, 9};
    size_t group[] = {0, 0, 0, 1, 1, 1};
    expect_close(statistics_spearman(x, y, 4, 0.95).p, 2.0 / 24);
    expect_close(statistics_within(x, y, group, 6, 2, true, 0.95).p,
                 2.0 / 36);
    assert_true(statistics_pearson(x, y, 4, 0.95).p < 2.0 / 24);
}

/* Simpson's: up in each group, down over all. */
static void groups_can_say_the_opposite_of_the_whole(void **state)
{
    (void)state;
    double x[] = {1, 2, 3, 4, 5, 6, 9}, y[] = {11, 12, 13, 1, 2, 3, 50};
    size_t group[] = {0, 0, 0, 1, 1, 1, 2};
    assert_true(statistics_pearson(x, y, 6, 0.95).r < -0.7);
    for (int ranks = 0; ranks < 2; ranks++) {
        struct correlation within =
            statistics_within(x, y, group, 7, 3, ranks, 0.95);
        expect_close(within.r, 1);
        assert_int_equal(within.n, 6); /* a group of one says nothing */
    }
}

static void one_group_is_the_plain_correlation(void **state)
{
    (void)state;
    double x[] = {1, 4, 2, 8, 5, NAN}, y[] = {2, 3, 9, 4, 4, 1};
    size_t group[6] = {0};
    struct correlation plain = statistics_pearson(x, y, 6, 0.9);
    struct correlation within =
        statistics_within(x, y, group, 6, 1, false, 0.9);
    assert_int_equal(plain.n, 5);
    assert_int_equal(within.n, 5);
    expect_close(within.r, plain.r);
    expect_close(within.p, plain.p);
    expect_close(within.low, plain.low);
}

static void ranks_are_whole_but_for_ties(void **state)
{
    (void)state;
    double x[] = {5, -1, 5, 7, 5, 0}, ranks[6];
    double wanted[] = {4, 1, 4, 6, 4, 2};
    statistics_rank(x, 6, ranks);
    for (int i = 0; i < 6; i++)
        assert_true(ranks[i] == wanted[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_and_tails_undo_each_other),
        cmocka_unit_test(f_of_one_degree_is_the_square_of_t),
        cmocka_unit_test(the_beta_function_is_binomial_for_whole_numbers),
        cmocka_unit_test(what_makes_no_sense_is_no_number),
        cmocka_unit_test(what_is_missing_does_not_count),
        cmocka_unit_test(too_few_values_say_nothing),
        cmocka_unit_test(differences_by_rounding_alone_are_none),
        cmocka_unit_test(signed_ranks_of_one_sign_have_the_smallest_p),
        cmocka_unit_test(an_order_does_not_change_a_correction),
        cmocka_unit_test(a_line_correlates_fully),
        cmocka_unit_test(what_does_not_vary_has_no_correlation),
        cmocka_unit_test(few_ranks_are_never_certain),
        cmocka_unit_test(groups_can_say_the_opposite_of_the_whole),
        cmocka_unit_test(one_group_is_the_plain_correlation),
        cmocka_unit_test(ranks_are_whole_but_for_ties),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

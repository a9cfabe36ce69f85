#include "tests/test.h"

#include "core/checks.h"

#include <math.h>
#include <string.h>

enum { N_EPSILONS = 4, N_SAMPLES = 20 };

/* A flawless curve of an attack on two classes: at every larger epsilon five
 * samples more are wrong. A test spoils what it is about. */
struct fixture {
    double epsilon[N_EPSILONS], accuracy[N_EPSILONS];
    double distance_max[N_EPSILONS];
    double pixel_min[N_EPSILONS], pixel_max[N_EPSILONS];
    uint64_t n_zero_gradient[N_EPSILONS];
    uint8_t prediction[N_EPSILONS][N_SAMPLES];
    uint8_t label[N_SAMPLES], clean_prediction[N_SAMPLES];
    struct check_curve curve;
};

static void open_fixture(struct fixture *at, bool single_step)
{
    memset(at, 0, sizeof *at);
    for (size_t e = 0; e < N_EPSILONS; e++) {
        at->epsilon[e] = (double)e / 64;
        at->accuracy[e] = 1 - (double)e / N_EPSILONS;
        at->distance_max[e] = at->epsilon[e];
        at->pixel_max[e] = 1;
        for (size_t i = 0; i < N_SAMPLES; i++) {
            at->label[i] = at->clean_prediction[i] = i % 2;
            at->prediction[e][i] = i < 5 * e ? !at->label[i] : at->label[i];
        }
    }
    at->curve = (struct check_curve){
        .in_ball = true,
        .gradient = true,
        .single_step = single_step,
        .n_epsilons = N_EPSILONS,
        .n_samples = N_SAMPLES,
        .epsilon = at->epsilon,
        .accuracy = at->accuracy,
        .distance_max = at->distance_max,
        .pixel_min = at->pixel_min,
        .pixel_max = at->pixel_max,
        .n_zero_gradient = at->n_zero_gradient,
        .prediction = at->prediction[0],
        .label = at->label,
        .clean_prediction = at->clean_prediction,
    };
}

static struct check_result judge(const struct fixture *at, enum check check)
{
    struct check_result results[CHECK_N];
    check_curve(&at->curve, 1, 0, results);
    return results[check];
}

static void expect(struct check_result result, enum check_verdict verdict,
                   double figure)
{
    assert_string_equal(check_verdict_names[result.verdict],
                        check_verdict_names[verdict]);
    assert_true(fabs(result.figure - figure) < 1e-12);
}

static void expect_nothing(struct check_result result)
{
    assert_int_equal(result.verdict, VERDICT_NOT_APPLICABLE);
    assert_true(isnan(result.figure));
}

static void every_check_says_what_it_looks_at(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHECK_N; i++) {
        const struct check_row *row = &check_rows[i];
        assert_true(row->name && *row->name && row->unit && *row->unit);
        assert_true(row->rule && *row->rule && row->figure && *row->figure);
        assert_true(row->warn_above >= 0);
        assert_true(row->fail_above >= row->warn_above);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(row->name, check_rows[k].name);
    }
    for (size_t i = 0; i < VERDICT_N; i++)
        assert_true(check_verdict_names[i] && *check_verdict_names[i]);
}

static void a_figure_is_judged_by_its_thresholds(void **state)
{
    (void)state;
    for (int i = 0; i < CHECK_N; i++) {
        enum check check = (enum check)i;
        const struct check_row *row = &check_rows[i];
        double warn = row->warn_above, fail = row->fail_above;
        assert_int_equal(check_judge(check, 0).verdict, VERDICT_PASS);
        assert_int_equal(check_judge(check, warn).verdict, VERDICT_PASS);
        assert_int_equal(check_judge(check, nextafter(fail, 9)).verdict,
                         VERDICT_FAIL);
        assert_int_equal(check_judge(check, INFINITY).verdict, VERDICT_FAIL);
        if (fail > warn) {
            assert_int_equal(check_judge(check, fail).verdict, VERDICT_WARN);
            assert_int_equal(check_judge(check, (warn + fail) / 2).verdict,
                             VERDICT_WARN);
        }
        expect_nothing(check_judge(check, NAN));
        assert_true(check_judge(check, 0.75).figure == 0.75);
    }
}

static void a_flawless_attack_passes_all_checks(void **state)
{
    (void)state;
    struct fixture single, many;
    open_fixture(&single, true);
    open_fixture(&many, false);
    struct check_curve curves[2] = {single.curve, many.curve};
    struct check_result results[CHECK_N];
    check_curve(curves, 2, 1, results);
    for (size_t i = 0; i < CHECK_N; i++)
        expect(results[i], VERDICT_PASS, 0);
}

/* each check ---------------------------------------------------------- */

static void a_changed_prediction_at_epsilon_zero_fails(void **state)
{
    (void)state;
    struct fixture at;
    open_fixture(&at, true);
    at.prediction[0][3] ^= 1;
    at.prediction[0][19] ^= 1;
    expect(judge(&at, CHECK_EPSILON_ZERO), VERDICT_FAIL, 2);
    at.clean_prediction[3] ^= 1;
    at.clean_prediction[19] ^= 1;
    expect(judge(&at, CHECK_EPSILON_ZERO), VERDICT_PASS, 0);
    at.epsilon[0] = 0.001;
    expect_nothing(judge(&at, CHECK_EPSILON_ZERO));
}

static void samples_won_back_at_a_larger_epsilon_are_counted(void **state)
{
    (void)state;
    struct fixture at;
    open_fixture(&at, true);
    at.prediction[3][0] = at.label[0];
    expect(judge(&at, CHECK_MONOTONE), VERDICT_WARN, 0.05);
    at.prediction[2][1] = at.label[1];
    expect(judge(&at, CHECK_MONOTONE), VERDICT_FAIL, 0.1);
    at.curve.gradient = false;
    expect_nothing(judge(&at, CHECK_MONOTONE));
}

static void what_is_wrong_without_an_attack_may_turn_right(void **state)
{
    (void)state;
    struct fixture at;
    open_fixture(&at, true);
    at.clean_prediction[19] ^= 1;
    at.prediction[0][19] ^= 1;
    expect(judge(&at, CHECK_MONOTONE), VERDICT_PASS, 0);
}

static void epsilons_may_come_in_any_order(void **state)
{
    (void)state;
    struct fixture at;
    open_fixture(&at, true);
    uint8_t held[N_SAMPLES];
    double epsilon = at.epsilon[1];
    memcpy(held, at.prediction[1], sizeof held);
    memcpy(at.prediction[1], at.prediction[3], sizeof held);
    memcpy(at.prediction[3], held, sizeof held);
    expect(judge(&at, CHECK_MONOTONE), VERDICT_FAIL, 0.5);
    at.epsilon[1] = at.epsilon[3];
    at.epsilon[3] = epsilon;
    expect(judge(&at, CHECK_MONOTONE), VERDICT_PASS, 0);
}

/* Two attacks of one size say nothing about larger ones. */
static void equal_epsilons_have_no_order(void **state)
{
    (void)state;
    struct fixture at;
    open_fixture(&at, true);
    at.epsilon[3] = at.epsilon[2];
    at.prediction[3][0] = at.label[0];
    at.prediction[1][0] = at.label[0];
    expect(judge(&at, CHECK_MONOTONE), VERDICT_PASS, 0);
}

static void one_epsilon_has_no_order(void **state)
{
    (void)state;
    struct fixture at;
    open_fixture(&at, true);
    at.curve.n_epsilons = 1;
    expect_nothing(judge(&at, CHECK_MONOTONE));
}

static struct check_result judge_pair(const struct fixture *many,
                                      const struct fixture *single)
{
    struct check_curve curves[2] = {many->curve, single->curve};
    struct check_result results[CHECK_N];
    check_curve(curves, 2, 0, results);
    return results[CHECK_ITERATIVE];
}

static void an_iterative_attack_weaker_than_one_step_is_found(void **state)
{
    (void)state;
    struct fixture single, many;
    open_fixture(&single, true);
    open_fixture(&many, false);
    many.accuracy[2] += 0.015625;
    expect(judge_pair(&many, &single), VERDICT_WARN, 0.015625);
    many.accuracy[1] += 0.25;
    expect(judge_pair(&many, &single), VERDICT_FAIL, 0.25);
    many.accuracy[1] = many.accuracy[2] = 0;
    expect(judge_pair(&many, &single), VERDICT_PASS, 0);
}

/* In binary, 0.62 - 0.6 is above 0.02. */
static void an_excess_at_the_threshold_is_not_above_it(void **state)
{
    (void)state;
    struct fixture single, many;
    open_fixture(&single, true);
    open_fixture(&many, false);
    single.accuracy[1] = 0.6;
    many.accuracy[1] = 0.62;
    assert_true(many.accuracy[1] - single.accuracy[1] > 0.02);
    expect(judge_pair(&many, &single), VERDICT_WARN, 0.02);
}

static void only_what_is_comparable_is_compared(void **state)
{
    (void)state;
    struct fixture single, many;
    open_fixture(&single, true);
    open_fixture(&many, false);
    many.accuracy[1] += 0.25;
    expect_nothing(judge_pair(&single, &many));
    expect_nothing(judge(&many, CHECK_ITERATIVE));
    many.epsilon[1] += 0.001;
    expect(judge_pair(&many, &single), VERDICT_PASS, 0);
    open_fixture(&many, false);
    many.accuracy[1] += 0.25;
    single.curve.n_samples = 10;
    expect_nothing(judge_pair(&many, &single));
    open_fixture(&single, true);
    single.curve.in_ball = single.curve.gradient = false;
    expect_nothing(judge_pair(&many, &single));
}

static void samples_without_a_gradient_are_an_alarm(void **state)
{
    (void)state;
    struct fixture at;
    open_fixture(&at, true);
    at.n_zero_gradient[1] = 1;
    at.n_zero_gradient[3] = 2;
    expect(judge(&at, CHECK_ZERO_GRADIENT), VERDICT_WARN, 0.1);
    at.n_zero_gradient[0] = 3;
    expect(judge(&at, CHECK_ZERO_GRADIENT), VERDICT_FAIL, 0.15);
    at.curve.gradient = false;
    expect_nothing(judge(&at, CHECK_ZERO_GRADIENT));
}

static void pixels_out_of_ball_or_box_fail(void **state)
{
    (void)state;
    struct fixture at;
    open_fixture(&at, true);
    at.distance_max[1] += 0x1p-21; /* as much as rounding may do */
    expect(judge(&at, CHECK_BALL_AND_BOX), VERDICT_PASS, 0x1p-21);
    at.distance_max[2] += 0.25;
    expect(judge(&at, CHECK_BALL_AND_BOX), VERDICT_FAIL, 0.25);
    open_fixture(&at, true);
    at.pixel_min[0] = -0.125;
    expect(judge(&at, CHECK_BALL_AND_BOX), VERDICT_FAIL, 0.125);
    at.pixel_max[3] = 1.5;
    expect(judge(&at, CHECK_BALL_AND_BOX), VERDICT_FAIL, 0.5);
}

static void noise_may_leave_the_ball_but_not_the_box(void **state)
{
    (void)state;
    struct fixture at;
    open_fixture(&at, true);
    at.curve.in_ball = false;
    at.distance_max[2] += 0.25;
    expect(judge(&at, CHECK_BALL_AND_BOX), VERDICT_PASS, 0);
    at.pixel_min[2] = -0.125;
    expect(judge(&at, CHECK_BALL_AND_BOX), VERDICT_FAIL, 0.125);
}

static void images_that_are_no_numbers_fail(void **state)
{
    (void)state;
    double *places[3];
    struct fixture at;
    for (size_t i = 0; i < 3; i++) {
        open_fixture(&at, true);
        places[0] = &at.distance_max[1];
        places[1] = &at.pixel_min[1];
        places[2] = &at.pixel_max[1];
        *places[i] = NAN;
        assert_int_equal(judge(&at, CHECK_BALL_AND_BOX).verdict, VERDICT_FAIL);
        *places[i] = INFINITY;
        assert_int_equal(judge(&at, CHECK_BALL_AND_BOX).verdict, VERDICT_FAIL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_check_says_what_it_looks_at),
        cmocka_unit_test(a_figure_is_judged_by_its_thresholds),
        cmocka_unit_test(a_flawless_attack_passes_all_checks),
        cmocka_unit_test(a_changed_prediction_at_epsilon_zero_fails),
        cmocka_unit_test(samples_won_back_at_a_larger_epsilon_are_counted),
        cmocka_unit_test(what_is_wrong_without_an_attack_may_turn_right),
        cmocka_unit_test(epsilons_may_come_in_any_order),
        cmocka_unit_test(equal_epsilons_have_no_order),
        cmocka_unit_test(one_epsilon_has_no_order),
        cmocka_unit_test(an_iterative_attack_weaker_than_one_step_is_found),
        cmocka_unit_test(an_excess_at_the_threshold_is_not_above_it),
        cmocka_unit_test(only_what_is_comparable_is_compared),
        cmocka_unit_test(samples_without_a_gradient_are_an_alarm),
        cmocka_unit_test(pixels_out_of_ball_or_box_fail),
        cmocka_unit_test(noise_may_leave_the_ball_but_not_the_box),
        cmocka_unit_test(images_that_are_no_numbers_fail),
    };
    return cmocka_run_group_tests_name("checks", tests, NULL, NULL);
}

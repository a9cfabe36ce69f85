#include "tests/checks_stage.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

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
        assert_int_equal(check_judge(check, nextafter(fail, INFINITY)).verdict,
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

/* What is not there is missed, in warnings; all else is well. */
static void a_flawless_attack_is_warned_of_nothing_but_lone_evidence(
    void **state)
{
    (void)state;
    struct fixture single, many;
    fixture_open(&single, "fgsm", "");
    fixture_open(&many, "pgd", "attack.n_restarts = 2\n");
    struct check_curve curves[2] = {single.curve, many.curve};
    struct check_result results[CHECK_N];
    struct check_cell cell = {.n_classes = 4};
    curves[1].twin_accuracy = 0;
    fixture_check(&cell, curves, 2, 1, results);
    for (int i = 0; i < CHECK_N; i++) {
        bool is_lone = i == CHECK_TARGETS || i == CHECK_GRADIENT_FREE ||
                       i == CHECK_SURROGATES;
        if (results[i].verdict != VERDICT_NOT_APPLICABLE)
            assert_string_equal(check_verdict_names[results[i].verdict],
                                is_lone ? "warn" : "pass");
    }
    assert_int_equal(results[CHECK_CONVERGED].verdict, VERDICT_PASS);
    assert_int_equal(results[CHECK_RESTARTS].verdict, VERDICT_PASS);
    assert_int_equal(results[CHECK_TWIN].verdict, VERDICT_PASS);
    fixture_close(&single);
    fixture_close(&many);
}

/* each check ---------------------------------------------------------- */

static void a_changed_prediction_at_epsilon_zero_fails(void **state)
{
    (void)state;
    struct fixture at;
    fixture_open(&at, "fgsm", "");
    at.prediction[0][3] ^= 1;
    at.prediction[0][19] ^= 1;
    expect_result(fixture_judge(&at, CHECK_EPSILON_ZERO), VERDICT_FAIL, 2);
    at.clean_prediction[3] ^= 1;
    at.clean_prediction[19] ^= 1;
    expect_result(fixture_judge(&at, CHECK_EPSILON_ZERO), VERDICT_PASS, 0);
    at.epsilon[0] = 0.001;
    expect_nothing(fixture_judge(&at, CHECK_EPSILON_ZERO));
    fixture_close(&at);
}

static void samples_won_back_at_a_larger_epsilon_are_counted(void **state)
{
    (void)state;
    struct fixture at;
    fixture_open(&at, "fgsm", "");
    at.prediction[3][0] = at.label[0];
    expect_result(fixture_judge(&at, CHECK_MONOTONE), VERDICT_WARN, 0.05);
    at.prediction[2][1] = at.label[1];
    expect_result(fixture_judge(&at, CHECK_MONOTONE), VERDICT_FAIL, 0.1);
    at.curve.attack = attack_of(kind_find(&attack_axis, "gaussian"));
    expect_nothing(fixture_judge(&at, CHECK_MONOTONE));
    fixture_close(&at);
}

static void what_is_wrong_without_an_attack_may_turn_right(void **state)
{
    (void)state;
    struct fixture at;
    fixture_open(&at, "fgsm", "");
    at.clean_prediction[19] ^= 1;
    at.prediction[0][19] ^= 1;
    expect_result(fixture_judge(&at, CHECK_MONOTONE), VERDICT_PASS, 0);
    fixture_close(&at);
}

static void epsilons_may_come_in_any_order(void **state)
{
    (void)state;
    struct fixture at;
    fixture_open(&at, "fgsm", "");
    uint8_t held[N_SAMPLES];
    double epsilon = at.epsilon[1];
    memcpy(held, at.prediction[1], sizeof held);
    memcpy(at.prediction[1], at.prediction[3], sizeof held);
    memcpy(at.prediction[3], held, sizeof held);
    expect_result(fixture_judge(&at, CHECK_MONOTONE), VERDICT_FAIL, 0.5);
    at.epsilon[1] = at.epsilon[3];
    at.epsilon[3] = epsilon;
    expect_result(fixture_judge(&at, CHECK_MONOTONE), VERDICT_PASS, 0);
    fixture_close(&at);
}

/* Two attacks of one size say nothing about larger ones. */
static void equal_epsilons_have_no_order(void **state)
{
    (void)state;
    struct fixture at;
    fixture_open(&at, "fgsm", "");
    at.epsilon[3] = at.epsilon[2];
    at.prediction[3][0] = at.label[0];
    at.prediction[1][0] = at.label[0];
    expect_result(fixture_judge(&at, CHECK_MONOTONE), VERDICT_PASS, 0);
    fixture_close(&at);
}

static void one_epsilon_has_no_order(void **state)
{
    (void)state;
    struct fixture at;
    fixture_open(&at, "fgsm", "");
    at.curve.n_epsilons = 1;
    expect_nothing(fixture_judge(&at, CHECK_MONOTONE));
    fixture_close(&at);
}

static void an_iterative_attack_weaker_than_one_step_is_found(void **state)
{
    (void)state;
    struct fixture single, many;
    fixture_open(&single, "fgsm", "");
    fixture_open(&many, "pgd", "");
    many.accuracy[2] += 0.015625;
    expect_result(fixture_judge_pair(&many, &single, CHECK_ITERATIVE),
                  VERDICT_WARN, 0.015625);
    many.accuracy[1] += 0.25;
    expect_result(fixture_judge_pair(&many, &single, CHECK_ITERATIVE),
                  VERDICT_FAIL, 0.25);
    many.accuracy[1] = many.accuracy[2] = 0;
    expect_result(fixture_judge_pair(&many, &single, CHECK_ITERATIVE),
                  VERDICT_PASS, 0);
    fixture_close(&single);
    fixture_close(&many);
}

/* In binary, 0.62 - 0.6 is above 0.02. */
static void an_excess_at_the_threshold_is_not_above_it(void **state)
{
    (void)state;
    struct fixture single, many;
    fixture_open(&single, "fgsm", "");
    fixture_open(&many, "pgd", "");
    single.accuracy[1] = 0.6;
    many.accuracy[1] = 0.62;
    assert_true(many.accuracy[1] - single.accuracy[1] > 0.02);
    expect_result(fixture_judge_pair(&many, &single, CHECK_ITERATIVE),
                  VERDICT_WARN, 0.02);
    fixture_close(&single);
    fixture_close(&many);
}

static void only_what_is_comparable_is_compared(void **state)
{
    (void)state;
    struct fixture single, many;
    fixture_open(&single, "fgsm", "");
    fixture_open(&many, "pgd", "");
    many.accuracy[1] += 0.25;
    expect_nothing(fixture_judge_pair(&single, &many, CHECK_ITERATIVE));
    expect_nothing(fixture_judge(&many, CHECK_ITERATIVE));
    many.epsilon[1] += 0.001;
    expect_result(fixture_judge_pair(&many, &single, CHECK_ITERATIVE),
                  VERDICT_PASS, 0);
    fixture_close(&many);
    fixture_open(&many, "pgd", "");
    many.accuracy[1] += 0.25;
    single.curve.n_samples = 10;
    expect_nothing(fixture_judge_pair(&many, &single, CHECK_ITERATIVE));
    fixture_close(&single);
    fixture_open(&single, "fgsm", "");
    single.curve.attack =
        attack_of(kind_find(&attack_axis, "gaussian"));
    expect_nothing(fixture_judge_pair(&many, &single, CHECK_ITERATIVE));
    fixture_close(&single);
    fixture_close(&many);
}

/* Its step is from a random place: it is no candidate of PGD's. */
static void a_single_step_from_a_random_place_is_not_what_must_be_reached(
    void **state)
{
    (void)state;
    struct fixture random, single, many;
    fixture_open(&random, "rfgsm", "");
    fixture_open(&single, "fgsm", "");
    fixture_open(&many, "pgd", "");
    random.accuracy[2] -= 0.25;
    expect_nothing(fixture_judge_pair(&many, &random, CHECK_ITERATIVE));
    single.accuracy[2] -= 0.25;
    expect_result(fixture_judge_pair(&many, &single, CHECK_ITERATIVE),
                  VERDICT_FAIL, 0.25);
    expect_nothing(fixture_judge_pair(&random, &single, CHECK_ITERATIVE));
    fixture_close(&random);
    fixture_close(&single);
    fixture_close(&many);
}

static void samples_without_a_gradient_are_an_alarm(void **state)
{
    (void)state;
    struct fixture at;
    fixture_open(&at, "fgsm", "");
    at.n_zero_gradient[1] = 1;
    at.n_zero_gradient[3] = 2;
    expect_result(fixture_judge(&at, CHECK_ZERO_GRADIENT), VERDICT_WARN, 0.1);
    at.n_zero_gradient[0] = 3;
    expect_result(fixture_judge(&at, CHECK_ZERO_GRADIENT), VERDICT_FAIL, 0.15);
    at.curve.attack = attack_of(kind_find(&attack_axis, "gaussian"));
    expect_nothing(fixture_judge(&at, CHECK_ZERO_GRADIENT));
    fixture_close(&at);
}

static void pixels_out_of_ball_or_box_fail(void **state)
{
    (void)state;
    struct fixture at;
    fixture_open(&at, "fgsm", "");
    at.distance_max[1] += 0x1p-21; /* as much as rounding may do */
    expect_result(fixture_judge(&at, CHECK_BALL_AND_BOX),
                  VERDICT_PASS, 0x1p-21);
    at.distance_max[2] += 0.25;
    expect_result(fixture_judge(&at, CHECK_BALL_AND_BOX), VERDICT_FAIL, 0.25);
    fixture_close(&at);
    fixture_open(&at, "fgsm", "");
    at.pixel_min[0] = -0.125;
    expect_result(fixture_judge(&at, CHECK_BALL_AND_BOX), VERDICT_FAIL, 0.125);
    at.pixel_max[3] = 1.5;
    expect_result(fixture_judge(&at, CHECK_BALL_AND_BOX), VERDICT_FAIL, 0.5);
    fixture_close(&at);
}

static void noise_may_leave_the_ball_but_not_the_box(void **state)
{
    (void)state;
    struct fixture at;
    fixture_open(&at, "fgsm", "");
    at.curve.attack = attack_of(kind_find(&attack_axis, "gaussian"));
    at.distance_max[2] += 0.25;
    expect_result(fixture_judge(&at, CHECK_BALL_AND_BOX), VERDICT_PASS, 0);
    at.pixel_min[2] = -0.125;
    expect_result(fixture_judge(&at, CHECK_BALL_AND_BOX), VERDICT_FAIL, 0.125);
    fixture_close(&at);
}

static void images_that_are_no_numbers_fail(void **state)
{
    (void)state;
    double *places[3];
    struct fixture at;
    for (size_t i = 0; i < 3; i++) {
        fixture_open(&at, "fgsm", "");
        places[0] = &at.distance_max[1];
        places[1] = &at.pixel_min[1];
        places[2] = &at.pixel_max[1];
        *places[i] = NAN;
        assert_int_equal(fixture_judge(&at, CHECK_BALL_AND_BOX).verdict,
                         VERDICT_FAIL);
        *places[i] = INFINITY;
        assert_int_equal(fixture_judge(&at, CHECK_BALL_AND_BOX).verdict,
                         VERDICT_FAIL);
    }
    fixture_close(&at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_check_says_what_it_looks_at),
        cmocka_unit_test(a_figure_is_judged_by_its_thresholds),
        cmocka_unit_test(
            a_flawless_attack_is_warned_of_nothing_but_lone_evidence),
        cmocka_unit_test(a_changed_prediction_at_epsilon_zero_fails),
        cmocka_unit_test(samples_won_back_at_a_larger_epsilon_are_counted),
        cmocka_unit_test(what_is_wrong_without_an_attack_may_turn_right),
        cmocka_unit_test(epsilons_may_come_in_any_order),
        cmocka_unit_test(equal_epsilons_have_no_order),
        cmocka_unit_test(one_epsilon_has_no_order),
        cmocka_unit_test(an_iterative_attack_weaker_than_one_step_is_found),
        cmocka_unit_test(an_excess_at_the_threshold_is_not_above_it),
        cmocka_unit_test(only_what_is_comparable_is_compared),
        cmocka_unit_test(
            a_single_step_from_a_random_place_is_not_what_must_be_reached),
        cmocka_unit_test(samples_without_a_gradient_are_an_alarm),
        cmocka_unit_test(pixels_out_of_ball_or_box_fail),
        cmocka_unit_test(noise_may_leave_the_ball_but_not_the_box),
        cmocka_unit_test(images_that_are_no_numbers_fail),
    };
    return cmocka_run_group_tests_name("checks", tests, NULL, NULL);
}

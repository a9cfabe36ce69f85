/* Checks of the evidence: steps, draws, and attacks beside each other. */
#include "tests/checks_stage.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

static struct check_result judge_cell(const struct check_cell *cell,
                                      const struct fixture *at,
                                      enum check check)
{
    struct check_result results[CHECK_N];
    fixture_check(cell, &at->curve, 1, 0, results);
    return results[check];
}

/* All of `n` fixtures on one network; the verdict on the first. */
static struct check_result judge_all(const struct fixture *at, size_t n,
                                     bool random, enum check check)
{
    struct check_curve curves[8];
    struct check_result results[CHECK_N];
    struct check_cell cell = {.n_classes = 2, .random = random};
    for (size_t i = 0; i < n; i++)
        curves[i] = at[i].curve;
    fixture_check(&cell, curves, n, 0, results);
    return results[check];
}

/* of one curve -------------------------------------------------------- */

static void more_than_chance_at_a_large_epsilon_fails(void **state)
{
    (void)state;
    struct fixture at;
    fixture_open(&at, "pgd", "");
    struct check_cell ten = {.n_classes = 10};
    expect_result(fixture_judge(&at, CHECK_CHANCE), VERDICT_PASS, 0);
    expect_result(judge_cell(&ten, &at, CHECK_CHANCE), VERDICT_FAIL, 0.15);
    for (size_t e = 0; e < N_EPSILONS; e++)
        at.epsilon[e] /= 16;
    expect_result(judge_cell(&ten, &at, CHECK_CHANCE), VERDICT_WARN, 0.1);
    fixture_close(&at);
}

/* Of 10 steps, 6 and more are the second half. */
static void samples_won_late_tell_that_steps_were_too_few(void **state)
{
    (void)state;
    struct fixture at;
    fixture_open(&at, "pgd", "");
    expect_result(fixture_judge(&at, CHECK_CONVERGED), VERDICT_PASS, 0);
    at.n_backward[2][0] = 5;
    expect_result(fixture_judge(&at, CHECK_CONVERGED), VERDICT_PASS, 0);
    at.n_backward[2][0] = 6;
    expect_result(fixture_judge(&at, CHECK_CONVERGED), VERDICT_WARN, 0.05);
    at.n_backward[2][1] = at.n_backward[2][2] = 9;
    expect_result(fixture_judge(&at, CHECK_CONVERGED), VERDICT_FAIL, 0.15);
    fixture_close(&at);
    fixture_open(&at, "pgd", "attack.keep_going = true\n");
    expect_nothing(fixture_judge(&at, CHECK_CONVERGED));
    fixture_close(&at);
    fixture_open(&at, "fgsm", "");
    expect_nothing(fixture_judge(&at, CHECK_CONVERGED));
    fixture_close(&at);
}

static void what_the_last_restart_wins_is_counted(void **state)
{
    (void)state;
    struct fixture at;
    fixture_open(&at, "pgd", "attack.n_restarts = 5\n");
    expect_result(fixture_judge(&at, CHECK_RESTARTS), VERDICT_PASS, 0);
    at.n_backward[1][0] = 8;
    expect_result(fixture_judge(&at, CHECK_RESTARTS), VERDICT_PASS, 0);
    at.n_backward[1][0] = at.n_backward[1][1] = 9;
    expect_result(fixture_judge(&at, CHECK_RESTARTS), VERDICT_FAIL, 0.1);
    fixture_close(&at);
    fixture_open(&at, "pgd", "");
    expect_nothing(fixture_judge(&at, CHECK_RESTARTS));
    fixture_close(&at);
}

static void who_leaves_early_and_is_right_is_a_silent_success(void **state)
{
    (void)state;
    struct fixture at;
    fixture_open(&at, "pgd", "");
    at.prediction[2][3] = at.label[3];
    expect_result(fixture_judge(&at, CHECK_SILENT_SUCCESS), VERDICT_FAIL, 1);
    fixture_close(&at);
}

static void samples_without_passes_are_counted(void **state)
{
    (void)state;
    struct fixture at;
    fixture_open(&at, "pgd", "");
    expect_result(fixture_judge(&at, CHECK_QUERIES), VERDICT_PASS, 0);
    at.n_forward[0][0] = at.n_backward[0][1] = 0; /* epsilon 0 */
    expect_result(fixture_judge(&at, CHECK_QUERIES), VERDICT_PASS, 0);
    at.n_forward[1][0] = at.n_backward[3][1] = 0;
    expect_result(fixture_judge(&at, CHECK_QUERIES), VERDICT_FAIL, 2);
    fixture_close(&at);
}

static void few_draws_of_drawn_answers_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *more;
        enum check_verdict verdict;
        double figure;
    } cases[] = {{"attack.n_draws = 10\n", VERDICT_PASS, 0.1},
                 {"attack.n_draws = 4\n", VERDICT_WARN, 0.25},
                 {"attack.n_draws = 1\n", VERDICT_FAIL, 1}};
    struct check_cell drawn = {.n_classes = 2, .random = true};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture at;
        fixture_open(&at, "pgd", cases[i].more);
        expect_result(judge_cell(&drawn, &at, CHECK_DRAWS), cases[i].verdict,
                      cases[i].figure);
        expect_nothing(fixture_judge(&at, CHECK_DRAWS));
        fixture_close(&at);
    }
}

static void a_twin_that_does_not_fall_is_an_alarm(void **state)
{
    (void)state;
    struct fixture at;
    fixture_open(&at, "pgd", "");
    expect_nothing(fixture_judge(&at, CHECK_TWIN));
    at.curve.twin_accuracy = 0.05;
    expect_result(fixture_judge(&at, CHECK_TWIN), VERDICT_PASS, 0.05);
    at.curve.twin_accuracy = 0.25;
    expect_result(fixture_judge(&at, CHECK_TWIN), VERDICT_WARN, 0.25);
    at.curve.twin_accuracy = 0.75;
    expect_result(fixture_judge(&at, CHECK_TWIN), VERDICT_FAIL, 0.75);
    fixture_close(&at);
}

static void a_parameter_that_is_not_stored_fails(void **state)
{
    (void)state;
    struct fixture at;
    fixture_open(&at, "pgd", "");
    expect_result(fixture_judge(&at, CHECK_PARAMETERS), VERDICT_PASS, 0);
    at.settings.n -= 2;
    expect_result(fixture_judge(&at, CHECK_PARAMETERS), VERDICT_FAIL, 2);
    fixture_close(&at);
}

static void a_rule_other_than_bptt_is_told(void **state)
{
    (void)state;
    struct fixture at;
    fixture_open(&at, "pgd", "attack_rule = bptr\n");
    expect_result(fixture_judge(&at, CHECK_WHOLE_GRADIENT), VERDICT_WARN, 1);
    fixture_close(&at);
}

static void entries_that_are_no_events_fail_on_events_only(void **state)
{
    (void)state;
    struct fixture at;
    struct check_cell events = {.n_classes = 2, .events = true};
    fixture_open(&at, "pgd", "");
    at.n_between[1] = 7;
    expect_result(judge_cell(&events, &at, CHECK_EVENTS), VERDICT_FAIL, 7);
    expect_nothing(fixture_judge(&at, CHECK_EVENTS));
    fixture_close(&at);
}

static void a_loss_that_jumps_is_told_by_its_median(void **state)
{
    (void)state;
    struct fixture at;
    fixture_open(&at, "pgd", "");
    at.loss_change[0] = 1e9;
    expect_result(fixture_judge(&at, CHECK_STABLE_LOSS), VERDICT_PASS, 0);
    for (size_t i = 0; i < 12; i++)
        at.loss_change[i] = 0.75;
    expect_result(fixture_judge(&at, CHECK_STABLE_LOSS), VERDICT_WARN, 0.75);
    fixture_close(&at);
}

/* beside others ------------------------------------------------------- */

static void what_only_a_black_box_wins_is_counted(void **state)
{
    (void)state;
    struct fixture at, square;
    fixture_open(&at, "pgd", "");
    fixture_open(&square, "square", "");
    expect_result(fixture_judge_pair(&at, &square, CHECK_BLACK_BOX),
                  VERDICT_PASS, 0);
    for (size_t i = 10; i < 12; i++) /* in place of two that PGD wins */
        square.prediction[2][i] = !square.label[i];
    square.prediction[2][0] = square.label[0];
    square.prediction[2][1] = square.label[1];
    expect_result(fixture_judge_pair(&at, &square, CHECK_BLACK_BOX),
                  VERDICT_FAIL, 0.1);
    expect_nothing(fixture_judge(&at, CHECK_BLACK_BOX));
    fixture_close(&at);
    fixture_close(&square);
}

static void noise_that_does_more_than_an_attack_is_found(void **state)
{
    (void)state;
    struct fixture at, noise;
    fixture_open(&at, "pgd", "");
    fixture_open(&noise, "gaussian", "");
    expect_result(fixture_judge_pair(&at, &noise, CHECK_NOISE), VERDICT_PASS,
                  0);
    noise.accuracy[3] -= 0.0625;
    expect_result(fixture_judge_pair(&at, &noise, CHECK_NOISE), VERDICT_FAIL,
                  0.0625);
    expect_nothing(fixture_judge_pair(&noise, &at, CHECK_NOISE));
    fixture_close(&at);
    fixture_close(&noise);
}

static void an_objective_that_does_better_is_found(void **state)
{
    (void)state;
    struct fixture at, other;
    fixture_open(&at, "pgd", "");
    fixture_open(&other, "pgd", "attack.objective = dlr\n");
    other.accuracy[1] -= 0.25;
    expect_result(fixture_judge_pair(&at, &other, CHECK_OBJECTIVES),
                  VERDICT_FAIL, 0.25);
    expect_result(fixture_judge_pair(&other, &at, CHECK_OBJECTIVES),
                  VERDICT_PASS, 0);
    fixture_close(&at);
    fixture_close(&other);
}

/* Samples of 20 that withstand n attacks. */
static void expect_worst(struct check_together together, size_t n,
                         size_t n_right)
{
    assert_int_equal(together.n, n);
    assert_true(fabs(together.worst - (double)n_right / 20) < 1e-12);
}

/* Each wins three samples that the other does not: the mean of the minimum is
 * below the minimum of the means. */
static void the_worst_case_is_the_mean_of_the_minimum(void **state)
{
    (void)state;
    struct fixture at, other;
    fixture_open(&at, "pgd", "");
    fixture_open(&other, "fgsm", "");
    for (size_t i = 0; i < 3; i++) {
        other.prediction[2][i] = other.label[i];
        other.prediction[2][10 + i] = !other.label[10 + i];
    }
    struct check_curve curves[2] = {at.curve, other.curve};
    expect_worst(check_over_norm(curves, 2, 0, 2), 2, 7);
    expect_worst(check_over_norm(curves, 2, 1, 2), 2, 7);
    expect_worst(check_over_norm(curves, 1, 0, 2), 1, 10);
    expect_result(fixture_judge_pair(&at, &other, CHECK_WORST_CASE),
                  VERDICT_WARN, 3 / 20.0);
    other.epsilon[2] += 0.001; /* nothing to be compared */
    expect_result(fixture_judge_pair(&at, &other, CHECK_WORST_CASE),
                  VERDICT_PASS, 0);
    fixture_close(&at);
    fixture_close(&other);
}

/* what is there ------------------------------------------------------- */

static void missing_targets_and_objectives_are_counted(void **state)
{
    (void)state;
    struct fixture at[3];
    fixture_open(&at[0], "pgd", "");
    fixture_open(&at[1], "pgd", "attack.n_targets = 9\n");
    fixture_open(&at[2], "pgd", "attack.objective = dlr\n");
    for (size_t n = 1; n <= 3; n++)
        expect_result(judge_all(at, n, false, CHECK_TARGETS),
                      n < 3 ? VERDICT_WARN : VERDICT_PASS, (double)(3 - n));
    for (size_t i = 0; i < 3; i++)
        fixture_close(&at[i]);
}

static void a_missing_attack_without_gradients_is_told(void **state)
{
    (void)state;
    struct fixture at[3];
    fixture_open(&at[0], "pgd", "");
    fixture_open(&at[1], "uniform", ""); /* is noise, and looks for nothing */
    fixture_open(&at[2], "square", "");
    for (size_t n = 1; n < 3; n++)
        expect_result(judge_all(at, n, false, CHECK_GRADIENT_FREE),
                      VERDICT_WARN, 1);
    expect_result(judge_all(at, 3, false, CHECK_GRADIENT_FREE), VERDICT_PASS,
                  0);
    for (size_t i = 0; i < 3; i++)
        fixture_close(&at[i]);
}

/* What another network's gradients win and its own do not tells as much against
 * them as what random search wins. */
static void what_only_a_transfer_wins_tells_against_the_white_box(void **state)
{
    (void)state;
    struct fixture at[2];
    fixture_open(&at[0], "pgd", "");
    fixture_open(&at[1], "pgd", "attack_source = cell\n"
                                "attack_source.changes = \"x\"\n");
    expect_result(judge_all(at, 2, false, CHECK_BLACK_BOX), VERDICT_PASS, 0);
    for (size_t i = 0; i < 2; i++) {
        size_t e = N_EPSILONS - 1, k = 0;
        while (at[0].prediction[e][k] == at[0].label[k])
            k++;
        at[0].prediction[e][k] = at[0].label[k];
    }
    expect_result(judge_all(at, 2, false, CHECK_BLACK_BOX), VERDICT_FAIL, 0.1);
    /* no white box itself, and no other one beside the first */
    struct fixture turned[2] = {at[1], at[0]};
    static const enum check of_white_boxes[] = {
        CHECK_BLACK_BOX, CHECK_ITERATIVE, CHECK_CHANCE, CHECK_MONOTONE,
        CHECK_SILENT_SUCCESS, CHECK_CONVERGED, CHECK_TWIN, CHECK_TARGETS};
    for (size_t i = 0; i < KIND_COUNT(of_white_boxes); i++)
        expect_nothing(judge_all(turned, 1, false, of_white_boxes[i]));
    for (size_t i = 0; i < 2; i++)
        fixture_close(&at[i]);
}

/* The network's own counts as none, neither does one twice. */
static void missing_surrogates_are_counted(void **state)
{
    (void)state;
    static const char *const surrogates[] = {
        "attack_surrogate = own\nattack_surrogate.scale = 1\n",
        "attack_surrogate = own\nattack_surrogate.scale = 2\n",
        "attack_surrogate = atan\nattack_surrogate.slope = 2\n",
        "attack_surrogate = atan\nattack_surrogate.slope = 2\n",
        "attack_surrogate = atan\nattack_surrogate.slope = 1\n",
        "attack_surrogate = assg\n"};
    static const double missing[] = {4, 3, 2, 2, 1, 0};
    struct fixture at[6];
    for (size_t i = 0; i < 6; i++) {
        fixture_open(&at[i], "pgd", surrogates[i]);
        expect_result(judge_all(at, i + 1, false, CHECK_SURROGATES),
                      missing[i] > 0 ? VERDICT_WARN : VERDICT_PASS,
                      missing[i]);
    }
    for (size_t i = 0; i < 6; i++)
        fixture_close(&at[i]);
}

static void drawn_answers_want_two_attacks(void **state)
{
    (void)state;
    struct fixture at[2];
    fixture_open(&at[0], "pgd", "attack.n_draws = 10\n");
    fixture_open(&at[1], "pgd", "attack.fixed_draw = true\n");
    expect_nothing(judge_all(at, 2, false, CHECK_FIXED_DRAWS));
    expect_result(judge_all(at, 1, true, CHECK_FIXED_DRAWS), VERDICT_WARN, 1);
    expect_result(judge_all(at, 2, true, CHECK_FIXED_DRAWS), VERDICT_PASS, 0);
    for (size_t i = 0; i < 2; i++)
        fixture_close(&at[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_than_chance_at_a_large_epsilon_fails),
        cmocka_unit_test(samples_won_late_tell_that_steps_were_too_few),
        cmocka_unit_test(what_the_last_restart_wins_is_counted),
        cmocka_unit_test(who_leaves_early_and_is_right_is_a_silent_success),
        cmocka_unit_test(samples_without_passes_are_counted),
        cmocka_unit_test(few_draws_of_drawn_answers_are_found),
        cmocka_unit_test(a_twin_that_does_not_fall_is_an_alarm),
        cmocka_unit_test(a_parameter_that_is_not_stored_fails),
        cmocka_unit_test(a_rule_other_than_bptt_is_told),
        cmocka_unit_test(entries_that_are_no_events_fail_on_events_only),
        cmocka_unit_test(a_loss_that_jumps_is_told_by_its_median),
        cmocka_unit_test(what_only_a_black_box_wins_is_counted),
        cmocka_unit_test(noise_that_does_more_than_an_attack_is_found),
        cmocka_unit_test(an_objective_that_does_better_is_found),
        cmocka_unit_test(the_worst_case_is_the_mean_of_the_minimum),
        cmocka_unit_test(missing_targets_and_objectives_are_counted),
        cmocka_unit_test(a_missing_attack_without_gradients_is_told),
        cmocka_unit_test(what_only_a_transfer_wins_tells_against_the_white_box),
        cmocka_unit_test(missing_surrogates_are_counted),
        cmocka_unit_test(drawn_answers_want_two_attacks),
    };
    return cmocka_run_group_tests_name("checks_suite", tests, NULL, NULL);
}

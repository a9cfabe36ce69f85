#include "analysis/effects.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

enum { TRIALS = 4, ATTACKS = 3, EPSILONS = 2, CHECKS = 2 };

/* Two pairs of twins, under one single-step and two iterative attacks. */
static const double epsilons[EPSILONS] = {0, 0.1};
static double accuracy[TRIALS][ATTACKS][EPSILONS];
static struct result_trial trials[TRIALS];
static struct result_attack attacks[ATTACKS];
static struct result_evaluation evaluations[TRIALS][ATTACKS];
static const struct result_check checks[CHECKS] = {{.name = "monotone"},
                                                   {.name = "iterative"}};
static uint8_t verdicts[TRIALS][ATTACKS][CHECKS]; /* all pass */
static const struct results results = {.n_trials = TRIALS,
                                       .n_attacks = ATTACKS,
                                       .n_epsilons = EPSILONS,
                                       .n_samples = 10000,
                                       .n_checks = CHECKS,
                                       .checks = checks,
                                       .verdicts = &verdicts[0][0][0],
                                       .epsilons = epsilons,
                                       .trials = trials,
                                       .attacks = attacks,
                                       .evaluations = &evaluations[0][0],
                                       .accuracy = &accuracy[0][0][0]};

static const struct group at[2] = {
    {.defence = "no regularizer",
     .undefended = true,
     .n = 2,
     .trials = (size_t[]){0, 1},
     .twins = (int64_t[]){-1, -1}},
    {.defence = "mpd_sgr",
     .n = 2,
     .trials = (size_t[]){2, 3},
     .twins = (int64_t[]){0, 1}},
};

static const struct groups groups = {
    .n = 2, .n_families = 1, .at = at, .defence_varies = true};

static void set_up(struct arena *arena)
{
    static const char *const names[ATTACKS] = {"fgsm", "bim", "pgd"};
    for (size_t k = 0; k < ATTACKS; k++)
        attacks[k] = (struct result_attack){
            .name = names[k],
            .settings = settings_parse(
                arena_print(arena, "attack = %s\n", names[k]), arena)};
    for (size_t i = 0; i < TRIALS; i++) {
        trials[i] =
            (struct result_trial){.state = "done", .clean_accuracy = 0.9};
        for (size_t k = 0; k < ATTACKS; k++) {
            evaluations[i][k].n_samples = 400;
            accuracy[i][k][0] = 0.9;
            accuracy[i][k][1] = 0.3;
        }
    }
}

/* The gains of the defended under the three attacks. */
static struct sentences describe(double fgsm, double bim, double pgd,
                                 struct arena *arena)
{
    for (size_t i = 2; i < TRIALS; i++) {
        accuracy[i][0][1] = 0.3 + fgsm;
        accuracy[i][1][1] = 0.3 + bim;
        accuracy[i][2][1] = 0.3 + pgd;
    }
    return effects_describe(&results, &groups, "mpd_sgr", arena);
}

static void a_change_is_told_with_its_pairs_and_range(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    set_up(&arena);
    trials[2].clean_accuracy = 0.85;
    trials[3].clean_accuracy = 0.91;
    struct sentences sentences = describe(0.1, 0.1, -0.05, &arena);
    assert_int_equal(sentences.n, 5);
    assert_string_equal(sentences.at[0],
                        "mpd_sgr: clean accuracy fell by 2.0 points (in 1 of "
                        "2 pairs; -5.0 to +1.0).");
    assert_string_equal(sentences.at[1],
                        "Under fgsm it rose by 10.0 points (in 2 of 2 pairs; "
                        "+10.0 to +10.0).");
    assert_string_equal(sentences.at[3],
                        "Under pgd it fell by 5.0 points (in 2 of 2 pairs; "
                        "-5.0 to -5.0).");
    arena_close(&arena);
}

static void no_change_is_told_as_such(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    set_up(&arena);
    struct sentences sentences = describe(0, 0, 0, &arena);
    assert_string_equal(sentences.at[0],
                        "mpd_sgr: clean accuracy did not change (0.0 to "
                        "0.0).");
    arena_close(&arena);
}

/* The weakest gain among iterative attacks decides. */
static void a_gain_against_single_steps_alone_is_suspected(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    set_up(&arena);
    assert_int_equal(describe(0.2, 0.19, 0.12, &arena).n, 4);
    assert_int_equal(describe(0.005, 0, 0, &arena).n, 4);
    struct sentences sentences = describe(0.2, 0.19, 0.05, &arena);
    assert_int_equal(sentences.n, 5);
    assert_non_null(strstr(sentences.at[4], "20.0 points"));
    assert_non_null(strstr(sentences.at[4], " 5.0 stand against iterative"));
    arena_close(&arena);
}

/* Of 2 trials under 3 attacks; one is not asked. */
static void failing_checks_are_told_with_their_regularizer(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    set_up(&arena);
    verdicts[2][0][1] = verdicts[3][0][1] = VERDICT_FAIL;
    verdicts[3][1][1] = VERDICT_NOT_APPLICABLE;
    verdicts[0][0][0] = VERDICT_FAIL; /* the twin's */
    struct sentences sentences = describe(0, 0, 0, &arena);
    assert_int_equal(sentences.n, 5);
    assert_string_equal(sentences.at[4],
                        "Of its evaluations fail: iterative (2 of 5).");
    memset(verdicts, 0, sizeof verdicts);
    arena_close(&arena);
}

static void without_finished_twins_there_is_no_effect(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    set_up(&arena);
    trials[0].state = trials[1].state = "diverged";
    struct sentences sentences = describe(0.1, 0.1, 0.1, &arena);
    assert_int_equal(sentences.n, 1);
    assert_non_null(strstr(sentences.at[0], "no finished cell"));
    arena_close(&arena);
}

static void regularizers_with_twins_are_listed_once(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    const struct group list[4] = {at[0], at[1], at[0], at[1]};
    struct groups all = {.n = 4, .at = list};
    struct sentences names = effects_defences(&all, &arena);
    assert_int_equal(names.n, 1);
    assert_string_equal(names.at[0], "mpd_sgr");
    arena_close(&arena);
}

/* 1.96 sqrt(0.25 / 400) = 4.9 points. */
static void uncertainty_is_that_of_the_fewest_samples(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    set_up(&arena);
    evaluations[0][0].n_samples = 10000;
    evaluations[0][1].n_samples = NAN;
    const char *text = effects_uncertainty(&results, &arena);
    assert_non_null(strstr(text, "the first 400 of up to 10000 test "));
    assert_non_null(strstr(text, "up to 4.9 points"));
    struct results none = {.n_trials = TRIALS};
    assert_string_equal(effects_uncertainty(&none, &arena), "");
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_is_told_with_its_pairs_and_range),
        cmocka_unit_test(no_change_is_told_as_such),
        cmocka_unit_test(a_gain_against_single_steps_alone_is_suspected),
        cmocka_unit_test(failing_checks_are_told_with_their_regularizer),
        cmocka_unit_test(without_finished_twins_there_is_no_effect),
        cmocka_unit_test(regularizers_with_twins_are_listed_once),
        cmocka_unit_test(uncertainty_is_that_of_the_fewest_samples),
    };
    return cmocka_run_group_tests_name("effects", tests, NULL, NULL);
}

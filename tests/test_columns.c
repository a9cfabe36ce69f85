#include "analysis/columns.h"
#include "tests/test.h"

#include <math.h>

enum { TRIALS = 5, ATTACKS = 2, EPSILONS = 4 };

/* Epsilons 0, 2/255, 4/255 and 0.1; the second attack has not the third. */
static const double epsilons[EPSILONS] = {0, 2.0 / 255, 4.0 / 255, 0.1};
static double accuracy[TRIALS][ATTACKS][EPSILONS];
static struct result_trial trials[TRIALS];
static const struct results results = {.n_trials = TRIALS,
                                       .n_attacks = ATTACKS,
                                       .n_epsilons = EPSILONS,
                                       .epsilons = epsilons,
                                       .trials = trials,
                                       .accuracy = &accuracy[0][0][0]};

static void set_up(void)
{
    static const double clean[TRIALS] = {0.9, 0.8, 0.7, 0.95, 0.5};
    for (size_t i = 0; i < TRIALS; i++) {
        trials[i] = (struct result_trial){
            .state = "done",
            .clean_accuracy = clean[i],
            .omega = 0.1 * (double)i,
            .inside = 0.01 * (double)i,
            .firing_rate = 0.001 * (double)i};
        for (size_t k = 0; k < ATTACKS; k++)
            for (size_t e = 0; e < EPSILONS; e++)
                accuracy[i][k][e] =
                    k == 1 && e == 2 ? (double)NAN
                                     : clean[i] - 0.1 * (double)(k + e);
    }
}

static const struct group three = {
    .n = 3, .trials = (size_t[]){0, 1, 2}, .twins = (int64_t[]){3, -1, 4}};

static double value(enum quantity quantity, size_t attack, size_t epsilon)
{
    struct figure column = {quantity, attack, epsilon};
    return figure_value(&results, &column, 1);
}

static void a_column_gives_the_value_of_a_trial(void **state)
{
    (void)state;
    set_up();
    assert_true(value(QUANTITY_CLEAN, 0, 0) == 0.8);
    assert_true(value(QUANTITY_ATTACK, 1, 1) == accuracy[1][1][1]);
    assert_true(isnan(value(QUANTITY_ATTACK, 1, 2)));
    assert_true(fabs(value(QUANTITY_MEAN, 0, 0) - 0.6) < 1e-12);
    assert_true(fabs(value(QUANTITY_MEAN, 1, 0) - 0.5) < 1e-12);
    assert_true(value(QUANTITY_OMEGA, 0, 0) == 0.1);
    assert_true(value(QUANTITY_INSIDE, 0, 0) == 0.01);
    assert_true(value(QUANTITY_RATE, 0, 0) == 0.001);
}

static void a_diverged_trial_has_no_values(void **state)
{
    (void)state;
    set_up();
    trials[1].state = "diverged";
    assert_true(isnan(value(QUANTITY_CLEAN, 0, 0)));
    assert_true(isnan(value(QUANTITY_MEAN, 0, 0)));
    assert_true(isnan(value(QUANTITY_OMEGA, 0, 0)));
}

static void a_spread_is_over_the_seeds_that_there_are(void **state)
{
    (void)state;
    set_up();
    struct figure clean = {QUANTITY_CLEAN, 0, 0};
    struct spread spread = column_spread(&results, &clean, &three);
    assert_int_equal(spread.n, 3);
    assert_true(fabs(spread.mean - 0.8) < 1e-12);
    assert_true(fabs(spread.deviation - 0.1) < 1e-12);
    assert_true(spread.lowest == 0.7 && spread.highest == 0.9);
    trials[0].clean_accuracy = NAN;
    spread = column_spread(&results, &clean, &three);
    assert_int_equal(spread.n, 2);
    assert_true(fabs(spread.mean - 0.75) < 1e-12);
    trials[1].clean_accuracy = trials[2].clean_accuracy = NAN;
    spread = column_spread(&results, &clean, &three);
    assert_int_equal(spread.n, 0);
    assert_true(isnan(spread.mean) && isnan(spread.deviation) &&
                isnan(spread.lowest));
}

/* 0.9 - 0.95 and 0.7 - 0.5; the second has no twin. */
static void differences_are_between_twins_of_a_seed(void **state)
{
    (void)state;
    set_up();
    struct figure clean = {QUANTITY_CLEAN, 0, 0};
    struct spread spread = column_difference(&results, &clean, &three);
    assert_int_equal(spread.n, 2);
    assert_int_equal(spread.n_above, 1);
    assert_int_equal(spread.n_below, 1);
    assert_true(fabs(spread.mean - 0.075) < 1e-12);
    assert_true(fabs(spread.lowest + 0.05) < 1e-12);
    assert_true(fabs(spread.highest - 0.2) < 1e-12);
    assert_true(fabs(spread.deviation - 0.25 / sqrt(2)) < 1e-12);
    trials[4].clean_accuracy = NAN;
    spread = column_difference(&results, &clean, &three);
    assert_int_equal(spread.n, 1);
    assert_true(isnan(spread.deviation));
}

static void an_effect_is_over_all_groups_of_a_regularizer(void **state)
{
    (void)state;
    set_up();
    struct group at[3] = {three, three, three};
    struct groups groups = {.n = 3, .at = at};
    struct figure clean = {QUANTITY_CLEAN, 0, 0};
    at[0].defence = at[2].defence = "mpd_sgr weight=1";
    at[1].defence = "mpd_sgr weight=2";
    struct spread spread =
        column_effect(&results, &clean, &groups, "mpd_sgr weight=1");
    assert_int_equal(spread.n, 4);
    assert_true(fabs(spread.mean - 0.075) < 1e-12);
    assert_int_equal(column_effect(&results, &clean, &groups, "none").n, 0);
}

static void numbers_are_written_as_people_read_them(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct figure clean = {QUANTITY_CLEAN, 0, 0};
    struct figure omega = {QUANTITY_OMEGA, 0, 0};
    assert_string_equal(column_print(&clean, 0.8764, false, &arena), "87.6");
    assert_string_equal(column_print(&clean, 0.021, true, &arena), "+2.1");
    assert_string_equal(column_print(&clean, -0.021, true, &arena), "-2.1");
    assert_string_equal(column_print(&clean, -0.0001, true, &arena), "0.0");
    assert_string_equal(column_print(&clean, NAN, true, &arena), "-");
    assert_string_equal(column_print(&omega, 0.6021, false, &arena), "0.602");
    assert_string_equal(column_print(&omega, -0.1, true, &arena), "-0.100");
    assert_string_equal(column_print_epsilon(8.0 / 255, &arena), "8/255");
    assert_string_equal(column_print_epsilon(0.0313725490196078, &arena),
                        "8/255");
    assert_string_equal(column_print_epsilon(0.1, &arena), "0.1");
    assert_string_equal(column_print_epsilon(0, &arena), "0");
    arena_close(&arena);
}

static void epsilons_are_those_that_were_run(void **state)
{
    (void)state;
    set_up();
    struct arena arena = arena_open();
    struct indices all = columns_epsilons(&results, 0, &arena);
    struct indices some = columns_epsilons(&results, 1, &arena);
    assert_int_equal(all.n, 3);
    assert_int_equal(all.at[0], 1);
    assert_int_equal(some.n, 2);
    assert_int_equal(some.at[1], 3);
    arena_close(&arena);
}

static void a_choice_of_epsilons_ends_with_the_last(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    size_t at[12];
    for (size_t i = 0; i < 12; i++)
        at[i] = 10 + i;
    for (size_t n = 1; n <= 12; n++)
        for (size_t k = 1; k <= 13; k++) {
            struct indices some =
                columns_spread_out((struct indices){n, at}, k, &arena);
            assert_int_equal(some.n, k < n ? k : n);
            assert_int_equal(some.at[some.n - 1], at[n - 1]);
            for (size_t i = 1; i < some.n; i++)
                assert_true(some.at[i] > some.at[i - 1]);
        }
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_column_gives_the_value_of_a_trial),
        cmocka_unit_test(a_diverged_trial_has_no_values),
        cmocka_unit_test(a_spread_is_over_the_seeds_that_there_are),
        cmocka_unit_test(differences_are_between_twins_of_a_seed),
        cmocka_unit_test(an_effect_is_over_all_groups_of_a_regularizer),
        cmocka_unit_test(numbers_are_written_as_people_read_them),
        cmocka_unit_test(epsilons_are_those_that_were_run),
        cmocka_unit_test(a_choice_of_epsilons_ends_with_the_last),
    };
    return cmocka_run_group_tests_name("columns", tests, NULL, NULL);
}

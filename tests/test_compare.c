#include "analysis/compare.h"
#include "analysis/diff.h"
#include "tests/results_stage.h"
#include "tests/test.h"
#include "tests/text.h"

#include <math.h>
#include <string.h>

/* The second has another seed; in the third some trials went wrong. */
static const struct fake_sweep one = {
    .n_seeds = 1, .n_test = 20, .n_epochs = 1, .n_hidden = 1};
static const struct fake_sweep two = {
    .n_seeds = 2, .n_test = 20, .n_epochs = 1, .n_hidden = 1};
static const struct fake_sweep ill = {
    .n_seeds = 1, .n_test = 20, .n_epochs = 1, .n_hidden = 1, .fails = true};

static struct results_stage stages[3];
static struct arena *arena;

static int open_stages(void **state)
{
    (void)state;
    stages[0] = results_stage_open(&one);
    stages[1] = results_stage_open(&two);
    stages[2] = results_stage_open(&ill);
    arena = &stages[0].arena;
    return 0;
}

static int close_stages(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++)
        results_stage_close(&stages[i]);
    return 0;
}

static struct sheet compare(size_t first, size_t second, bool all,
                            struct compared *compared)
{
    struct figures usual = {0, NULL};
    struct sheet sheet = {0};
    assert_int_equal(compare_make(&stages[first].results,
                                  &stages[second].results, &usual, all, arena,
                                  &sheet, compared),
                     STATUS_OK);
    return sheet;
}

static void trials_are_the_same_by_their_identity(void **state)
{
    (void)state;
    struct compared compared;
    struct sheet sheet = compare(1, 0, false, &compared);
    assert_int_equal(compared.n_first, 12);
    assert_int_equal(compared.n_second, 0);
    assert_int_equal(compared.n_both, 12);
    assert_int_equal(compared.n_equal, 12);
    assert_int_equal(sheet.n_rows, 0);
    text_assert_has(sheet.notes[0], "12 trials in the first only, 0 in the "
                                    "second only, 12 in both; of these 12");
    assert_int_equal(compare(0, 1, true, &compared).n_rows, 12);
    assert_int_equal(compared.n_second, 12);
}

/* A failed training, a diverged one, an attack that was killed. */
static void what_is_not_the_same_is_shown(void **state)
{
    (void)state;
    struct compared compared;
    struct sheet sheet = compare(0, 2, false, &compared);
    assert_int_equal(compared.n_both - compared.n_equal, 3);
    assert_int_equal(sheet.n_rows, 3);
    for (size_t row = 0; row < 3; row++)
        assert_string_equal(sheet_cell(&sheet, row, 3)->text, "differ");
}

/* One bit of one accuracy. */
static void the_last_bit_counts(void **state)
{
    (void)state;
    struct compared compared;
    struct results *results = &stages[1].results;
    double *accuracy = (double *)results->accuracy;
    const struct result_trial *shared = &stages[0].results.trials[5];
    size_t row = 0;
    while (strcmp(results->trials[row].id, shared->id) != 0)
        row++;
    size_t at = (row * results->n_attacks + 1) * results->n_epsilons + 3;
    double kept = accuracy[at];
    accuracy[at] = nextafter(kept, 2);
    struct sheet sheet = compare(0, 1, false, &compared);
    accuracy[at] = kept;
    assert_int_equal(compared.n_equal, 11);
    assert_int_equal(sheet.n_rows, 1);
    assert_string_equal(sheet_cell(&sheet, 0, 0)->text, shared->id);
    assert_string_equal(sheet_cell(&sheet, 0, 2)->text, "same");
}

static void numbers_are_the_same_bit_for_bit(void **state)
{
    (void)state;
    assert_true(compare_same(NAN, -NAN));
    assert_true(compare_same(0.1, 0.1));
    assert_false(compare_same(0.0, -0.0));
    assert_false(compare_same(NAN, 1));
}

static struct sheet diff(size_t first, size_t a, size_t second, size_t b)
{
    struct diff_side x = {&stages[first].results, a};
    struct diff_side y = {&stages[second].results, b};
    struct sheet sheet = {0};
    assert_int_equal(diff_make(&x, &y, arena, &sheet), STATUS_OK);
    return sheet;
}

static size_t find_row(const struct sheet *sheet, const char *name)
{
    for (size_t row = 0; row < sheet->n_rows; row++)
        if (!strcmp(sheet_cell(sheet, row, 1)->text, name))
            return row;
    fail_msg("no row %s", name);
    return 0;
}

static bool has_row(const struct sheet *sheet, const char *name)
{
    for (size_t row = 0; row < sheet->n_rows; row++)
        if (!strcmp(sheet_cell(sheet, row, 1)->text, name))
            return true;
    return false;
}

/* The first two trials differ in their regularizer. */
static void a_diff_has_what_differs_and_nothing_else(void **state)
{
    (void)state;
    const struct results *results = &stages[0].results;
    struct sheet sheet = diff(0, 0, 0, 1);
    size_t row = find_row(&sheet, "regularizer");
    assert_string_equal(sheet_cell(&sheet, row, 0)->text, "parameter");
    assert_string_equal(sheet_cell(&sheet, row, 2)->text, "none");
    assert_string_equal(sheet_cell(&sheet, row, 3)->text, "mpd_sgr");
    row = find_row(&sheet, "clean");
    assert_true(sheet_cell(&sheet, row, 4)->number ==
                results->trials[1].clean_accuracy -
                    results->trials[0].clean_accuracy);
    assert_true(has_row(&sheet, "regularizer.weight"));
    assert_true(has_row(&sheet, "model_digest"));
    assert_false(has_row(&sheet, "encoding"));
    assert_false(has_row(&sheet, "engine"));
    assert_false(has_row(&sheet, "gamma"));
    sheet = diff(0, 1, 0, 2);
    row = find_row(&sheet, "regularizer.weight");
    assert_true(fabs(sheet_cell(&sheet, row, 4)->number - 0.9) < 1e-12);
}

static void a_trial_differs_from_itself_in_nothing(void **state)
{
    (void)state;
    assert_int_equal(diff(0, 4, 0, 4).n_rows, 0);
}

static void a_trial_is_found_by_identity_or_cell(void **state)
{
    (void)state;
    const struct results *results = &stages[0].results;
    for (size_t i = 0; i < results->n_trials; i++) {
        size_t trial = 99;
        assert_int_equal(
            diff_find_trial(results, results->trials[i].id, &trial),
            STATUS_OK);
        assert_int_equal(trial, i);
        assert_int_equal(
            diff_find_trial(results, results->trials[i].cell, &trial),
            STATUS_OK);
        assert_int_equal(trial, i);
    }
    size_t trial;
    assert_int_equal(diff_find_trial(results, "", &trial), STATUS_INVALID);
    text_assert_has(status_reason(), "means several trials, as ");
    assert_int_equal(diff_find_trial(results, "zz", &trial),
                     STATUS_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trials_are_the_same_by_their_identity),
        cmocka_unit_test(what_is_not_the_same_is_shown),
        cmocka_unit_test(the_last_bit_counts),
        cmocka_unit_test(numbers_are_the_same_bit_for_bit),
        cmocka_unit_test(a_diff_has_what_differs_and_nothing_else),
        cmocka_unit_test(a_trial_differs_from_itself_in_nothing),
        cmocka_unit_test(a_trial_is_found_by_identity_or_cell),
    };
    return cmocka_run_group_tests(tests, open_stages, close_stages);
}

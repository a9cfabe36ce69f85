#include "analysis/query.h"
#include "tests/results_stage.h"
#include "tests/test.h"
#include "tests/text.h"

#include <math.h>
#include <string.h>

static const struct fake_sweep sweep = {
    .n_seeds = 2, .n_test = 40, .n_epochs = 1, .n_hidden = 2, .fails = true};

static struct arena *arena;
static const struct results *results;

static int open_stage(void **state)
{
    (void)state;
    return results_stage_raise(&sweep, &arena, &results);
}

static struct sheet make(struct search query)
{
    struct sheet sheet = {0};
    if (query_make(results, &query, arena, &sheet) != STATUS_OK)
        fail_msg("%s", status_reason());
    return sheet;
}

static void a_row_is_a_trial_for_which_it_holds(void **state)
{
    (void)state;
    static const char *const show[] = {"id,encoding",
                                       "fgsm@8/255,clean - fgsm@8/255"};
    struct sheet sheet = make((struct search){
        .where = "encoding = poisson", .show = show, .n_show = 2});
    size_t row = 0;
    for (size_t i = 0; i < results->n_trials; i++) {
        const struct result_trial *trial = &results->trials[i];
        if (strcmp(settings_get(&trial->settings, "encoding"), "poisson") != 0)
            continue;
        assert_string_equal(sheet_cell(&sheet, row, 0)->text, trial->id);
        assert_string_equal(sheet_cell(&sheet, row, 1)->text, "poisson");
        assert_true(sheet_cell(&sheet, row, 3)->number ==
                    trial->clean_accuracy -
                        sheet_cell(&sheet, row, 2)->number);
        row++;
    }
    assert_int_equal(sheet.n_rows, row);
    assert_string_equal(sheet.columns[3].name, "clean - fgsm@8/255");
    assert_string_equal(sheet.notes[0], "12 trials.");
}

/* The failed and the diverged one have no accuracy. */
static void rows_are_sorted_and_what_has_no_value_is_last(void **state)
{
    (void)state;
    static const char *const show[] = {"clean"};
    struct sheet sheet =
        make((struct search){.sort = "-clean", .show = show, .n_show = 1});
    assert_int_equal(sheet.n_rows, 24);
    for (size_t row = 1; row < 22; row++)
        assert_true(sheet_cell(&sheet, row - 1, 0)->number >=
                    sheet_cell(&sheet, row, 0)->number);
    assert_true(isnan(sheet_cell(&sheet, 22, 0)->number));
    assert_true(isnan(sheet_cell(&sheet, 23, 0)->number));
    struct sheet first = make((struct search){
        .sort = "-clean", .show = show, .n_show = 1, .limit = 3});
    assert_int_equal(first.n_rows, 3);
    assert_true(sheet_cell(&first, 2, 0)->number ==
                sheet_cell(&sheet, 2, 0)->number);
    assert_string_equal(first.notes[0],
                        "24 trials, the first 3 of them shown.");
}

static void without_a_list_axes_and_usual_figures_are_shown(void **state)
{
    (void)state;
    struct sheet sheet = make((struct search){.limit = 1});
    assert_string_equal(sheet.columns[0].name, "id");
    assert_string_equal(sheet.columns[1].name, "encoding");
    assert_string_equal(sheet.columns[6].name, "clean");
    assert_int_equal(sheet.n_columns, 6 + 1 + 2 * FAKE_ATTACKS);
}

static void names_in_brackets_may_have_commas(void **state)
{
    (void)state;
    static const char *const show[] = {"[pgd n_steps=7], 'fgsm'"};
    struct sheet sheet = make((struct search){.show = show, .n_show = 1});
    assert_int_equal(sheet.n_columns, 2);
    assert_string_equal(sheet.columns[0].name, "pgd n_steps=7");
}

/* Everything that a trial has stays with it. */
static void trials_can_be_selected(void **state)
{
    (void)state;
    struct results part;
    assert_int_equal(query_select(results, "surrogate = rectangular and seed "
                                           "= 2",
                                  arena, &part),
                     STATUS_OK);
    assert_int_equal(part.n_trials, 6);
    for (size_t i = 0; i < part.n_trials; i++) {
        size_t row = part.trials[i].row;
        const struct result_trial *whole = &results->trials[row];
        assert_string_equal(part.trials[i].id, whole->id);
        for (size_t k = 0; k < part.n_attacks; k++) {
            assert_string_equal(results_evaluation(&part, i, k)->state,
                                results_evaluation(results, row, k)->state);
            for (size_t e = 0; e < part.n_epsilons; e++) {
                double a[] = {results_accuracy(&part, i, k, e),
                              results_worst_case(&part, i, k, e),
                              results_surrogates(&part, i, k, e).worst};
                double b[] = {results_accuracy(results, row, k, e),
                              results_worst_case(results, row, k, e),
                              results_surrogates(results, row, k, e).worst};
                assert_memory_equal(a, b, sizeof a);
            }
            for (size_t c = 0; c < part.n_checks; c++)
                assert_int_equal(results_verdict(&part, i, k, c),
                                 results_verdict(results, row, k, c));
        }
        struct result_membrane own = {0}, all = {0};
        assert_int_equal(results_membrane(&part, i, arena, &own), STATUS_OK);
        assert_int_equal(results_membrane(results, row, arena, &all),
                         STATUS_OK);
        size_t n = all.n_layers * all.n_steps * all.n_bins;
        assert_int_equal(own.n_layers * own.n_steps * own.n_bins, n);
        if (n)
            assert_memory_equal(own.counts, all.counts,
                                n * sizeof *all.counts);
    }
}

static void to_select_none_is_refused(void **state)
{
    (void)state;
    struct results part;
    assert_int_equal(query_select(results, "clean > 2", arena, &part),
                     STATUS_NOT_FOUND);
    text_assert_has(status_reason(), "clean > 2: holds for none of the 24");
    assert_int_equal(query_select(results, NULL, arena, &part), STATUS_OK);
    assert_int_equal(part.n_trials, 24);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_a_trial_for_which_it_holds),
        cmocka_unit_test(rows_are_sorted_and_what_has_no_value_is_last),
        cmocka_unit_test(without_a_list_axes_and_usual_figures_are_shown),
        cmocka_unit_test(names_in_brackets_may_have_commas),
        cmocka_unit_test(trials_can_be_selected),
        cmocka_unit_test(to_select_none_is_refused),
    };
    return cmocka_run_group_tests(tests, open_stage, results_stage_strike);
}

#include "analysis/curves.h"
#include "tests/results_stage.h"
#include "tests/test.h"
#include "tests/text.h"

#include <math.h>
#include <string.h>

static const struct fake_sweep sweep = {
    .n_seeds = 2, .n_test = 40, .n_epochs = 1, .n_hidden = 1};

static struct arena *arena;
static const struct results *results;

static int open_stage(void **state)
{
    (void)state;
    return results_stage_raise(&sweep, &arena, &results);
}

static struct curves make(struct curves_request request)
{
    struct curves curves = {0};
    if (curves_make(results, &request, arena, &curves) != STATUS_OK)
        fail_msg("%s", status_reason());
    return curves;
}

static size_t column_of(const struct sheet *sheet, const char *name)
{
    size_t i = 0;
    while (strcmp(sheet->columns[i].name, name) != 0)
        i++;
    return i;
}

static const char *get(size_t trial, const char *key)
{
    const char *value = settings_get(&results->trials[trial].settings, key);
    return value ? value : "";
}

/* From the accuracies themselves. */
static void check_row(const struct sheet *sheet, size_t row)
{
    const char *encoding = sheet_cell(sheet, row, 0)->text;
    const char *attack = sheet_cell(sheet, row, 1)->text;
    size_t n = 0, k = 0, e = 0;
    double sum = 0, lowest = 2, highest = -1;
    while (strcmp(results->attacks[k].name, attack) != 0)
        k++;
    while (results->epsilons[e] !=
           sheet_cell(sheet, row, column_of(sheet, "epsilon"))->number)
        e++;
    for (size_t i = 0; i < results->n_trials; i++) {
        if (strcmp(get(i, "encoding"), encoding) != 0)
            continue;
        double accuracy = results_accuracy(results, i, k, e);
        sum += accuracy;
        lowest = fmin(lowest, accuracy);
        highest = fmax(highest, accuracy);
        n++;
    }
    assert_int_equal(n, 12);
    assert_true(fabs(sheet_cell(sheet, row,
                                column_of(sheet, "accuracy"))->number -
                     sum / 12) < 1e-12);
    assert_true(sheet_cell(sheet, row, column_of(sheet, "lowest"))->number ==
                lowest);
    assert_true(sheet_cell(sheet, row, column_of(sheet, "highest"))->number ==
                highest);
    assert_true(sheet_cell(sheet, row, column_of(sheet, "n"))->number == 12);
}

static void a_point_is_the_mean_of_its_line(void **state)
{
    (void)state;
    struct curves curves = make((struct curves_request){.lines = "encoding"});
    struct sheet sheet = curves_sheet(&curves, arena);
    assert_int_equal(sheet.n_rows, 2 * FAKE_ATTACKS * FAKE_EPSILONS);
    for (size_t row = 0; row < sheet.n_rows; row++)
        check_row(&sheet, row);
}

static void attacks_that_differ_in_steps_alone_make_a_panel(void **state)
{
    (void)state;
    struct curves curves = make((struct curves_request){
        .lines = "regularizer", .over_steps = true, .epsilon = "8/255"});
    assert_int_equal(curves.n_panels, 1);
    assert_string_equal(curves.panels[0].title, "pgd@8/255");
    assert_int_equal(curves.panels[0].n, 2);
    assert_true(curves.panels[0].at[0].x == 7);
    assert_true(curves.panels[0].at[1].x == 20);
    struct curves largest = make((struct curves_request){.over_steps = true});
    assert_string_equal(largest.panels[0].title, "pgd@0.125");
}

static void one_attack_can_be_chosen(void **state)
{
    (void)state;
    struct curves curves =
        make((struct curves_request){.attack = "gaussian"});
    assert_int_equal(curves.n_panels, 1);
    assert_string_equal(curves.panels[0].title, "gaussian");
    assert_int_equal(curves.lines.n, 12);
}

static void assert_refused(struct curves_request request, const char *reason)
{
    struct curves curves;
    assert_int_not_equal(curves_make(results, &request, arena, &curves),
                         STATUS_OK);
    text_assert_has(status_reason(), reason);
}

static void what_makes_no_curve_is_refused(void **state)
{
    (void)state;
    assert_refused((struct curves_request){.attack = "pdg"},
                   "did you mean pgd");
    assert_refused((struct curves_request){.attack = "clean"},
                   "the name of an attack is allowed");
    assert_refused(
        (struct curves_request){.attack = "fgsm", .over_steps = true},
        "no attacks differ in their n_steps alone");
    assert_refused(
        (struct curves_request){.over_steps = true, .epsilon = "7/255"},
        "epsilon 7/255 was not run");
}

static void a_picture_has_as_many_lines_as_look_different(void **state)
{
    (void)state;
    struct plot plot;
    struct curves few = make((struct curves_request){.lines = "encoding"});
    struct curves many = make((struct curves_request){.lines = NULL});
    assert_int_equal(curves_plot(&few, arena, &plot), STATUS_OK);
    text_assert_has(plot.script, "$p3l1 << EOD");
    text_assert_has(plot.script, "poisson");
    assert_int_equal(curves_plot(&many, arena, &plot), STATUS_INVALID);
    text_assert_has(status_reason(), "12 lines: a picture can have 8");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_point_is_the_mean_of_its_line),
        cmocka_unit_test(attacks_that_differ_in_steps_alone_make_a_panel),
        cmocka_unit_test(one_attack_can_be_chosen),
        cmocka_unit_test(what_makes_no_curve_is_refused),
        cmocka_unit_test(a_picture_has_as_many_lines_as_look_different),
    };
    return cmocka_run_group_tests(tests, open_stage, results_stage_strike);
}

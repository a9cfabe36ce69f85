#include "analysis/pareto.h"
#include "tests/results_stage.h"
#include "tests/test.h"
#include "tests/text.h"

#include <math.h>
#include <string.h>

static const struct fake_sweep sweep = {.n_seeds = 8,
                                        .n_test = 30,
                                        .n_epochs = 1,
                                        .n_hidden = 1,
                                        .fails = true};

static struct arena *arena;
static const struct results *results;

static int open_stage(void **state)
{
    (void)state;
    return results_stage_raise(&sweep, &arena, &results);
}

static struct pareto make(const char *axes, const char *list)
{
    struct figures figures = {0, NULL};
    struct pareto pareto = {0};
    if (list)
        assert_int_equal(figures_read(results, list, arena, &figures),
                         STATUS_OK);
    if (pareto_make(results, axes, &figures, arena, &pareto) != STATUS_OK)
        fail_msg("%s", status_reason());
    return pareto;
}

/* Every trial by itself, with ties among accuracies of 30 samples: against all
 * others, by the definition. */
static void check_front(const char *list, size_t n_figures,
                        const double *signs)
{
    struct pareto pareto = make("regularizer.*,encoding,surrogate,seed", list);
    size_t n_front = 0, n_known = 0;
    assert_int_equal(pareto.cells.n, 96);
    for (size_t i = 0; i < 96; i++) {
        bool beaten = false, known = pareto.points[i].is_known;
        for (size_t k = 0; k < 96 && known; k++) {
            bool as_good = pareto.points[k].is_known, better = false;
            for (size_t f = 0; f < n_figures && as_good; f++) {
                double x = signs[f] * pareto.points[k].means[f];
                double y = signs[f] * pareto.points[i].means[f];
                as_good = as_good && x >= y;
                better = better || x > y;
            }
            beaten = beaten || (as_good && better);
        }
        assert_int_equal(pareto.points[i].on_front, known && !beaten);
        n_front += pareto.points[i].on_front;
        n_known += known;
    }
    assert_int_equal(n_front, pareto.n_front);
    assert_int_equal(n_known, pareto.n_known);
    assert_true(n_front > 0 && n_front < 96 && n_known < 96);
}

static void a_cell_is_on_the_front_if_none_beats_it(void **state)
{
    (void)state;
    check_front("clean,fgsm@8/255", 2, (double[]){1, 1});
    check_front("clean,fgsm@8/255,firing_rate", 3, (double[]){1, 1, -1});
    check_front("firing_rate,gaussian@8/255", 2, (double[]){-1, 1});
}

static void a_mean_is_over_the_cells_trials(void **state)
{
    (void)state;
    struct pareto pareto = make("encoding", "clean,fgsm@8/255");
    assert_int_equal(pareto.cells.n, 2);
    for (size_t c = 0; c < 2; c++) {
        double sum = 0;
        size_t n = 0;
        for (size_t i = 0; i < pareto.cells.at[c].n; i++) {
            const struct result_trial *trial =
                &results->trials[pareto.cells.at[c].trials[i]];
            if (strcmp(trial->state, "done") != 0)
                continue;
            sum += trial->clean_accuracy;
            n++;
        }
        assert_true(fabs(pareto.points[c].means[0] - sum / (double)n) <
                    1e-12);
    }
}

static void without_figures_the_strongest_attack_is_taken(void **state)
{
    (void)state;
    struct pareto pareto = make(NULL, NULL);
    assert_int_equal(pareto.figures.n, 2);
    assert_int_equal(pareto.figures.at[0].quantity, QUANTITY_CLEAN);
    assert_string_equal(
        figure_name(results, &pareto.figures.at[1], arena),
        "pgd n_steps=20");
}

static void a_sheet_has_the_front_first(void **state)
{
    (void)state;
    struct pareto pareto = make(NULL, NULL);
    struct sheet front = pareto_sheet(&pareto, false, arena);
    struct sheet all = pareto_sheet(&pareto, true, arena);
    size_t last = all.n_columns - 1;
    assert_int_equal(front.n_rows, pareto.n_front);
    assert_int_equal(all.n_rows, pareto.n_known);
    for (size_t row = 0; row < all.n_rows; row++)
        assert_true(sheet_cell(&all, row, last)->number ==
                    (row < pareto.n_front));
}

static void figures_without_a_better_side_are_refused(void **state)
{
    (void)state;
    struct figures figures;
    struct pareto pareto;
    assert_int_equal(figures_read(results, "clean,omega", arena, &figures),
                     STATUS_OK);
    assert_int_equal(pareto_make(results, NULL, &figures, arena, &pareto),
                     STATUS_INVALID);
    text_assert_has(status_reason(), "omega: neither large nor small");
    figures.n = 1;
    assert_int_equal(pareto_make(results, NULL, &figures, arena, &pareto),
                     STATUS_INVALID);
    text_assert_has(status_reason(), "two figures or more");
}

static void a_picture_names_the_front(void **state)
{
    (void)state;
    struct pareto pareto = make("encoding,regularizer.*", "clean,fgsm@8/255");
    struct plot plot = pareto_plot(&pareto, arena);
    text_assert_has(plot.script, "set xlabel 'clean, percent'");
    text_assert_has(plot.script, "$front << EOD");
    text_assert_has(plot.script, "with labels");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cell_is_on_the_front_if_none_beats_it),
        cmocka_unit_test(a_mean_is_over_the_cells_trials),
        cmocka_unit_test(without_figures_the_strongest_attack_is_taken),
        cmocka_unit_test(a_sheet_has_the_front_first),
        cmocka_unit_test(figures_without_a_better_side_are_refused),
        cmocka_unit_test(a_picture_names_the_front),
    };
    return cmocka_run_group_tests(tests, open_stage, results_stage_strike);
}

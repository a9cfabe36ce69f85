#include "analysis/pivot.h"
#include "analysis/statistics.h"
#include "tests/results_stage.h"
#include "tests/test.h"
#include "tests/text.h"

#include <math.h>
#include <string.h>

static const struct fake_sweep sweep = {
    .n_seeds = 3, .n_test = 40, .n_epochs = 1, .n_hidden = 1};

static struct arena *arena;
static const struct results *results;

static int open_stage(void **state)
{
    (void)state;
    return results_stage_raise(&sweep, &arena, &results);
}

static struct sheet make(struct pivot pivot, const char *figures)
{
    struct sheet sheet = {0};
    assert_int_equal(figures_read(results, figures, arena, &pivot.figures),
                     STATUS_OK);
    assert_int_equal(pivot_make(results, &pivot, arena, &sheet), STATUS_OK);
    return sheet;
}

/* The number in the row that is called so, in the column of that name. */
static double number(const struct sheet *sheet, const char *head,
                     const char *column)
{
    for (size_t row = 0; row < sheet->n_rows; row++)
        for (size_t i = 0; i < sheet->n_columns; i++)
            if (!strcmp(sheet_cell(sheet, row, 0)->text, head) &&
                !strcmp(sheet->columns[i].name, column))
                return sheet_cell(sheet, row, i)->number;
    fail_msg("no %s of %s", column, head);
    return NAN;
}

static const char *get(size_t trial, const char *key)
{
    const char *value = settings_get(&results->trials[trial].settings, key);
    return value ? value : "";
}

/* Values of a figure by hand: of all trials with such settings. */
static size_t collect(const char *weight, const char *encoding,
                      double (*value)(size_t trial), double *values)
{
    size_t n = 0;
    for (size_t i = 0; i < results->n_trials; i++)
        if (!strcmp(get(i, "regularizer.weight"), weight) &&
            (!*encoding || !strcmp(get(i, "encoding"), encoding)))
            values[n++] = value(i);
    return n;
}

static double clean_of(size_t trial)
{
    return results->trials[trial].clean_accuracy;
}

static double omega_of(size_t trial)
{
    return results->trials[trial].omega;
}

static void a_number_is_the_mean_over_what_is_pooled(void **state)
{
    (void)state;
    struct sheet sheet = make(
        (struct pivot){.rows = "regularizer.*", .columns = "encoding"},
        "clean,omega");
    static const char *const weights[] = {"", "0.1", "1"};
    static const char *const heads[] = {"none", "mpd_sgr weight=0.1",
                                        "mpd_sgr weight=1"};
    assert_int_equal(sheet.n_rows, 3);
    for (size_t i = 0; i < 3; i++) {
        double x[36];
        size_t n = collect(weights[i], "poisson", clean_of, x);
        struct estimate clean = statistics_mean(x, n, 0.95);
        assert_int_equal(n, 6);
        assert_true(number(&sheet, heads[i], "poisson clean") == clean.mean);
        assert_true(number(&sheet, heads[i], "poisson clean deviation") ==
                    clean.deviation);
        assert_true(number(&sheet, heads[i], "poisson clean n") == 6);
        assert_true(number(&sheet, heads[i], "n") == 12);
        n = collect(weights[i], "direct", omega_of, x);
        assert_true(number(&sheet, heads[i], "direct omega") ==
                    statistics_mean(x, n, 0.95).mean);
    }
    text_assert_has(sheet.notes[0], "over surrogate (2), seed (3).");
}

static size_t partner_of(size_t trial)
{
    for (size_t i = 0; i < results->n_trials; i++)
        if (!strcmp(get(i, "regularizer"), "none") &&
            !strcmp(get(i, "encoding"), get(trial, "encoding")) &&
            !strcmp(get(i, "surrogate"), get(trial, "surrogate")) &&
            !strcmp(get(i, "training.seed"), get(trial, "training.seed")))
            return i;
    return SIZE_MAX;
}

static double clean_of_partner(size_t trial)
{
    return clean_of(partner_of(trial));
}

static void differences_are_paired_with_all_else_the_same(void **state)
{
    (void)state;
    struct pick none = {"regularizer", "none"};
    struct sheet sheet = make((struct pivot){.rows = "regularizer.*",
                                             .n_baselines = 1,
                                             .baselines = &none},
                              "clean,omega");
    double a[36], b[36], p[2];
    size_t n = collect("0.1", "", clean_of, a);
    collect("0.1", "", clean_of_partner, b);
    const char *head = "mpd_sgr weight=0.1";
    struct estimate expected = statistics_difference(a, b, n, 0.95);
    struct significance test = statistics_t_test(a, b, n);
    assert_int_equal(n, 12);
    assert_true(number(&sheet, head, "clean difference") == expected.mean);
    assert_true(number(&sheet, head, "clean low") == expected.low);
    assert_true(number(&sheet, head, "clean high") == expected.high);
    assert_true(number(&sheet, head, "clean p") == test.p);
    assert_true(number(&sheet, head, "clean pairs") == 12);
    assert_true(isnan(number(&sheet, "none", "clean difference")));
    p[0] = number(&sheet, head, "clean p adjusted");
    p[1] = number(&sheet, head, "clean p");
    assert_true(p[0] >= p[1]);
}

/* Four comparisons: two weights by two figures. */
static void p_values_are_adjusted_for_the_whole_sheet(void **state)
{
    (void)state;
    static const char *const heads[] = {"mpd_sgr weight=0.1",
                                        "mpd_sgr weight=1"};
    static const char *const figures[] = {"clean", "fgsm@8/255"};
    struct pick none = {"regularizer", "none"};
    struct sheet sheet = make((struct pivot){.rows = "regularizer.*",
                                             .n_baselines = 1,
                                             .baselines = &none,
                                             .test = PIVOT_WILCOXON},
                              "clean,fgsm@8/255");
    double p[4], adjusted[4];
    for (size_t i = 0; i < 4; i++)
        p[i] = number(&sheet, heads[i / 2],
                      arena_print(arena, "%s p", figures[i % 2]));
    statistics_holm(p, 4, adjusted);
    for (size_t i = 0; i < 4; i++)
        assert_true(adjusted[i] ==
                    number(&sheet, heads[i / 2],
                           arena_print(arena, "%s p adjusted",
                                       figures[i % 2])));
    bool named = false;
    for (size_t i = 0; i < sheet.n_notes; i++)
        named |= strstr(sheet.notes[i], "Wilcoxon") &&
                 strstr(sheet.notes[i],
                        "Holm's method for the 4 comparisons");
    assert_true(named);
}

static void the_best_mean_of_a_column_has_the_star(void **state)
{
    (void)state;
    struct sheet sheet =
        make((struct pivot){.rows = "regularizer.*,encoding"},
             "fgsm@8/255,firing_rate,gamma");
    for (size_t c = 3; c < sheet.n_columns; c += 3) {
        double best = NAN, sign = c == 3 ? 1 : -1;
        size_t n_marked = 0, n_best = 0;
        for (size_t row = 0; row < sheet.n_rows; row++)
            best = fmax(best, sign * sheet_cell(&sheet, row, c)->number);
        for (size_t row = 0; row < sheet.n_rows; row++) {
            const struct sheet_cell *cell = sheet_cell(&sheet, row, c);
            n_marked += cell->is_marked;
            n_best += cell->is_marked && sign * cell->number == best;
        }
        assert_int_equal(n_marked, n_best);
        assert_int_equal(n_marked > 0, c < 9); /* no gamma is better */
    }
}

static void without_rows_all_that_varies_makes_them(void **state)
{
    (void)state;
    struct sheet sheet = make((struct pivot){.columns = "surrogate"}, "clean");
    assert_string_equal(sheet.columns[0].name, "encoding");
    assert_string_equal(sheet.columns[1].name, "regularizer.*");
    assert_string_equal(sheet.columns[2].name, "n");
    assert_int_equal(sheet.n_rows, 6);
    struct sheet all = make((struct pivot){.rows = ""}, "clean");
    assert_int_equal(all.n_rows, 1);
    assert_true(sheet_cell(&all, 0, 0)->number == 36);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_is_the_mean_over_what_is_pooled),
        cmocka_unit_test(differences_are_paired_with_all_else_the_same),
        cmocka_unit_test(p_values_are_adjusted_for_the_whole_sheet),
        cmocka_unit_test(the_best_mean_of_a_column_has_the_star),
        cmocka_unit_test(without_rows_all_that_varies_makes_them),
    };
    return cmocka_run_group_tests(tests, open_stage, results_stage_strike);
}

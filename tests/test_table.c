#include "analysis/columns.h"
#include "analysis/table.h"
#include "tests/results_stage.h"
#include "tests/test.h"
#include "tests/text.h"

#include <stdlib.h>
#include <string.h>

/* The table as text; the caller frees it. */
static char *print(const struct results *results)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    enum status status = table_print(results, out);
    fclose(out);
    assert_int_equal(status, STATUS_OK);
    return text;
}

static char *print_sweep(const struct fake_sweep *sweep)
{
    struct results_stage stage = results_stage_open(sweep);
    char *text = print(&stage.results);
    results_stage_close(&stage);
    return text;
}

/* The table's row with the numbers of a trial, as it has to stand there. */
static const char *row_of(const struct results *results, const char *label,
                          size_t trial, size_t first, size_t n_attacks,
                          struct arena *arena)
{
    static const size_t shown[] = {2, 3, 5};
    struct figure clean = {QUANTITY_CLEAN, 0, 0};
    const char *row = arena_print(
        arena, "\n%-24s%7s", label,
        column_print(&clean, results->trials[trial].clean_accuracy, false,
                     arena));
    for (size_t k = first; k < first + n_attacks; k++)
        for (size_t e = 0; e < 3; e++)
            row = arena_print(
                arena, "%s%7.1f", row,
                100 * results_accuracy(results, trial, k, shown[e]));
    return row;
}

static void a_row_has_the_numbers_of_its_cell(void **state)
{
    (void)state;
    struct results_stage stage = results_stage_open(&fake_sweep_small);
    struct arena *arena = &stage.arena;
    char *text = print(&stage.results);
    static const char *const labels[] = {
        "  no regularizer", "  mpd_sgr weight=0.1", "  mpd_sgr weight=1"};
    for (size_t i = 0; i < 12; i++) {
        struct spec spec = fake_sweep_spec(&fake_sweep_small, i, arena);
        size_t trial = results_stage_find_trial(&stage.results, &spec);
        const struct result_trial *row = &stage.results.trials[trial];
        text_assert_has(text,
                   arena_print(arena, "%s%7.3f%7.3f%7.3f\n",
                               row_of(&stage.results, labels[i % 3], trial, 0,
                                      3, arena),
                               row->omega, row->inside, row->firing_rate));
        text_assert_has(text, row_of(&stage.results, labels[i % 3], trial, 3, 1,
                                arena));
    }
    free(text);
    results_stage_close(&stage);
}

static void a_difference_is_to_the_twin_above(void **state)
{
    (void)state;
    struct results_stage stage = results_stage_open(&fake_sweep_small);
    struct arena *arena = &stage.arena;
    char *text = print(&stage.results);
    struct spec plain = fake_sweep_spec(&fake_sweep_small, 0, arena);
    struct spec strong = fake_sweep_spec(&fake_sweep_small, 2, arena);
    size_t a = results_stage_find_trial(&stage.results, &plain);
    size_t b = results_stage_find_trial(&stage.results, &strong);
    struct figure clean = {QUANTITY_CLEAN, 0, 0};
    const char *wanted = arena_print(
        arena, "\n    %-20s%7s", "against its twin",
        column_print(&clean,
                     stage.results.trials[b].clean_accuracy -
                         stage.results.trials[a].clean_accuracy,
                     true, arena));
    const char *row = strstr(text, row_of(&stage.results,
                                          "  mpd_sgr weight=1", b, 0, 1,
                                          arena));
    assert_non_null(row);
    row = strchr(row + 1, '\n');
    assert_int_equal(strncmp(row, wanted, strlen(wanted)), 0);
    assert_int_equal(text_count(text, "against its twin "),
                     2 * 8 + 8);
    free(text);
    results_stage_close(&stage);
}

static void assert_fits(const char *text)
{
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
        size_t n = strcspn(line, "\n");
        if (n > 0 && line[n - 1] == ' ')
            fail_msg("a blank at the end of: %.*s", (int)n, line);
        if (n > 120)
            fail_msg("%zu columns: %.*s", n, (int)n, line);
    }
}

static void lines_are_short_enough(void **state)
{
    (void)state;
    struct fake_sweep sweep = fake_sweep_small;
    char *text = print_sweep(&sweep);
    assert_fits(text);
    free(text);
    sweep.n_seeds = 2;
    sweep.fails = sweep.unsound = true;
    text = print_sweep(&sweep);
    assert_fits(text);
    free(text);
}

static void seeds_give_means_and_deviations(void **state)
{
    (void)state;
    struct fake_sweep sweep = fake_sweep_small;
    sweep.n_seeds = 3;
    struct results_stage stage = results_stage_open(&sweep);
    struct groups groups = groups_make(&stage.results, &stage.arena);
    char *text = print(&stage.results);
    struct figure clean = {QUANTITY_CLEAN, 0, 0};
    for (size_t i = 0; i < groups.n; i++) {
        struct spread spread =
            column_spread(&stage.results, &clean, &groups.at[i]);
        text_assert_has(text, arena_print(&stage.arena,
                                     "\n  %-28s%7.1f", groups.at[i].defence,
                                     100 * spread.mean));
        text_assert_has(text,
                   arena_print(&stage.arena, "\n      %-24s%7.1f",
                               "deviation, 3 seeds", 100 * spread.deviation));
    }
    free(text);
    results_stage_close(&stage);
}

static void effects_are_told_in_words(void **state)
{
    (void)state;
    char *text = print_sweep(&fake_sweep_small);
    text_assert_has(text, "\n  mpd_sgr weight=0.1: clean accuracy fell by ");
    text_assert_has(text, "\n    Under fgsm it rose by ");
    text_assert_has(text, "\n    Under pgd n_steps=7 it rose by ");
    text_assert_has(text, " points (in 4 of 4 pairs; ");
    text_assert_has(text, "on the first 200 of up to 200 test samples");
    text_assert_has(text, " 6.9");
    assert_null(strstr(text, "failed their checks"));
    free(text);
}

static void checks_are_summed_up(void **state)
{
    (void)state;
    char *text = print_sweep(&fake_sweep_small);
    text_assert_has(text, "\nChecks: 48 attacked networks by 24 rules: 0 ");
    text_assert_has(text, "spikesweep audit DIR");
    assert_null(strstr(text, "\n  fail "));
    free(text);
}

/* Of 4 cells each: fgsm forgets (monotone), so that noise does more (noise),
 * and beats both pgd (iterative); three attacks leave their ball. */
static void checks_that_fail_are_named_with_their_figures(void **state)
{
    (void)state;
    struct fake_sweep sweep = fake_sweep_small;
    sweep.unsound = true;
    char *text = print_sweep(&sweep);
    text_assert_has(text, "\nmonotone: share of samples that are won back");
    assert_int_equal(text_count(text, "\n  fail "), 4 + 8 + 4 + 12);
    text_assert_has(text, "\n  fail     0.01  pgd n_steps=20 of poisson, "
                     "rectangular, mpd_sgr weight=0.1\n");
    text_assert_has(text, "warns above 0, fails above 0.05\n");
    text_assert_has(text, "Some attacks failed their checks");
    text_assert_has(text, "\n    Of its evaluations fail: monotone (4 of 12), "
                     "iterative (8 of 8), noise (4 of 12).\n");
    free(text);
}

static void failures_are_listed_with_their_causes(void **state)
{
    (void)state;
    struct fake_sweep sweep = fake_sweep_small;
    sweep.fails = true;
    char *text = print_sweep(&sweep);
    text_assert_has(text, "\nWhat went wrong (3):\n");
    text_assert_has(text, "  failed: training of direct, triangular, mpd_sgr "
                     "weight=0.1: signal 11 (Segmentation fault)\n"
                     "      it said: core/model.c:12: broken promise: n < "
                     "<b>max</b>\n");
    text_assert_has(text, "  timed out: pgd n_steps=7 of direct, triangular, "
                     "mpd_sgr weight=1: more than 3600 s\n");
    text_assert_has(text, "  diverged: training of direct, rectangular, no "
                     "regularizer\n");
    /* The cell that died has a row all the same, of nothing. */
    text_assert_has(text, "\n  mpd_sgr weight=0.1          -      -      -");
    free(text);
}

static void a_sweep_without_results_says_so(void **state)
{
    (void)state;
    struct results results = {.path = "sweep.h5"};
    char *text = print(&results);
    assert_string_equal(text, "No cell has come to an end yet.\n");
    free(text);
}

static void a_full_disk_is_told(void **state)
{
    (void)state;
    struct results results = {.path = "sweep.h5"};
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    assert_int_equal(table_print(&results, full), STATUS_FULL);
    fclose(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_has_the_numbers_of_its_cell),
        cmocka_unit_test(a_difference_is_to_the_twin_above),
        cmocka_unit_test(lines_are_short_enough),
        cmocka_unit_test(seeds_give_means_and_deviations),
        cmocka_unit_test(effects_are_told_in_words),
        cmocka_unit_test(checks_are_summed_up),
        cmocka_unit_test(checks_that_fail_are_named_with_their_figures),
        cmocka_unit_test(failures_are_listed_with_their_causes),
        cmocka_unit_test(a_sweep_without_results_says_so),
        cmocka_unit_test(a_full_disk_is_told),
    };
    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}

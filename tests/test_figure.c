#include "analysis/figure.h"
#include "tests/results_stage.h"
#include "tests/test.h"
#include "tests/text.h"

#include <math.h>
#include <string.h>

static struct results_stage stage;
static struct arena *arena;

static int open_stage(void **state)
{
    (void)state;
    stage = results_stage_open(&fake_sweep_small);
    arena = &stage.arena;
    return 0;
}

static int close_stage(void **state)
{
    (void)state;
    results_stage_close(&stage);
    return 0;
}

/* The names of all that a list of names means, with blanks between. */
static const char *find(const char *list)
{
    struct figures figures;
    const char *found = "";
    if (figures_read(&stage.results, list, arena, &figures) != STATUS_OK)
        return status_reason();
    for (size_t i = 0; i < figures.n; i++)
        found = arena_print(
            arena, "%s%s%s", found, i ? "; " : "",
            figure_name(&stage.results, &figures.at[i], arena));
    return found;
}

static void a_name_means_a_figure_and_a_figure_has_that_name(void **state)
{
    (void)state;
    static const char *const names[] = {
        "clean", "omega", "wall_time", "fgsm", "fgsm@8/255",
        "pgd n_steps=7@2/255", "spread:fgsm@8/255", "attack_time:gaussian",
        "n_samples:pgd n_steps=20", "monotone:fgsm", "worst:fgsm@8/255"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_string_equal(find(names[i]), names[i]);
}

static void an_epsilon_is_meant_however_it_is_written(void **state)
{
    (void)state;
    assert_string_equal(find("fgsm@0.031372549"), "fgsm@8/255");
    assert_string_equal(find("fgsm@8/255,fgsm@0.0313725490196"), "fgsm@8/255");
}

static void a_kind_means_all_its_attacks(void **state)
{
    (void)state;
    assert_string_equal(find("pgd@8/255"),
                        "pgd n_steps=7@8/255; pgd n_steps=20@8/255");
    assert_string_equal(
        find("*"), "fgsm; pgd n_steps=7; pgd n_steps=20; gaussian");
    struct figure figure;
    assert_int_equal(figure_find(&stage.results, "pgd", arena, &figure),
                     STATUS_INVALID);
    text_assert_has(status_reason(), "pgd n_steps=7, pgd n_steps=20; name one");
    assert_int_equal(
        figure_find(&stage.results, "pgd n_steps=20", arena, &figure),
        STATUS_OK);
    assert_string_equal(stage.results.attacks[figure.attack].name,
                        "pgd n_steps=20");
}

static void a_star_means_all_epsilons_above_0(void **state)
{
    (void)state;
    struct figures figures;
    assert_int_equal(
        figures_find(&stage.results, "fgsm@*", arena, &figures), STATUS_OK);
    assert_int_equal(figures.n, FAKE_EPSILONS - 1);
    for (size_t i = 0; i < figures.n; i++)
        assert_true(stage.results.epsilons[figures.at[i].epsilon] > 0);
}

static void the_worst_case_needs_no_attack(void **state)
{
    (void)state;
    assert_string_equal(find("worst@8/255"), "worst:fgsm@8/255");
    text_assert_has(find("worst@0.5"), "no attack in the L-infinity ball");
}

static void a_misspelt_figure_is_refused_with_what_there_is(void **state)
{
    (void)state;
    text_assert_has(find("clen"), "no figure clen: did you mean clean?");
    text_assert_has(find("clen"), "there are clean, omega, inside");
    text_assert_has(find("pgdd@8/255"), "attacks here: fgsm, pgd n_steps=7, "
                                        "pgd n_steps=20, gaussian");
    text_assert_has(find("spred:fgsm@8/255"), "did you mean spread?");
    text_assert_has(find("fgsm@7/255"),
                    "epsilon 7/255 was not run; there is fgsm at ");
    text_assert_has(find("fgsm@x"), "epsilon x was not run");
}

static void values_are_those_of_the_file(void **state)
{
    (void)state;
    const struct results *results = &stage.results;
    struct figures figures;
    assert_int_equal(
        figures_read(results,
                     "wall_time,peak_memory,pgd n_steps=7@8/255,monotone:fgsm,"
                     "attack_cpu_time:fgsm,n_samples:fgsm,n_parameters,"
                     "clean_loss,gamma",
                     arena, &figures),
        STATUS_OK);
    for (size_t i = 0; i < results->n_trials; i++) {
        const struct result_trial *trial = &results->trials[i];
        const struct figure *at = figures.at;
        const struct result_evaluation *fgsm =
            results_evaluation(results, i, at[3].attack);
        double expected[] = {
            trial->wall_s, trial->peak_bytes,
            results_accuracy(results, i, at[2].attack, at[2].epsilon),
            results_figure(results, i, at[3].attack, at[3].epsilon),
            fgsm->cpu_s, fgsm->n_samples, trial->n_parameters,
            trial->clean_loss, trial->gamma};
        for (size_t k = 0; k < figures.n; k++) {
            double value = figure_value(results, &at[k], i);
            assert_memory_equal(&value, &expected[k], sizeof value);
        }
    }
}

static void every_row_says_what_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < QUANTITY_N; i++) {
        assert_non_null(figure_rows[i].name);
        assert_true(strlen(figure_rows[i].doc) > 10);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(figure_rows[i].name, figure_rows[k].name);
    }
}

static void who_asks_for_nothing_sees_clean_and_each_attack(void **state)
{
    (void)state;
    struct figures figures = figures_usual(&stage.results, arena);
    assert_int_equal(figures.n, 1 + 2 * stage.results.n_attacks);
    assert_int_equal(figures.at[0].quantity, QUANTITY_CLEAN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_means_a_figure_and_a_figure_has_that_name),
        cmocka_unit_test(an_epsilon_is_meant_however_it_is_written),
        cmocka_unit_test(a_kind_means_all_its_attacks),
        cmocka_unit_test(a_star_means_all_epsilons_above_0),
        cmocka_unit_test(the_worst_case_needs_no_attack),
        cmocka_unit_test(a_misspelt_figure_is_refused_with_what_there_is),
        cmocka_unit_test(values_are_those_of_the_file),
        cmocka_unit_test(every_row_says_what_it_is),
        cmocka_unit_test(who_asks_for_nothing_sees_clean_and_each_attack),
    };
    return cmocka_run_group_tests(tests, open_stage, close_stage);
}

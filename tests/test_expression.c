#include "analysis/expression.h"
#include "tests/results_stage.h"
#include "tests/test.h"
#include "tests/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct fake_sweep sweep = {
    .n_seeds = 2, .n_test = 40, .n_epochs = 1, .n_hidden = 1, .fails = true};

static struct arena *arena;
static const struct results *results;

static int open_stage(void **state)
{
    (void)state;
    return results_stage_raise(&sweep, &arena, &results);
}

static const struct expression *read(const char *text)
{
    const struct expression *expression = NULL;
    if (expression_read(results, text, arena, &expression) != STATUS_OK)
        fail_msg("%s", status_reason());
    return expression;
}

static double value(const char *text)
{
    return expression_value(read(text), results, 0);
}

static void arithmetic_is_that_of_school(void **state)
{
    (void)state;
    assert_true(value("1 + 2 * 3") == 7);
    assert_true(value("(1 + 2) * 3") == 9);
    assert_true(value("8 - 4 - 2") == 2);
    assert_true(value("16 / 4 / 2") == 2);
    assert_true(value("-2 * -3") == 6);
    assert_true(value("1 - -1") == 2);
    assert_true(value("1e-3*1000") == 1);
    assert_true(value(".5") == 0.5);
}

static void comparisons_bind_weaker_than_sums(void **state)
{
    (void)state;
    assert_true(value("1 + 1 = 2") == 1);
    assert_true(value("not 1 > 2") == 1);
    assert_true(value("1 < 2 and 2 < 1 or 1 <= 1") == 1);
    assert_true(value("1 > 2 and (2 > 1 or 1 = 1)") == 0);
    assert_true(value("not 1 = 1 or 1 = 1") == 1);
    assert_true(value("1 != 1") == 0);
    assert_true(value("2 >= 2 and 1 == 1") == 1);
}

static const char *get(size_t trial, const char *key)
{
    const char *text = settings_get(&results->trials[trial].settings, key);
    return text ? text : "";
}

/* Against what C says of each trial. */
static void words_are_figures_and_axes_of_the_trial(void **state)
{
    (void)state;
    const struct expression *both =
        read("encoding = poisson and clean - fgsm@8/255 > 0.3");
    const struct expression *weight = read("regularizer.weight >= 0.5");
    const struct expression *named =
        read("[pgd n_steps=20@8/255] < 'pgd n_steps=7@8/255'");
    size_t n[3] = {0};
    for (size_t i = 0; i < results->n_trials; i++) {
        struct figure fgsm, strong, weak;
        double clean, drop;
        assert_int_equal(figure_find(results, "fgsm@8/255", arena, &fgsm),
                         STATUS_OK);
        assert_int_equal(
            figure_find(results, "pgd n_steps=20@8/255", arena, &strong),
            STATUS_OK);
        assert_int_equal(
            figure_find(results, "pgd n_steps=7@8/255", arena, &weak),
            STATUS_OK);
        clean = figure_value(
            results, &(struct figure){.quantity = QUANTITY_CLEAN}, i);
        drop = clean - figure_value(results, &fgsm, i);
        bool is_both = !strcmp(get(i, "encoding"), "poisson") && drop > 0.3;
        bool is_heavy = *get(i, "regularizer.weight") &&
                        atof(get(i, "regularizer.weight")) >= 0.5;
        bool is_weaker = figure_value(results, &strong, i) <
                         figure_value(results, &weak, i);
        assert_int_equal(expression_holds(both, results, i), is_both);
        assert_int_equal(expression_holds(weight, results, i), is_heavy);
        assert_int_equal(expression_holds(named, results, i), is_weaker);
        n[0] += is_both;
        n[1] += is_heavy;
        n[2] += is_weaker;
    }
    assert_true(n[0] > 0 && n[0] < 24 && n[1] == 8 && n[2] > 0);
}

/* A trial that failed has no accuracy; one without a regularizer no weight. */
static void what_has_no_value_fulfils_no_comparison(void **state)
{
    (void)state;
    const struct expression *low = read("clean < 0.5 or clean >= 0.5");
    const struct expression *not_low = read("not clean >= 0");
    const struct expression *weight =
        read("regularizer.weight != 1 or regularizer.weight = 1");
    for (size_t i = 0; i < results->n_trials; i++) {
        bool has_clean = !strcmp(results->trials[i].state, "done");
        assert_int_equal(expression_holds(low, results, i), has_clean);
        assert_int_equal(expression_holds(not_low, results, i), !has_clean);
        assert_int_equal(expression_holds(weight, results, i),
                         *get(i, "regularizer.weight") != '\0');
    }
}

static void a_level_may_be_unequal(void **state)
{
    (void)state;
    const struct expression *others = read("surrogate != triangular");
    for (size_t i = 0; i < results->n_trials; i++)
        assert_int_equal(expression_holds(others, results, i),
                         !strcmp(get(i, "surrogate"), "rectangular"));
}

static void assert_refused(const char *text, const char *reason)
{
    const struct expression *expression = NULL;
    assert_int_not_equal(
        expression_read(results, text, arena, &expression), STATUS_OK);
    text_assert_has(status_reason(), reason);
}

static void mistakes_are_refused_where_they_are(void **state)
{
    (void)state;
    assert_refused("clean >", "at the end: a figure");
    assert_refused("", "at the end: a figure");
    assert_refused("(clean > 1", "a ) is missing");
    assert_refused("clean 1", "at 1: and, or");
    assert_refused("1 < 2 < 3", "at < 3: and, or");
    assert_refused("clean ? 1", "at ? 1: not a word");
    assert_refused("clen > 1", "no figure clen: did you mean clean?");
    assert_refused("encoding = poison", "there are direct, poisson");
    assert_refused("[clean > 1", "no ] follows");
    assert_refused("pgd > 1", "means several figures");
    char deep[2000] = "";
    memset(deep, '(', 1000);
    assert_refused(deep, "too deeply nested");
}

static void a_name_alone_is_known_as_such(void **state)
{
    (void)state;
    assert_string_equal(expression_axis(read("encoding"))->key, "encoding");
    assert_int_equal(expression_figure(read("omega"))->quantity,
                     QUANTITY_OMEGA);
    assert_null(expression_axis(read("omega")));
    assert_null(expression_figure(read("omega + 1")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arithmetic_is_that_of_school),
        cmocka_unit_test(comparisons_bind_weaker_than_sums),
        cmocka_unit_test(words_are_figures_and_axes_of_the_trial),
        cmocka_unit_test(what_has_no_value_fulfils_no_comparison),
        cmocka_unit_test(a_level_may_be_unequal),
        cmocka_unit_test(mistakes_are_refused_where_they_are),
        cmocka_unit_test(a_name_alone_is_known_as_such),
    };
    return cmocka_run_group_tests(tests, open_stage, results_stage_strike);
}

#include "analysis/axes.h"
#include "tests/results_stage.h"
#include "tests/test.h"
#include "tests/text.h"

#include <string.h>

/* Encodings direct and poisson, surrogates triangular and rectangular, no
 * regularizer and mpd_sgr at two weights, two seeds: 24 trials. */
static const struct fake_sweep sweep = {
    .n_seeds = 2, .n_test = 20, .n_epochs = 1, .n_hidden = 1};

static struct arena *arena;
static const struct results *results;

static int open_stage(void **state)
{
    (void)state;
    return results_stage_raise(&sweep, &arena, &results);
}

static const char *get(size_t trial, const char *key)
{
    const char *value = settings_get(&results->trials[trial].settings, key);
    return value ? value : "";
}

static struct axis_of_trials find(const char *name)
{
    struct axis_of_trials axis = {0};
    enum status status = axes_find(results, name, arena, &axis);
    assert_int_equal(status, STATUS_OK);
    return axis;
}

static struct axes read(const char *list)
{
    struct axes axes = {0};
    assert_int_equal(axes_read(results, list, arena, &axes), STATUS_OK);
    return axes;
}

static void a_trial_is_on_the_level_of_its_setting(void **state)
{
    (void)state;
    static const char *const keys[] = {"encoding", "surrogate",
                                       "regularizer.weight", "training.seed"};
    for (size_t k = 0; k < 4; k++) {
        struct axis_of_trials axis = find(keys[k]);
        assert_int_equal(axis.n, 2);
        for (size_t i = 0; i < results->n_trials; i++)
            assert_string_equal(axis_text(&axis, i), get(i, keys[k]));
    }
    assert_string_equal(find("seed").levels[1],
                        find("training.seed").levels[1]);
    assert_string_equal(find("regularizer").levels[0], "none");
}

static void a_kind_with_its_parameters_has_a_level_for_each(void **state)
{
    (void)state;
    struct axis_of_trials axis = find("regularizer.*");
    assert_int_equal(axis.n, 3);
    size_t n[3] = {0};
    for (size_t i = 0; i < results->n_trials; i++) {
        const char *weight = get(i, "regularizer.weight");
        const char *text =
            *weight ? arena_print(arena, "mpd_sgr weight=%s", weight) : "none";
        assert_string_equal(axis_text(&axis, i), text);
        n[axis.of[i]]++;
    }
    assert_true(n[0] == 8 && n[1] == 8 && n[2] == 8);
}

static void an_axis_that_is_not_there_is_refused(void **state)
{
    (void)state;
    struct axis_of_trials axis;
    assert_int_equal(axes_find(results, "surogate", arena, &axis),
                     STATUS_NOT_FOUND);
    text_assert_has(status_reason(), "no axis surogate in these trials: did "
                                     "you mean surrogate?");
    text_assert_has(status_reason(), "encoding, surrogate, regularizer");
}

static void all_that_varies_is_found_with_or_without_the_seed(void **state)
{
    (void)state;
    assert_int_equal(axes_varying(results, true, arena).n, 5);
    struct axes axes = axes_varying(results, false, arena);
    assert_int_equal(axes.n, 4);
    struct axes taken = read("regularizer.*,encoding");
    struct axes rest = axes_without(&axes, &taken, arena);
    assert_int_equal(rest.n, 1);
    assert_string_equal(rest.at[0].key, "surrogate");
    taken = read("regularizer");
    assert_int_equal(axes_without(&axes, &taken, arena).n, 3);
}

/* Against every pair of trials. */
static void a_cell_holds_the_trials_that_agree(void **state)
{
    (void)state;
    struct axes axes = read("encoding,regularizer.weight");
    struct axes_cells cells = axes_group(results, &axes, arena);
    assert_int_equal(cells.n, 6);
    size_t n = 0;
    for (size_t i = 0; i < cells.n; i++)
        for (size_t k = 0; k < cells.at[i].n; k++, n++)
            assert_int_equal(cells.of[cells.at[i].trials[k]], i);
    assert_int_equal(n, results->n_trials);
    for (size_t i = 0; i < results->n_trials; i++)
        for (size_t k = 0; k < results->n_trials; k++) {
            bool same =
                !strcmp(get(i, "encoding"), get(k, "encoding")) &&
                !strcmp(get(i, "regularizer.weight"),
                        get(k, "regularizer.weight"));
            assert_int_equal(cells.of[i] == cells.of[k], same);
        }
    assert_string_equal(axes_label(&axes, &cells.at[0], arena),
                        "direct, weight=0.1");
    assert_string_equal(axes_label(&axes, &cells.at[2], arena), "direct");
}

static void no_axes_make_one_cell(void **state)
{
    (void)state;
    struct axes axes = read("");
    struct axes_cells cells = axes_group(results, &axes, arena);
    assert_int_equal(cells.n, 1);
    assert_int_equal(cells.at[0].n, results->n_trials);
    assert_string_equal(axes_label(&axes, &cells.at[0], arena), "");
}

static void labels_say_what_is_not_there(void **state)
{
    (void)state;
    struct axes axes = read("regularizer,seed");
    struct axes_cells cells = axes_group(results, &axes, arena);
    assert_string_equal(axes_label(&axes, &cells.at[0], arena),
                        "no regularizer, seed=1");
}

static struct pick pick(const char *text)
{
    struct pick read = {0};
    assert_int_equal(pick_read(text, arena, &read), STATUS_OK);
    return read;
}

static void a_partner_differs_in_what_was_picked_alone(void **state)
{
    (void)state;
    struct pick none = pick("regularizer=none");
    const size_t *partners = NULL;
    assert_int_equal(axes_pair(results, 1, &none, arena, &partners),
                     STATUS_OK);
    for (size_t i = 0; i < results->n_trials; i++) {
        size_t partner = partners[i];
        assert_true(partner < results->n_trials);
        assert_string_equal(get(partner, "regularizer"), "none");
        assert_string_equal(get(partner, "encoding"), get(i, "encoding"));
        assert_string_equal(get(partner, "surrogate"), get(i, "surrogate"));
        assert_string_equal(get(partner, "training.seed"),
                            get(i, "training.seed"));
    }
}

static void several_baselines_of_one_trial_are_refused(void **state)
{
    (void)state;
    struct pick picks[] = {pick("regularizer=mpd_sgr"),
                           pick("regularizer.weight=0.10")};
    const size_t *partners = NULL;
    assert_int_equal(axes_pair(results, 1, picks, arena, &partners),
                     STATUS_INVALID);
    text_assert_has(status_reason(), "they differ in regularizer.weight");
    assert_int_equal(axes_pair(results, 2, picks, arena, &partners),
                     STATUS_OK);
    for (size_t i = 0; i < results->n_trials; i++)
        assert_string_equal(get(partners[i], "regularizer.weight"), "0.1");
}

static void picks_that_nothing_is_are_refused(void **state)
{
    (void)state;
    struct pick wrong = pick("regularizer=nine");
    const size_t *partners = NULL;
    assert_int_equal(axes_pair(results, 1, &wrong, arena, &partners),
                     STATUS_NOT_FOUND);
    text_assert_has(status_reason(), "there are none, mpd_sgr");
    assert_int_equal(pick_read("regularizer", arena, &wrong), STATUS_INVALID);
    assert_int_equal(pick_read("=none", arena, &wrong), STATUS_INVALID);
    assert_int_equal(pick_read("regularizer=", arena, &wrong), STATUS_INVALID);
}

static void where_a_trial_is_from_is_an_axis(void **state)
{
    (void)state;
    struct axis_of_trials file = find("file"), how = find("state");
    assert_int_equal(file.n, 1);
    assert_string_equal(file.levels[0], results->path);
    assert_string_equal(how.levels[0], "done");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trial_is_on_the_level_of_its_setting),
        cmocka_unit_test(a_kind_with_its_parameters_has_a_level_for_each),
        cmocka_unit_test(an_axis_that_is_not_there_is_refused),
        cmocka_unit_test(all_that_varies_is_found_with_or_without_the_seed),
        cmocka_unit_test(a_cell_holds_the_trials_that_agree),
        cmocka_unit_test(no_axes_make_one_cell),
        cmocka_unit_test(labels_say_what_is_not_there),
        cmocka_unit_test(a_partner_differs_in_what_was_picked_alone),
        cmocka_unit_test(several_baselines_of_one_trial_are_refused),
        cmocka_unit_test(picks_that_nothing_is_are_refused),
        cmocka_unit_test(where_a_trial_is_from_is_an_axis),
    };
    return cmocka_run_group_tests(tests, open_stage, results_stage_strike);
}

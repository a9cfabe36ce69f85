/* The surrogate matrix, from records to sweep.h5 to text. */
#include "analysis/columns.h"
#include "analysis/matrix.h"
#include "tests/matrix_scene.h"
#include "tests/test.h"
#include "tests/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void assert_stored(struct matrix_scene *scene, size_t cell, size_t k)
{
    size_t trial = matrix_trial(scene, cell), attack = matrix_which(scene, k);
    size_t first = k < N_THROUGH ? 0 : k;
    size_t end = k < N_THROUGH ? N_THROUGH : k + 1;
    for (size_t e = 0; e < FAKE_EPSILONS; e++) {
        struct result_surrogates stored =
            results_surrogates(&scene->stage.results, trial, attack, e);
        struct result_surrogates wanted =
            matrix_directly(scene, cell, first, end, e);
        if (scene->is_gone[cell][k]) {
            assert_int_equal(stored.n, 0);
            assert_true(isnan(stored.worst) && isnan(stored.spread));
            continue;
        }
        assert_int_equal(stored.n, wanted.n);
        assert_true(fabs(stored.worst - wanted.worst) < 1e-12);
        assert_true(fabs(stored.spread - wanted.spread) < 1e-12);
        assert_true(stored.worst <=
                    results_accuracy(&scene->stage.results, trial, attack, e));
    }
}

static void what_is_stored_is_what_predictions_say(void **state)
{
    (void)state;
    struct matrix_scene scene;
    for (size_t gone = 2; gone <= N_ATTACKS; gone += N_ATTACKS - 2) {
        matrix_open(&scene, gone);
        for (size_t i = 0; i < N_CELLS; i++)
            for (size_t k = 0; k < N_ATTACKS; k++)
                assert_stored(&scene, i, k);
        matrix_close(&scene);
    }
}

/* What is in the names is a way back; noise takes none. */
static void only_attacks_with_gradients_are_named_by_their_way_back(
    void **state)
{
    (void)state;
    struct matrix_scene scene;
    matrix_open(&scene, N_ATTACKS);
    for (size_t k = 0; k < N_ATTACKS; k++)
        assert_string_equal(
            scene.stage.results.attacks[matrix_which(&scene, k)].name,
            matrix_attacks[k].name);
    matrix_close(&scene);
}

/* text ---------------------------------------------------------------- */

static char *print(const struct results *results)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(matrix_print(results, out), STATUS_OK);
    fclose(out);
    return text;
}

/* "71.2 (1.3)" of two values in 0 to 1. */
static const char *pair(struct matrix_scene *scene, double a, double b)
{
    return arena_print(&scene->arena, "%.1f (%.1f)", 100 * (a + b) / 2,
                       100 * fabs(a - b) / sqrt(2));
}

/* The row of a table, of two seeds, as it has to stand there. */
static const char *row_of(struct matrix_scene *scene, const char *label,
                          double (*value)(struct matrix_scene *scene,
                                          size_t cell, size_t k, size_t e),
                          size_t cell, size_t k)
{
    const char *row = arena_print(&scene->arena, "\n  %-28s", label);
    for (size_t e = 1; e < FAKE_EPSILONS; e++)
        row = arena_print(&scene->arena, "%s%15s", row,
                          pair(scene, value(scene, cell, k, e),
                               value(scene, cell + 1, k, e)));
    return arena_print(&scene->arena, "%s\n", row);
}

static double worst_of(struct matrix_scene *scene, size_t cell, size_t k,
                       size_t e)
{
    (void)k;
    return matrix_directly(scene, cell, 0, N_THROUGH, e).worst;
}

static double spread_of(struct matrix_scene *scene, size_t cell, size_t k,
                        size_t e)
{
    (void)k;
    return matrix_directly(scene, cell, 0, N_THROUGH, e).spread;
}

static void rows_are_means_and_deviations_over_seeds(void **state)
{
    (void)state;
    struct matrix_scene scene;
    matrix_open(&scene, N_ATTACKS);
    char *text = print(&scene.stage.results);
    for (size_t cell = 0; cell < N_CELLS; cell += 2) {
        for (size_t k = 0; k < N_THROUGH; k++)
            text_assert_has(text, row_of(&scene, matrix_labels[k],
                                         matrix_accuracy, cell, k));
        text_assert_has(text,
                        row_of(&scene, "worst case of 4", worst_of, cell, 0));
        text_assert_has(text, row_of(&scene, "spread", spread_of, cell, 0));
    }
    text_assert_has(text, "\npgd\n");
    assert_null(strstr(text, "fgsm"));
    assert_int_equal(text_count(text, "clean "), 2);
    free(text);
    matrix_close(&scene);
}

static void what_is_missing_is_told(void **state)
{
    (void)state;
    struct matrix_scene scene;
    matrix_open(&scene, 2);
    char *text = print(&scene.stage.results);
    text_assert_has(text, "worst case of 3 to 4 ");
    text_assert_has(text, "worst case of 4 ");
    free(text);
    matrix_close(&scene);
}

static void lines_are_short_enough(void **state)
{
    (void)state;
    struct matrix_scene scene;
    matrix_open(&scene, N_ATTACKS);
    char *text = print(&scene.stage.results);
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        assert_true(strcspn(line, "\n") <= 120);
    free(text);
    matrix_close(&scene);
}

static void a_sweep_of_one_surrogate_is_told_how_to_have_more(void **state)
{
    (void)state;
    struct results_stage stage = results_stage_open(&fake_sweep_small);
    char *text = print(&stage.results);
    text_assert_has(text, "surrogate = \"matrix\"");
    for (size_t i = 0; i < stage.results.n_trials; i++)
        for (size_t k = 0; k < FAKE_ATTACKS; k++) {
            struct result_surrogates alone =
                results_surrogates(&stage.results, i, k, 2);
            assert_int_equal(alone.n, 1);
            assert_true(alone.spread == 0);
        }
    free(text);
    results_stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_stored_is_what_predictions_say),
        cmocka_unit_test(
            only_attacks_with_gradients_are_named_by_their_way_back),
        cmocka_unit_test(rows_are_means_and_deviations_over_seeds),
        cmocka_unit_test(what_is_missing_is_told),
        cmocka_unit_test(lines_are_short_enough),
        cmocka_unit_test(a_sweep_of_one_surrogate_is_told_how_to_have_more),
    };
    return cmocka_run_group_tests_name("matrix", tests, NULL, NULL);
}

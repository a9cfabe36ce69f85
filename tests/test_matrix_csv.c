/* The surrogate matrix as comma-separated values. */
#include "analysis/matrix.h"
#include "tests/matrix_scene.h"
#include "tests/test.h"
#include "tests/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static char *print_csv(const struct results *results)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    struct arena arena = arena_open();
    struct sheet sheet = matrix_make_sheet(results, &arena);
    assert_int_equal(sheet_write(&sheet, SHEET_CSV, out), STATUS_OK);
    arena_close(&arena);
    fclose(out);
    return text;
}

/* Takes the line apart; quotes are taken off. */
enum { N_COLUMNS = 11 };

static void split(char *line, char *columns[N_COLUMNS])
{
    size_t n = 0;
    for (char *at = line; at;) {
        bool quoted = *at == '"';
        assert_true(n < N_COLUMNS);
        columns[n++] = at + quoted;
        char *end = quoted ? strchr(at + 1, '"') : at + strcspn(at, ",");
        at = end[quoted] == ',' ? end + quoted + 1 : NULL;
        *end = '\0';
    }
    assert_int_equal(n, N_COLUMNS);
}

static void assert_number(const char *text, double number)
{
    char *end;
    assert_true(strtod(text, &end) == number);
    assert_true(end > text && *end == '\0');
}

static void assert_line(struct matrix_scene *scene, size_t cell, size_t k,
                        size_t e, char *line)
{
    char *columns[N_COLUMNS];
    const struct results *results = &scene->stage.results;
    size_t trial = matrix_trial(scene, cell);
    const struct result_trial *row = &results->trials[trial];
    struct result_surrogates all =
        matrix_directly(scene, cell, 0, N_THROUGH, e);
    split(line, columns);
    assert_string_equal(columns[0], row->cell);
    assert_string_equal(columns[1], row->id);
    assert_number(columns[2], row->seed);
    assert_number(columns[3], row->clean_accuracy);
    assert_string_equal(columns[4], "pgd");
    assert_string_equal(columns[5], matrix_labels[k]);
    assert_number(columns[6], results->epsilons[e]);
    assert_number(columns[7], matrix_accuracy(scene, cell, k, e));
    assert_number(columns[8], (double)all.n);
    assert_true(fabs(strtod(columns[9], NULL) - all.worst) < 1e-12);
    assert_true(fabs(strtod(columns[10], NULL) - all.spread) < 1e-12);
}

static bool is_line(struct matrix_scene *scene, const char *line, size_t cell,
                    size_t k, size_t e)
{
    const struct results *results = &scene->stage.results;
    char *columns[N_COLUMNS];
    split(arena_copy_text(&scene->arena, line), columns);
    return !strcmp(columns[1], results->trials[matrix_trial(scene, cell)].id) &&
           !strcmp(columns[5], matrix_labels[k]) &&
           strtod(columns[6], NULL) == results->epsilons[e];
}

/* The one line of that trial, way and epsilon, behind the heading. */
static char *find_line(struct matrix_scene *scene, const char *text,
                       size_t cell, size_t k, size_t e)
{
    char *found = NULL;
    for (const char *line = strchr(text, '\n') + 1; *line;
         line = strchr(line, '\n') + 1) {
        char *copy = arena_copy_text(&scene->arena, line);
        copy[strcspn(copy, "\n")] = '\0';
        if (!is_line(scene, copy, cell, k, e))
            continue;
        assert_null(found);
        found = copy;
    }
    assert_non_null(found);
    return found;
}

static void values_are_those_of_each_trial_to_the_last_bit(void **state)
{
    (void)state;
    struct matrix_scene scene;
    matrix_open(&scene, N_ATTACKS);
    char *text = print_csv(&scene.stage.results);
    assert_int_equal(text_count(text, "\n"),
                     1 + N_CELLS * N_THROUGH * FAKE_EPSILONS);
    for (size_t cell = 0; cell < N_CELLS; cell++)
        for (size_t k = 0; k < N_THROUGH; k++)
            for (size_t e = 0; e < FAKE_EPSILONS; e++)
                assert_line(&scene, cell, k, e,
                            find_line(&scene, text, cell, k, e));
    free(text);
    matrix_close(&scene);
    matrix_open(&scene, 2);
    text = print_csv(&scene.stage.results);
    assert_int_equal(text_count(text, "\n"),
                     1 + (N_CELLS * N_THROUGH - 1) * FAKE_EPSILONS);
    free(text);
    matrix_close(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_those_of_each_trial_to_the_last_bit),
    };
    return cmocka_run_group_tests_name("matrix csv", tests, NULL, NULL);
}

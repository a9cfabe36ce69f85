/* What sweep.h5 says of parameters whose name several kinds share. */
#include "core/spec.h"
#include "io/store_schema.h"
#include "tests/test.h"

#include <string.h>

/* The schema of a file with a trial of each of n settings, as text. */
static struct store_schema schema_of(size_t n, const char *const *texts,
                                     struct arena *arena)
{
    struct store_trial *trials = ARENA_ARRAY(arena, struct store_trial, n);
    struct store_index index = {.n_trials = n, .trials = trials};
    for (size_t i = 0; i < n; i++)
        trials[i].settings = trials[i].parameters =
            settings_parse(texts[i], arena);
    return store_schema_list(&index, arena);
}

static const struct store_variable *find(const struct store_schema *schema,
                                         const char *name)
{
    const struct store_variable *found = NULL;
    for (size_t i = 0; i < schema->n; i++)
        if (!strcmp(schema->variables[i].name, name)) {
            assert_null(found);
            found = &schema->variables[i];
        }
    assert_non_null(found);
    return found;
}

static const struct row *row_of(const struct axis *axis, const char *kind,
                                const char *row)
{
    const struct row *found = kind_find_row(kind_find(axis, kind), row);
    assert_non_null(found);
    return found;
}

static void a_name_of_two_meanings_is_described_by_kind(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "surrogate = rectangular\nsurrogate.width = 1\n",
        "surrogate = triangular\nsurrogate.width = 1\n",
        "surrogate = rectangular\nsurrogate.width = 2\n"};
    const struct axis *axis = spec_axes[SPEC_SURROGATE];
    struct arena arena = arena_open();
    struct store_schema schema = schema_of(3, texts, &arena);
    assert_string_equal(
        find(&schema, "surrogate_width")->doc,
        arena_print(&arena, "triangular: %s; rectangular: %s",
                    row_of(axis, "triangular", "width")->doc,
                    row_of(axis, "rectangular", "width")->doc));
    /* A file with one of them says only what it means there. */
    schema = schema_of(1, texts, &arena);
    assert_string_equal(find(&schema, "surrogate_width")->doc,
                        row_of(axis, "rectangular", "width")->doc);
    arena_close(&arena);
}

static void a_name_of_one_meaning_is_described_once(void **state)
{
    (void)state;
    static const char *const texts[] = {"dataset = idx\n",
                                        "dataset = synthetic\n"};
    struct arena arena = arena_open();
    struct store_schema schema = schema_of(2, texts, &arena);
    const struct row *row =
        row_of(spec_axes[SPEC_DATASET], "synthetic", "n_train");
    assert_string_equal(find(&schema, "dataset_n_train")->doc, row->doc);
    assert_string_equal(find(&schema, "dataset_n_train")->unit, row->unit);
    arena_close(&arena);
}

/* Of every axis, with a trial of each kind: no doc of a row is lost. */
static void every_row_of_every_kind_is_described(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    for (size_t a = 0; a < SPEC_ATTACK; a++) {
        const struct axis *axis = spec_axes[a];
        const char **texts = ARENA_ARRAY(&arena, const char *, axis->n_kinds);
        for (size_t k = 0; k < axis->n_kinds; k++)
            texts[k] = arena_print(&arena, "%s = %s\n", axis->name,
                                   axis->kinds[k]->name);
        struct store_schema schema = schema_of(axis->n_kinds, texts, &arena);
        for (size_t k = 0; k < axis->n_kinds; k++)
            for (size_t r = 0; r < axis->kinds[k]->n_rows; r++) {
                const struct row *row = &axis->kinds[k]->rows[r];
                const struct store_variable *variable =
                    find(&schema, arena_print(&arena, "%s_%s", axis->name,
                                              row->name));
                assert_non_null(strstr(variable->doc, row->doc));
                if (strcmp(variable->unit, row->unit) != 0)
                    assert_non_null(
                        strstr(variable->doc,
                               arena_print(&arena, "%s (in %s)", row->doc,
                                           row->unit)));
            }
    }
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_of_two_meanings_is_described_by_kind),
        cmocka_unit_test(a_name_of_one_meaning_is_described_once),
        cmocka_unit_test(every_row_of_every_kind_is_described),
    };
    return cmocka_run_group_tests_name("store_parameters", tests, NULL, NULL);
}

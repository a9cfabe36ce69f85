#include "core/checks.h"
#include "io/store.h"
#include "io/store_schema.h"
#include "tests/format_page.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <string.h>

/* If it is not: build/release/make_format writes it anew. */
static void the_documentation_is_what_the_schema_says(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct bytes page = scratch_read(format_page_path);
    size_t start = format_page_schema(&page);
    const char *schema = store_describe(&arena);
    assert_int_equal(page.n - start, strlen(schema));
    assert_memory_equal(page.at + start, schema, page.n - start);
    bytes_free(&page);
    arena_close(&arena);
}

static void assert_has_row(const char *schema, const char *name,
                           struct arena *arena)
{
    const char *row = arena_print(arena, "\n| `%s` | ", name);
    if (!strstr(schema, row))
        fail_msg("no row for %s", name);
}

static void everything_in_the_file_is_described(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    const char *schema = store_describe(&arena);
    struct store_schema list = store_schema_list(NULL, &arena);
    for (size_t i = 0; i < list.n; i++) {
        assert_has_row(schema, list.variables[i].name, &arena);
        assert_non_null(strstr(schema, list.variables[i].doc));
    }
    for (size_t i = 0; i < STORE_N_DIMENSIONS; i++)
        assert_has_row(schema, store_coordinates[i].name, &arena);
    for (size_t i = 0; i < store_n_root_rows; i++)
        assert_has_row(schema, store_root_rows[i].name, &arena);
    for (size_t i = 0; i < CHECK_N; i++)
        assert_has_row(schema, check_rows[i].name, &arena);
    for (size_t i = 0; i < STORE_N_GROUPS; i++)
        assert_non_null(strstr(schema, arena_print(&arena, "\n### /%s\n",
                                                   store_group_rows[i].name)));
    arena_close(&arena);
}

/* A bar within a cell would begin another one. */
static void every_row_of_a_table_has_its_cells(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    char *rest = arena_copy_text(&arena, store_describe(&arena)), *line;
    size_t n_cells = 0;
    while ((line = strsep(&rest, "\n"))) {
        size_t n = 0;
        for (const char *at = line; *at; at++)
            n += *at == '|';
        if (*line != '|')
            n_cells = 0;
        else if (n_cells == 0)
            n_cells = n;
        else if (n != n_cells)
            fail_msg("%zu bars instead of %zu: %s", n, n_cells, line);
    }
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_documentation_is_what_the_schema_says),
        cmocka_unit_test(everything_in_the_file_is_described),
        cmocka_unit_test(every_row_of_a_table_has_its_cells),
    };
    return cmocka_run_group_tests_name("store_describe", tests, NULL, NULL);
}

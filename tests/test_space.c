#include "sweep/space.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <string.h>

/* Reads an experiment from a text, which has to be in order. */
static struct experiment read_text(struct arena *arena, const char *text)
{
    struct scratch scratch = scratch_make();
    const char *path = scratch_path(&scratch, "file.cfg");
    struct experiment experiment;
    scratch_write(path, text, strlen(text));
    enum status status = experiment_read(path, arena, &experiment);
    if (status != STATUS_OK)
        print_error("%s\n", status_reason());
    assert_int_equal(status, STATUS_OK);
    scratch_remove(&scratch);
    return experiment;
}

static void without_axes_there_is_one_cell_of_defaults(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct experiment experiment = read_text(&arena, "");
    struct spec defaults = spec_defaults(&arena);
    assert_int_equal(space_count(&experiment), 1);
    assert_int_equal(space_count_attacks(&experiment), 0);
    struct cell cell = space_cell(&experiment, 0, &arena);
    assert_string_equal(spec_print(&cell.spec, true, &arena),
                        spec_print(&defaults, true, &arena));
    assert_true(digest_equal(cell.digest, spec_digest(&defaults)));
    assert_null(cell.pruned);
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_axes_there_is_one_cell_of_defaults),
    };
    return cmocka_run_group_tests_name("space", tests, NULL, NULL);
}

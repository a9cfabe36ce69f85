/* Which cells the latest experiment file has, beside it. */
#include "io/cell_list.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <string.h>

static const char experiment[] = "dataset = \"synthetic\";\n";

static struct scratch make_folder(void)
{
    struct scratch scratch = scratch_make();
    scratch_write(scratch_path(&scratch, "experiment.cfg"), experiment,
                  strlen(experiment));
    return scratch;
}

static struct cell_list write_and_read(struct scratch *scratch, size_t n,
                                       struct digest *cells)
{
    assert_int_equal(cell_list_write(scratch->folder, experiment, n, cells),
                     STATUS_OK);
    return cell_list_read(scratch->folder, &scratch->arena);
}

static void a_list_has_what_was_written(void **state)
{
    (void)state;
    struct scratch scratch = make_folder();
    struct digest cells[] = {{5, 0}, {1, 9}, {1, 2}, {UINT64_MAX, 1}};
    struct cell_list list = write_and_read(&scratch, 4, cells);
    assert_true(list.known);
    assert_int_equal(list.n, 4);
    for (size_t i = 0; i < 4; i++)
        assert_true(cell_list_has(&list, cells[i]));
    assert_false(cell_list_has(&list, (struct digest){1, 3}));
    assert_false(cell_list_has(&list, (struct digest){5, 1}));
    list = write_and_read(&scratch, 0, NULL);
    assert_true(list.known);
    assert_false(cell_list_has(&list, cells[0]));
    scratch_remove(&scratch);
}

static void a_list_of_another_experiment_says_nothing(void **state)
{
    (void)state;
    struct scratch scratch = make_folder();
    struct digest cells[] = {{1, 2}};
    assert_false(cell_list_read(scratch.folder, &scratch.arena).known);
    assert_true(write_and_read(&scratch, 1, cells).known);
    scratch_write(scratch_path(&scratch, "experiment.cfg"), "other", 5);
    assert_false(cell_list_read(scratch.folder, &scratch.arena).known);
    scratch_remove(&scratch);
}

static void damage_says_nothing(void **state)
{
    (void)state;
    struct scratch scratch = make_folder();
    struct digest cells[] = {{1, 2}, {3, 4}, {5, 6}};
    const char *path = scratch_path(&scratch, "cells.list");
    write_and_read(&scratch, 3, cells);
    struct bytes whole = scratch_read(path);
    for (uint64_t seed = 0; seed < scratch_n_seeds(200); seed++) {
        struct bytes damaged = {NULL, 0, 0};
        bytes_append(&damaged, whole.at, whole.n);
        scratch_damage(&damaged, seed);
        bool changed = damaged.n != whole.n ||
                       memcmp(damaged.at, whole.at, whole.n) != 0;
        scratch_write(path, damaged.at, damaged.n);
        assert_int_equal(cell_list_read(scratch.folder, &scratch.arena).known,
                         !changed);
        bytes_free(&damaged);
    }
    for (uint64_t seed = 0; seed < scratch_n_seeds(200); seed++) {
        struct bytes damaged = scratch_damage_sealed(&whole, seed);
        scratch_write(path, damaged.at, damaged.n);
        struct cell_list list = cell_list_read(scratch.folder, &scratch.arena);
        assert_true(!list.known || list.n == 3);
        bytes_free(&damaged);
    }
    bytes_free(&whole);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_has_what_was_written),
        cmocka_unit_test(a_list_of_another_experiment_says_nothing),
        cmocka_unit_test(damage_says_nothing),
    };
    return cmocka_run_group_tests_name("cell_list", tests, NULL, NULL);
}

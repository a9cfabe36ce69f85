#include "sweep/folder.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void assert_holds(const char *path, const char *text)
{
    struct bytes read = scratch_read(path);
    assert_int_equal(read.n, strlen(text));
    assert_memory_equal(read.at, text, read.n);
    bytes_free(&read);
}

static void results_lie_beside_who_asks_for_them(void **state)
{
    (void)state;
    static const char *const names[][2] = {
        {"a.cfg", "a.sweep"},          {"/x/y/a.cfg", "a.sweep"},
        {"a.b.cfg", "a.b.sweep"},      {"a", "a.sweep"},
        {"../x.y/a", "a.sweep"},       {".cfg", ".cfg.sweep"},
    };
    struct arena arena = arena_open();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_string_equal(folder_default(names[i][0], &arena), names[i][1]);
    arena_close(&arena);
}

static void every_experiment_is_kept(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    const char *folder = scratch_path(&scratch, "sweep");
    static const char *const texts[] = {"one", "one", "two", "", "one more"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(folder_open(folder, texts[i]), STATUS_OK);
    assert_int_equal(scratch_count(folder, ".cfg"), 4);
    assert_holds(scratch_path(&scratch, "sweep/experiment-1.cfg"), "one");
    assert_holds(scratch_path(&scratch, "sweep/experiment-2.cfg"), "two");
    assert_holds(scratch_path(&scratch, "sweep/experiment-3.cfg"), "");
    assert_holds(scratch_path(&scratch, "sweep/experiment.cfg"), "one more");
    scratch_remove(&scratch);
}

/* A text is another one if it only begins alike. */
static void a_longer_experiment_is_another_one(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    assert_int_equal(folder_open(scratch.folder, "long"), STATUS_OK);
    assert_int_equal(folder_open(scratch.folder, "longer"), STATUS_OK);
    assert_int_equal(folder_open(scratch.folder, "long"), STATUS_OK);
    assert_int_equal(scratch_count(scratch.folder, ".cfg"), 3);
    scratch_remove(&scratch);
}

static void leftovers_of_crashes_are_deleted(void **state)
{
    (void)state;
    static const char *const left[] = {"x.tmp", "models/x.tmp",
                                       "segments/x.tmp"};
    struct scratch scratch = scratch_make();
    assert_int_equal(folder_open(scratch.folder, ""), STATUS_OK);
    for (size_t i = 0; i < 3; i++)
        scratch_write(scratch_path(&scratch, left[i]), "half", 4);
    scratch_write(scratch_path(&scratch, "models/x.h5"), "whole", 5);
    assert_int_equal(folder_open(scratch.folder, ""), STATUS_OK);
    for (size_t i = 0; i < 3; i++)
        assert_int_not_equal(access(scratch_path(&scratch, left[i]), F_OK), 0);
    assert_holds(scratch_path(&scratch, "models/x.h5"), "whole");
    scratch_remove(&scratch);
}

static void what_holds_no_sweep_is_refused(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    assert_int_equal(folder_check(scratch.folder), STATUS_NOT_FOUND);
    assert_non_null(strstr(status_reason(), "no segments/ in it"));
    assert_int_equal(folder_open(scratch.folder, ""), STATUS_OK);
    assert_int_equal(folder_check(scratch.folder), STATUS_OK);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_lie_beside_who_asks_for_them),
        cmocka_unit_test(every_experiment_is_kept),
        cmocka_unit_test(a_longer_experiment_is_another_one),
        cmocka_unit_test(leftovers_of_crashes_are_deleted),
        cmocka_unit_test(what_holds_no_sweep_is_refused),
    };
    return cmocka_run_group_tests_name("folder", tests, NULL, NULL);
}

#include "io/durable.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

static void assert_holds(const char *path, const char *text)
{
    struct bytes read = scratch_read(path);
    assert_int_equal(read.n, strlen(text));
    assert_memory_equal(read.at, text, read.n);
    bytes_free(&read);
}

static struct scratch make_with_old(const char **path)
{
    struct scratch scratch = scratch_make();
    *path = scratch_path(&scratch, "file");
    assert_int_equal(durable_write(*path, "old", 3), STATUS_OK);
    return scratch;
}

static void a_folder_is_made_once_and_never_of_a_file(void **state)
{
    (void)state;
    const char *path;
    struct scratch scratch = make_with_old(&path);
    const char *folder = scratch_path(&scratch, "folder");
    struct stat found;
    assert_int_equal(durable_make_folder(folder), STATUS_OK);
    assert_int_equal(durable_make_folder(folder), STATUS_OK);
    assert_int_equal(stat(folder, &found), 0);
    assert_true(S_ISDIR(found.st_mode));
    assert_int_equal(durable_make_folder(path), STATUS_INVALID);
    assert_non_null(strstr(status_reason(), "not a folder"));
    assert_holds(path, "old");
    scratch_remove(&scratch);
}

/* A process that has ended and whose number is not taken again yet. */
static int tell_nothing(void *self)
{
    char temporary[PATH_MAX];
    durable_temporary(self, temporary, sizeof temporary);
    scratch_write(temporary, "half", 4);
    return 0;
}

static void write_days_ago(const char *path)
{
    scratch_write(path, "", 0);
    scratch_age(path);
}

static void leftovers_are_deleted_but_not_those_of_the_living(void **state)
{
    (void)state;
    const char *path;
    struct scratch scratch = make_with_old(&path);
    char ours[PATH_MAX];
    durable_temporary(path, ours, sizeof ours);
    scratch_write(ours, "half", 4);
    scratch_write(scratch_path(&scratch, "x.otherhost.1.00000000.tmp"), "", 0);
    write_days_ago(scratch_path(&scratch, "y.otherhost.1.00000000.tmp"));
    write_days_ago(scratch_path(&scratch, "any.tmp"));
    write_days_ago(scratch_path(&scratch, ".tmp"));
    write_days_ago(scratch_path(&scratch, "tmp"));
    assert_int_equal(scratch_fork(tell_nothing, (void *)path), 0);
    assert_int_equal(scratch_count(scratch.folder, ".tmp"), 6);
    assert_int_equal(durable_clean(scratch.folder), STATUS_OK);
    assert_int_equal(scratch_count(scratch.folder, ".tmp"), 2);
    assert_int_equal(
        scratch_count(scratch.folder, "x.otherhost.1.00000000.tmp"), 1);
    assert_int_equal(durable_commit(ours, path), STATUS_OK);
    assert_int_equal(scratch_count(scratch.folder, ""), 3);
    assert_holds(path, "half");
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_is_made_once_and_never_of_a_file),
        cmocka_unit_test(leftovers_are_deleted_but_not_those_of_the_living),
    };
    return cmocka_run_group_tests_name("durable_folder", tests, NULL, NULL);
}

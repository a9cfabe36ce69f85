#include "io/folder_probe.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void an_ordinary_folder_has_all_that_is_needed(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct folder_probe probe = folder_probe(scratch.folder, &scratch.arena);
    assert_null(probe.write);
    assert_null(probe.replace);
    assert_null(probe.flush);
    assert_null(probe.exclusive);
    assert_null(probe.link);
    assert_null(probe.dates);
    assert_true(probe.flush_s > 0 && probe.flush_s < 60);
    assert_true(probe.clock_s > -60 && probe.clock_s < 60);
    assert_true(probe.n_free_bytes > 0);
    scratch_remove(&scratch);
}

static void nothing_is_left_of_the_probe(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    scratch_write(scratch_path(&scratch, "a"), "mine", 4);
    (void)folder_probe(scratch.folder, &scratch.arena);
    assert_int_equal(scratch_count(scratch.folder, ""), 1);
    struct bytes read = scratch_read(scratch_path(&scratch, "a"));
    assert_memory_equal(read.at, "mine", 4);
    bytes_free(&read);
    scratch_remove(&scratch);
}

static void a_folder_that_is_not_there_is_named_as_the_reason(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct folder_probe probe =
        folder_probe(scratch_path(&scratch, "nowhere"), &scratch.arena);
    assert_string_equal(probe.write, "No such file or directory");
    scratch_remove(&scratch);
}

static void the_innermost_mount_tells_the_file_system(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct folder_probe probe = folder_probe("/proc/self", &scratch.arena);
    assert_string_equal(probe.type, "proc");
    assert_non_null(probe.write);
    scratch_remove(&scratch);
}

/* In a child that may mount; 77: it may not. */
static int look_at_read_only(void *self)
{
    struct scratch *scratch = self;
    if (!scratch_mount_read_only(scratch->folder))
        return 77;
    struct folder_probe probe = folder_probe(scratch->folder, &scratch->arena);
    return probe.write && !strcmp(probe.write, "Read-only file system") ? 0 : 1;
}

static void a_folder_that_cannot_be_written_to_says_so(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    int result = scratch_fork(look_at_read_only, &scratch);
    scratch_remove(&scratch);
    if (result == 77)
        skip();
    assert_int_equal(result, 0);
}

/* A file system in memory of 1 MB. */
static int look_at_small(void *self)
{
    struct scratch *scratch = self;
    if (!scratch_mount_small(scratch->folder, 1 << 20))
        return 77;
    struct folder_probe probe = folder_probe(scratch->folder, &scratch->arena);
    return !probe.write && !strcmp(probe.type, "tmpfs") &&
                   probe.n_free_bytes > 0 && probe.n_free_bytes <= 1 << 20
               ? 0
               : 1;
}

static void its_room_is_that_of_the_file_system(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    int result = scratch_fork(look_at_small, &scratch);
    scratch_remove(&scratch);
    if (result == 77)
        skip();
    assert_int_equal(result, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ordinary_folder_has_all_that_is_needed),
        cmocka_unit_test(nothing_is_left_of_the_probe),
        cmocka_unit_test(a_folder_that_is_not_there_is_named_as_the_reason),
        cmocka_unit_test(the_innermost_mount_tells_the_file_system),
        cmocka_unit_test(a_folder_that_cannot_be_written_to_says_so),
        cmocka_unit_test(its_room_is_that_of_the_file_system),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

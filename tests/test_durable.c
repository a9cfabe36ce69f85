#include "io/durable.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A moody operating system: these take the place of the C library's for the
 * whole program. In `failing` mood a call fails with that error while its
 * count lasts; `short_writes` lets a write take few bytes only. */
struct mood {
    int error;
    size_t n_failures, n_calls;
};

static struct mood write_mood, fsync_mood, close_mood, rename_mood;
static size_t write_at_most;

static bool fails(struct mood *mood)
{
    mood->n_calls++;
    if (mood->n_failures == 0)
        return false;
    mood->n_failures--;
    errno = mood->error;
    return true;
}

ssize_t write(int file, const void *bytes, size_t n)
{
    if (fails(&write_mood))
        return -1;
    if (write_at_most > 0 && n > write_at_most)
        n = write_at_most;
    return syscall(SYS_write, file, bytes, n);
}

int fsync(int file)
{
    return fails(&fsync_mood) ? -1 : (int)syscall(SYS_fsync, file);
}

int close(int file)
{
    bool failing = fails(&close_mood);
    int error = errno;
    int result = (int)syscall(SYS_close, file);
    errno = error;
    return failing ? -1 : result;
}

int rename(const char *old, const char *new)
{
    return fails(&rename_mood)
               ? -1
               : (int)syscall(SYS_renameat2, AT_FDCWD, old, AT_FDCWD, new, 0);
}

static void calm(void)
{
    write_mood = fsync_mood = close_mood = rename_mood = (struct mood){0};
    write_at_most = 0;
}

static void assert_holds(const char *path, const char *text)
{
    struct bytes read = scratch_read(path);
    assert_int_equal(read.n, strlen(text));
    assert_memory_equal(read.at, text, read.n);
    bytes_free(&read);
}

static enum status write_text(const char *path, const char *text)
{
    return durable_write(path, text, strlen(text));
}

/* A scratch folder with a file "file" that holds "old". */
static struct scratch make_with_old(const char **path)
{
    calm();
    struct scratch scratch = scratch_make();
    *path = scratch_path(&scratch, "file");
    assert_int_equal(write_text(*path, "old"), STATUS_OK);
    return scratch;
}

/* As it was: "old", and nothing besides. */
static void assert_untouched(struct scratch *scratch, const char *path)
{
    calm();
    assert_holds(path, "old");
    assert_int_equal(scratch_count(scratch->folder, ""), 1);
    scratch_remove(scratch);
}

static void a_file_is_written_and_replaced(void **state)
{
    (void)state;
    const char *path;
    struct scratch scratch = make_with_old(&path);
    assert_holds(path, "old");
    assert_int_equal(write_text(path, "something new"), STATUS_OK);
    assert_holds(path, "something new");
    assert_int_equal(durable_write(path, NULL, 0), STATUS_OK);
    assert_holds(path, "");
    assert_int_equal(scratch_count(scratch.folder, ""), 1);
    scratch_remove(&scratch);
}

static void the_file_and_then_its_folder_are_flushed(void **state)
{
    (void)state;
    const char *path;
    struct scratch scratch = make_with_old(&path);
    fsync_mood = (struct mood){0};
    assert_int_equal(write_text(path, "new"), STATUS_OK);
    assert_int_equal(fsync_mood.n_calls, 2);
    scratch_remove(&scratch);
}

static void short_and_interrupted_calls_are_gone_on_with(void **state)
{
    (void)state;
    const char *path;
    struct scratch scratch = make_with_old(&path);
    write_at_most = 3;
    write_mood = (struct mood){.error = EINTR, .n_failures = 4};
    fsync_mood = (struct mood){.error = EINTR, .n_failures = 3};
    close_mood = (struct mood){.error = EINTR, .n_failures = 1};
    assert_int_equal(write_text(path, "0123456789"), STATUS_OK);
    assert_int_equal(write_mood.n_calls, 8);
    assert_int_equal(fsync_mood.n_calls, 5);
    calm();
    assert_holds(path, "0123456789");
    assert_int_equal(scratch_count(scratch.folder, ""), 1);
    scratch_remove(&scratch);
}

static void a_full_disk_leaves_the_old_file(void **state)
{
    (void)state;
    const char *path;
    struct scratch scratch = make_with_old(&path);
    write_mood = (struct mood){.error = ENOSPC, .n_failures = 1};
    assert_int_equal(write_text(path, "new"), STATUS_FULL);
    assert_non_null(strstr(status_reason(), path));
    assert_non_null(strstr(status_reason(), "No space left"));
    assert_untouched(&scratch, path);
}

static void a_failing_flush_leaves_the_old_file(void **state)
{
    (void)state;
    const char *path;
    struct scratch scratch = make_with_old(&path);
    fsync_mood = (struct mood){.error = EIO, .n_failures = 1};
    assert_int_equal(write_text(path, "new"), STATUS_SYSTEM);
    assert_untouched(&scratch, path);
}

static void a_quota_told_of_by_close_leaves_the_old_file(void **state)
{
    (void)state;
    const char *path;
    struct scratch scratch = make_with_old(&path);
    close_mood = (struct mood){.error = EDQUOT, .n_failures = 1};
    assert_int_equal(write_text(path, "new"), STATUS_FULL);
    assert_untouched(&scratch, path);
}

static void a_failing_rename_leaves_the_old_file(void **state)
{
    (void)state;
    const char *path;
    struct scratch scratch = make_with_old(&path);
    rename_mood = (struct mood){.error = EACCES, .n_failures = 1};
    assert_int_equal(write_text(path, "new"), STATUS_DENIED);
    assert_untouched(&scratch, path);
}

static void a_folder_that_cannot_be_flushed_is_no_refusal(void **state)
{
    (void)state;
    const char *path;
    struct scratch scratch = make_with_old(&path);
    assert_int_equal(durable_make_folder(scratch_path(&scratch, "a")),
                     STATUS_OK);
    fsync_mood = (struct mood){.error = EINVAL, .n_failures = 1};
    assert_int_equal(durable_make_folder(scratch_path(&scratch, "b")),
                     STATUS_OK);
    fsync_mood = (struct mood){.error = EIO, .n_failures = 1};
    assert_int_equal(durable_make_folder(scratch_path(&scratch, "c")),
                     STATUS_SYSTEM);
    calm();
    scratch_remove(&scratch);
}

/* Without any pretence: the kernel itself refuses, in the middle. */
static void a_file_size_limit_leaves_the_old_file(void **state)
{
    (void)state;
    const char *path;
    struct scratch scratch = make_with_old(&path);
    struct bytes bytes = {NULL, 0, 0};
    for (uint64_t i = 0; i < 10000; i++)
        bytes_append_u64(&bytes, i);
    struct rlimit before, limit;
    getrlimit(RLIMIT_FSIZE, &before);
    limit = before;
    limit.rlim_cur = 5000;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    enum status status = durable_write(path, bytes.at, bytes.n);
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, handler);
    assert_int_equal(status, STATUS_FULL);
    bytes_free(&bytes);
    assert_untouched(&scratch, path);
}

enum { CANNOT_MOUNT = 99 };

static int fill_small_disk(void *self)
{
    struct scratch *scratch = self;
    static unsigned char bytes[1 << 20];
    const char *path = scratch_path(scratch, "file");
    if (!scratch_mount_small(scratch->folder, 1 << 16))
        return CANNOT_MOUNT;
    if (write_text(path, "old") != STATUS_OK)
        return __LINE__;
    if (durable_write(path, bytes, sizeof bytes) != STATUS_FULL)
        return __LINE__;
    if (scratch_count(scratch->folder, "") != 1)
        return __LINE__;
    struct bytes read = scratch_read(path);
    bool old = read.n == 3 && !memcmp(read.at, "old", 3);
    bytes_free(&read);
    if (!old)
        return __LINE__;
    return write_text(path, "there is room again") != STATUS_OK;
}

static int write_read_only(void *self)
{
    struct scratch *scratch = self;
    if (!scratch_mount_read_only(scratch->folder))
        return CANNOT_MOUNT;
    if (write_text(scratch_path(scratch, "file"), "new") != STATUS_DENIED)
        return 1;
    if (!strstr(status_reason(), "Read-only"))
        return 2;
    if (durable_make_folder(scratch_path(scratch, "f")) != STATUS_DENIED)
        return 3;
    return 0;
}

static void in_child_with_mounts(int (*work)(void *))
{
    const char *path;
    struct scratch scratch = make_with_old(&path);
    int result = scratch_fork(work, &scratch);
    if (result != CANNOT_MOUNT)
        assert_int_equal(result, 0);
    assert_untouched(&scratch, path);
    if (result == CANNOT_MOUNT) {
        puts("[  SKIP  ] mounting is not allowed here");
        skip();
    }
}

static void a_really_full_disk_leaves_the_old_file(void **state)
{
    (void)state;
    in_child_with_mounts(fill_small_disk);
}

static void a_read_only_folder_is_named(void **state)
{
    (void)state;
    in_child_with_mounts(write_read_only);
}

static void a_path_below_a_file_is_refused(void **state)
{
    (void)state;
    const char *path;
    struct scratch scratch = make_with_old(&path);
    const char *below = scratch_path(&scratch, "file/below");
    assert_int_equal(write_text(below, "new"), STATUS_NOT_FOUND);
    assert_non_null(strstr(status_reason(), below));
    assert_int_equal(durable_make_folder(below), STATUS_NOT_FOUND);
    assert_int_equal(write_text(scratch_path(&scratch, "no/file"), "new"),
                     STATUS_NOT_FOUND);
    assert_int_equal(durable_clean(below), STATUS_NOT_FOUND);
    assert_untouched(&scratch, path);
}

static void a_temporary_file_becomes_permanent(void **state)
{
    (void)state;
    const char *path;
    struct scratch scratch = make_with_old(&path);
    char temporary[PATH_MAX], another[PATH_MAX];
    durable_temporary(path, temporary, sizeof temporary);
    durable_temporary(path, another, sizeof another);
    assert_string_not_equal(temporary, another);
    assert_memory_equal(temporary, path, strlen(path));
    scratch_write(temporary, "new", 3);
    assert_int_equal(durable_commit(temporary, path), STATUS_OK);
    assert_holds(path, "new");
    assert_int_equal(scratch_count(scratch.folder, ""), 1);
    assert_int_equal(durable_commit(temporary, path), STATUS_NOT_FOUND);
    assert_holds(path, "new");
    scratch_remove(&scratch);
}

static void a_refused_commit_deletes_the_temporary(void **state)
{
    (void)state;
    const char *path;
    char temporary[PATH_MAX];
    struct scratch scratch = make_with_old(&path);
    durable_temporary(path, temporary, sizeof temporary);
    scratch_write(temporary, "new", 3);
    fsync_mood = (struct mood){.error = ENOSPC, .n_failures = 1};
    assert_int_equal(durable_commit(temporary, path), STATUS_FULL);
    scratch_write(temporary, "new", 3);
    rename_mood = (struct mood){.error = EIO, .n_failures = 1};
    assert_int_equal(durable_commit(temporary, path), STATUS_SYSTEM);
    assert_untouched(&scratch, path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_written_and_replaced),
        cmocka_unit_test(the_file_and_then_its_folder_are_flushed),
        cmocka_unit_test(short_and_interrupted_calls_are_gone_on_with),
        cmocka_unit_test(a_full_disk_leaves_the_old_file),
        cmocka_unit_test(a_failing_flush_leaves_the_old_file),
        cmocka_unit_test(a_quota_told_of_by_close_leaves_the_old_file),
        cmocka_unit_test(a_failing_rename_leaves_the_old_file),
        cmocka_unit_test(a_folder_that_cannot_be_flushed_is_no_refusal),
        cmocka_unit_test(a_file_size_limit_leaves_the_old_file),
        cmocka_unit_test(a_really_full_disk_leaves_the_old_file),
        cmocka_unit_test(a_read_only_folder_is_named),
        cmocka_unit_test(a_path_below_a_file_is_refused),
        cmocka_unit_test(a_temporary_file_becomes_permanent),
        cmocka_unit_test(a_refused_commit_deletes_the_temporary),
    };
    return cmocka_run_group_tests_name("durable", tests, NULL, NULL);
}

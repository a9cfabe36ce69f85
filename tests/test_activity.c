#include "sweep/activity.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static struct activity_rank ranks[] = {
    {.rank = 0, .host = "node1", .state = ACTIVITY_BUSY, .busy_s = 12.5,
     .progress = {3, 40, 0.25}, .cell = {7, UINT64_MAX},
     .task = "pgd, samples 0 to 99"},
    {.rank = 1, .host = "-", .state = ACTIVITY_IDLE},
    {.rank = 2, .host = "node2", .state = ACTIVITY_LOST},
    {.rank = 3, .host = "node2", .state = ACTIVITY_BUSY, .busy_s = 0,
     .progress = {0, 0, NAN}, .cell = {1, 2}, .task = "training"},
};

static struct activity make_activity(void)
{
    return (struct activity){.now_s = 1.7e9,
                             .gone_s = 60.5,
                             .left_s = NAN,
                             .counts = {12, 4, 48, 20, 1, 2},
                             .n_ranks = 900,
                             .n = 4,
                             .ranks = ranks};
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct activity written = make_activity(), read;
    activity_write(scratch.folder, 10, &written);
    assert_int_equal(scratch_count(scratch.folder, ""), 1);
    assert_int_equal(scratch_count(scratch.folder, "0000000a.now"), 1);
    assert_true(activity_read(scratch.folder, 10, &scratch.arena, &read));
    assert_true(read.gone_s == 60.5 && isnan(read.left_s));
    assert_true(read.now_s == 1.7e9);
    assert_memory_equal(&read.counts, &written.counts, sizeof read.counts);
    assert_int_equal(read.n_ranks, 900);
    assert_int_equal(read.n, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(read.ranks[i].rank, i);
        assert_int_equal(read.ranks[i].state, ranks[i].state);
        assert_string_equal(read.ranks[i].host, ranks[i].host);
        assert_string_equal(read.ranks[i].task, ranks[i].task);
        assert_true(digest_equal(read.ranks[i].cell, ranks[i].cell));
        assert_int_equal(read.ranks[i].progress.total, ranks[i].progress.total);
    }
    assert_true(read.ranks[0].progress.loss == 0.25);
    assert_true(isnan(read.ranks[3].progress.loss));
    activity_remove(scratch.folder, 10);
    assert_int_equal(scratch_count(scratch.folder, ""), 0);
    assert_false(activity_read(scratch.folder, 10, &scratch.arena, &read));
    scratch_remove(&scratch);
}

/* Cut anywhere: not read, or (in the last word of a line) still whole. */
static void half_a_file_does_no_harm(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct activity written = make_activity(), read;
    activity_write(scratch.folder, 1, &written);
    const char *path = scratch_path(&scratch, "00000001.now");
    struct bytes bytes = scratch_read(path);
    size_t n_read = 0;
    for (size_t n = 0; n < bytes.n; n++) {
        scratch_write(path, (const char *)bytes.at, n);
        n_read += activity_read(scratch.folder, 1, &scratch.arena, &read);
    }
    assert_true(n_read < strlen("training\n"));
    scratch_write(path, "now 1 gone 1 left 1 cells 1 1 tasks 1 1 failed 0 busy "
                        "0 ranks 9 told 999999999", 79);
    assert_false(activity_read(scratch.folder, 1, &scratch.arena, &read));
    bytes_free(&bytes);
    scratch_remove(&scratch);
}

static void what_dead_runs_left_is_taken_away(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct activity activity = make_activity();
    struct presence alive = {.generation = 2};
    struct presences others = {1, &alive};
    for (uint32_t i = 1; i <= 3; i++)
        activity_write(scratch.folder, i, &activity);
    scratch_write(scratch_path(&scratch, "00000001.run"), "", 0);
    scratch_write(scratch_path(&scratch, "notes.now"), "", 0);
    activity_clean(scratch.folder, 3, &others);
    assert_int_equal(scratch_count(scratch.folder, "00000001.now"), 0);
    assert_int_equal(scratch_count(scratch.folder, "00000002.now"), 1);
    assert_int_equal(scratch_count(scratch.folder, "00000003.now"), 1);
    assert_int_equal(scratch_count(scratch.folder, ""), 4);
    scratch_remove(&scratch);
}

static void a_folder_that_is_gone_is_let_be(void **state)
{
    (void)state;
    struct activity activity = make_activity();
    struct presences none = {0, NULL};
    activity_write("/nonexistent/segments", 1, &activity);
    activity_clean("/nonexistent/segments", 1, &none);
    activity_remove("/nonexistent/segments", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(half_a_file_does_no_harm),
        cmocka_unit_test(what_dead_runs_left_is_taken_away),
        cmocka_unit_test(a_folder_that_is_gone_is_let_be),
    };
    return cmocka_run_group_tests_name("activity", tests, NULL, NULL);
}

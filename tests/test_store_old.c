/* What becomes of an earlier sweep.h5: it is lost to none. */
#include "io/hdf5_util.h"
#include "io/store.h"
#include "io/store_old.h"
#include "tests/store_stage.h"
#include "tests/test.h"

#include <stdio.h>
#include <string.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void assert_stands(struct results_stage *stage,
                          enum store_standing wanted)
{
    enum store_standing standing;
    assert_int_equal(store_compare_now(stage->scratch.folder, &standing),
                     STATUS_OK);
    assert_int_equal(standing, wanted);
}

static void add_training(struct results_stage *stage, size_t cell)
{
    store_stage_add(stage, &fake_sweep_small,
                    cell * STORE_TASKS + FAKE_ATTACKS, OUTCOME_DONE, 1);
}

/* A folder with two segments and their sweep.h5. */
static struct results_stage open_stage(void)
{
    struct results_stage stage = store_stage_open(&fake_sweep_small);
    assert_int_equal(mkdir(store_stage_segments(&stage), 0777), 0);
    assert_stands(&stage, STORE_MISSING);
    add_training(&stage, 0);
    add_training(&stage, 1);
    assert_string_equal(results_stage_rebuild(&stage), "");
    stage.path = scratch_path(&stage.scratch, "sweep.h5");
    return stage;
}

static size_t count_kept(const struct results_stage *stage)
{
    return scratch_count(stage->scratch.folder, ".h5") - 1;
}

static const char *segment(struct results_stage *stage, int i)
{
    return scratch_path(&stage->scratch,
                        i ? "segments/00000001-00000002.seg"
                          : "segments/00000000-00000001.seg");
}

static size_t count_trials(struct results_stage *stage, const char *name)
{
    struct results results;
    assert_int_equal(results_open(scratch_path(&stage->scratch, name),
                                  &stage->arena, &results),
                     STATUS_OK);
    size_t n = results.n_trials;
    results_close(&results);
    return n;
}

static void assert_left(struct results_stage *stage, bool wanted)
{
    bool left = !wanted;
    struct bytes before = scratch_read(stage->path);
    assert_int_equal(store_refresh(stage->scratch.folder, NULL, &left),
                     STATUS_OK);
    assert_int_equal(left, wanted);
    struct bytes after = scratch_read(stage->path);
    if (wanted) {
        assert_int_equal(before.n, after.n);
        assert_memory_equal(before.at, after.at, after.n);
    }
    bytes_free(&before);
    bytes_free(&after);
}

static void what_the_segments_hold_is_replaced(void **state)
{
    (void)state;
    struct results_stage stage = open_stage();
    assert_stands(&stage, STORE_CURRENT);
    add_training(&stage, 2);
    assert_stands(&stage, STORE_BEHIND);
    assert_left(&stage, false);
    assert_stands(&stage, STORE_CURRENT);
    assert_int_equal(count_trials(&stage, "sweep.h5"), 3);
    assert_string_equal(results_stage_rebuild(&stage), "");
    assert_int_equal(count_kept(&stage), 0);
    store_stage_close(&stage);
}

/* What tools that copy do to times does not matter. */
static void times_tell_nothing(void **state)
{
    (void)state;
    struct results_stage stage = open_stage();
    struct timespec times[] = {{1000, 0}, {1000, 0}};
    assert_int_equal(utimensat(AT_FDCWD, stage.path, times, 0), 0);
    assert_stands(&stage, STORE_CURRENT);
    store_stage_close(&stage);
}

static void results_without_their_segments_are_kept(void **state)
{
    (void)state;
    struct results_stage stage = open_stage();
    assert_int_equal(remove(segment(&stage, 0)), 0);
    assert_stands(&stage, STORE_AHEAD);
    assert_left(&stage, true);
    assert_int_equal(count_trials(&stage, "sweep.h5"), 2);
    const char *note = results_stage_rebuild(&stage);
    assert_non_null(strstr(note, "/sweep.h5 holds outcomes that no segment "
                                 "holds: it is kept as "));
    assert_non_null(strstr(note, "/sweep-1.h5"));
    assert_int_equal(count_trials(&stage, "sweep.h5"), 1);
    assert_int_equal(count_trials(&stage, "sweep-1.h5"), 2);
    assert_string_equal(results_stage_rebuild(&stage), "");
    assert_int_equal(remove(segment(&stage, 1)), 0);
    assert_non_null(strstr(results_stage_rebuild(&stage), "/sweep-2.h5"));
    assert_int_equal(count_trials(&stage, "sweep-1.h5"), 2);
    assert_int_equal(count_trials(&stage, "sweep-2.h5"), 1);
    store_stage_close(&stage);
}

/* Another sweep's segments have the same names. */
static void results_of_another_folder_are_kept(void **state)
{
    (void)state;
    struct results_stage stage = open_stage();
    for (int i = 0; i < 2; i++)
        assert_int_equal(remove(segment(&stage, i)), 0);
    add_training(&stage, 3);
    assert_stands(&stage, STORE_AHEAD);
    assert_non_null(strstr(results_stage_rebuild(&stage), "/sweep-1.h5"));
    store_stage_close(&stage);
}

/* Length and end are as they were. */
static void results_of_a_damaged_segment_are_kept(void **state)
{
    (void)state;
    struct results_stage stage = open_stage();
    struct bytes bytes = scratch_read(segment(&stage, 0));
    bytes.at[bytes.n / 2] ^= 1;
    scratch_write(segment(&stage, 0), bytes.at, bytes.n);
    bytes_free(&bytes);
    assert_left(&stage, true);
    assert_non_null(strstr(results_stage_rebuild(&stage), "/sweep-1.h5"));
    assert_int_equal(count_trials(&stage, "sweep-1.h5"), 2);
    assert_int_equal(count_trials(&stage, "sweep.h5"), 1);
    store_stage_close(&stage);
}

static void what_is_something_else_is_kept(void **state)
{
    (void)state;
    struct results_stage stage = open_stage();
    scratch_write(stage.path, "precious", 8);
    assert_stands(&stage, STORE_FOREIGN);
    assert_left(&stage, true);
    const char *note = results_stage_rebuild(&stage);
    assert_non_null(strstr(note, "is no whole result file of spikesweep: it "
                                 "is kept as "));
    struct bytes kept =
        scratch_read(scratch_path(&stage.scratch, "sweep-1.h5"));
    assert_int_equal(kept.n, 8);
    assert_memory_equal(kept.at, "precious", 8);
    bytes_free(&kept);
    store_stage_close(&stage);
}

static void delete_attribute(const char *path, const char *name)
{
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(file >= 0);
    assert_true(H5Adelete(file, name) >= 0);
    H5Fclose(file);
}

static void what_does_not_tell_its_segments_is_kept(void **state)
{
    (void)state;
    struct results_stage stage = open_stage();
    delete_attribute(stage.path, "segments");
    assert_stands(&stage, STORE_UNKNOWN);
    assert_left(&stage, true);
    assert_non_null(strstr(results_stage_rebuild(&stage), "does not say"));
    assert_int_equal(count_kept(&stage), 1);
    store_stage_close(&stage);
}

/* What is kept already gets no second name; it has its own until the end. */
static void it_is_kept_once(void **state)
{
    (void)state;
    struct results_stage stage = open_stage();
    const char *note = "";
    for (int i = 0; i < 2; i++) {
        assert_int_equal(store_keep(stage.scratch.folder, STORE_AHEAD,
                                    &stage.arena, &note),
                         STATUS_OK);
        assert_non_null(strstr(note, "/sweep-1.h5"));
        assert_int_equal(access(stage.path, F_OK), 0);
    }
    assert_int_equal(count_kept(&stage), 1);
    store_stage_close(&stage);
}

/* Two processes at once: the one that read its segments earlier yields. */
static void a_newer_file_is_not_taken_for_one_that_holds_more(void **state)
{
    (void)state;
    struct results_stage stage = open_stage();
    struct segment_list early;
    enum store_standing standing;
    const char *segments = store_stage_segments(&stage);
    assert_int_equal(segment_list_read(segments, &stage.arena, &early),
                     STATUS_OK);
    segment_list_measure(segments, &early);
    add_training(&stage, 2);
    assert_string_equal(results_stage_rebuild(&stage), "");
    assert_int_equal(store_compare(stage.scratch.folder, &early, &standing),
                     STATUS_OK);
    assert_int_equal(standing, STORE_NEWER);
    assert_null(store_standing_text(standing));
    store_stage_close(&stage);
}

static void lists_of_segments_come_back_from_their_text(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct segment_list list = {0}, read;
    struct segment segment = {.name = "00000001-0000000a.seg",
                              .n_bytes = 12345678901,
                              .end = {1, UINT64_MAX},
                              .n_outcomes = 17};
    for (size_t i = 0; i < 100; i++) {
        segment.n_outcomes = i;
        segment_list_add(&list, &segment, &arena);
    }
    const char *text = segment_list_print(&list, &arena);
    assert_true(segment_list_parse(text, &arena, &read));
    assert_int_equal(read.n, 100);
    assert_string_equal(read.at[99].name, segment.name);
    assert_true(segment_is_same(&read.at[99], &segment));
    assert_int_equal(read.at[99].n_outcomes, 99);
    static const char *const wrong[] = {
        "x\n", "00000001-0000000a.seg 1 2 3\n", "00000001-0000000a.seg 1",
        "../secret 1 00000000000000000000000000000000 1\n", "\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(segment_list_parse(wrong[i], &arena, &read));
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_segments_hold_is_replaced),
        cmocka_unit_test(times_tell_nothing),
        cmocka_unit_test(results_without_their_segments_are_kept),
        cmocka_unit_test(results_of_another_folder_are_kept),
        cmocka_unit_test(results_of_a_damaged_segment_are_kept),
        cmocka_unit_test(what_is_something_else_is_kept),
        cmocka_unit_test(what_does_not_tell_its_segments_is_kept),
        cmocka_unit_test(it_is_kept_once),
        cmocka_unit_test(a_newer_file_is_not_taken_for_one_that_holds_more),
        cmocka_unit_test(lists_of_segments_come_back_from_their_text),
    };
    return cmocka_run_group_tests_name("store_old", tests, NULL, NULL);
}

#include "io/segment_table.h"
#include "tests/audience.h"
#include "tests/merge_stage.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <string.h>

static void there_are_never_many_files(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct segment_writer writer = merge_stage_open(scratch.folder, FAN);
    for (uint64_t i = 0; i < 200; i++) {
        merge_stage_write_each(&writer, i, i + 1);
        /* Fewer than four of each of five tiers. */
        assert_in_range(scratch_count(scratch.folder, ".seg"), 1,
                        5 * (FAN - 1));
    }
    segment_close(&writer);
    audience_assert_holds(scratch.folder, 200);
    merge_stage_write(scratch.folder, 200, 250);
    merge_stage_merge(scratch.folder, FAN);
    audience_assert_holds(scratch.folder, 250);
    assert_in_range(scratch_count(scratch.folder, ".seg"), 1, 5 * (FAN - 1));
    scratch_remove(&scratch);
}

/* While the other process is at it the writer goes on. */
static void another_process_can_do_it(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct segment_writer writer = merge_stage_open(scratch.folder, FAN);
    uint64_t number = 0, n = 0;
    writer.fan = SEGMENT_FAN;
    writer.apart = true;
    assert_false(segment_merge_reserve(&writer, &number));
    for (size_t round = 1; round <= 40; round++) {
        merge_stage_write_each(&writer, n, n + SEGMENT_FAN);
        n += SEGMENT_FAN;
        assert_true(segment_merge_reserve(&writer, &number));
        assert_false(segment_merge_reserve(&writer, &number));
        merge_stage_write_each(&writer, n, n + 3);
        n += 3;
        audience_assert_holds(scratch.folder, n);
        segment_merge_reserved(scratch.folder, writer.generation, number);
        audience_assert_holds(scratch.folder, n);
        /* Fewer than 32 of each of three tiers, and the three that came
         * meanwhile. */
        assert_in_range(scratch_count(scratch.folder, ".seg"), 1,
                        3 * (SEGMENT_FAN - 1) + 3);
    }
    segment_close(&writer);
    scratch_remove(&scratch);
}

static void full_files_are_not_copied_again(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct segment_writer writer = merge_stage_open(scratch.folder, FAN);
    writer.most_bytes = 6000;
    merge_stage_write_each(&writer, 0, 150);
    size_t n_bytes = 0;
    struct segment_list list = {0};
    assert_int_equal(segment_list_files(scratch.folder, &scratch.arena, &list),
                     STATUS_OK);
    segment_list_measure(scratch.folder, &list);
    for (size_t i = 0; i < list.n; i++) {
        assert_in_range(list.at[i].n_bytes, 1, 6000 + 1000);
        n_bytes += list.at[i].n_bytes;
    }
    assert_true(list.n < n_bytes / 3000 + 5 * (FAN - 1));
    segment_close(&writer);
    audience_assert_holds(scratch.folder, 150);
    scratch_remove(&scratch);
}

/* What a reader is told of the segments: names, lengths, ends, outcomes. */
struct told {
    struct segment_list list;
    struct arena *arena;
    struct segment_place places[64];
    size_t n_places;
};

static enum status pass(void *self, const struct outcome *outcome,
                        struct arena *arena)
{
    (void)self;
    (void)outcome;
    (void)arena;
    return STATUS_OK;
}

static void no_damage(void *self, const char *path, const char *reason)
{
    (void)self;
    fail_msg("%s: %s", path, reason);
}

static void note_segment(void *self, const struct segment *segment)
{
    struct told *told = self;
    segment_list_add(&told->list, segment, told->arena);
}

static void note_place(void *self, const struct segment_place *place)
{
    struct told *told = self;
    assert_true(told->n_places < 64);
    told->places[told->n_places++] = *place;
}

static struct told read_told(const char *folder, struct arena *arena)
{
    struct told told = {.arena = arena};
    struct segment_visitor visitor = {&told, pass, no_damage, note_segment,
                                      note_place};
    assert_int_equal(segment_read_all(folder, &visitor), STATUS_OK);
    return told;
}

static void segments_stay_what_they_were(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct arena *arena = &scratch.arena;
    struct segment_list listed = {0};
    for (uint64_t i = 0; i < 30; i += 3) {
        struct segment_writer writer =
            merge_stage_open(scratch.folder, SIZE_MAX);
        audience_append(&writer, i, 3);
        assert_int_equal(segment_flush(&writer), STATUS_OK);
        segment_close(&writer);
    }
    struct told before = read_told(scratch.folder, arena);
    assert_int_equal(before.n_places, 30);
    merge_stage_merge(scratch.folder, FAN);
    assert_int_equal(scratch_count(scratch.folder, ".seg"), 1);
    struct told after = read_told(scratch.folder, arena);
    assert_string_equal(segment_list_print(&after.list, arena),
                        segment_list_print(&before.list, arena));
    assert_int_equal(segment_list_read(scratch.folder, arena, &listed),
                     STATUS_OK);
    segment_list_measure(scratch.folder, &listed);
    assert_int_equal(listed.n, before.list.n);
    for (size_t i = 0; i < listed.n; i++)
        assert_true(segment_is_same(&listed.at[i], &before.list.at[i]));
    for (size_t i = 0; i < before.n_places; i++) {
        struct outcome outcome;
        assert_int_equal(segment_read_place(scratch.folder, &before.places[i],
                                            arena, &outcome),
                         STATUS_OK);
        assert_int_equal(outcome.task.low, i);
    }
    scratch_remove(&scratch);
}

static void files_of_runs_that_go_on_are_left_alone(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct segment_writer writer =
        merge_stage_open(scratch.folder, SIZE_MAX);
    merge_stage_write_each(&writer, 0, 10);
    struct segment_writer other = merge_stage_open(scratch.folder, FAN);
    segment_merge_all(&other, 1, &writer.generation);
    assert_int_equal(scratch_count(scratch.folder, ".seg"), 10);
    segment_merge_all(&other, 0, NULL);
    assert_int_equal(scratch_count(scratch.folder, ".seg"), 1);
    audience_assert_holds(scratch.folder, 10);
    segment_close(&writer);
    segment_close(&other);
    scratch_remove(&scratch);
}

/* damage -------------------------------------------------------------- */

static const char *only_file(struct scratch *scratch)
{
    struct segment_list list = {0};
    assert_int_equal(segment_list_files(scratch->folder, &scratch->arena,
                                        &list), STATUS_OK);
    assert_int_equal(list.n, 1);
    return scratch_path(scratch, list.at[0].name);
}

static void damage_costs_what_it_hits(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    merge_stage_write(scratch.folder, 0, 8);
    merge_stage_merge(scratch.folder, FAN);
    const char *path = only_file(&scratch);
    struct bytes whole = scratch_read(path);
    struct bytes bad = scratch_read(path);
    bad.at[bad.n - 40] ^= 1; /* in the last outcome */
    scratch_write(path, bad.at, bad.n);
    struct audience audience = audience_read(scratch.folder);
    assert_int_equal(audience.n_seen, 7);
    assert_int_equal(audience.n_damaged, 1);
    scratch_write(path, whole.at, whole.n / 2);
    audience = audience_read(scratch.folder);
    assert_in_range(audience.n_seen, 1, 6);
    assert_int_equal(audience.n_damaged, 8 - audience.n_seen);
    /* Is left as it is, and is in nobody's way. */
    merge_stage_write(scratch.folder, 8, 8 + 2 * FAN);
    merge_stage_merge(scratch.folder, FAN);
    assert_int_equal(scratch_count(scratch.folder, ".seg"), 2);
    assert_int_equal(audience_read(scratch.folder).n_seen,
                     audience.n_seen + 2 * FAN);
    scratch_write(path, whole.at, whole.n);
    audience_assert_holds(scratch.folder, 8 + 2 * FAN);
    bytes_free(&whole);
    bytes_free(&bad);
    scratch_remove(&scratch);
}

/* A damaged table: the file is read as a segment's, whose outcomes are found
 * one by one. */
static void a_reader_survives_any_bytes(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    merge_stage_write(scratch.folder, 0, 8);
    merge_stage_merge(scratch.folder, FAN);
    const char *path = only_file(&scratch);
    struct bytes whole = scratch_read(path);
    for (uint64_t seed = 0; seed < scratch_n_seeds(300); seed++) {
        struct bytes bad = {NULL, 0, 0};
        bytes_append(&bad, whole.at, whole.n);
        scratch_damage(&bad, seed);
        scratch_write(path, bad.at, bad.n);
        struct audience audience = audience_read(scratch.folder);
        assert_true(audience.n_seen <= 16);
        bytes_free(&bad);
    }
    struct bytes bad = scratch_read(path);
    scratch_write(path, whole.at, whole.n);
    whole.at[SEGMENT_HEADER_SIZE + 3] ^= 1;
    scratch_write(path, whole.at, whole.n);
    struct audience audience = audience_read(scratch.folder);
    assert_int_equal(audience.n_seen, 8);
    assert_int_equal(audience.n_damaged, 1);
    bytes_free(&bad);
    bytes_free(&whole);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_are_never_many_files),
        cmocka_unit_test(another_process_can_do_it),
        cmocka_unit_test(full_files_are_not_copied_again),
        cmocka_unit_test(segments_stay_what_they_were),
        cmocka_unit_test(files_of_runs_that_go_on_are_left_alone),
        cmocka_unit_test(damage_costs_what_it_hits),
        cmocka_unit_test(a_reader_survives_any_bytes),
    };
    return cmocka_run_group_tests_name("segment merge", tests, NULL, NULL);
}

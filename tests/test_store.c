#include "core/rng.h"
#include "io/durable.h"
#include "io/store.h"
#include "tests/store_stage.h"
#include "tests/test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static enum status rebuild(const char *folder)
{
    struct arena arena = arena_open();
    const char *note = "";
    enum status status = store_rebuild(folder, NULL, &arena, &note);
    MUST(!*note);
    arena_close(&arena);
    return status;
}

/* All tasks of a sweep in an order drawn by lot, in segments of some size. */
static void write_in_any_order(const char *segments,
                               const struct fake_sweep *sweep, uint64_t seed,
                               size_t n_a_segment)
{
    uint32_t order[1024];
    size_t n = fake_sweep_cells(sweep) * STORE_TASKS;
    assert_true(n <= 1024);
    rng_permute((struct rng_stream){seed, RNG_ORDER, 0}, n, order);
    struct segment_writer writer;
    assert_int_equal(segment_open(segments, &writer), STATUS_OK);
    for (size_t i = 0; i < n; i++) {
        store_stage_append(&writer, sweep, order[i], OUTCOME_DONE, 1);
        if (i % n_a_segment == 0)
            assert_int_equal(segment_flush(&writer), STATUS_OK);
    }
    assert_int_equal(segment_flush(&writer), STATUS_OK);
    segment_close(&writer);
}

/* order --------------------------------------------------------------- */

static void assert_same_numbers(const double *a, const double *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_true(a[i] == b[i] || (isnan(a[i]) && isnan(b[i])));
}

static void assert_same_results(const struct results *a,
                                const struct results *b)
{
    size_t n = a->n_trials * a->n_attacks;
    assert_int_equal(a->n_trials, b->n_trials);
    assert_int_equal(a->n_attacks, b->n_attacks);
    assert_int_equal(a->n_epsilons, b->n_epsilons);
    for (size_t i = 0; i < a->n_trials; i++) {
        assert_string_equal(a->trials[i].id, b->trials[i].id);
        assert_string_equal(a->trials[i].cell, b->trials[i].cell);
        assert_true(a->trials[i].omega == b->trials[i].omega);
        assert_true(a->trials[i].clean_accuracy ==
                    b->trials[i].clean_accuracy);
    }
    assert_same_numbers(a->accuracy, b->accuracy, n * a->n_epsilons);
    assert_same_numbers(a->figures, b->figures, n * a->n_checks);
    assert_memory_equal(a->verdicts, b->verdicts, n * a->n_checks);
}

static void the_order_of_segments_changes_no_result(void **state)
{
    (void)state;
    struct results_stage first = store_stage_open(&fake_sweep_small);
    fake_sweep_write(first.scratch.folder, &fake_sweep_small);
    store_stage_read(&first);
    const char *digest = results_stage_attribute(&first, "results_digest");
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct results_stage other = store_stage_open(&fake_sweep_small);
        write_in_any_order(store_stage_segments(&other), &fake_sweep_small,
                           seed, (size_t)(7 * seed));
        store_stage_read(&other);
        assert_string_equal(digest, results_stage_attribute(
                                        &other, "results_digest"));
        assert_same_results(&first.results, &other.results);
        results_close(&other.results);
        store_stage_close(&other);
    }
    results_close(&first.results);
    store_stage_close(&first);
}

static void a_changed_result_changes_the_digest(void **state)
{
    (void)state;
    const char *digests[2];
    struct results_stage stages[2];
    struct fake_sweep sweep = fake_sweep_small;
    for (int i = 0; i < 2; i++) {
        sweep.unsound = i == 1;
        stages[i] = store_stage_open(&sweep);
        fake_sweep_write(stages[i].scratch.folder, &sweep);
        store_stage_read(&stages[i]);
        digests[i] = results_stage_attribute(&stages[i], "results_digest");
        results_close(&stages[i].results);
    }
    assert_string_not_equal(digests[0], digests[1]);
    for (int i = 0; i < 2; i++)
        store_stage_close(&stages[i]);
}

/* what may go wrong --------------------------------------------------- */

static void a_folder_without_segments_gives_an_empty_file(void **state)
{
    (void)state;
    struct results_stage stage = store_stage_open(&fake_sweep_small);
    store_stage_read(&stage);
    assert_int_equal(stage.results.n_trials, 0);
    assert_int_equal(stage.results.n_attacks, 0);
    assert_string_equal(results_stage_attribute(&stage, "damage"), "");
    assert_string_equal(results_stage_attribute(&stage, "hosts"), "");
    results_close(&stage.results);
    store_stage_close(&stage);
}

static void without_an_experiment_the_old_file_stays(void **state)
{
    (void)state;
    struct results_stage stage = store_stage_open(&fake_sweep_small);
    results_stage_rebuild(&stage);
    const char *path = scratch_path(&stage.scratch, "sweep.h5");
    struct bytes before = scratch_read(path);
    remove(scratch_path(&stage.scratch, "experiment.cfg"));
    assert_int_equal(rebuild(stage.scratch.folder),
                     STATUS_NOT_FOUND);
    assert_non_null(strstr(status_reason(), "experiment.cfg"));
    struct bytes after = scratch_read(path);
    assert_int_equal(before.n, after.n);
    assert_memory_equal(before.at, after.at, after.n);
    assert_int_equal(scratch_count(stage.scratch.folder, ".tmp"), 0);
    bytes_free(&before);
    bytes_free(&after);
    store_stage_close(&stage);
}

static void damage_is_named_and_the_rest_is_there(void **state)
{
    (void)state;
    struct results_stage stage = store_stage_open(&fake_sweep_small);
    fake_sweep_write(stage.scratch.folder, &fake_sweep_small);
    const char *path =
        scratch_path(&stage.scratch, "segments/00000004-00000001.seg");
    struct bytes bytes = scratch_read(path);
    scratch_write(path, bytes.at, bytes.n / 2);
    bytes_free(&bytes);
    store_stage_read(&stage);
    const char *damage = results_stage_attribute(&stage, "damage");
    assert_non_null(strstr(damage, "00000004-00000001.seg: "));
    assert_non_null(strchr(damage, '\n'));
    assert_null(strchr(strchr(damage, '\n') + 1, '\n'));
    size_t n_done = 0, n_pending = 0, n_trials = stage.results.n_trials;
    for (size_t i = 0; i < n_trials; i++)
        for (size_t k = 0; k < stage.results.n_attacks; k++) {
            const char *name = results_evaluation(&stage.results, i, k)->state;
            n_done += !strcmp(name, "done");
            n_pending += !strcmp(name, "pending");
        }
    assert_true(n_trials == 12 || n_trials == 11);
    assert_int_equal(n_done + n_pending, n_trials * FAKE_ATTACKS);
    assert_true(n_done >= 11 * FAKE_ATTACKS && n_done < 12 * FAKE_ATTACKS);
    results_close(&stage.results);
    store_stage_close(&stage);
}

/* As another version of the program might have written it. */
static void an_outcome_of_an_unknown_kind_is_named(void **state)
{
    (void)state;
    const struct fake_sweep *sweep = &fake_sweep_small;
    struct results_stage stage = store_stage_open(sweep);
    struct arena arena = arena_open();
    struct bytes bytes = {0};
    struct spec spec = fake_sweep_spec(sweep, 0, &arena);
    struct outcome outcome = fake_sweep_outcome(sweep, &spec, &bytes, &arena);
    outcome.spec = "dataset = cuneiform\n";
    outcome.task = digest_of("another", 7);
    struct segment_writer writer;
    assert_int_equal(segment_open(store_stage_segments(&stage), &writer),
                     STATUS_OK);
    segment_append(&writer, &outcome);
    assert_int_equal(segment_flush(&writer), STATUS_OK);
    segment_close(&writer);
    store_stage_add(&stage, sweep, FAKE_ATTACKS, OUTCOME_DONE, 1);
    assert_string_equal(store_stage_only_trial(&stage)->state, "done");
    const char *damage = results_stage_attribute(&stage, "damage");
    char id[DIGEST_TEXT_SIZE];
    assert_non_null(strstr(damage, digest_print(outcome.task, id)));
    assert_non_null(strstr(damage, "cuneiform"));
    results_close(&stage.results);
    bytes_free(&bytes);
    arena_close(&arena);
    store_stage_close(&stage);
}

enum { CANNOT_MOUNT = 99 };

static int fill_disk(void *self)
{
    const char *folder = ((struct scratch *)self)->folder;
    struct fake_sweep sweep = fake_sweep_small;
    if (!scratch_mount_small(folder, 1 << 21))
        return CANNOT_MOUNT;
    fake_sweep_write_experiment(folder, &sweep);
    if (rebuild(folder) != STATUS_OK)
        return __LINE__;
    struct bytes before = scratch_read(scratch_path(self, "sweep.h5"));
    fake_sweep_write(folder, &sweep);
    static char filler[1 << 21];
    enum status full = durable_write(scratch_path(self, "filler"), filler,
                                     sizeof filler - (200 << 10));
    for (size_t n = 1 << 20; full != STATUS_OK && n >= 4096; n /= 2)
        full = durable_write(scratch_path(self, "filler"), filler, n);
    if (full != STATUS_OK || rebuild(folder) != STATUS_FULL)
        return __LINE__;
    if (!strstr(status_reason(), "sweep.h5") ||
        !strstr(status_reason(), "No space"))
        return __LINE__;
    for (int again = 0; again < 5; again++)
        if (rebuild(folder) != STATUS_FULL)
            return __LINE__;
    struct bytes after = scratch_read(scratch_path(self, "sweep.h5"));
    if (before.n != after.n || memcmp(before.at, after.at, after.n) != 0)
        return __LINE__;
    if (scratch_count(folder, ".tmp") != 0)
        return __LINE__;
    remove(scratch_path(self, "filler"));
    return rebuild(folder) == STATUS_OK ? 0 : __LINE__;
}

static void a_full_disk_leaves_the_old_file(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    int result = scratch_fork(fill_disk, &scratch);
    scratch_remove(&scratch);
    if (result == CANNOT_MOUNT) {
        puts("[  SKIP  ] mounting is not allowed here");
        skip();
    }
    assert_int_equal(result, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_of_segments_changes_no_result),
        cmocka_unit_test(a_changed_result_changes_the_digest),
        cmocka_unit_test(a_folder_without_segments_gives_an_empty_file),
        cmocka_unit_test(without_an_experiment_the_old_file_stays),
        cmocka_unit_test(damage_is_named_and_the_rest_is_there),
        cmocka_unit_test(an_outcome_of_an_unknown_kind_is_named),
        cmocka_unit_test(a_full_disk_leaves_the_old_file),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}

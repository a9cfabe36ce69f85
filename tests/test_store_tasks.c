/* Of several outcomes of a task, which counts; and what is told of it. */
#include "io/store_file.h"
#include "tests/store_stage.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

static void a_result_stands_against_failures(void **state)
{
    (void)state;
    const struct fake_sweep *sweep = &fake_sweep_small;
    struct results_stage stage = store_stage_open(sweep);
    store_stage_add(&stage, sweep, FAKE_ATTACKS, OUTCOME_FAILED, 1);
    store_stage_add(&stage, sweep, FAKE_ATTACKS, OUTCOME_DONE, 2);
    store_stage_add(&stage, sweep, FAKE_ATTACKS, OUTCOME_TIMED_OUT, 3);
    const struct result_trial *trial = store_stage_only_trial(&stage);
    assert_string_equal(trial->state, "done");
    assert_string_equal(trial->cause, "");
    assert_int_equal((size_t)trial->attempts, 2);
    assert_true(!isnan(trial->clean_accuracy));
    results_close(&stage.results);
    store_stage_close(&stage);
}

static void of_failures_the_last_counts(void **state)
{
    (void)state;
    const struct fake_sweep *sweep = &fake_sweep_small;
    struct results_stage stage = store_stage_open(sweep);
    store_stage_add(&stage, sweep, FAKE_ATTACKS, OUTCOME_INTERRUPTED, 1);
    store_stage_add(&stage, sweep, FAKE_ATTACKS, OUTCOME_FAILED, 2);
    const struct result_trial *trial = store_stage_only_trial(&stage);
    assert_string_equal(trial->state, "failed");
    assert_string_equal(trial->cause, "for a test");
    assert_int_equal((size_t)trial->attempts, 2);
    assert_true(isnan(trial->clean_accuracy));
    assert_true(isnan(trial->omega));
    results_close(&stage.results);
    store_stage_close(&stage);
}

static void the_same_result_twice_counts_once(void **state)
{
    (void)state;
    const struct fake_sweep *sweep = &fake_sweep_small;
    struct results_stage once = store_stage_open(sweep);
    struct results_stage twice = store_stage_open(sweep);
    store_stage_add(&once, sweep, FAKE_ATTACKS, OUTCOME_DONE, 1);
    store_stage_add(&twice, sweep, FAKE_ATTACKS, OUTCOME_DONE, 1);
    store_stage_add(&twice, sweep, FAKE_ATTACKS, OUTCOME_DONE, 1);
    store_stage_only_trial(&once);
    store_stage_only_trial(&twice);
    assert_string_equal(results_stage_attribute(&once, "results_digest"),
                        results_stage_attribute(&twice, "results_digest"));
    results_close(&once.results);
    results_close(&twice.results);
    store_stage_close(&once);
    store_stage_close(&twice);
}

/* An attack whose training is not there has its accuracy, but no checks. */
static void an_attack_without_its_training_is_there(void **state)
{
    (void)state;
    const struct fake_sweep *sweep = &fake_sweep_small;
    struct results_stage stage = store_stage_open(sweep);
    store_stage_add(&stage, sweep, 0, OUTCOME_DONE, 1);
    const struct result_trial *trial = store_stage_only_trial(&stage);
    assert_string_equal(trial->state, "pending");
    assert_string_equal(results_evaluation(&stage.results, 0, 0)->state,
                        "done");
    assert_true(!isnan(results_accuracy(&stage.results, 0, 0, 0)));
    for (size_t i = 0; i < stage.results.n_checks; i++)
        assert_int_equal(results_verdict(&stage.results, 0, 0, i),
                         VERDICT_NOT_APPLICABLE);
    results_close(&stage.results);
    store_stage_close(&stage);
}

/* One training by this build and one, of the same cell, of unknown origin. */
static void what_computed_the_results_is_named(void **state)
{
    (void)state;
    const struct fake_sweep *sweep = &fake_sweep_small;
    struct results_stage stage = store_stage_open(sweep);
    struct arena arena = arena_open();
    struct bytes bytes = {0};
    struct spec spec = fake_sweep_attack(sweep, 0, 0, &arena);
    struct outcome outcome = fake_sweep_outcome(sweep, &spec, &bytes, &arena);
    outcome.build = (struct provenance){NULL, NULL, NULL, NULL, NULL};
    struct segment_writer writer;
    assert_int_equal(segment_open(store_stage_segments(&stage), &writer),
                     STATUS_OK);
    segment_append(&writer, &outcome);
    assert_int_equal(segment_flush(&writer), STATUS_OK);
    segment_close(&writer);
    store_stage_add(&stage, sweep, FAKE_ATTACKS, OUTCOME_DONE, 1);
    store_stage_add(&stage, sweep, 1, OUTCOME_FAILED, 1);
    store_stage_only_trial(&stage);
    const char *builds = results_stage_attribute(&stage, "builds");
    assert_non_null(strstr(builds, "0.0.1 1234567, gcc 12, -O2, avx9\n"));
    assert_non_null(strstr(builds, "unknown\n"));
    assert_int_equal(strlen(builds), strlen("0.0.1 1234567, gcc 12, -O2, avx9\n"
                                            "unknown\n"));
    results_close(&stage.results);
    bytes_free(&bytes);
    arena_close(&arena);
    store_stage_close(&stage);
}

static void open_writer(struct results_stage *stage,
                        struct segment_writer *writer)
{
    assert_int_equal(segment_open(store_stage_segments(stage), writer),
                     STATUS_OK);
}

/* Of another run, whose segment comes between those of the first. */
static void what_comes_while_a_file_is_made_is_left_for_the_next(void **state)
{
    (void)state;
    const struct fake_sweep *sweep = &fake_sweep_small;
    struct results_stage stage = store_stage_open(sweep);
    struct segment_writer one, other;
    struct store_index index;
    struct store_file file;
    open_writer(&stage, &one);
    open_writer(&stage, &other);
    for (size_t task = 0; task < STORE_TASKS; task++) {
        store_stage_append(&one, sweep, task, OUTCOME_DONE, 1);
        assert_int_equal(segment_flush(&one), STATUS_OK);
    }
    segment_close(&one);
    assert_int_equal(store_index_read(store_stage_segments(&stage),
                                      &stage.arena, &index),
                     STATUS_OK);
    store_stage_append(&other, sweep, STORE_TASKS, OUTCOME_DONE, 1);
    assert_int_equal(segment_flush(&other), STATUS_OK);
    segment_close(&other);

    assert_int_equal(store_file_make(scratch_path(&stage.scratch, "other.h5"),
                                     &index, &stage.arena, &file),
                     STATUS_OK);
    assert_int_equal(store_file_fill(&file, store_stage_segments(&stage)),
                     STATUS_OK);
    assert_int_equal(hdf5_close(file.id, file.path), STATUS_OK);
    store_stage_read(&stage);
    assert_int_equal(stage.results.n_trials, 2);
    results_close(&stage.results);
    store_stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_result_stands_against_failures),
        cmocka_unit_test(of_failures_the_last_counts),
        cmocka_unit_test(the_same_result_twice_counts_once),
        cmocka_unit_test(an_attack_without_its_training_is_there),
        cmocka_unit_test(what_computed_the_results_is_named),
        cmocka_unit_test(what_comes_while_a_file_is_made_is_left_for_the_next),
    };
    return cmocka_run_group_tests_name("store_tasks", tests, NULL, NULL);
}

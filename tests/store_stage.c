#include "tests/store_stage.h"
#include "tests/test.h"

struct results_stage store_stage_open(const struct fake_sweep *sweep)
{
    struct results_stage stage = {.scratch = scratch_make(),
                                  .arena = arena_open()};
    fake_sweep_write_experiment(stage.scratch.folder, sweep);
    return stage;
}

void store_stage_close(struct results_stage *stage)
{
    arena_close(&stage->arena);
    scratch_remove(&stage->scratch);
}

const char *store_stage_segments(struct results_stage *stage)
{
    return scratch_path(&stage->scratch, "segments");
}

void store_stage_read(struct results_stage *stage)
{
    results_stage_rebuild(stage);
    results_stage_read(stage);
}

void store_stage_append(struct segment_writer *writer,
                        const struct fake_sweep *sweep, size_t task,
                        enum outcome_state state, uint64_t attempt)
{
    struct arena arena = arena_open();
    struct bytes bytes = {0};
    size_t cell = task / STORE_TASKS, attack = task % STORE_TASKS;
    struct spec spec = attack == FAKE_ATTACKS
                           ? fake_sweep_spec(sweep, cell, &arena)
                           : fake_sweep_attack(sweep, cell, attack, &arena);
    struct outcome outcome = fake_sweep_outcome(sweep, &spec, &bytes, &arena);
    outcome.state = state;
    outcome.attempt = attempt;
    if (state != OUTCOME_DONE && state != OUTCOME_DIVERGED) {
        outcome.cause = "for a test";
        outcome.record = NULL;
        outcome.n_record_bytes = 0;
    }
    segment_append(writer, &outcome);
    bytes_free(&bytes);
    arena_close(&arena);
}

void store_stage_add(struct results_stage *stage,
                     const struct fake_sweep *sweep, size_t task,
                     enum outcome_state state, uint64_t attempt)
{
    struct segment_writer writer;
    assert_int_equal(segment_open(store_stage_segments(stage), &writer),
                     STATUS_OK);
    store_stage_append(&writer, sweep, task, state, attempt);
    assert_int_equal(segment_flush(&writer), STATUS_OK);
    segment_close(&writer);
}

const struct result_trial *store_stage_only_trial(struct results_stage *stage)
{
    store_stage_read(stage);
    assert_int_equal(stage->results.n_trials, 1);
    return &stage->results.trials[0];
}

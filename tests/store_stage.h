/*
 * A sweep folder that is filled an outcome at a time: what tests of the store
 * share.
 */
#ifndef TESTS_STORE_STAGE_H
#define TESTS_STORE_STAGE_H

#include "io/segment.h"
#include "tests/results_stage.h"

/* Tasks of a cell of a fake sweep; the last is the training. Task i is number
 * i % STORE_TASKS of cell i / STORE_TASKS. */
enum { STORE_TASKS = FAKE_ATTACKS + 1 };

/* A folder with an experiment and nothing else yet. To be closed after
 * results_close, or before anything was read. */
struct results_stage store_stage_open(const struct fake_sweep *sweep);
void store_stage_close(struct results_stage *stage);

const char *store_stage_segments(struct results_stage *stage);

/* Makes sweep.h5 and reads it. */
void store_stage_read(struct results_stage *stage);

/* The same; asserts that there is but one trial. */
const struct result_trial *store_stage_only_trial(struct results_stage *stage);

/* One outcome as a segment's writer wants it, with this state. */
void store_stage_append(struct segment_writer *writer,
                        const struct fake_sweep *sweep, size_t task,
                        enum outcome_state state, uint64_t attempt);

/* Writes one outcome as a run of its own. */
void store_stage_add(struct results_stage *stage,
                     const struct fake_sweep *sweep, size_t task,
                     enum outcome_state state, uint64_t attempt);

#endif

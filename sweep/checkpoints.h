/*
 * The checkpoints of a sweep's tasks, files in DIR/checkpoints. Trials write
 * them (jobs/trial_checkpoint.c) and go on from them; rank 0 deletes those of
 * tasks that have a result for good.
 */
#ifndef SWEEP_CHECKPOINTS_H
#define SWEEP_CHECKPOINTS_H

#include "io/outcome.h"
#include "sweep/ledger.h"

struct checkpoints {
    const char *folder; /* the sweep's, borrowed */
    struct bytes ended; /* names of files, of tasks whose results wait to be
                           written */
};

/* Deletes those of tasks that are done, which a crash has left. */
void checkpoints_begin(struct checkpoints *checkpoints, const char *folder,
                       struct ledger *ledger);

/* A result has been handed to the segment writer; all those are on disk. */
void checkpoints_note(struct checkpoints *checkpoints,
                      const struct outcome *outcome);
void checkpoints_drop(struct checkpoints *checkpoints);

void checkpoints_close(struct checkpoints *checkpoints);

#endif

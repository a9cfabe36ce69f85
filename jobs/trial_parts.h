/* What the command `trial` is made of; private to jobs/trial*.c. */
#ifndef JOBS_TRIAL_PARTS_H
#define JOBS_TRIAL_PARTS_H

#include "core/record.h"
#include "core/training.h"
#include "core/trial.h"

/* One task for a supervisor: its spec comes from standard input, the record
 * goes to FRAME_FD, the trained network into the sweep's folder; if the disk
 * is full, it waits so long for room. */
CHECKED enum status trial_serve(long supervisor, const char *folder,
                                double patience_s, struct trial_means means,
                                int *exit_status);

/* Sleeps, then ends as told: this may not return. `record` is what a training
 * without any network leaves. */
void trial_pretend(const struct training_dummy *dummy, struct arena *arena,
                   struct record *record);

#endif

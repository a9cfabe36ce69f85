/*
 * Milestones: what trainings have come to that ended before the last of their
 * epochs (training.until_epoch), for those that go on. Files in
 * DIR/checkpoints, as checkpoints are (io/checkpoint_file.h), named by their
 * lineage, the digest of what such trainings have in common, and epoch:
 *
 *     DIR/checkpoints/LINEAGE-eEPOCH.milestone
 *
 * A missing one costs time and nothing else.
 */
#ifndef SWEEP_MILESTONES_H
#define SWEEP_MILESTONES_H

#include "core/spec.h"
#include "core/training.h"

/* The epoch at which a spec's training ends; and the longest training of its
 * lineage, parameters in `room`. 0: it has no epochs, or there is an attack. */
size_t milestones_find_end(const struct spec *spec, struct training_bptt *room,
                           struct spec *longest);

const char *milestones_path(const char *folder, struct digest lineage,
                            size_t epoch, struct arena *arena);

/* The latest of a lineage that is not after `last`; 0: there is none. */
size_t milestones_find(const char *folder, struct digest lineage, size_t last);

/* Deletes those of a lineage before an epoch: there is a later one. */
void milestones_drop(const char *folder, struct digest lineage, size_t epoch);

/* Deletes all of them: nothing will go on. */
void milestones_drop_all(const char *folder);

#endif

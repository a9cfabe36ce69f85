/*
 * Reads data sets. What a kind needs is decoded once per node into a cache
 * file, which all processes of the node map read only.
 */
#ifndef IO_DATASET_H
#define IO_DATASET_H

#include "core/data.h"
#include "core/spec.h"

/* Opens the spec's data set: maps its cache file (made first if there is
 * none, or a damaged one; several processes may try at once, by temporary name
 * and rename). The cache is in the first of $SPIKESWEEP_CACHE,
 * $XDG_CACHE_HOME/spikesweep, ~/.cache/spikesweep and /tmp/spikesweep-UID that
 * has it, else in the first that can be written; it belongs to one state
 * (path, size, time of change) of the source files.
 *
 * In it samples are in an order that is the same everywhere: shuffled by a
 * fixed seed, then dealt class by class. So n_train and n_test take its first
 * samples: balanced as well as the classes' numbers allow, a smaller subset
 * within every larger one, and shared by all processes. Images and labels live
 * as long as the process; mean, deviation and fingerprint are of the whole set.
 *
 * Refuses files that are missing, cut short, too long or lie about their size,
 * labels out of range, and a subset larger than the set. With n_validation the
 * training samples are dealt once more, by validation_seed: the first of them
 * are the test split, the others the training split. `arena` takes a few paths
 * and that order. */
CHECKED enum status dataset_open(const struct choice *dataset,
                                 struct arena *arena, struct data_set *data);

/* From here on this process and those that it forks read a cache file through
 * to check it only if none of them has found it whole, and it has not changed
 * since (device, inode, size, times of modification and of change). */
void dataset_trust_together(void);

#endif

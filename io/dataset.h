/*
 * Reads data sets. What a kind needs is decoded once per node into a cache
 * file, which all processes of the node map read only.
 */
#ifndef IO_DATASET_H
#define IO_DATASET_H

#include "core/data.h"
#include "core/spec.h"

/* Opens the spec's data set: maps its cache file (made first if there is
 * none; several processes may try at once, by temporary name and rename).
 * The cache is in $SPIKESWEEP_CACHE, else $XDG_CACHE_HOME/spikesweep, else
 * ~/.cache/spikesweep, else /tmp/spikesweep-UID. The mapping lives as long as
 * the process; the subset asked for by n_train and n_test (balanced over
 * classes, chosen by a fixed seed, so equal for all cells) is in `arena`.
 * Refuses files that are missing, cut short, or lie about their size. */
CHECKED enum status dataset_open(const struct choice *dataset,
                                 struct arena *arena, struct data_set *data);

#endif

/*
 * The folder of a sweep:
 *
 *     DIR/experiment.cfg      the experiment file of the latest run
 *     DIR/experiment-N.cfg    earlier ones, if they differ
 *     DIR/segments/           results, immutable (io/segment.h)
 *     DIR/models/             trained networks (io/model_file.h)
 *     DIR/sweep.h5            all of it, made from the segments
 *     DIR/sweep-N.h5          earlier ones that held more than these
 */
#ifndef SWEEP_FOLDER_H
#define SWEEP_FOLDER_H

#include "core/arena.h"
#include "core/digest.h"
#include "core/status.h"

/* The folder that an experiment file gets by default: "NAME.sweep" in the
 * current folder for PATH/NAME.cfg. */
const char *folder_default(const char *experiment_path, struct arena *arena);

/* Makes what is missing, deletes the leftovers of crashes, keeps the
 * experiment's text. */
CHECKED enum status folder_open(const char *folder, const char *experiment);

/* Refuses a folder that holds no sweep. */
CHECKED enum status folder_check(const char *folder);

const char *folder_segments(const char *folder, struct arena *arena);
const char *folder_model(const char *folder, struct digest cell,
                         struct arena *arena);

#endif

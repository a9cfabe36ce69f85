/*
 * The folder of a sweep:
 *
 *     DIR/experiment.cfg      the experiment file of the latest run
 *     DIR/experiment-N.cfg    earlier ones, if they differ
 *     DIR/cells.list          which cells that has (io/cell_list.h)
 *     DIR/tuning.txt          what all cells are computed by
 *                             (io/tuning_file.h)
 *     DIR/segments/           results, immutable (io/segment.h)
 *     DIR/models/             trained networks (io/model_file.h)
 *     DIR/checkpoints/        tasks that were left (io/checkpoint_file.h), and
 *                             trainings that others may go on from
 *     DIR/aside/              logs of tasks that are set aside (sweep/aside.h)
 *     DIR/stop                made by people: stop, and do not begin
 *     DIR/sweep.h5            all of it, made from the segments
 *     DIR/sweep-N.h5          earlier ones that held more than these
 */
#ifndef SWEEP_FOLDER_H
#define SWEEP_FOLDER_H

#include "core/arena.h"
#include "core/digest.h"
#include "core/span.h"
#include "core/status.h"
#include "io/tuning_file.h"

#include <stdbool.h>

/* The folder that an experiment file gets by default: "NAME.sweep" in the
 * current folder for PATH/NAME.cfg. */
const char *folder_default(const char *experiment_path, struct arena *arena);

/* The tuning that a sweep in the folder goes by: the one it keeps, or the one
 * that is built in if it is of a time when none was kept; for a new folder
 * tuning_file_choose(path). Refuses a path whose tuning is another one than the
 * folder's. */
CHECKED enum status folder_choose_tuning(const char *folder, const char *path,
                                         struct arena *arena,
                                         struct tuning_file *tuning);

/* What a trial in an open folder goes by. */
CHECKED enum status folder_read_tuning(const char *folder, struct arena *arena,
                                       struct tuning_file *tuning);

/* Makes what is missing, deletes the leftovers of crashes, keeps the
 * experiment's text, and the tuning if the folder has none. */
CHECKED enum status folder_open(const char *folder, const char *experiment,
                                const struct tuning_file *tuning);

/* DIR/stop, which people make so that all runs in the folder stop, and none is
 * begun as long as it is there. */
bool folder_is_stopped(const char *folder);
CHECKED enum status folder_check_stop(const char *folder);

/* Refuses a folder that holds no sweep. */
CHECKED enum status folder_check(const char *folder);

const char *folder_segments(const char *folder, struct arena *arena);
const char *folder_checkpoints(const char *folder, struct arena *arena);
const char *folder_checkpoint(const char *folder, struct digest task,
                              struct span span, struct arena *arena);
const char *folder_model(const char *folder, struct digest cell,
                         struct arena *arena);

#endif

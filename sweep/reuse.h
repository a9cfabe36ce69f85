/*
 * Results of other sweeps (run --reuse DIR): what another folder holds of this
 * experiment's tasks, by their digests, is taken over and not computed again,
 * with a word on where it is from; networks of trainings as well, so that new
 * attacks on them train nothing.
 *
 * The other folder is data, perhaps somebody else's: one that is damaged, is no
 * sweep's, or goes by another tuning (whose results might differ in their last
 * bits) is refused before anything is written.
 */
#ifndef SWEEP_REUSE_H
#define SWEEP_REUSE_H

#include "io/segment.h"
#include "sweep/ledger_aside.h"

#include "io/tuning_file.h"

/* Reads all that there is to take over from `other`, and takes nothing.
 * `folder`, which need not be there yet, is that of this sweep. */
CHECKED enum status reuse_check(const char *other, const char *folder,
                                const struct tuning_file *tuning);

/* Takes over what the ledger, which is cut and is so afterwards, has no result
 * of: writes it as segments, copies networks, recalls it. `n_taken` is the
 * number of results. */
CHECKED enum status reuse_take(const char *other, const char *folder,
                               struct ledger *ledger,
                               struct segment_writer *writer, size_t *n_taken);

#endif

/* How far the experiment of a sweep's folder is, which sweep.h5 alone does not
 * know; private to jobs/. */
#ifndef JOBS_FOLDER_STATE_H
#define JOBS_FOLDER_STATE_H

#include "sweep/coverage.h"
#include "sweep/study.h"

#include <stdio.h>

struct folder_state {
    struct study study;
    struct ledger ledger; /* cut, nothing started */
    struct presences presences; /* runs that go on */
    struct coverage coverage;
};

/* By DIR/experiment.cfg, the segments and the runs that go on. Where the data
 * cannot be opened (on a login node, say) `notes`, unless NULL, gets a line
 * that says so, and cells that do not fit it are among the others. Everything
 * is in `arena`. */
CHECKED enum status folder_state_read(const char *folder, FILE *notes,
                                      struct arena *arena,
                                      struct folder_state *state);

#endif

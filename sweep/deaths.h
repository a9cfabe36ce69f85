/*
 * What runs died with. A run that has neither ended nor goes on, that nobody
 * told to stop and that was not due to end, has died of something: perhaps of a
 * task that one of its ranks was at, which took the rank with it, as one does
 * for which the system kills the rank instead of the trial. Each of these tasks
 * gets an outcome that says so: interrupted, which is no failure, but one more
 * unexplained death (sweep/retry.h). Who only stood beside gets on, and ends: a
 * task that wrote a checkpoint in that run is let off. The first of such deaths
 * may be nobody's: of a task that was given to its rank in advance, rank 0 does
 * not know when it begins; from then on none is.
 */
#ifndef SWEEP_DEATHS_H
#define SWEEP_DEATHS_H

#include "io/segment.h"
#include "sweep/ledger_aside.h"

struct deaths {
    const char *folder, *segments; /* the sweep's, and that of its segments */
    struct ledger *ledger;         /* recalled and cut */
    struct segment_writer *writer;
    void (*tell)(void *self, const char *line);
    void *self;
};

/* Counts the deaths of earlier runs, each once, and sets aside who died so too
 * often, by the ledger's policy; none at all if that sets nothing aside. Sets
 * `n` to the number of runs that have died since the last time. Refused if the
 * disk refuses. */
CHECKED enum status deaths_count(const struct deaths *deaths, size_t *n);

#endif

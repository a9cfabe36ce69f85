/*
 * What is tried again: how a task failed, by the cause that its outcome names,
 * and the policy of a run. Deaths that nothing explains (a signal, an exit
 * status without a word, half a record) count over all runs: who died so too
 * often is set aside, so that it does not eat up the time of all others. What
 * the end of a job explains is interrupted, no failure, and counts nowhere.
 */
#ifndef SWEEP_RETRY_H
#define SWEEP_RETRY_H

#include "io/outcome.h"

#include <stdbool.h>

enum retry_cause {
    RETRY_DIED,    /* nobody knows why: see above */
    RETRY_REFUSED, /* it said why it gives up */
    RETRY_MEMORY,  /* it got none, or was killed for the lack of it */
    RETRY_LIMIT,   /* it took too long */
    RETRY_START,   /* the system could not start it */
    RETRY_ROOM,    /* not started, since it does not fit: never tried again */
    RETRY_N_CAUSES
};

struct retry_policy {
    uint64_t max_attempts; /* that fail, in one run */
    uint64_t max_deaths;   /* unexplained, in all runs; 0: any number */
    bool not_again[RETRY_N_CAUSES];
};

/* Of an outcome that failed or timed out, its state then included. */
enum retry_cause retry_find_cause(const struct outcome *outcome);

/* The cause of an outcome that its whole run died with, see sweep/deaths.h. */
extern const char retry_run_died[];

/* True if an outcome is an unexplained death: of the task, or of its run. */
bool retry_is_death(const struct outcome *outcome);

/* False if tasks that end so are not tried again in this run. */
bool retry_allows(const struct retry_policy *policy,
                  const struct outcome *outcome);

/* Sets what is tried again by a list "died,memory", by "all" or "none";
 * refuses other words. */
CHECKED enum status retry_read(const char *list, struct retry_policy *policy);

#endif

/*
 * How far an experiment is by what its folder holds: every task of every cell,
 * also those that no run has begun, in one of these states.
 */
#ifndef SWEEP_COVERAGE_H
#define SWEEP_COVERAGE_H

#include "sweep/ledger.h"
#include "sweep/presence.h"

/* enum outcome_state of the outcome that counts, or one of these. */
enum {
    COVERAGE_RUNNING = OUTCOME_N_STATES, /* and has no result yet */
    COVERAGE_PENDING,    /* nothing is known of it */
    COVERAGE_NO_NETWORK, /* an attack whose training diverged or is set aside */
    COVERAGE_SPARED,     /* its lineage did not do well enough to go on */
    COVERAGE_N
};

const char *coverage_name(int state);

struct coverage {
    size_t n_cells, n_tasks;
    size_t n_results; /* tasks done or diverged */
    size_t n_twice;   /* results besides those, of the same tasks: a run that
                         was believed dead, or two at a time */
    size_t n_uncovered; /* cells without one training, evaluations whose parts
                           do not make the whole: 0, or the program is wrong */
    size_t trainings[COVERAGE_N], attacks[COVERAGE_N];
    size_t n_aside;
    const struct task **aside; /* tasks that are set aside */
    /* Results that the folder holds, of tasks that the experiment does not
     * have: of cells that it has not either, and how many; of other attacks. */
    size_t n_gone, n_gone_cells, n_gone_attacks;
    const char *damage; /* "SEGMENT: REASON" a line, in the arena */
};

/* Of a ledger that nothing was recalled into, which is cut; by the folder's
 * segments and the runs that go on. Parts of evaluations are tasks. */
CHECKED enum status coverage_take(struct ledger *ledger, const char *segments,
                                  const struct presences *presences,
                                  struct arena *arena,
                                  struct coverage *coverage);

/* Every task has a result or can have none. */
bool coverage_is_complete(const struct coverage *coverage);

#endif

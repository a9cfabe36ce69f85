/* Tasks of a ledger that are set aside, left out, or taken over; what a task
 * costs. */
#ifndef SWEEP_LEDGER_ASIDE_H
#define SWEEP_LEDGER_ASIDE_H

#include "sweep/ledger.h"

/* Before the run, after the cut: all tasks of cells that are not chosen
 * ([n_cells]) and have no result are left out, but for trainings of networks
 * that attacks of the others are made on; what was set aside of these is
 * another time to be tried. */
void ledger_leave_out(struct ledger *ledger, const bool *chosen);

/* Before the run: true if a result of this digest and these samples would add
 * to what is known: it is of a task of the experiment, and none of its samples
 * has a result. */
bool ledger_lacks(struct ledger *ledger, struct digest digest,
                  struct span span);

/* It has a result: nothing will change that. */
bool ledger_is_final(const struct task *task);

/* The state in which the outcome of a task is to be kept: set aside, if it is
 * the last death that the policy bears with, else its own. */
enum outcome_state ledger_judge(const struct ledger *ledger,
                                const struct task *task,
                                const struct outcome *outcome);

/* By the rule; 0: not known. */
double ledger_cost(const struct ledger *ledger, const struct task *task);

/* A running task that was handed to nobody is left out of this run. */
void ledger_leave(struct ledger *ledger, struct task *task);

#endif

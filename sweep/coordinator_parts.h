/* What the coordinator's files share; private to sweep/coordinator*.c. */
#ifndef SWEEP_COORDINATOR_PARTS_H
#define SWEEP_COORDINATOR_PARTS_H

#include "sweep/coordinator.h"
#include "sweep/ledger_aside.h"

/* A line for people, if a task failed, timed out or was set aside. */
void coordinator_tell_failure(const struct coordinator *coordinator,
                              const struct task *task,
                              const struct outcome *outcome);

/* Seconds that the task will take, by finished ones of its attack (or by
 * trainings), scaled by what it costs; NaN if there are none. */
double coordinator_expect(const struct coordinator *coordinator,
                          const struct task *task);

/* False if the run will stop before the task has ended, or been of use. */
bool coordinator_may_begin(const struct coordinator *coordinator,
                           const struct task *task, double now_s);

#endif

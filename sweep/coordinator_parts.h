/* What the coordinator's files share; private to sweep/coordinator*.c. */
#ifndef SWEEP_COORDINATOR_PARTS_H
#define SWEEP_COORDINATOR_PARTS_H

#include "sweep/coordinator.h"

/* A line for people, if a task failed, timed out or was set aside. */
void coordinator_tell_failure(const struct coordinator *coordinator,
                              const struct task *task,
                              const struct outcome *outcome);

#endif

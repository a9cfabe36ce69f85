/* A task of a sweep: one training, or one evaluation or part of it. */
#ifndef SWEEP_TASK_H
#define SWEEP_TASK_H

#include "core/digest.h"
#include "core/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From TASK_DONE on there is nothing left to do in this run. */
enum task_state {
    TASK_WAITING, /* for its cell's training, or its source's */
    TASK_HELD, /* until its lineage does well enough to go on */
    TASK_READY,
    TASK_RUNNING, /* handed out */
    TASK_ARRIVED, /* its outcome waits to be written */
    TASK_DONE,
    TASK_DIVERGED,
    TASK_FAILED,
    TASK_ASIDE,    /* it died too often, perhaps in earlier runs */
    TASK_VOID,     /* an attack without a network */
    TASK_LEFT_OUT, /* this run was not asked for it */
    TASK_SPARED,   /* its lineage did not do well enough */
    TASK_N_STATES
};

extern const char *const task_state_names[TASK_N_STATES];

/* The attack of a task of stage train. */
#define LEDGER_TRAIN UINT32_MAX

enum { LEDGER_NO_OUTCOME = -1 };

struct task {
    struct digest digest;
    uint32_t cell;   /* index into the cells */
    uint32_t attack; /* index among the attacks, or LEDGER_TRAIN */
    uint32_t source; /* the cell that it is made on, mostly `cell` itself */
    struct span span;
    int recalled; /* enum outcome_state of earlier runs, or the above */
    enum task_state state;
    uint32_t attempts; /* made so far, in earlier runs, too */
    uint32_t failures; /* of this run */
    uint32_t deaths;   /* that nothing explains, in earlier runs, too, since it
                          was set aside last */
    bool retrained;    /* in this run, since its network was lost */
    bool barred;       /* what it failed of is not tried again in this run */
};

#endif

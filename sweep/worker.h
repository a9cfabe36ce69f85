/*
 * The worker of a rank: takes tasks from the coordinator, has its supervisor
 * run one after the other, and sends their outcomes back.
 */
#ifndef SWEEP_WORKER_H
#define SWEEP_WORKER_H

#include "sweep/message.h"
#include "sweep/wire.h"

enum { WORKER_LINE_MAX = 8 }; /* tasks that may wait in line */

struct waiting_task {
    uint64_t task;
    struct assignment assignment;
    char *spec; /* owned */
};

struct worker {
    struct wire *wire;
    struct supervisor supervisor;
    uint64_t task; /* of the supervisor */
    struct waiting_task line[WORKER_LINE_MAX];
    size_t n_line;
    double said_s; /* when it last spoke of its progress */
    bool stopping, stopped, ended;
    struct bytes outcome, message; /* scratch */
};

struct worker worker_open(struct wire *wire, const char *program,
                          const char *folder, const char *host);

/* Takes a message that came from the coordinator. */
void worker_take(struct worker *worker, const struct message *message);

/* Tells the coordinator that this rank was told to stop. */
void worker_ask_stop(struct worker *worker);

/* Goes on with what there is to do; true if something happened. */
bool worker_step(struct worker *worker);

void worker_close(struct worker *worker);

/* How often a worker at work tells its progress in a job of so many ranks: such
 * that all of them together do not keep the coordinator from its work. */
double worker_say_every_s(size_t n_ranks);

#endif

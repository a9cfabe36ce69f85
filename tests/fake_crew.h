/*
 * The ranks of a fake job, a few numbers each, and what is going to happen to
 * them: events in the order of simulated time.
 */
#ifndef TESTS_FAKE_CREW_H
#define TESTS_FAKE_CREW_H

#include "tests/fake_job.h"

/* What is going to happen at a rank, or to arrive at the coordinator. */
enum event_kind { EVENT_TASK, EVENT_STOP, EVENT_END, EVENT_SAY, EVENT_ARRIVAL };

struct event {
    double due_s;
    uint64_t order; /* of events at one instant */
    enum event_kind kind;
    uint32_t rank;
    enum message_kind message;
    enum outcome_state state;
    uint64_t task, attempt, began; /* began: number of the rank's trial */
};

struct fake_rank {
    struct event line[WORKER_LINE_MAX];
    size_t n_line;
    bool idle, stopping, stopped;
    uint64_t began;
    double began_s, dies_s, slowness;
    struct event now; /* computed */
};

struct crew {
    const struct job_terms *terms;  /* borrowed */
    const struct ledger *ledger;    /* borrowed */
    struct fake_rank *ranks;
    struct event *heap, *inbox; /* inbox: what has arrived */
    size_t n_heap, heap_capacity, n_inbox, inbox_capacity;
    uint64_t n_events;
    double now_s, busy_s; /* busy_s: of all ranks, until no more is counted */
    bool counting;
};

/* All ranks say hello. */
void crew_open(const struct job_terms *terms, const struct ledger *ledger,
               struct crew *crew);
void crew_close(struct crew *crew);

void crew_push(struct crew *crew, struct event event);

/* Lets happen what is due until then. */
void crew_advance(struct crew *crew, double to_s);

/* Adds what is being computed now, and counts no more. */
void crew_end_counting(struct crew *crew);

#endif

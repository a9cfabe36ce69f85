/*
 * What the coordinator knows of the workers, and which of them can take tasks:
 * found without looking at all of them, of which there may be ten thousand.
 */
#ifndef SWEEP_MEMBERS_H
#define SWEEP_MEMBERS_H

#include "sweep/worker.h"

struct member {
    bool there;      /* it has said hello */
    bool lost;       /* silent for too long; counts again once it speaks */
    bool stopped, told; /* it has said so: nothing runs; it was told to stop */
    char host[64];
    double heard_s, began_s; /* last word; when its first task began */
    uint64_t tasks[WORKER_LINE_MAX]; /* handed out, the first is running */
    size_t n_tasks;
    size_t n_returned; /* of those, the first: went to others meanwhile */
    struct progress progress;
    size_t set, place; /* see below; set SIZE_MAX: in none */
};

/* Of members that are there and not lost those with 0, 1, .. tasks. */
struct member_sets {
    struct member_set {
        size_t n;
        uint32_t *at; /* [n_members] */
    } with[WORKER_LINE_MAX];
};

struct member_sets member_sets_open(size_t n_members, struct arena *arena);

/* The member has changed. */
void member_sets_sort(struct member_sets *sets, struct member *members,
                      size_t i);

/* Takes a task out of its line, if it is there. */
void member_forget_task(struct member *member, uint64_t task, double now_s);

#endif

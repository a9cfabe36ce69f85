/*
 * Chaos: a real sweep on MPI ranks, to which bad things happen at instants that
 * a seed gives, until there have been so many of them; then it is left in peace
 * and has to come to the result of an undisturbed sweep. A reader looks at its
 * folder all the while.
 */
#ifndef TESTS_CHAOS_CHAOS_H
#define TESTS_CHAOS_CHAOS_H

#include "tests/chaos/prey.h"
#include "tests/chaos/watch.h"

#include <limits.h>

enum event {
    EVENT_CHILD,    /* a trial's process is killed */
    EVENT_RANK,     /* a rank is */
    EVENT_LAUNCHER, /* mpirun is */
    EVENT_JOB,      /* all of them are */
    EVENT_FULL,     /* there is no room on the disk for a while */
    EVENT_FLUSH,    /* fsync fails for a while */
    EVENT_CUT,      /* all are killed, and a file is cut short */
    EVENT_N
};

struct chaos {
    struct prey prey;
    struct watch watch;
    uint64_t seed, n_drawn;
    char refuse[PATH_MAX], reference[DIGEST_TEXT_SIZE];
    char victim[PREY_TEXT_SIZE]; /* who was killed last */
    pid_t job; /* 0: none */
    int job_status;
    size_t n_events, n_wanted, count[EVENT_N];
    size_t n_sweeps, n_wrong; /* that came to an end; to another one */
    size_t n_left;            /* jobs of which something lived on */
    size_t n_unsaved;
    double *unsaved_s; /* [n_wanted], of the children that were killed */
};

/* Below n, at random. */
uint32_t chaos_draw(struct chaos *chaos, uint32_t n);

/* Looks at the folder for a time, or until `over` is true, which is returned.
 */
bool chaos_look_for(struct chaos *chaos, double s,
                    bool (*over)(struct chaos *chaos));

bool chaos_job_is_over(struct chaos *chaos);

/* After a blow that the job does not survive: nothing of it may live on. */
void chaos_await_end(struct chaos *chaos);

/* Whose turn it is: every event has one in each round, in another order. */
enum event chaos_take_turn(const struct chaos *chaos);

/* Whether it has happened: there may be nobody that it can happen to. */
bool chaos_strike(struct chaos *chaos, enum event event);

/* Prints what happened and what held; exit status 0 if all did. */
int chaos_sum_up(struct chaos *chaos, bool completed);

#endif

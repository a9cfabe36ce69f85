/*
 * A job of thousands of ranks in simulated time: the coordinator and the ledger
 * as they are, on a wire that only counts, with ranks that are a few numbers
 * each. Everything that happens is a function of the terms, so that two jobs of
 * the same terms are the same; only the processor time is measured.
 */
#ifndef TESTS_FAKE_JOB_H
#define TESTS_FAKE_JOB_H

#include "sweep/coordinator.h"

struct job_terms {
    size_t n_ranks;
    uint64_t seed;
    double latency_s;  /* of a message */
    double message_s;  /* the coordinator takes so long for a message, */
    double hand_out_s; /* for handing out a task, */
    double flush_s;    /* for making outcomes permanent, */
    double step_s;     /* and for looking around */
    double nap_s;      /* at most, if nothing happened */
    double start_s;    /* of a rank between two tasks: a child's beginning */
    /* A task takes exp(mu + sigma z) times what its attack's factor is; two
     * decades: sigma = ln(10) / 2, four in five of them. */
    double median_s, sigma;
    double training_factor; /* of trainings, to attacks */
    double straggler_share, straggler_factor; /* of tasks, so much longer */
    double slow_share, slow_factor;           /* of ranks, so much slower */
    double failing_share; /* of attempts end in failure, at a random instant */
    double dying_share;   /* of ranks fall silent for good, sometime in */
    double dying_within_s;
    double stop_s;        /* the job is told to stop; 0: never */
    double leave_s;       /* a rank needs so long to leave a task, at most */
    bool progress;        /* ranks tell their progress as real ones do */
};

struct job_figures {
    double end_s;       /* simulated: when the coordinator had finished */
    double tail_s;      /* when a rank had nothing to do for the first time, or
                           the job was stopped */
    double busy_s;      /* of all ranks until then: computing; what a rank had
                           that fell silent is lost and does not count */
    double rank_s;      /* of all living ranks until then: as long as it was */
    double coordinating_s; /* simulated, until then */
    double cpu_s;       /* processor time of the coordinator's own code */
    size_t n_messages, n_handed_out, n_flushes, n_steps, n_lost;
    size_t n_outcomes;
    size_t backlog;     /* the most messages that waited at an instant */
};

/* The ledger is started. What the coordinator keeps is counted, packed and
 * forgotten. */
struct job_figures fake_job_run(const struct job_terms *terms,
                                struct ledger *ledger, struct demand demand);

/* Of ranks that could have computed until the tail. */
double fake_job_utilisation(const struct job_figures *figures);

#endif

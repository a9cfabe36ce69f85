/*
 * What a reader must know before believing a sweep: how many tasks ended how,
 * which failed and why, which checks did not pass.
 */
#ifndef ANALYSIS_FINDINGS_H
#define ANALYSIS_FINDINGS_H

#include "io/outcome.h"
#include "io/results.h"

#include <stdbool.h>

/* How a task can end, enum outcome_state, or that it has not yet, at all or in
 * some of its parts. */
enum {
    STATE_PENDING = OUTCOME_N_STATES,
    STATE_INCOMPLETE,
    STATE_N
};

const char *findings_state_name(int state);

/* Numbers of tasks in each state; an evaluation that waits for its training,
 * or whose training failed, is pending. */
struct state_counts {
    size_t trainings[STATE_N], evaluations[STATE_N];
};

struct state_counts findings_count_states(const struct results *results);

/* A task that failed, diverged, was timed out or set aside. */
struct failure {
    const char *cell, *task;            /* "training" or the attack's name */
    const char *state, *cause, *message; /* message: one line, perhaps "" */
    const char *log; /* the last that it said, lines, perhaps "" */
};

struct failures {
    size_t n;
    const struct failure *at;
};

/* In the order of the trials; everything is in the arena. */
struct failures findings_failures(const struct results *results,
                                  struct arena *arena);

/* Likewise the evaluations that lack parts of which none failed. */
struct failures findings_incomplete(const struct results *results,
                                    struct arena *arena);

/* Whether an evaluation is finished, as only then checks judge it. */
bool findings_is_judged(const struct results *results, size_t trial,
                        size_t attack);

/* Numbers of finished evaluations with each verdict of a check. */
struct verdict_counts {
    size_t n[VERDICT_N];
};

struct verdict_counts findings_count_verdicts(const struct results *results,
                                              size_t check);

/* A verdict on an evaluation. */
struct finding {
    enum check_verdict verdict;
    const char *cell, *attack;
    double figure;
};

struct findings {
    size_t n;
    const struct finding *at;
};

/* Of one check, those with that verdict, the largest figure first; everything
 * is in the arena. */
struct findings findings_of_check(const struct results *results, size_t check,
                                  enum check_verdict verdict,
                                  struct arena *arena);

/* Finished evaluations by the worst verdict that a check has on them: counts
 * of VERDICT_PASS are those that are neither warned of nor fail. */
struct verdict_counts findings_count_worst(const struct results *results);

/* "warns above 0.02, fails above 0.1"; in the arena. */
const char *findings_print_thresholds(const struct result_check *check,
                                      struct arena *arena);

#endif

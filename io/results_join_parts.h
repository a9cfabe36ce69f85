/* Joining several files' results; private to io/results_join*.c. */
#ifndef IO_RESULTS_JOIN_PARTS_H
#define IO_RESULTS_JOIN_PARTS_H

#include "io/results.h"

struct join {
    const struct results *sources;
    size_t n_sources;
    struct arena *arena, scratch;
    struct results *results;
    /* From a source's index to the joint one, each [source][index]. */
    size_t **trials, **attacks, **epsilons, **checks;
    struct result_trial *joint;
    struct result_evaluation *evaluations;
    double *accuracy, *worst, *figures, *surrogate_worst, *surrogate_spread;
    uint64_t *n_surrogates;
    uint8_t *verdicts;
    size_t *from; /* [trial][attack] the source of an evaluation */
};

/* What all sources have of these, and where each source's are in that. */
void results_join_epsilons(struct join *join);
void results_join_checks(struct join *join);
void results_join_attacks(struct join *join);

#endif

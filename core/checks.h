/*
 * Checks of an attack's result: what must hold if the attack did its work,
 * computed from what is stored of each sample. A robustness curve is worth what
 * its checks say.
 *
 * Which checks there are, with rule and thresholds, is the table check_rows.
 * Every check gives one figure, the larger the worse; 0 is flawless.
 *
 * Sources: Athalye et al., ICML 2018, section 3.1; Carlini et al.,
 * arXiv 1902.06705, section 3; Pintor et al., NeurIPS 2022 (indicators of
 * attack failure).
 */
#ifndef CORE_CHECKS_H
#define CORE_CHECKS_H

#include "core/attack.h"
#include "core/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order of the list that they are from. */
enum check {
    CHECK_EPSILON_ZERO,    /* epsilon 0 gives the clean prediction */
    CHECK_MONOTONE,        /* success does not fall as epsilon grows */
    CHECK_CHANCE,          /* a large epsilon leaves no more than chance */
    CHECK_ITERATIVE,       /* iterative at least as strong as single step: true
                              by construction of fgsm, bim and pgd, unless
                              answers are drawn; then on average */
    CHECK_BLACK_BOX,       /* gradients at least as strong as none */
    CHECK_NOISE,           /* noise of the same size does worse */
    CHECK_CONVERGED,       /* the last half of the steps finds little */
    CHECK_RESTARTS,        /* the last restart finds little */
    CHECK_ZERO_GRADIENT,   /* the gradient that the attack follows is there */
    CHECK_DRAWS,           /* what is drawn is averaged */
    CHECK_OBJECTIVES,      /* no other objective does better */
    CHECK_SILENT_SUCCESS,  /* what was found is what came out */
    CHECK_BALL_AND_BOX,    /* the perturbation is what was allowed */
    CHECK_WORST_CASE,      /* of all attacks, sample by sample */
    CHECK_TWIN,            /* the undefended twin falls */
    CHECK_PARAMETERS,      /* all are in the file */
    CHECK_TARGETS,         /* targeted and untargeted, two objectives */
    CHECK_GRADIENT_FREE,   /* there is an attack without gradients */
    CHECK_QUERIES,         /* passes are counted */
    CHECK_SURROGATES,      /* several surrogates of the attacker's own */
    CHECK_FIXED_DRAWS,     /* drawn answers: averaged, and known beforehand */
    CHECK_WHOLE_GRADIENT,  /* through all steps and the encoding */
    CHECK_EVENTS,          /* frames of events stay such */
    CHECK_STABLE_LOSS,     /* a little noise changes the loss little */
    CHECK_N
};

enum check_verdict {
    VERDICT_PASS,
    VERDICT_WARN,
    VERDICT_FAIL,
    VERDICT_NOT_APPLICABLE,
    VERDICT_N
};

extern const char *const check_verdict_names[VERDICT_N];

struct check_row {
    const char *name, *unit, *rule, *figure; /* figure: what it counts */
    /* pass up to `warn_above`, fail above `fail_above`, between them warn */
    double warn_above, fail_above;
};

extern const struct check_row check_rows[CHECK_N];

/* A threshold of what is only ever warned of: evidence that is missing. */
#define CHECK_NEVER 1e300

struct check_result {
    enum check_verdict verdict;
    double figure; /* NaN where not applicable */
};

/* The network that was attacked. */
struct check_cell {
    bool random, events; /* answers are drawn; images are frames of events */
    size_t n_classes;
};

/* One attack's result on one network, as stored. The first n_samples of the
 * test split were attacked, at n_epsilons sizes in any order. */
struct check_curve {
    const struct attack *attack;
    const struct settings *settings; /* of the attack */
    size_t n_epsilons, n_samples;
    const double *epsilon, *accuracy;        /* [n_epsilons] */
    const double *distance_max;              /* [n_epsilons] in its norm */
    const double *pixel_min, *pixel_max;     /* [n_epsilons] */
    const uint64_t *n_zero_gradient;         /* [n_epsilons] */
    const uint64_t *n_between;               /* [n_epsilons], or NULL */
    const uint8_t *prediction;               /* [n_epsilons][n_samples] */
    const uint32_t *n_backward, *n_forward;  /* likewise, or NULL */
    const double *loss_change;               /* [n_samples], or NULL */
    const uint8_t *label, *clean_prediction; /* [n_samples] at least */
    const double *worst_case; /* [n_epsilons], of check_over_norm; NULL: not
                                 known, then that check is not applicable */
    double twin_accuracy; /* of the undefended twin under the same attack at the
                             largest epsilon; NaN if there is none */
};

/* The verdict on a figure by its row's thresholds; NaN is not applicable. */
struct check_result check_judge(enum check check, double figure);

/* All checks of the curve at index `i` among all curves of one network; those
 * without samples are none. */
void check_curve(const struct check_cell *cell,
                 const struct check_curve *curves, size_t n_curves, size_t i,
                 struct check_result results[CHECK_N]);

/* What several attacks on one network leave at an epsilon of one of them. */
struct check_together {
    size_t n;               /* attacks that were run at that epsilon */
    double worst;           /* accuracy if a sample counts as correct only where
                               it withstands all: mean of the minimum */
    double lowest, highest; /* of their accuracies */
};

/* At curve `i`'s e-th epsilon: all attacks of its norm; those that differ from
 * it in nothing but what they go back through, or by which rule. */
struct check_together check_over_norm(const struct check_curve *curves,
                                      size_t n_curves, size_t i, size_t e);
struct check_together check_over_surrogates(const struct check_curve *curves,
                                            size_t n_curves, size_t i,
                                            size_t e);

/* Whether two attacks differ in nothing but that. */
bool check_is_but_for_surrogate(const struct settings *a,
                                const struct settings *b);

#endif

/*
 * Checks of an attack's result: what must hold if the attack did its work,
 * computed from the predictions alone. A robustness curve is worth what its
 * checks say.
 *
 * Which checks there are, with rule and thresholds, is the table check_rows.
 * Every check gives one figure, the larger the worse; 0 is flawless.
 */
#ifndef CORE_CHECKS_H
#define CORE_CHECKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum check {
    CHECK_EPSILON_ZERO,  /* epsilon 0 gives the clean prediction */
    CHECK_MONOTONE,      /* success does not fall as epsilon grows */
    CHECK_ITERATIVE,     /* iterative at least as strong as single step: true
                            by construction of fgsm, bim and pgd, unless the
                            encoding or gates are random; then the verdict's
                            draws are not the attack's, and it is true on
                            average */
    CHECK_ZERO_GRADIENT, /* the gradient that the attack follows is there */
    CHECK_BALL_AND_BOX,  /* the perturbation is what was allowed */
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

struct check_result {
    enum check_verdict verdict;
    double figure; /* NaN where not applicable */
};

/* One attack's result on one network, as stored. The first n_samples of the
 * test split were attacked, at n_epsilons sizes in any order. */
struct check_curve {
    bool in_ball, gradient, single_step; /* see struct attack */
    size_t n_epsilons, n_samples;
    const double *epsilon, *accuracy;       /* [n_epsilons] */
    const double *distance_max;             /* [n_epsilons], L-infinity */
    const double *pixel_min, *pixel_max;    /* [n_epsilons] */
    const uint64_t *n_zero_gradient;        /* [n_epsilons] */
    const uint8_t *prediction;              /* [n_epsilons][n_samples] */
    const uint8_t *label, *clean_prediction; /* [n_samples] at least */
};

/* The verdict on a figure by its row's thresholds; NaN is not applicable. */
struct check_result check_judge(enum check check, double figure);

/* All checks of the curve at index `i` among all curves of one network. */
void check_curve(const struct check_curve *curves, size_t n_curves, size_t i,
                 struct check_result results[CHECK_N]);

#endif

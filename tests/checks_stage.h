/* Curves of attacks as they are stored, flawless until a test spoils them. */
#ifndef TESTS_CHECKS_STAGE_H
#define TESTS_CHECKS_STAGE_H

#include "core/checks.h"

enum { N_EPSILONS = 4, N_SAMPLES = 20 };

/* Of an attack on two classes, epsilons 0 to 3/4: at every larger one five
 * samples more are wrong, in the first steps of ten. */
struct fixture {
    struct arena arena;
    double epsilon[N_EPSILONS], accuracy[N_EPSILONS];
    double distance_max[N_EPSILONS];
    double pixel_min[N_EPSILONS], pixel_max[N_EPSILONS];
    uint64_t n_zero_gradient[N_EPSILONS], n_between[N_EPSILONS];
    uint8_t prediction[N_EPSILONS][N_SAMPLES];
    uint32_t n_forward[N_EPSILONS][N_SAMPLES];
    uint32_t n_backward[N_EPSILONS][N_SAMPLES];
    double loss_change[N_SAMPLES];
    uint8_t label[N_SAMPLES], clean_prediction[N_SAMPLES];
    struct settings settings;
    struct check_curve curve;
};

/* The kind with its defaults, and what `more` says: lines "key = value" (first
 * ones count). */
void fixture_open(struct fixture *at, const char *kind, const char *more);
void fixture_close(struct fixture *at);

/* All checks of the i-th of a few curves, with the worst case
 * that check_curve is to be told. */
enum { FIXTURE_CURVES = 10 };
void fixture_check(const struct check_cell *cell,
                   const struct check_curve *curves, size_t n, size_t i,
                   struct check_result results[CHECK_N]);

/* Of a network whose answers are not drawn: alone, and as first of two. */
struct check_result fixture_judge(const struct fixture *at, enum check check);
struct check_result fixture_judge_pair(const struct fixture *at,
                                       const struct fixture *other,
                                       enum check check);

void expect_result(struct check_result result, enum check_verdict verdict,
                   double figure);
void expect_nothing(struct check_result result);

#endif

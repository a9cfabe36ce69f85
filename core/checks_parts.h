/* Figures of checks; private to core/checks*.c. NaN: not applicable. */
#ifndef CORE_CHECKS_PARTS_H
#define CORE_CHECKS_PARTS_H

#include "core/checks.h"

/* A curve among all of one network. */
struct check_suite {
    const struct check_cell *cell;
    const struct check_curve *curves;
    size_t n_curves;
    const struct check_curve *curve;
};

/* Of the curve alone. */
double check_epsilon_zero(const struct check_suite *suite);
double check_monotone(const struct check_suite *suite);
double check_chance(const struct check_suite *suite);
double check_converged(const struct check_suite *suite);
double check_restarts(const struct check_suite *suite);
double check_zero_gradient(const struct check_suite *suite);
double check_draws(const struct check_suite *suite);
double check_silent_success(const struct check_suite *suite);
double check_ball_and_box(const struct check_suite *suite);
double check_twin(const struct check_suite *suite);
double check_parameters(const struct check_suite *suite);
double check_queries(const struct check_suite *suite);
double check_whole_gradient(const struct check_suite *suite);
double check_events(const struct check_suite *suite);
double check_stable_loss(const struct check_suite *suite);

/* Of the curve beside the others. */
double check_iterative(const struct check_suite *suite);
double check_black_box(const struct check_suite *suite);
double check_noise(const struct check_suite *suite);
double check_objectives(const struct check_suite *suite);
double check_worst(const struct check_suite *suite);
double check_targets(const struct check_suite *suite);
double check_gradient_free(const struct check_suite *suite);
double check_surrogates(const struct check_suite *suite);
double check_fixed_draws(const struct check_suite *suite);

/* Of settings: what the attack goes back through, and by which rule. */
extern const char check_surrogate_key[], check_rule_key[];

/* Whether the sample is misclassified at the curve's e-th epsilon. */
bool check_is_wrong(const struct check_curve *curve, size_t e, size_t i);

/* A parameter of the attack as a number, as text; if it has none, what is given
 * instead. */
double check_number(const struct check_curve *curve, const char *key,
                    double instead);
const char *check_text(const struct check_curve *curve, const char *key,
                       const char *instead);

/* Made on another network than it is judged on. */
bool check_is_transfer(const struct check_curve *curve);

/* Follows the network's own gradients within a ball. */
bool check_is_white_box(const struct check_curve *curve);

/* Whether the attacker's answers are drawn. */
bool check_is_drawn(const struct check_suite *suite,
                    const struct check_curve *curve);

#endif

/* Checks of one curve alone. */
#include "core/checks_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double check_epsilon_zero(const struct check_suite *suite)
{
    const struct check_curve *curve = suite->curve;
    double figure = NAN;
    for (size_t e = 0; e < curve->n_epsilons; e++) {
        if (curve->epsilon[e] != 0.0)
            continue;
        const uint8_t *row = curve->prediction + e * curve->n_samples;
        size_t n = 0;
        for (size_t i = 0; i < curve->n_samples; i++)
            n += row[i] != curve->clean_prediction[i];
        figure = fmax(figure, (double)n);
    }
    return figure;
}

/* True if the sample is wrong at some epsilon and right at a larger one. */
static bool is_won_back(const struct check_curve *curve, size_t i)
{
    double wrong_from = INFINITY, right_up_to = -INFINITY;
    for (size_t e = 0; e < curve->n_epsilons; e++) {
        if (check_is_wrong(curve, e, i))
            wrong_from = fmin(wrong_from, curve->epsilon[e]);
        else
            right_up_to = fmax(right_up_to, curve->epsilon[e]);
    }
    return right_up_to > wrong_from;
}

static bool was_right(const struct check_curve *curve, size_t i)
{
    return curve->clean_prediction[i] == curve->label[i];
}

/* Noise does not look for an error, so nothing makes it find one again; nor
 * does an attack that is made on another network. What is wrong without any
 * attack is no success of the attack: such a sample may turn right by being
 * perturbed. With a warm start, and where one perturbation serves all epsilons,
 * it is true by construction. */
double check_monotone(const struct check_suite *suite)
{
    const struct check_curve *curve = suite->curve;
    if (curve->attack->norm == NORM_NONE || curve->attack->blind ||
        check_is_transfer(curve) ||
        curve->attack->minimal || curve->n_epsilons < 2 ||
        curve->n_samples == 0 ||
        check_number(curve, "attack.warm_start", 0) != 0)
        return NAN;
    size_t n = 0;
    for (size_t i = 0; i < curve->n_samples; i++)
        n += was_right(curve, i) && is_won_back(curve, i);
    return (double)n / (double)curve->n_samples;
}

static size_t find_largest(const struct check_curve *curve)
{
    size_t largest = 0;
    for (size_t e = 1; e < curve->n_epsilons; e++)
        if (curve->epsilon[e] > curve->epsilon[largest])
            largest = e;
    return largest;
}

/* A ball of 0.25 holds another image of nearly every class: who is right beyond
 * it withstood something. Below it, more than a warning would be unjust. */
double check_chance(const struct check_suite *suite)
{
    const double long_axis = 0.25, most_of_short = 0.1;
    const struct check_curve *curve = suite->curve;
    if (!check_is_white_box(curve) || suite->cell->n_classes == 0)
        return NAN;
    double chance = 1.0 / (double)suite->cell->n_classes;
    size_t last = find_largest(curve);
    double excess = fmax(curve->accuracy[last] - chance, 0.0);
    return curve->epsilon[last] < long_axis ? fmin(excess, most_of_short)
                                            : excess;
}

/* steps --------------------------------------------------------------- */

/* The passes back of those that withstood all of the attack; 0 if there are
 * none, or if nobody leaves before its end. */
static uint32_t find_whole_way(const struct check_curve *curve, size_t e)
{
    uint32_t most = 0;
    const uint32_t *n_backward = curve->n_backward + e * curve->n_samples;
    for (size_t i = 0; i < curve->n_samples; i++)
        if (!check_is_wrong(curve, e, i) && n_backward[i] > most)
            most = n_backward[i];
    return most;
}

static bool lets_samples_go(const struct check_suite *suite)
{
    const struct check_curve *curve = suite->curve;
    return curve->n_backward && check_is_white_box(curve) &&
           !curve->attack->single_step && !curve->attack->minimal &&
           !check_is_drawn(suite, curve) &&
           check_number(curve, "attack.keep_going", 0) == 0 &&
           check_number(curve, "attack.warm_start", 0) == 0;
}

/* The largest share of samples, over epsilons, that were won after more than
 * `share` of the way. */
static double won_after(const struct check_suite *suite, double share)
{
    const struct check_curve *curve = suite->curve;
    double figure = NAN;
    for (size_t e = 0; e < curve->n_epsilons; e++) {
        double way = (double)find_whole_way(curve, e);
        if (curve->epsilon[e] == 0.0)
            continue;
        size_t n = 0;
        for (size_t i = 0; way > 0 && i < curve->n_samples; i++)
            n += check_is_wrong(curve, e, i) &&
                 curve->n_backward[e * curve->n_samples + i] > share * way;
        figure = fmax(figure, (double)n / (double)curve->n_samples);
    }
    return figure;
}

double check_converged(const struct check_suite *suite)
{
    return lets_samples_go(suite) ? won_after(suite, 0.5) : (double)NAN;
}

double check_restarts(const struct check_suite *suite)
{
    double n = check_number(suite->curve, "attack.n_restarts", 1);
    return lets_samples_go(suite) && n > 1 ? won_after(suite, 1 - 1 / n)
                                           : (double)NAN;
}

/* A sample that left early, and is right. */
double check_silent_success(const struct check_suite *suite)
{
    const struct check_curve *curve = suite->curve;
    if (!lets_samples_go(suite))
        return NAN;
    size_t n_silent = 0;
    for (size_t e = 0; e < curve->n_epsilons; e++) {
        uint32_t way = find_whole_way(curve, e);
        const uint32_t *n_backward = curve->n_backward + e * curve->n_samples;
        for (size_t i = 0; curve->epsilon[e] > 0 && i < curve->n_samples; i++)
            n_silent += !check_is_wrong(curve, e, i) && n_backward[i] < way;
    }
    return (double)n_silent;
}

/* Such a sample is not asked about at epsilons that double. */
static bool is_won_below(const struct check_curve *curve, size_t e, size_t i)
{
    for (size_t k = 0; k < curve->n_epsilons; k++)
        if (curve->epsilon[k] < curve->epsilon[e] &&
            check_is_wrong(curve, k, i))
            return true;
    return false;
}

double check_queries(const struct check_suite *suite)
{
    const struct check_curve *curve = suite->curve;
    if (!curve->n_forward || !curve->attack->gradient ||
        curve->attack->minimal ||
        check_number(curve, "attack.warm_start", 0) != 0)
        return NAN;
    size_t n_none = 0, n = curve->n_samples;
    bool doubles = check_number(curve, "attack.n_doublings", 0) > 0;
    for (size_t k = 0; k < curve->n_epsilons * n; k++)
        n_none += curve->epsilon[k / n] > 0 &&
                  (curve->n_forward[k] == 0 || curve->n_backward[k] == 0) &&
                  !(doubles && is_won_below(curve, k / n, k % n));
    return (double)n_none;
}

/* what is allowed ----------------------------------------------------- */

double check_zero_gradient(const struct check_suite *suite)
{
    const struct check_curve *curve = suite->curve;
    double figure = NAN;
    if (!curve->attack->gradient || curve->n_samples == 0)
        return figure;
    for (size_t e = 0; e < curve->n_epsilons; e++)
        figure = fmax(figure, (double)curve->n_zero_gradient[e] /
                                  (double)curve->n_samples);
    return figure;
}

/* How far the perturbations of one epsilon leave what is allowed. Images that
 * are not numbers show as extremes that are not finite. */
static double trespass(const struct check_curve *curve, size_t e)
{
    double low = curve->pixel_min[e], high = curve->pixel_max[e];
    double distance = curve->distance_max[e];
    if (!isfinite(low) || !isfinite(high) || !isfinite(distance))
        return INFINITY;
    double out = fmax(fmax(-low, high - 1.0), 0.0);
    return curve->attack->norm != NORM_NONE
               ? fmax(out, distance - curve->epsilon[e])
               : out;
}

double check_ball_and_box(const struct check_suite *suite)
{
    double figure = NAN;
    for (size_t e = 0; e < suite->curve->n_epsilons; e++)
        figure = fmax(figure, trespass(suite->curve, e));
    return figure;
}

double check_events(const struct check_suite *suite)
{
    const struct check_curve *curve = suite->curve;
    if (!suite->cell->events || !curve->n_between)
        return NAN;
    uint64_t most = 0;
    for (size_t e = 0; e < curve->n_epsilons; e++)
        most = curve->n_between[e] > most ? curve->n_between[e] : most;
    return (double)most;
}

/* how it was done ----------------------------------------------------- */

double check_draws(const struct check_suite *suite)
{
    const struct check_curve *curve = suite->curve;
    if (!curve->attack->gradient || !check_is_drawn(suite, curve))
        return NAN;
    return 1.0 / check_number(curve, "attack.n_draws", 1);
}

double check_twin(const struct check_suite *suite)
{
    return check_is_white_box(suite->curve) ? suite->curve->twin_accuracy
                                            : (double)NAN;
}

double check_parameters(const struct check_suite *suite)
{
    const struct kind *kind = &suite->curve->attack->kind;
    size_t n_missing = 0;
    for (size_t i = 0; i < kind->n_rows; i++) {
        char key[96] = "attack.";
        strncat(key, kind->rows[i].name, sizeof key - strlen(key) - 1);
        n_missing += !kind->rows[i].aside &&
                     !settings_get(suite->curve->settings, key);
    }
    return (double)n_missing;
}

double check_whole_gradient(const struct check_suite *suite)
{
    const struct check_curve *curve = suite->curve;
    if (!curve->attack->gradient)
        return NAN;
    return strcmp(check_text(curve, "attack_rule", "bptt"), "bptt") != 0;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median: a few samples on the brink have nearly no loss to compare to. */
double check_stable_loss(const struct check_suite *suite)
{
    const struct check_curve *curve = suite->curve;
    size_t n = curve->n_samples;
    if (!curve->loss_change || !check_is_white_box(curve))
        return NAN;
    struct arena arena = arena_open();
    double *sorted = ARENA_ARRAY(&arena, double, n);
    memcpy(sorted, curve->loss_change, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, compare);
    double median = sorted[n / 2];
    arena_close(&arena);
    return median;
}

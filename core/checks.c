#include "core/checks.h"

#include <math.h>

const char *const check_verdict_names[VERDICT_N] = {
    [VERDICT_PASS] = "pass",
    [VERDICT_WARN] = "warn",
    [VERDICT_FAIL] = "fail",
    [VERDICT_NOT_APPLICABLE] = "not_applicable",
};

/* A few samples may be won back by chance; more than that, and the attack
 * does not use the room it has. Distances are of float images: 1e-6 is sixteen
 * units in the last place near 1. */
const struct check_row check_rows[CHECK_N] = {
    [CHECK_EPSILON_ZERO] = {"epsilon_zero", "1",
        "at epsilon 0 every sample has its clean prediction",
        "samples predicted otherwise", 0, 0},
    [CHECK_MONOTONE] = {"monotone", "1",
        "a sample that is misclassified at one epsilon is so at every larger one",
        "share of samples that are won back at a larger epsilon", 0, 0.05},
    [CHECK_ITERATIVE] = {"iterative", "1",
        "an iterative attack leaves no more accuracy than a single-step one at the same epsilon "
        "(under a random encoding or random gates: but for chance)",
        "largest excess of accuracy over the single-step attack's", 0, 0.02},
    [CHECK_ZERO_GRADIENT] = {"zero_gradient", "1",
        "no sample's input gradient is exactly zero everywhere",
        "largest share of samples, over epsilons, without a gradient", 0, 0.1},
    [CHECK_BALL_AND_BOX] = {"ball_and_box", "1",
        "no perturbation exceeds epsilon (noise excepted), all pixels lie in [0, 1]",
        "largest excess, in units of pixels", 1e-6, 1e-6},
};

struct check_result check_judge(enum check check, double figure)
{
    const struct check_row *row = &check_rows[check];
    struct check_result result = {VERDICT_PASS, figure};
    if (isnan(figure))
        result.verdict = VERDICT_NOT_APPLICABLE;
    else if (figure > row->fail_above)
        result.verdict = VERDICT_FAIL;
    else if (figure > row->warn_above)
        result.verdict = VERDICT_WARN;
    return result;
}

static double epsilon_zero(const struct check_curve *curve)
{
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

static bool is_wrong(const struct check_curve *curve, size_t e, size_t i)
{
    return curve->prediction[e * curve->n_samples + i] != curve->label[i];
}

/* True if the sample is wrong at some epsilon and right at a larger one. */
static bool is_won_back(const struct check_curve *curve, size_t i)
{
    double wrong_from = INFINITY, right_up_to = -INFINITY;
    for (size_t e = 0; e < curve->n_epsilons; e++) {
        if (is_wrong(curve, e, i))
            wrong_from = fmin(wrong_from, curve->epsilon[e]);
        else
            right_up_to = fmax(right_up_to, curve->epsilon[e]);
    }
    return right_up_to > wrong_from;
}

/* Noise does not look for an error, so nothing makes it find one again. What
 * is wrong without any attack is no success of the attack: such a sample may
 * turn right by being perturbed. */
static double monotone(const struct check_curve *curve)
{
    if (!curve->gradient || curve->n_epsilons < 2 || curve->n_samples == 0)
        return NAN;
    size_t n = 0;
    for (size_t i = 0; i < curve->n_samples; i++)
        n += curve->clean_prediction[i] == curve->label[i] &&
             is_won_back(curve, i);
    return (double)n / (double)curve->n_samples;
}

/* The subtraction's rounding must not lift 0.62 - 0.6 above a threshold of
 * 0.02. */
static double difference(double a, double b)
{
    return round((a - b) * 1e12) / 1e12;
}

/* The largest excess of accuracy over a single-step curve, where both have
 * the same epsilon and samples. */
static double excess(const struct check_curve *curve,
                     const struct check_curve *single)
{
    double figure = NAN;
    if (curve->n_samples != single->n_samples)
        return figure;
    for (size_t a = 0; a < curve->n_epsilons; a++)
        for (size_t b = 0; b < single->n_epsilons; b++)
            if (curve->epsilon[a] == single->epsilon[b])
                figure = fmax(figure, fmax(difference(curve->accuracy[a],
                                                      single->accuracy[b]),
                                           0.0));
    return figure;
}

static bool is_comparable(const struct check_curve *curve)
{
    return curve->in_ball && curve->gradient;
}

static double iterative(const struct check_curve *curves, size_t n_curves,
                        const struct check_curve *curve)
{
    double figure = NAN;
    if (!is_comparable(curve) || curve->single_step)
        return figure;
    for (size_t i = 0; i < n_curves; i++)
        if (is_comparable(&curves[i]) && curves[i].single_step)
            figure = fmax(figure, excess(curve, &curves[i]));
    return figure;
}

static double zero_gradient(const struct check_curve *curve)
{
    double figure = NAN;
    if (!curve->gradient || curve->n_samples == 0)
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
    return curve->in_ball ? fmax(out, distance - curve->epsilon[e]) : out;
}

static double ball_and_box(const struct check_curve *curve)
{
    double figure = NAN;
    for (size_t e = 0; e < curve->n_epsilons; e++)
        figure = fmax(figure, trespass(curve, e));
    return figure;
}

void check_curve(const struct check_curve *curves, size_t n_curves, size_t i,
                 struct check_result results[CHECK_N])
{
    const struct check_curve *curve = &curves[i];
    const double figures[CHECK_N] = {
        [CHECK_EPSILON_ZERO] = epsilon_zero(curve),
        [CHECK_MONOTONE] = monotone(curve),
        [CHECK_ITERATIVE] = iterative(curves, n_curves, curve),
        [CHECK_ZERO_GRADIENT] = zero_gradient(curve),
        [CHECK_BALL_AND_BOX] = ball_and_box(curve),
    };
    for (int check = 0; check < CHECK_N; check++)
        results[check] = check_judge((enum check)check, figures[check]);
}

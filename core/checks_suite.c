/* Checks of a curve beside the others of the same network. */
#include "core/checks_parts.h"

#include <math.h>
#include <string.h>

/* The subtraction's rounding must not lift 0.62 - 0.6 above a threshold of
 * 0.02. */
static double difference(double a, double b)
{
    return round((a - b) * 1e12) / 1e12;
}

/* `measure` of two epsilons that are equal, of curves of the same samples; the
 * largest of all. */
static double largest(const struct check_curve *curve,
                      const struct check_curve *other,
                      double (*measure)(const struct check_curve *curve,
                                        size_t e,
                                        const struct check_curve *other,
                                        size_t at))
{
    double figure = NAN;
    if (curve == other || curve->n_samples != other->n_samples)
        return figure;
    for (size_t a = 0; a < curve->n_epsilons; a++)
        for (size_t b = 0; b < other->n_epsilons; b++)
            if (curve->epsilon[a] == other->epsilon[b])
                figure = fmax(figure, measure(curve, a, other, b));
    return figure;
}

/* The largest of all others that are `like` the curve. */
static double
largest_of(const struct check_suite *suite,
           bool (*like)(const struct check_suite *suite,
                        const struct check_curve *other),
           double (*measure)(const struct check_curve *curve, size_t e,
                             const struct check_curve *other, size_t at))
{
    double figure = NAN;
    for (size_t i = 0; i < suite->n_curves; i++) {
        const struct check_curve *other = &suite->curves[i];
        if (other->n_samples > 0 && other != suite->curve &&
            like(suite, other))
            figure = fmax(figure, largest(suite->curve, other, measure));
    }
    return figure;
}

static double excess(const struct check_curve *curve, size_t e,
                     const struct check_curve *other, size_t at)
{
    return fmax(difference(curve->accuracy[e], other->accuracy[at]), 0.0);
}

/* The share of samples that only the other wins, of those that both attack. */
static double lead(const struct check_curve *curve, size_t e,
                   const struct check_curve *other, size_t at)
{
    size_t n = 0;
    for (size_t i = 0; i < curve->n_samples; i++)
        n += !check_is_wrong(curve, e, i) && check_is_wrong(other, at, i);
    return (double)n / (double)curve->n_samples;
}

static bool same_norm(const struct check_suite *suite,
                      const struct check_curve *other)
{
    return suite->curve->attack->norm == other->attack->norm;
}

/* ways back ----------------------------------------------------------- */

const char check_surrogate_key[] = "attack_surrogate";
const char check_rule_key[] = "attack_rule";

/* Whether two attacks agree on an axis; one that does not say a row is of a
 * program that had none. */
static bool same_on(const char *axis, const char *fallback,
                    const struct check_curve *a, const struct check_curve *b)
{
    size_t n = strlen(axis);
    if (strcmp(check_text(a, axis, fallback), check_text(b, axis, fallback)))
        return false;
    for (size_t i = 0; i < a->settings->n; i++) {
        const struct setting *setting = &a->settings->at[i];
        bool is_row = !strncmp(setting->key, axis, n) && setting->key[n] == '.';
        if (is_row &&
            strcmp(check_text(b, setting->key, setting->value), setting->value))
            return false;
    }
    return true;
}

static bool same_surrogate(const struct check_curve *a,
                           const struct check_curve *b)
{
    return same_on(check_surrogate_key, "own", a, b);
}

/* An attack that takes another way, or knows what others have to average over,
 * may be better for that; among white boxes the source is the same. */
static bool is_likewise(const struct check_suite *suite,
                        const struct check_curve *other)
{
    const struct check_curve *curve = suite->curve;
    return check_is_white_box(other) && same_surrogate(curve, other) &&
           same_on(check_rule_key, "bptt", curve, other) &&
           check_is_drawn(suite, curve) == check_is_drawn(suite, other);
}

/* what is at least as strong ------------------------------------------ */

/* From the clean image: a step from a random place, as RFGSM's, is no
 * candidate of an iterative attack, and may win by chance. */
static bool is_single_step(const struct check_suite *suite,
                           const struct check_curve *other)
{
    return same_norm(suite, other) && is_likewise(suite, other) &&
           other->attack->single_step && other->attack->deterministic;
}

double check_iterative(const struct check_suite *suite)
{
    if (!check_is_white_box(suite->curve) || suite->curve->attack->single_step)
        return NAN;
    return largest_of(suite, is_single_step, excess);
}

/* Without gradients of the network under attack. */
static bool is_black_box(const struct check_suite *suite,
                         const struct check_curve *other)
{
    return same_norm(suite, other) &&
           (!other->attack->gradient || check_is_transfer(other));
}

double check_black_box(const struct check_suite *suite)
{
    if (!check_is_white_box(suite->curve) || suite->curve->attack->single_step)
        return NAN;
    return largest_of(suite, is_black_box, lead);
}

static bool is_noise(const struct check_suite *suite,
                     const struct check_curve *other)
{
    const char *name = other->attack->kind.name;
    return suite->curve->attack->norm == NORM_LINF &&
           (!strcmp(name, "gaussian") || !strcmp(name, "uniform"));
}

double check_noise(const struct check_suite *suite)
{
    if (!check_is_white_box(suite->curve))
        return NAN;
    return largest_of(suite, is_noise, excess);
}

static bool has_other_objective(const struct check_suite *suite,
                                const struct check_curve *other)
{
    const struct check_curve *curve = suite->curve;
    return curve->attack == other->attack && is_likewise(suite, other) &&
           strcmp(check_text(curve, "attack.objective", ""),
                  check_text(other, "attack.objective", "")) != 0;
}

double check_objectives(const struct check_suite *suite)
{
    if (!check_is_white_box(suite->curve))
        return NAN;
    return largest_of(suite, has_other_objective, excess);
}

/* the worst case ------------------------------------------------------ */

double check_worst(const struct check_suite *suite)
{
    const struct check_curve *curve = suite->curve;
    double figure = NAN;
    if (!check_is_white_box(curve) || !curve->worst_case)
        return figure;
    for (size_t e = 0; e < curve->n_epsilons; e++)
        figure = fmax(figure, difference(curve->accuracy[e],
                                         curve->worst_case[e]));
    return figure;
}

/* what is there ------------------------------------------------------- */

static size_t count_curves(const struct check_suite *suite,
                           bool (*like)(const struct check_suite *suite,
                                        const struct check_curve *other))
{
    size_t n = 0;
    for (size_t i = 0; i < suite->n_curves; i++)
        n += suite->curves[i].n_samples > 0 && like(suite, &suite->curves[i]);
    return n;
}

static bool is_targeted(const struct check_suite *suite,
                        const struct check_curve *other)
{
    return same_norm(suite, other) && check_is_white_box(other) &&
           check_number(other, "attack.n_targets", 0) > 0;
}

static bool is_untargeted(const struct check_suite *suite,
                          const struct check_curve *other)
{
    return same_norm(suite, other) && check_is_white_box(other) &&
           check_number(other, "attack.n_targets", 0) == 0;
}

static bool has_objective(const struct check_suite *suite,
                          const struct check_curve *other)
{
    return same_norm(suite, other) && !check_is_transfer(other) &&
           strcmp(check_text(suite->curve, "attack.objective", "ce"),
                  check_text(other, "attack.objective", "ce")) != 0;
}

double check_targets(const struct check_suite *suite)
{
    if (!check_is_white_box(suite->curve))
        return NAN;
    return (count_curves(suite, is_targeted) == 0) +
           (count_curves(suite, is_untargeted) == 0) +
           (count_curves(suite, has_objective) == 0);
}

static bool is_gradient_free(const struct check_suite *suite,
                             const struct check_curve *other)
{
    return same_norm(suite, other) && !other->attack->gradient &&
           !other->attack->blind && !check_is_transfer(other);
}

double check_gradient_free(const struct check_suite *suite)
{
    if (!check_is_white_box(suite->curve))
        return NAN;
    return count_curves(suite, is_gradient_free) == 0;
}

/* surrogates ---------------------------------------------------------- */

static bool is_own(const struct check_curve *curve)
{
    return !strcmp(check_text(curve, check_surrogate_key, "own"), "own") &&
           check_number(curve, "attack_surrogate.scale", 1) == 1;
}

static bool is_adaptive(const struct check_suite *suite,
                        const struct check_curve *other)
{
    return same_norm(suite, other) && check_is_white_box(other) &&
           !strcmp(check_text(other, check_surrogate_key, "own"), "assg");
}

/* The first of its surrogate, which is not the network's own and does not
 * adapt. */
static bool is_another(const struct check_suite *suite,
                       const struct check_curve *other)
{
    if (!same_norm(suite, other) || !check_is_white_box(other) ||
        is_own(other) || is_adaptive(suite, other))
        return false;
    for (const struct check_curve *before = suite->curves; before < other;
         before++)
        if (before->n_samples > 0 && same_norm(suite, before) &&
            check_is_white_box(before) && same_surrogate(other, before))
            return false;
    return true;
}

double check_surrogates(const struct check_suite *suite)
{
    if (!check_is_white_box(suite->curve))
        return NAN;
    size_t n_others = count_curves(suite, is_another);
    double n_missing = n_others < 3 ? (double)(3 - n_others) : 0;
    return n_missing + (count_curves(suite, is_adaptive) == 0);
}

/* draws --------------------------------------------------------------- */

static bool knows_draws(const struct check_suite *suite,
                        const struct check_curve *other)
{
    return check_is_white_box(other) && !check_is_drawn(suite, other);
}

static bool averages_draws(const struct check_suite *suite,
                           const struct check_curve *other)
{
    return check_is_white_box(other) && check_is_drawn(suite, other) &&
           check_number(other, "attack.n_draws", 1) > 1;
}

double check_fixed_draws(const struct check_suite *suite)
{
    if (!suite->cell->random || !check_is_white_box(suite->curve))
        return NAN;
    return (count_curves(suite, knows_draws) == 0) +
           (count_curves(suite, averages_draws) == 0);
}

#include "core/attack_source.h"
#include "core/checks.h"
#include "core/checks_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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
    [CHECK_CHANCE] = {"chance", "1",
        "the largest epsilon leaves no more than chance (where it is below 0.25, a longer axis "
        "would tell)",
        "excess of accuracy over chance at the largest epsilon; where that is below 0.25, at most "
        "0.1", 0.02, 0.1},
    [CHECK_ITERATIVE] = {"iterative", "1",
        "an iterative attack leaves no more accuracy than one step from the clean image, by the "
        "same way back, at the same epsilon (under a random encoding or random gates: but for "
        "chance)",
        "largest excess of accuracy over the single step's", 0, 0.02},
    [CHECK_BLACK_BOX] = {"black_box", "1",
        "what falls to an attack without gradients of the network (one that takes none, or another "
        "network's), falls to one with them",
        "largest share of samples, over epsilons, that only the former wins", 0.01, 0.05},
    [CHECK_NOISE] = {"noise", "1",
        "an attack leaves less accuracy than noise of the same epsilon",
        "largest excess of accuracy over that under noise", 0, 0.02},
    [CHECK_CONVERGED] = {"converged", "1",
        "the second half of an iterative attack's steps wins few samples more",
        "largest share of samples, over epsilons, that are won there", 0.02, 0.1},
    [CHECK_RESTARTS] = {"restarts", "1",
        "the last of several restarts wins few samples more",
        "largest share of samples, over epsilons, that are won there", 0.01, 0.05},
    [CHECK_ZERO_GRADIENT] = {"zero_gradient", "1",
        "no sample's input gradient is zero, or no number, everywhere",
        "largest share of samples, over epsilons, without a gradient", 0, 0.1},
    [CHECK_DRAWS] = {"draws", "1",
        "where the network's answers are drawn, the attack averages at least 5 draws",
        "1 over the number of draws", 0.2, 0.5},
    [CHECK_OBJECTIVES] = {"objectives", "1",
        "the same attack, by the same way back, on another objective does not do better",
        "largest excess of accuracy over that of the other objective", 0.02, 0.1},
    [CHECK_SILENT_SUCCESS] = {"silent_success", "1",
        "a sample that left the attack as misclassified is misclassified",
        "samples that are not", 0, 0},
    [CHECK_BALL_AND_BOX] = {"ball_and_box", "1",
        "no perturbation exceeds epsilon (noise excepted), all pixels lie in [0, 1]",
        "largest excess, in units of pixels", 1e-6, 1e-6},
    [CHECK_WORST_CASE] = {"worst_case", "1",
        "the worst case over attacks is taken sample by sample: the attack alone says nearly as "
        "much as all attacks of its norm",
        "largest gap between its accuracy and the worst case, over epsilons", 0.05, CHECK_NEVER},
    [CHECK_TWIN] = {"twin", "1",
        "the undefended network of the same seed falls to the same attack at the largest epsilon",
        "its accuracy there", 0.1, 0.5},
    [CHECK_PARAMETERS] = {"parameters", "1", "all parameters of the attack are stored",
        "parameters that are not", 0, 0},
    [CHECK_TARGETS] = {"targets", "1",
        "attacks away from the label and towards others are there, and of two objectives",
        "of these three, how many are missing", 0, CHECK_NEVER},
    [CHECK_GRADIENT_FREE] = {"gradient_free", "1",
        "an attack in the same ball that needs no gradient is there",
        "1 if not", 0, CHECK_NEVER},
    [CHECK_QUERIES] = {"queries", "1", "forward and backward passes are counted of each sample",
        "samples without any, above epsilon 0", 0, 0},
    [CHECK_SURROGATES] = {"surrogates", "1",
        "the attack was also run with three other surrogates and an adaptive one",
        "of these four, how many are missing", 0, CHECK_NEVER},
    [CHECK_FIXED_DRAWS] = {"fixed_draws", "1",
        "where answers are drawn, an attack that averages draws and one that knows them are there",
        "of these two, how many are missing", 0, CHECK_NEVER},
    [CHECK_WHOLE_GRADIENT] = {"whole_gradient", "1",
        "the attack's gradient is that through all time steps and the encoding",
        "1 if its rule is another", 0, CHECK_NEVER},
    [CHECK_EVENTS] = {"events", "1", "frames of events stay frames of events",
        "entries, at the worst epsilon, that are no longer 0 or 1", 0, 0},
    [CHECK_STABLE_LOSS] = {"stable_loss", "1",
        "noise of at most 1/255 changes the attacked samples' loss little",
        "median over samples of the relative change", 0.5, CHECK_NEVER},
};

static double (*const finders[CHECK_N])(const struct check_suite *suite) = {
    [CHECK_EPSILON_ZERO] = check_epsilon_zero,
    [CHECK_MONOTONE] = check_monotone,
    [CHECK_CHANCE] = check_chance,
    [CHECK_ITERATIVE] = check_iterative,
    [CHECK_BLACK_BOX] = check_black_box,
    [CHECK_NOISE] = check_noise,
    [CHECK_CONVERGED] = check_converged,
    [CHECK_RESTARTS] = check_restarts,
    [CHECK_ZERO_GRADIENT] = check_zero_gradient,
    [CHECK_DRAWS] = check_draws,
    [CHECK_OBJECTIVES] = check_objectives,
    [CHECK_SILENT_SUCCESS] = check_silent_success,
    [CHECK_BALL_AND_BOX] = check_ball_and_box,
    [CHECK_WORST_CASE] = check_worst,
    [CHECK_TWIN] = check_twin,
    [CHECK_PARAMETERS] = check_parameters,
    [CHECK_TARGETS] = check_targets,
    [CHECK_GRADIENT_FREE] = check_gradient_free,
    [CHECK_QUERIES] = check_queries,
    [CHECK_SURROGATES] = check_surrogates,
    [CHECK_FIXED_DRAWS] = check_fixed_draws,
    [CHECK_WHOLE_GRADIENT] = check_whole_gradient,
    [CHECK_EVENTS] = check_events,
    [CHECK_STABLE_LOSS] = check_stable_loss,
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

void check_curve(const struct check_cell *cell,
                 const struct check_curve *curves, size_t n_curves, size_t i,
                 struct check_result results[CHECK_N])
{
    struct check_suite suite = {cell, curves, n_curves, &curves[i]};
    for (int check = 0; check < CHECK_N; check++)
        results[check] =
            check_judge((enum check)check, finders[check](&suite));
}

/* what checks share --------------------------------------------------- */

bool check_is_wrong(const struct check_curve *curve, size_t e, size_t i)
{
    return curve->prediction[e * curve->n_samples + i] != curve->label[i];
}

const char *check_text(const struct check_curve *curve, const char *key,
                       const char *instead)
{
    const char *text = settings_get(curve->settings, key);
    return text ? text : instead;
}

double check_number(const struct check_curve *curve, const char *key,
                    double instead)
{
    const char *text = settings_get(curve->settings, key);
    return !text                    ? instead
           : strcmp(text, "true")   ? strtod(text, NULL)
                                    : 1;
}

bool check_is_transfer(const struct check_curve *curve)
{
    const char *own = attack_source_axis.fallback;
    return strcmp(check_text(curve, attack_source_axis.name, own), own) != 0;
}

bool check_is_white_box(const struct check_curve *curve)
{
    return curve->attack->norm != NORM_NONE && curve->attack->gradient &&
           !check_is_transfer(curve);
}

bool check_is_drawn(const struct check_suite *suite,
                    const struct check_curve *curve)
{
    return suite->cell->random &&
           check_number(curve, "attack.fixed_draw", 0) == 0;
}

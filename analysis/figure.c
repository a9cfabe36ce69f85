#include "analysis/figure.h"
#include "analysis/columns.h"

#include <math.h>
#include <string.h>

const struct figure_row figure_rows[QUANTITY_N] = {
    [QUANTITY_CLEAN] = {"clean", "1", "accuracy on clean test samples",
        OF_TRIAL, FORM_PERCENT, BETTER_LARGER},
    [QUANTITY_ATTACK] = {"accuracy", "1", "accuracy under an attack at an epsilon",
        OF_EPSILON, FORM_PERCENT, BETTER_LARGER},
    [QUANTITY_WORST] = {"worst", "1",
        "accuracy where a sample counts only if it withstands all attacks in that norm",
        OF_EPSILON, FORM_PERCENT, BETTER_LARGER},
    [QUANTITY_SURROGATE_WORST] = {"surrogate_worst", "1",
        "accuracy where a sample counts only if it withstands the attack through every surrogate "
        "it was run through", OF_EPSILON, FORM_PERCENT, BETTER_LARGER},
    [QUANTITY_SURROGATE_SPREAD] = {"spread", "1",
        "largest less smallest accuracy over the surrogates that the attack was run through",
        OF_EPSILON, FORM_PERCENT, BETTER_SMALLER},
    [QUANTITY_MEAN] = {"mean", "1", "mean accuracy under an attack over its epsilons above 0",
        OF_ATTACK, FORM_PERCENT, BETTER_LARGER},
    [QUANTITY_OMEGA] = {"omega", "1",
        "share of U - V_th within the surrogate's range if it were normal; mean over layers and "
        "steps", OF_TRIAL, FORM_SHARE, BETTER_NEITHER},
    [QUANTITY_INSIDE] = {"inside", "1", "that share as measured", OF_TRIAL, FORM_SHARE,
        BETTER_NEITHER},
    [QUANTITY_RATE] = {"firing_rate", "1",
        "spikes per neuron and step; mean over layers and steps", OF_TRIAL, FORM_SHARE,
        BETTER_SMALLER},
    [QUANTITY_GAMMA] = {"gamma", "1", "half width of the surrogate's range", OF_TRIAL, FORM_SHARE,
        BETTER_NEITHER},
    [QUANTITY_LOSS] = {"clean_loss", "1", "mean loss on clean test samples", OF_TRIAL, FORM_REAL,
        BETTER_SMALLER},
    [QUANTITY_PARAMETERS] = {"n_parameters", "1", "trained numbers of the network", OF_TRIAL,
        FORM_COUNT, BETTER_SMALLER},
    [QUANTITY_WALL_TIME] = {"wall_time", "s", "time that the training took",
        OF_TRIAL, FORM_SECONDS, BETTER_SMALLER},
    [QUANTITY_CPU_TIME] = {"cpu_time", "s", "processor time of the training",
        OF_TRIAL, FORM_SECONDS, BETTER_SMALLER},
    [QUANTITY_MEMORY] = {"peak_memory", "B", "most memory that the training held", OF_TRIAL,
        FORM_BYTES, BETTER_SMALLER},
    [QUANTITY_ATTEMPTS] = {"attempts", "1", "number of the training's attempt that counts",
        OF_TRIAL, FORM_COUNT, BETTER_SMALLER},
    [QUANTITY_ATTACK_TIME] = {"attack_time", "s", "time that the attack took", OF_ATTACK,
        FORM_SECONDS, BETTER_SMALLER},
    [QUANTITY_ATTACK_CPU] = {"attack_cpu_time", "s", "processor time of the attack", OF_ATTACK,
        FORM_SECONDS, BETTER_SMALLER},
    [QUANTITY_SAMPLES] = {"n_samples", "1", "samples that were attacked", OF_ATTACK, FORM_COUNT,
        BETTER_NEITHER},
    [QUANTITY_CHECK] = {"check", "1", "what a check of the attack has measured", OF_ATTACK,
        FORM_SHARE, BETTER_SMALLER},
};

/* values -------------------------------------------------------------- */

static double mean_accuracy(const struct results *results, size_t trial,
                            size_t attack)
{
    double sum = 0;
    size_t n = 0;
    for (size_t e = 0; e < results->n_epsilons; e++) {
        double accuracy = results_accuracy(results, trial, attack, e);
        if (results->epsilons[e] <= 0 || isnan(accuracy))
            continue;
        sum += accuracy;
        n++;
    }
    return n ? sum / (double)n : (double)NAN;
}

static double value_of_trial(const struct result_trial *trial,
                             enum quantity quantity)
{
    switch (quantity) {
    case QUANTITY_CLEAN:
        return trial->clean_accuracy;
    case QUANTITY_OMEGA:
        return trial->omega;
    case QUANTITY_INSIDE:
        return trial->inside;
    case QUANTITY_RATE:
        return trial->firing_rate;
    case QUANTITY_GAMMA:
        return trial->gamma;
    case QUANTITY_LOSS:
        return trial->clean_loss;
    case QUANTITY_PARAMETERS:
        return trial->n_parameters;
    case QUANTITY_WALL_TIME:
        return trial->wall_s;
    case QUANTITY_CPU_TIME:
        return trial->cpu_s;
    case QUANTITY_MEMORY:
        return trial->peak_bytes;
    case QUANTITY_ATTEMPTS:
        return trial->attempts;
    default:
        return NAN;
    }
}

static double value_of_attack(const struct results *results,
                              const struct figure *figure, size_t trial)
{
    const struct result_evaluation *evaluation =
        results_evaluation(results, trial, figure->attack);
    switch (figure->quantity) {
    case QUANTITY_MEAN:
        return mean_accuracy(results, trial, figure->attack);
    case QUANTITY_ATTACK_TIME:
        return evaluation->wall_s;
    case QUANTITY_ATTACK_CPU:
        return evaluation->cpu_s;
    case QUANTITY_SAMPLES:
        return evaluation->n_samples;
    case QUANTITY_CHECK:
        return results_figure(results, trial, figure->attack, figure->epsilon);
    default:
        return NAN;
    }
}

static double value_at_epsilon(const struct results *results,
                               const struct figure *figure, size_t trial)
{
    size_t attack = figure->attack, epsilon = figure->epsilon;
    switch (figure->quantity) {
    case QUANTITY_ATTACK:
        return results_accuracy(results, trial, attack, epsilon);
    case QUANTITY_WORST:
        return results_worst_case(results, trial, attack, epsilon);
    case QUANTITY_SURROGATE_WORST:
        return results_surrogates(results, trial, attack, epsilon).worst;
    case QUANTITY_SURROGATE_SPREAD:
        return results_surrogates(results, trial, attack, epsilon).spread;
    default:
        return NAN;
    }
}

double figure_value(const struct results *results, const struct figure *figure,
                    size_t trial)
{
    const struct result_trial *row = &results->trials[trial];
    if (!strcmp(row->state, "diverged"))
        return NAN;
    switch (figure_rows[figure->quantity].scope) {
    case OF_TRIAL:
        return value_of_trial(row, figure->quantity);
    case OF_ATTACK:
        return value_of_attack(results, figure, trial);
    case OF_EPSILON:
        return value_at_epsilon(results, figure, trial);
    }
    return NAN;
}

/* words --------------------------------------------------------------- */

/* What stands before the attack's name. */
static const char *prefix_of(const struct results *results,
                             const struct figure *figure, struct arena *arena)
{
    switch (figure->quantity) {
    case QUANTITY_ATTACK:
    case QUANTITY_MEAN:
        return "";
    case QUANTITY_CHECK:
        return arena_print(arena, "%s:", results->checks[figure->epsilon].name);
    default:
        return arena_print(arena, "%s:", figure_rows[figure->quantity].name);
    }
}

const char *figure_name(const struct results *results,
                        const struct figure *figure, struct arena *arena)
{
    const struct figure_row *row = &figure_rows[figure->quantity];
    if (row->scope == OF_TRIAL)
        return row->name;
    const char *prefix = prefix_of(results, figure, arena);
    const char *attack = results->attacks[figure->attack].name;
    if (row->scope == OF_ATTACK)
        return arena_print(arena, "%s%s", prefix, attack);
    return arena_print(
        arena, "%s%s@%s", prefix, attack,
        column_print_epsilon(results->epsilons[figure->epsilon], arena));
}

const char *figure_doc(const struct results *results,
                       const struct figure *figure, struct arena *arena)
{
    const struct figure_row *row = &figure_rows[figure->quantity];
    if (row->scope == OF_TRIAL)
        return row->doc;
    const char *attack = results->attacks[figure->attack].name;
    if (figure->quantity == QUANTITY_CHECK)
        return arena_print(arena, "%s: %s",
                           attack, results->checks[figure->epsilon].meaning);
    return arena_print(arena, "%s: %s", attack, row->doc);
}

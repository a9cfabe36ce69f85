#include "analysis/columns.h"

#include <math.h>
#include <string.h>

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

double column_value(const struct results *results, const struct column *column,
                    size_t trial)
{
    const struct result_trial *row = &results->trials[trial];
    if (!strcmp(row->state, "diverged"))
        return NAN;
    switch (column->quantity) {
    case QUANTITY_CLEAN:
        return row->clean_accuracy;
    case QUANTITY_ATTACK:
        return results_accuracy(results, trial, column->attack,
                                column->epsilon);
    case QUANTITY_WORST:
        return results_worst_case(results, trial, column->attack,
                                  column->epsilon);
    case QUANTITY_SURROGATE_WORST:
        return results_surrogates(results, trial, column->attack,
                                  column->epsilon).worst;
    case QUANTITY_SURROGATE_SPREAD:
        return results_surrogates(results, trial, column->attack,
                                  column->epsilon).spread;
    case QUANTITY_MEAN:
        return mean_accuracy(results, trial, column->attack);
    case QUANTITY_OMEGA:
        return row->omega;
    case QUANTITY_INSIDE:
        return row->inside;
    case QUANTITY_RATE:
        return row->firing_rate;
    }
    return NAN;
}

/* text ---------------------------------------------------------------- */

const char *column_print_epsilon(double epsilon, struct arena *arena)
{
    double levels = epsilon * 255;
    if (fabs(levels - round(levels)) < 1e-6 && levels > 0.5)
        return arena_print(arena, "%.0f/255", levels);
    return arena_print(arena, "%.3g", epsilon);
}

const char *column_heading(const struct results *results,
                           const struct column *column, struct arena *arena)
{
    switch (column->quantity) {
    case QUANTITY_CLEAN:
        return "clean";
    case QUANTITY_ATTACK:
    case QUANTITY_WORST:
    case QUANTITY_SURROGATE_WORST:
    case QUANTITY_SURROGATE_SPREAD:
        return column_print_epsilon(results->epsilons[column->epsilon], arena);
    case QUANTITY_MEAN:
        return "mean";
    case QUANTITY_OMEGA:
        return "Omega";
    case QUANTITY_INSIDE:
        return "inside";
    case QUANTITY_RATE:
        return "rate";
    }
    return "";
}

/* A difference that rounds to nothing has no sign. */
const char *column_print(const struct column *column, double value,
                         bool is_difference, struct arena *arena)
{
    bool is_share = column->quantity == QUANTITY_OMEGA ||
                    column->quantity == QUANTITY_INSIDE ||
                    column->quantity == QUANTITY_RATE;
    int n_decimals = is_share ? 3 : 1;
    double unit = is_share ? 1e-3 : 1e-1;
    if (isnan(value))
        return "-";
    value = is_share ? value : 100 * value;
    if (fabs(value) < unit / 2)
        return arena_print(arena, "%.*f", n_decimals, 0.0);
    return arena_print(arena, is_difference ? "%+.*f" : "%.*f", n_decimals,
                       value);
}

/* epsilons ------------------------------------------------------------ */

static bool was_run(const struct results *results, size_t attack,
                    size_t epsilon)
{
    for (size_t i = 0; i < results->n_trials; i++)
        if (!isnan(results_accuracy(results, i, attack, epsilon)))
            return true;
    return false;
}

struct indices columns_epsilons(const struct results *results, size_t attack,
                                struct arena *arena)
{
    size_t *at = ARENA_ARRAY(arena, size_t, results->n_epsilons + 1), n = 0;
    for (size_t e = 0; e < results->n_epsilons; e++)
        if (results->epsilons[e] > 0 && was_run(results, attack, e))
            at[n++] = e;
    return (struct indices){n, at};
}

struct indices columns_spread_out(struct indices all, size_t k,
                                  struct arena *arena)
{
    if (k >= all.n)
        return all;
    size_t *at = ARENA_ARRAY(arena, size_t, k + 1);
    for (size_t i = 0; i < k; i++)
        at[i] = all.at[((i + 1) * all.n + k / 2) / k - 1];
    return (struct indices){k, at};
}

/* statistics ---------------------------------------------------------- */

/* Sums of what was added so far; `shift`, the first value, keeps the squares
 * small. */
struct tally {
    struct spread spread;
    double shift, sum, squares;
};

static void add(struct tally *tally, double value)
{
    struct spread *spread = &tally->spread;
    if (isnan(value))
        return;
    if (spread->n == 0)
        tally->shift = spread->lowest = spread->highest = value;
    spread->n++;
    spread->n_above += value > 0;
    spread->n_below += value < 0;
    spread->lowest = fmin(spread->lowest, value);
    spread->highest = fmax(spread->highest, value);
    tally->sum += value - tally->shift;
    tally->squares += (value - tally->shift) * (value - tally->shift);
}

static struct spread settle(const struct tally *tally)
{
    struct spread spread = tally->spread;
    double n = (double)spread.n, sum = tally->sum;
    spread.mean = spread.deviation = NAN;
    if (spread.n == 0)
        spread.lowest = spread.highest = NAN;
    else
        spread.mean = tally->shift + sum / n;
    if (spread.n > 1)
        spread.deviation =
            sqrt(fmax(tally->squares - sum * sum / n, 0) / (n - 1));
    return spread;
}

struct spread column_spread(const struct results *results,
                            const struct column *column,
                            const struct group *group)
{
    struct tally tally = {0};
    for (size_t i = 0; i < group->n; i++)
        add(&tally, column_value(results, column, group->trials[i]));
    return settle(&tally);
}

static void add_differences(struct tally *tally, const struct results *results,
                            const struct column *column,
                            const struct group *group)
{
    for (size_t i = 0; i < group->n; i++)
        if (group->twins[i] != GROUPS_NO_TRIAL)
            add(tally, column_value(results, column, group->trials[i]) -
                           column_value(results, column,
                                        (size_t)group->twins[i]));
}

struct spread column_difference(const struct results *results,
                                const struct column *column,
                                const struct group *group)
{
    struct tally tally = {0};
    add_differences(&tally, results, column, group);
    return settle(&tally);
}

struct spread column_effect(const struct results *results,
                            const struct column *column,
                            const struct groups *groups,
                            const char *defence)
{
    struct tally tally = {0};
    for (size_t i = 0; i < groups->n; i++)
        if (!groups->at[i].undefended &&
            !strcmp(groups->at[i].defence, defence))
            add_differences(&tally, results, column, &groups->at[i]);
    return settle(&tally);
}

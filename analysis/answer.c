#include "analysis/answer.h"
#include "analysis/columns.h"

#include <math.h>
#include <string.h>

enum { SENTENCES_MAX = 4, NO_ATTACK = -1 };

static double mean_of(const struct results *results,
                      const struct figure *column, const struct group *group)
{
    return column_spread(results, column, group).mean;
}

static double mean_of_all(const struct results *results,
                          const struct figure *column,
                          const struct groups *groups)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < groups->n; i++) {
        double value = mean_of(results, column, &groups->at[i]);
        if (isnan(value))
            continue;
        sum += value;
        n++;
    }
    return n ? sum / (double)n : (double)NAN;
}

/* The attack that leaves the least accuracy, of the means over groups of means
 * over its epsilons above 0; NO_ATTACK if none has results. */
static int find_strongest(const struct results *results,
                          const struct groups *groups)
{
    int strongest = NO_ATTACK;
    double least = INFINITY;
    for (size_t i = 0; i < results->n_attacks; i++) {
        struct figure column = {QUANTITY_MEAN, i, 0};
        double mean = mean_of_all(results, &column, groups);
        if (!isnan(mean) && mean < least) {
            least = mean;
            strongest = (int)i;
        }
    }
    return strongest;
}

/* The group with the highest mean of a column; NULL if none has one. */
static const struct group *find_best(const struct results *results,
                                     const struct groups *groups,
                                     const struct figure *column)
{
    const struct group *best = NULL;
    double most = -INFINITY;
    for (size_t i = 0; i < groups->n; i++) {
        double value = mean_of(results, column, &groups->at[i]);
        if (!isnan(value) && value > most) {
            most = value;
            best = &groups->at[i];
        }
    }
    return best;
}

/* "43.2 %", or over seeds "43.2 % (41.0 to 45.1 over 3 seeds)"; no line breaks
 * at the blank before the sign. */
static const char *print_share(const struct results *results,
                               const struct figure *column,
                               const struct group *group, struct arena *arena)
{
    struct spread spread = column_spread(results, column, group);
    if (spread.n < 2)
        return arena_print(arena, "%.1f\u00a0%%", 100 * spread.mean);
    return arena_print(arena, "%.1f\u00a0%% (%.1f to %.1f over %zu seeds)",
                       100 * spread.mean, 100 * spread.lowest,
                       100 * spread.highest, spread.n);
}

/* "pgd at 2/255 to 32/255 (mean)" */
static const char *print_attack(const struct results *results, size_t attack,
                                struct arena *arena)
{
    struct indices all = columns_epsilons(results, attack, arena);
    const char *name = results->attacks[attack].name;
    if (all.n == 0)
        return name;
    const char *first =
        column_print_epsilon(results->epsilons[all.at[0]], arena);
    if (all.n == 1)
        return arena_print(arena, "%s at %s", name, first);
    const char *last =
        column_print_epsilon(results->epsilons[all.at[all.n - 1]], arena);
    return arena_print(arena, "%s at %s to %s (mean of %zu)", name, first,
                       last, all.n);
}

static size_t count_finished(const struct results *results,
                             const struct groups *groups,
                             const struct figure *column)
{
    size_t n = 0;
    for (size_t i = 0; i < groups->n; i++)
        n += isnan(mean_of(results, column, &groups->at[i])) ? 0 : 1;
    return n;
}

/* No two groups differ by as much as is printed. */
static bool are_alike(const struct results *results,
                      const struct groups *groups, const struct figure *column)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < groups->n; i++) {
        double value = mean_of(results, column, &groups->at[i]);
        low = fmin(low, value);
        high = fmax(high, value);
    }
    return high - low < 0.0005;
}

/* The sentence's beginning: the best of the n that have finished. */
static const char *print_subject(const struct groups *groups, size_t n,
                                 const struct group *best,
                                 struct arena *arena)
{
    if (groups->n == 1)
        return best->label;
    if (n == 1)
        return arena_print(arena,
                           "Of %zu settings only \"%s\" has finished: it",
                           groups->n, best->label);
    return arena_print(arena,
                       "Of %zu %ssettings \"%s\" stands attacks best: it", n,
                       n < groups->n ? "finished " : "", best->label);
}

static const char *answer_robust(const struct results *results,
                                 const struct groups *groups, size_t attack,
                                 struct arena *arena)
{
    struct figure robust = {QUANTITY_MEAN, attack, 0};
    struct figure clean = {QUANTITY_CLEAN, 0, 0};
    const struct group *best = find_best(results, groups, &robust);
    const char *means = groups->n > 1 && results->n_attacks > 1
                            ? ", the attack that leaves least"
                            : "";
    const char *under = print_attack(results, attack, arena);
    size_t n = count_finished(results, groups, &robust);
    if (n > 1 && are_alike(results, groups, &robust))
        return arena_print(arena,
                           "All %zu %ssettings keep %s under %s%s: this sweep "
                           "does not tell them apart.",
                           n, n < groups->n ? "finished " : "",
                           print_share(results, &robust, best, arena), under,
                           means);
    return arena_print(arena,
                       "%s keeps %s of the samples right under %s%s; without "
                       "attack it has %s.",
                       print_subject(groups, n, best, arena),
                       print_share(results, &robust, best, arena), under,
                       means, print_share(results, &clean, best, arena));
}

static const char *answer_clean(const struct results *results,
                                const struct groups *groups, int attack,
                                struct arena *arena)
{
    struct figure clean = {QUANTITY_CLEAN, 0, 0};
    struct figure robust = {QUANTITY_MEAN, attack < 0 ? 0 : (size_t)attack, 0};
    const struct group *best = find_best(results, groups, &clean);
    if (!best)
        return "";
    if (attack < 0)
        return arena_print(arena, "\"%s\" has the best accuracy, %s.",
                           best->label,
                           print_share(results, &clean, best, arena));
    if (groups->n < 2 || are_alike(results, groups, &clean))
        return "";
    if (best == find_best(results, groups, &robust))
        return "No other is better without attack.";
    return arena_print(arena,
                       "Best without attack is \"%s\" with %s; under that attack "
                       "it keeps %s.",
                       best->label, print_share(results, &clean, best, arena),
                       print_share(results, &robust, best, arena));
}

/* The defence that gains most against its twins. */
static const char *answer_defence(const struct results *results,
                                  const struct groups *groups, size_t attack,
                                  struct arena *arena)
{
    struct figure robust = {QUANTITY_MEAN, attack, 0};
    struct figure clean = {QUANTITY_CLEAN, 0, 0};
    struct sentences defences = effects_defences(groups, arena);
    const char *best = NULL;
    double most = -INFINITY;
    for (size_t i = 0; i < defences.n; i++) {
        struct spread gain =
            column_effect(results, &robust, groups, defences.at[i]);
        if (gain.n > 0 && gain.mean > most) {
            most = gain.mean;
            best = defences.at[i];
        }
    }
    if (!best)
        return "";
    struct spread price = column_effect(results, &clean, groups, best);
    return arena_print(arena,
                       "%s \"%s\", with %+.1f points under that attack and "
                       "%+.1f without, against undefended twins (%zu pair%s).",
                       most < 0.0005    ? "No defence gains: the best is"
                       : defences.n > 1 ? "Of the defences the best is"
                                        : "The defence is",
                       best, 100 * most, 100 * price.mean, price.n,
                       price.n == 1 ? "" : "s");
}

static void add(struct sentences *sentences, const char **at,
                const char *sentence)
{
    if (*sentence)
        at[sentences->n++] = sentence;
}

struct sentences answer_of(const struct results *results,
                           const struct groups *groups, struct arena *arena)
{
    const char **at = ARENA_ARRAY(arena, const char *, SENTENCES_MAX);
    struct sentences sentences = {0, at};
    int attack = find_strongest(results, groups);
    if (attack >= 0)
        add(&sentences, at,
            answer_robust(results, groups, (size_t)attack, arena));
    add(&sentences, at, answer_clean(results, groups, attack, arena));
    if (attack >= 0)
        add(&sentences, at,
            answer_defence(results, groups, (size_t)attack, arena));
    return sentences;
}

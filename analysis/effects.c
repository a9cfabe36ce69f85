#include "analysis/effects.h"
#include "analysis/columns.h"
#include "analysis/findings.h"
#include "core/attack.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A growing list in the arena's own memory; capacity is known before. */
struct list {
    size_t n;
    const char **at;
};

static void add(struct list *list, const char *text)
{
    list->at[list->n++] = text;
}

static bool has(const struct list *list, const char *text)
{
    for (size_t i = 0; i < list->n; i++)
        if (!strcmp(list->at[i], text))
            return true;
    return false;
}

static bool has_twin(const struct group *group)
{
    for (size_t i = 0; i < group->n; i++)
        if (group->twins[i] != GROUPS_NO_TRIAL)
            return true;
    return false;
}

struct sentences effects_defences(const struct groups *groups,
                                      struct arena *arena)
{
    struct list list = {0, ARENA_ARRAY(arena, const char *, groups->n + 1)};
    for (size_t i = 0; i < groups->n; i++)
        if (has_twin(&groups->at[i]) &&
            !has(&list, groups->at[i].defence))
            add(&list, groups->at[i].defence);
    return (struct sentences){list.n, list.at};
}

/* sentences ----------------------------------------------------------- */

/* "fell by 2.0 points (in 11 of 12 pairs; -3.1 to +0.2)" */
static const char *print_change(const struct spread *spread,
                                struct arena *arena)
{
    double points = 100 * spread->mean;
    size_t n_with = points > 0 ? spread->n_above : spread->n_below;
    struct figure clean = {QUANTITY_CLEAN, 0, 0};
    const char *range =
        arena_print(arena, "%s to %s",
                    column_print(&clean, spread->lowest, true, arena),
                    column_print(&clean, spread->highest, true, arena));
    if (fabs(points) < 0.05)
        return arena_print(arena, "did not change (%s)", range);
    return arena_print(arena, "%s by %.1f points (in %zu of %zu pairs; %s)",
                       points > 0 ? "rose" : "fell", fabs(points), n_with,
                       spread->n, range);
}

static struct spread effect_of(const struct results *results,
                               const struct groups *groups,
                               const char *defence, size_t attack)
{
    struct figure column = {QUANTITY_MEAN, attack, 0};
    return column_effect(results, &column, groups, defence);
}

static const struct attack *kind_of_attack(const struct results *results,
                                           size_t i)
{
    const char *name = settings_get(&results->attacks[i].settings, "attack");
    const struct kind *kind = name ? kind_find(&attack_axis, name) : NULL;
    return kind ? attack_of(kind) : NULL;
}

/* The largest mean gain under single-step or under iterative attacks. */
static double gain(const struct results *results, const struct groups *groups,
                   const char *defence, bool single_step)
{
    double most = NAN;
    for (size_t i = 0; i < results->n_attacks; i++) {
        const struct attack *attack = kind_of_attack(results, i);
        if (!attack || !attack->gradient || attack->norm == NORM_NONE ||
            attack->single_step != single_step)
            continue;
        struct spread spread = effect_of(results, groups, defence, i);
        /* Of iterative attacks the one that leaves the least counts. */
        most = single_step ? fmax(most, spread.mean) : fmin(most, spread.mean);
    }
    return most;
}

/* A defence that only single steps fail against may hide its gradient. */
static const char *judge_masking(const struct results *results,
                                 const struct groups *groups,
                                 const char *defence, struct arena *arena)
{
    double single = gain(results, groups, defence, true);
    double iterative = gain(results, groups, defence, false);
    if (isnan(single) || isnan(iterative) || single < 0.01)
        return NULL;
    if (iterative >= single / 2)
        return NULL;
    return arena_print(arena,
                       "Of the %.1f points gained against a single step %.1f "
                       "stand against iterative attacks: the rest may be "
                       "masked gradients, not robustness.",
                       100 * single, 100 * fmax(iterative, 0));
}

/* How often a check fails, of those evaluations that it asks. */
struct failing {
    size_t n, n_asked;
};

static void count_failing(const struct results *results,
                          const struct group *group, size_t check,
                          struct failing *failing)
{
    for (size_t i = 0; i < group->n; i++)
        for (size_t k = 0; k < results->n_attacks; k++) {
            enum check_verdict verdict =
                results_verdict(results, group->trials[i], k, check);
            failing->n_asked += verdict != VERDICT_NOT_APPLICABLE;
            failing->n += verdict == VERDICT_FAIL;
        }
}

/* "zero_gradient (4 of 9), monotone (1 of 9)"; "" if no check fails. */
static const char *list_failing(const struct results *results,
                                const struct groups *groups,
                                const char *defence, struct arena *arena)
{
    const char *list = "";
    for (size_t check = 0; check < results->n_checks; check++) {
        struct failing failing = {0, 0};
        for (size_t i = 0; i < groups->n; i++)
            if (!strcmp(groups->at[i].defence, defence))
                count_failing(results, &groups->at[i], check, &failing);
        if (failing.n > 0)
            list = arena_print(arena, "%s%s%s (%zu of %zu)", list,
                               *list ? ", " : "", results->checks[check].name,
                               failing.n, failing.n_asked);
    }
    return list;
}

static const char *describe_clean(const struct results *results,
                                  const struct groups *groups,
                                  const char *defence,
                                  struct arena *arena)
{
    struct figure clean = {QUANTITY_CLEAN, 0, 0};
    struct spread spread =
        column_effect(results, &clean, groups, defence);
    if (spread.n == 0)
        return arena_print(arena, "%s: no finished cell has a finished twin.",
                           defence);
    return arena_print(arena, "%s: clean accuracy %s.", defence,
                       print_change(&spread, arena));
}

struct sentences effects_describe(const struct results *results,
                                  const struct groups *groups,
                                  const char *defence,
                                  struct arena *arena)
{
    struct list list = {
        0, ARENA_ARRAY(arena, const char *, results->n_attacks + 3)};
    add(&list, describe_clean(results, groups, defence, arena));
    for (size_t i = 0; i < results->n_attacks; i++) {
        struct spread spread = effect_of(results, groups, defence, i);
        if (spread.n > 0)
            add(&list, arena_print(arena, "Under %s it %s.",
                                   results->attacks[i].name,
                                   print_change(&spread, arena)));
    }
    const char *masking =
        judge_masking(results, groups, defence, arena);
    if (masking)
        add(&list, masking);
    const char *failing = list_failing(results, groups, defence, arena);
    if (*failing)
        add(&list, arena_print(arena, "Of its evaluations fail: %s.",
                               failing));
    return (struct sentences){list.n, list.at};
}

const char *effects_caution(const struct results *results)
{
    for (size_t i = 0; i < results->n_checks; i++)
        if (findings_count_verdicts(results, i).n[VERDICT_FAIL] > 0)
            return "Some attacks failed their checks, see below: what these "
                   "leave of the accuracy is no measure of robustness.";
    return "";
}

const char *effects_uncertainty(const struct results *results,
                                struct arena *arena)
{
    double fewest = INFINITY;
    for (size_t i = 0; i < results->n_trials * results->n_attacks; i++)
        fewest = fmin(fewest, results->evaluations[i].n_samples);
    if (!isfinite(fewest) || fewest < 1)
        return "";
    /* 1.96 deviations of a share of 1/2, the least certain one. */
    return arena_print(arena,
                       "An attack is on the first %.0f of up to %zu test "
                       "samples, so that an accuracy is uncertain by up to "
                       "%.1f points (95 %%) by the choice of samples alone; "
                       "twins share the samples.",
                       fewest, results->n_samples,
                       100 * 1.96 * 0.5 / sqrt(fewest));
}

/* Trials by their levels: cells of a table, and partners of pairs. */
#include "analysis/axes.h"

#include <stdlib.h>
#include <string.h>

/* A trial's levels side by side, so that they can be ordered. */
struct member {
    size_t trial, n;
    const int32_t *levels;
};

/* No level comes last. */
static int compare_level(int32_t a, int32_t b)
{
    uint32_t x = (uint32_t)a, y = (uint32_t)b;
    return (x > y) - (x < y);
}

static int compare_levels(const struct member *a, const struct member *b)
{
    for (size_t i = 0; i < a->n; i++) {
        int order = compare_level(a->levels[i], b->levels[i]);
        if (order)
            return order;
    }
    return 0;
}

static int by_levels(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int order = compare_levels(x, y);
    return order ? order : (x->trial > y->trial) - (x->trial < y->trial);
}

static struct member *list_members(size_t n_trials, const struct axes *axes,
                                   struct arena *arena)
{
    struct member *members = ARENA_ARRAY(arena, struct member, n_trials + 1);
    int32_t *levels = ARENA_ARRAY(arena, int32_t, n_trials * axes->n + 1);
    for (size_t i = 0; i < n_trials; i++) {
        int32_t *own = levels + i * axes->n;
        for (size_t k = 0; k < axes->n; k++)
            own[k] = axes->at[k].of[i];
        members[i] = (struct member){i, axes->n, own};
    }
    return members;
}

struct axes_cells axes_group(const struct results *results,
                             const struct axes *axes, struct arena *arena)
{
    size_t n = results->n_trials;
    struct member *members = list_members(n, axes, arena);
    struct axes_cell *at = ARENA_ARRAY(arena, struct axes_cell, n + 1);
    size_t *trials = ARENA_ARRAY(arena, size_t, n + 1);
    size_t *of = ARENA_ARRAY(arena, size_t, n + 1);
    struct axes_cells cells = {0, at, of};
    qsort(members, n, sizeof *members, by_levels);
    for (size_t i = 0; i < n; i++) {
        trials[i] = members[i].trial;
        if (i == 0 || compare_levels(&members[i - 1], &members[i]) != 0)
            at[cells.n++] =
                (struct axes_cell){0, trials + i, members[i].levels};
        at[cells.n - 1].n++;
        of[members[i].trial] = cells.n - 1;
    }
    return cells;
}

const char *axes_label(const struct axes *axes, const struct axes_cell *cell,
                       struct arena *arena)
{
    const char *label = "";
    for (size_t i = 0; i < axes->n; i++) {
        const struct axis_of_trials *axis = &axes->at[i];
        const char *dot = strrchr(axis->key, '.');
        if (cell->levels[i] == AXIS_NO_LEVEL)
            continue;
        const char *level = axis->levels[cell->levels[i]];
        const char *name =
            !strcmp(axis->key, "seed")    ? "seed="
            : !dot || !strcmp(dot, ".*") ? ""
                                          : arena_print(arena, "%s=", dot + 1);
        bool none = !*name && !strcmp(level, "none");
        int n = (int)strcspn(axis->key, ".");
        label = arena_print(arena, "%s%s%s%.*s%s", label, *label ? ", " : "",
                            none ? "no " : name, none ? n : 0, axis->key,
                            none ? "" : level);
    }
    return label;
}

/* pairs --------------------------------------------------------------- */

enum status pick_read(const char *text, struct arena *arena, struct pick *pick)
{
    char *axis = arena_copy_text(arena, text), *equals = strchr(axis, '=');
    if (!equals || equals == axis || !equals[1])
        return status_refuse(STATUS_INVALID,
                             "%s: allowed is AXIS=VALUE, as regularizer=none",
                             text);
    *equals = '\0';
    *pick = (struct pick){axis, equals + 1};
    return STATUS_OK;
}

static const char *list_levels(const struct axis_of_trials *axis,
                               struct arena *arena)
{
    const char *list = "";
    for (size_t i = 0; i < axis->n; i++)
        list = arena_print(arena, "%s%s%s", list, i ? ", " : "",
                           axis->levels[i]);
    return list;
}

static bool is_same_value(const char *a, const char *b)
{
    char *end_a, *end_b;
    double x = strtod(a, &end_a), y = strtod(b, &end_b);
    bool numbers = end_a != a && !*end_a && end_b != b && !*end_b;
    return numbers ? x == y : !strcmp(a, b);
}

/* "0.10" picks the level 0.1. */
static int32_t find_level(const struct axis_of_trials *axis, const char *value)
{
    for (size_t i = 0; i < axis->n; i++)
        if (is_same_value(axis->levels[i], value))
            return (int32_t)i;
    return AXIS_NO_LEVEL;
}

/* Whether each trial is as picked; and the axes that picks decide: a kind with
 * its parameters. */
static enum status pick_trials(const struct results *results, size_t n_picks,
                               const struct pick *picks, struct arena *arena,
                               bool *is_picked, struct axes *decided)
{
    struct axis_of_trials *at =
        ARENA_ARRAY(arena, struct axis_of_trials, n_picks + 1);
    for (size_t i = 0; i < results->n_trials; i++)
        is_picked[i] = true;
    for (size_t k = 0; k < n_picks; k++) {
        TRY(axes_find(results, picks[k].axis, arena, &at[k]));
        int32_t level = find_level(&at[k], picks[k].value);
        if (level == AXIS_NO_LEVEL)
            return status_refuse(STATUS_NOT_FOUND,
                                 "no trial has %s = %s; there are %s",
                                 picks[k].axis, picks[k].value,
                                 list_levels(&at[k], arena));
        for (size_t i = 0; i < results->n_trials; i++)
            is_picked[i] = is_picked[i] && at[k].of[i] == level;
        if (!strchr(at[k].key, '.') && strcmp(at[k].key, "seed") != 0)
            at[k].key = arena_print(arena, "%s.*", at[k].key);
    }
    *decided = (struct axes){n_picks, at};
    return STATUS_OK;
}

/* What two picked trials, which should be one, differ in. */
static enum status refuse_several(const struct results *results, size_t a,
                                  size_t b, struct arena *arena)
{
    struct axes axes = axes_varying(results, true, arena);
    for (size_t i = 0; i < axes.n; i++)
        if (axes.at[i].of[a] != axes.at[i].of[b])
            return status_refuse(
                STATUS_INVALID,
                "several trials could be the baseline of one: they differ in "
                "%s; give a baseline for that as well, one of %s",
                axes.at[i].key, list_levels(&axes.at[i], arena));
    return status_refuse(STATUS_INVALID,
                         "several trials could be the baseline of one: they "
                         "differ in nothing that varies");
}

static enum status find_partner(const struct results *results,
                                const struct axes_cell *cell,
                                const bool *is_picked, struct arena *arena,
                                size_t *partners)
{
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < cell->n; i++) {
        if (!is_picked[cell->trials[i]])
            continue;
        if (found != SIZE_MAX)
            return refuse_several(results, found, cell->trials[i], arena);
        found = cell->trials[i];
    }
    for (size_t i = 0; i < cell->n; i++)
        partners[cell->trials[i]] = found;
    return STATUS_OK;
}

enum status axes_pair(const struct results *results, size_t n_picks,
                      const struct pick *picks, struct arena *arena,
                      const size_t **partners)
{
    size_t *found = ARENA_ARRAY(arena, size_t, results->n_trials + 1);
    bool *is_picked = ARENA_ARRAY(arena, bool, results->n_trials + 1);
    struct axes all = axes_varying(results, true, arena), decided;
    TRY(pick_trials(results, n_picks, picks, arena, is_picked, &decided));
    struct axes others = axes_without(&all, &decided, arena);
    struct axes_cells cells = axes_group(results, &others, arena);
    for (size_t i = 0; i < cells.n; i++)
        TRY(find_partner(results, &cells.at[i], is_picked, arena, found));
    *partners = found;
    return STATUS_OK;
}

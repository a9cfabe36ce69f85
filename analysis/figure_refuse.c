/* What there is, for who asked for a figure that there is not. */
#include "analysis/figure_parts.h"

#include "core/kind.h"

const char *figure_list_more(const char *list, const char *name,
                             struct arena *arena)
{
    return arena_print(arena, "%s%s%s", list, *list ? ", " : "", name);
}

static const char *list_rows(enum figure_scope scope, struct arena *arena)
{
    const char *list = "";
    for (size_t i = 0; i < QUANTITY_N; i++)
        if (figure_rows[i].scope == scope && i != QUANTITY_CHECK)
            list = figure_list_more(list, figure_rows[i].name, arena);
    return list;
}

static const char *list_attacks(const struct results *results,
                                struct arena *arena)
{
    const char *list = "";
    for (size_t i = 0; i < results->n_attacks; i++)
        list = figure_list_more(list, results->attacks[i].name, arena);
    return *list ? list : "none";
}

const char *figure_list_epsilons(const struct results *results,
                                 struct indices epsilons, struct arena *arena)
{
    const char *list = "";
    for (size_t i = 0; i < epsilons.n; i++)
        list = figure_list_more(
            list,
            column_print_epsilon(results->epsilons[epsilons.at[i]], arena),
            arena);
    return *list ? list : "none";
}

/* The nearest name of any row, check or attack. */
static const char *nearest(const struct results *results, const char *name,
                           struct arena *arena)
{
    size_t n = 0;
    const char **names = ARENA_ARRAY(
        arena, const char *,
        QUANTITY_N + results->n_checks + 2 * results->n_attacks);
    for (size_t i = 0; i < QUANTITY_CHECK; i++)
        names[n++] = figure_rows[i].name;
    for (size_t i = 0; i < results->n_checks; i++)
        names[n++] = results->checks[i].name;
    for (size_t i = 0; i < results->n_attacks; i++) {
        const struct result_attack *attack = &results->attacks[i];
        const char *kind = settings_get(&attack->settings, "attack");
        names[n++] = attack->name;
        names[n++] = kind ? kind : attack->name;
    }
    return kind_nearest_of(names, n, name);
}

enum status figure_refuse(const struct results *results, const char *whole,
                          const char *part, struct arena *arena)
{
    const char *near = nearest(results, part, arena);
    return status_refuse(
        STATUS_NOT_FOUND,
        "no figure %s%s%s%s; there are %s; ATTACK, ATTACK@EPSILON, "
        "FIGURE:ATTACK with %s, FIGURE:ATTACK@EPSILON with %s; attacks here: "
        "%s",
        whole, near ? ": did you mean " : "", near ? near : "",
        near ? "?" : "", list_rows(OF_TRIAL, arena),
        list_rows(OF_ATTACK, arena), list_rows(OF_EPSILON, arena),
        list_attacks(results, arena));
}

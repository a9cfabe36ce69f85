/* The attacks, epsilons and checks of several files' results. */
#include "io/attack_names.h"
#include "io/results_join_parts.h"

#include <stdlib.h>
#include <string.h>

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

void results_join_epsilons(struct join *join)
{
    size_t n_all = 0, n = 0;
    for (size_t i = 0; i < join->n_sources; i++)
        n_all += join->sources[i].n_epsilons;
    double *at = ARENA_ARRAY(join->arena, double, n_all + 1);
    for (size_t i = 0; i < join->n_sources; i++)
        for (size_t e = 0; e < join->sources[i].n_epsilons; e++)
            at[n++] = join->sources[i].epsilons[e];
    qsort(at, n, sizeof *at, by_value);
    size_t n_kept = 0;
    for (size_t i = 0; i < n; i++)
        if (n_kept == 0 || at[n_kept - 1] < at[i])
            at[n_kept++] = at[i];
    join->results->epsilons = at;
    join->results->n_epsilons = n_kept;
    for (size_t i = 0; i < join->n_sources; i++)
        for (size_t e = 0; e < join->sources[i].n_epsilons; e++) {
            const double *found =
                bsearch(&join->sources[i].epsilons[e], at, n_kept, sizeof *at,
                        by_value);
            join->epsilons[i][e] = (size_t)(found - at);
        }
}

static size_t find_check(const struct result_check *checks, size_t n,
                         const char *name)
{
    size_t i = 0;
    while (i < n && strcmp(checks[i].name, name) != 0)
        i++;
    return i;
}

void results_join_checks(struct join *join)
{
    size_t n_all = 0, n = 0;
    for (size_t i = 0; i < join->n_sources; i++)
        n_all += join->sources[i].n_checks;
    struct result_check *at =
        ARENA_ARRAY(join->arena, struct result_check, n_all + 1);
    for (size_t i = 0; i < join->n_sources; i++)
        for (size_t c = 0; c < join->sources[i].n_checks; c++) {
            const struct result_check *check = &join->sources[i].checks[c];
            size_t found = find_check(at, n, check->name);
            if (found == n)
                at[n++] = *check;
            join->checks[i][c] = found;
        }
    join->results->checks = at;
    join->results->n_checks = n;
}

static int by_settings(const void *a, const void *b)
{
    const struct result_attack *x = a, *y = b;
    int order = settings_compare(&x->settings, &y->settings);
    return order ? order : strcmp(x->spec, y->spec);
}

static size_t find_attack(const struct result_attack *attacks, size_t n,
                          const char *spec)
{
    size_t i = 0;
    while (i < n && strcmp(attacks[i].spec, spec) != 0)
        i++;
    return i;
}

static void name_attacks(struct result_attack *attacks, size_t n,
                         struct arena *arena)
{
    struct settings *settings = ARENA_ARRAY(arena, struct settings, n + 1);
    for (size_t i = 0; i < n; i++)
        settings[i] = attacks[i].settings;
    const char **names = attack_names_make(n, settings, arena);
    for (size_t i = 0; i < n; i++)
        attacks[i].name = names[i];
}

void results_join_attacks(struct join *join)
{
    size_t n_all = 0, n = 0;
    for (size_t i = 0; i < join->n_sources; i++)
        n_all += join->sources[i].n_attacks;
    struct result_attack *at =
        ARENA_ARRAY(join->arena, struct result_attack, n_all + 1);
    for (size_t i = 0; i < join->n_sources; i++)
        for (size_t k = 0; k < join->sources[i].n_attacks; k++)
            if (find_attack(at, n, join->sources[i].attacks[k].spec) == n)
                at[n++] = join->sources[i].attacks[k];
    qsort(at, n, sizeof *at, by_settings);
    name_attacks(at, n, join->arena);
    for (size_t i = 0; i < join->n_sources; i++)
        for (size_t k = 0; k < join->sources[i].n_attacks; k++)
            join->attacks[i][k] =
                find_attack(at, n, join->sources[i].attacks[k].spec);
    join->results->attacks = at;
    join->results->n_attacks = n;
}

#include "jobs/plan_pruned.h"

#include <stdio.h>

/* Combinations that are not run, as far as they are shown. */
struct pruned {
    size_t n, n_shown, capacity;
    struct settings *settings; /* [capacity], of those shown */
    const char **names, **reasons;
};

static void add_pruned(struct pruned *pruned, const struct cell *cell,
                       const char *name, struct arena *arena)
{
    if (pruned->n_shown == pruned->capacity)
        return;
    size_t i = pruned->n_shown++;
    pruned->settings[i] = settings_parse(
        spec_print(&cell->spec, false, arena), arena);
    pruned->reasons[i] = arena_copy_text(arena, cell->pruned);
    pruned->names[i] = name;
}

static struct pruned find_pruned(const struct study *study, size_t n_most,
                                 struct arena *arena)
{
    const struct experiment *experiment = &study->experiment;
    size_t n = study->cells.n_pruned + study->n_misfits;
    struct pruned pruned = {.n = n, .capacity = n < n_most ? n : n_most};
    pruned.settings =
        ARENA_ARRAY(arena, struct settings, pruned.capacity);
    pruned.names = ARENA_ARRAY(arena, const char *, pruned.capacity);
    pruned.reasons = ARENA_ARRAY(arena, const char *, pruned.capacity);
    size_t n_all = space_count(experiment);
    for (size_t i = 0; i < n_all && pruned.n_shown < pruned.capacity; i++) {
        struct arena scratch = arena_open();
        struct cell cell = space_cell(experiment, i, &scratch);
        if (cell.pruned && !cell.outside)
            add_pruned(&pruned, &cell,
                       arena_print(arena, " combination %zu", i), arena);
        arena_close(&scratch);
    }
    for (size_t i = 0; i < study->n_misfits; i++)
        add_pruned(&pruned, &study->misfits[i].cell, "", arena);
    return pruned;
}

/* By what varies among all that is shown: it may be what no cell has left. */
void plan_print_pruned(const struct study *study,
                       const struct settings *settings, size_t n_most,
                       struct arena *arena)
{
    struct pruned pruned = find_pruned(study, n_most, arena);
    size_t n = study->cells.n;
    struct settings *both =
        ARENA_ARRAY(arena, struct settings, n + pruned.n_shown);
    for (size_t i = 0; i < n; i++)
        both[i] = settings[i];
    for (size_t i = 0; i < pruned.n_shown; i++)
        both[n + i] = pruned.settings[i];
    struct variation variation =
        settings_vary(n + pruned.n_shown, both, arena);
    for (size_t i = 0; i < pruned.n_shown; i++)
        printf("pruned%s (%s): %s\n", pruned.names[i],
               variation_label(&variation, &pruned.settings[i], arena),
               pruned.reasons[i]);
    if (pruned.n_shown < pruned.n)
        printf("   ... and %zu more pruned (--all lists them)\n",
               pruned.n - pruned.n_shown);
}

/* Which cells come first, and which are beyond the budget. */
#include "sweep/space_parts.h"

#include <stdlib.h>

/* A cell's place: by its priority, then as it was. */
struct place {
    double priority;
    size_t i;
};

static double find_priority(const struct experiment *experiment,
                            const struct spec *spec)
{
    struct arena scratch = arena_open();
    double sum = 0;
    for (size_t i = 0; i < experiment->n_priorities; i++)
        if (space_rule_holds(&experiment->priorities[i].rule, spec, &scratch))
            sum += experiment->priorities[i].value;
    arena_close(&scratch);
    return sum;
}

static int compare(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->priority != y->priority)
        return x->priority > y->priority ? -1 : 1;
    return (x->i > y->i) - (x->i < y->i);
}

static void sort(const struct experiment *experiment, struct cells *cells)
{
    struct arena scratch = arena_open();
    struct place *places = ARENA_ARRAY(&scratch, struct place, cells->n);
    struct cell *old = ARENA_ARRAY(&scratch, struct cell, cells->n);
    for (size_t i = 0; i < cells->n; i++) {
        old[i] = cells->at[i];
        places[i] =
            (struct place){find_priority(experiment, &old[i].spec), i};
    }
    if (cells->n)
        qsort(places, cells->n, sizeof *places, compare);
    for (size_t i = 0; i < cells->n; i++) {
        cells->at[i] = old[places[i].i];
        cells->at[i].priority = places[i].priority;
    }
    arena_close(&scratch);
}

bool space_order(const struct experiment *experiment, struct cells *cells)
{
    size_t n_most = experiment->budget.n_trials;
    if (experiment->n_priorities)
        sort(experiment, cells);
    if (n_most && cells->n > n_most) {
        cells->n_beyond = cells->n - n_most;
        cells->n = n_most;
    }
    return experiment->n_priorities || cells->n_beyond;
}

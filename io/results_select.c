/* Some trials of results. */
#include "io/results.h"

#include <string.h>

/* The rows of an array that are kept, n_bytes each; NULL stays NULL. */
static const void *keep_rows(const void *rows, size_t n_bytes,
                             const size_t *kept, size_t n, struct arena *arena)
{
    if (!rows)
        return NULL;
    unsigned char *copy = arena_take(arena, n * n_bytes + 1);
    for (size_t i = 0; i < n && n_bytes; i++)
        memcpy(copy + i * n_bytes,
               (const unsigned char *)rows + kept[i] * n_bytes, n_bytes);
    return copy;
}

/* Where the trial is in a file, which its membrane is read from. */
static void keep_places(const struct results *results,
                        struct result_trial *trials, const size_t *kept,
                        size_t n)
{
    for (size_t i = 0; i < n && results->n_sources == 0; i++) {
        trials[i].source = 0;
        trials[i].row = kept[i];
    }
}

static void keep_trials(const struct results *results, const size_t *kept,
                        size_t n, struct arena *arena, struct results *part)
{
    struct result_trial *trials =
        ARENA_ARRAY(arena, struct result_trial, n + 1);
    for (size_t i = 0; i < n; i++)
        trials[i] = results->trials[kept[i]];
    keep_places(results, trials, kept, n);
    part->trials = trials;
    part->n_trials = n;
}

static void keep_sources(const struct results *results, struct arena *arena,
                         struct results *part)
{
    if (results->n_sources)
        return;
    struct results *source = ARENA_ARRAY(arena, struct results, 1);
    *source = *results;
    part->sources = source;
    part->n_sources = 1;
}

void results_select(const struct results *results, const bool *keep,
                    struct arena *arena, struct results *part)
{
    size_t *kept = ARENA_ARRAY(arena, size_t, results->n_trials + 1), n = 0;
    struct results made = *results;
    for (size_t i = 0; i < results->n_trials; i++)
        if (keep[i])
            kept[n++] = i;
    keep_trials(results, kept, n, arena, &made);
    keep_sources(results, arena, &made);
    size_t n_points = results->n_attacks * results->n_epsilons;
    size_t n_checks = results->n_attacks * results->n_checks;
    size_t real = sizeof(double);
    made.evaluations =
        keep_rows(results->evaluations,
                  results->n_attacks * sizeof *results->evaluations, kept, n,
                  arena);
    made.accuracy =
        keep_rows(results->accuracy, n_points * real, kept, n, arena);
    made.worst = keep_rows(results->worst, n_points * real, kept, n, arena);
    made.figures =
        keep_rows(results->figures, n_checks * real, kept, n, arena);
    made.verdicts = keep_rows(results->verdicts, n_checks, kept, n, arena);
    made.surrogate_worst = keep_rows(results->surrogate_worst,
                                     n_points * real, kept, n, arena);
    made.surrogate_spread = keep_rows(results->surrogate_spread,
                                      n_points * real, kept, n, arena);
    made.n_surrogates =
        keep_rows(results->n_surrogates,
                  n_points * sizeof *results->n_surrogates, kept, n, arena);
    *part = made;
}

/* Several files' results as one. */
#include "io/results_join_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A trial of a source, and its place in the joint results. */
struct origin {
    const char *id;
    size_t source, row, joint;
};

enum { NO_SOURCE = -1 };

/* trials -------------------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
    const struct origin *x = a, *y = b;
    int order = strcmp(x->id, y->id);
    order = order ? order : (x->source > y->source) - (x->source < y->source);
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

static int by_trial(const void *a, const void *b)
{
    const struct result_trial *x = a, *y = b;
    int order = settings_compare(&x->settings, &y->settings);
    return order ? order : strcmp(x->id, y->id);
}

static bool is_final(const char *state)
{
    return !strcmp(state, "done") || !strcmp(state, "diverged");
}

/* Of equal ids the first whose training is done, else the first. */
static size_t pick_trials(struct join *join, const struct origin *origins,
                          size_t n_all)
{
    size_t n = 0;
    for (size_t i = 0; i < n_all; i++) {
        const struct origin *origin = &origins[i];
        struct result_trial trial =
            join->sources[origin->source].trials[origin->row];
        trial.source = origin->source;
        trial.row = origin->row;
        if (i == 0 || strcmp(origins[i - 1].id, origin->id) != 0)
            join->joint[n++] = trial;
        else if (!is_final(join->joint[n - 1].state) && is_final(trial.state))
            join->joint[n - 1] = trial;
    }
    return n;
}

static int by_id_alone(const void *a, const void *b)
{
    const struct origin *x = a, *y = b;
    return strcmp(x->id, y->id);
}

/* From each source's trial to the joint one of the same id. */
static void place_trials(struct join *join, const struct origin *origins,
                         size_t n_all, size_t n)
{
    struct origin *places = ARENA_ARRAY(&join->scratch, struct origin, n + 1);
    for (size_t i = 0; i < n; i++)
        places[i] = (struct origin){.id = join->joint[i].id, .joint = i};
    qsort(places, n, sizeof *places, by_id_alone);
    for (size_t i = 0; i < n_all; i++) {
        const struct origin *place = bsearch(&origins[i], places, n,
                                             sizeof *places, by_id_alone);
        join->trials[origins[i].source][origins[i].row] = place->joint;
    }
}

static void label_trials(struct join *join, size_t n)
{
    struct settings *settings =
        ARENA_ARRAY(&join->scratch, struct settings, n + 1);
    for (size_t i = 0; i < n; i++)
        settings[i] = join->joint[i].settings;
    struct variation variation = settings_vary(n, settings, join->arena);
    for (size_t i = 0; i < n; i++) {
        const char *label =
            variation_label(&variation, &settings[i], join->arena);
        join->joint[i].cell = *label ? label : join->joint[i].id;
    }
}

static void join_trials(struct join *join)
{
    size_t n_all = 0, n = 0;
    for (size_t i = 0; i < join->n_sources; i++)
        n_all += join->sources[i].n_trials;
    struct origin *origins =
        ARENA_ARRAY(&join->scratch, struct origin, n_all + 1);
    for (size_t i = 0; i < join->n_sources; i++)
        for (size_t row = 0; row < join->sources[i].n_trials; row++)
            origins[n++] = (struct origin){join->sources[i].trials[row].id, i,
                                           row, 0};
    qsort(origins, n, sizeof *origins, by_id);
    join->joint = ARENA_ARRAY(join->arena, struct result_trial, n_all + 1);
    n = pick_trials(join, origins, n_all);
    qsort(join->joint, n, sizeof *join->joint, by_trial);
    place_trials(join, origins, n_all, n);
    label_trials(join, n);
    join->results->trials = join->joint;
    join->results->n_trials = n;
}

/* evaluations --------------------------------------------------------- */

static double *take_numbers(struct arena *arena, size_t n)
{
    double *at = ARENA_ARRAY(arena, double, n + 1);
    for (size_t i = 0; i < n; i++)
        at[i] = NAN;
    return at;
}

static void take_evaluations(struct join *join)
{
    const struct results *results = join->results;
    size_t n = results->n_trials * results->n_attacks;
    size_t n_points = n * results->n_epsilons, n_checks = n * results->n_checks;
    struct arena *arena = join->arena;
    join->evaluations = ARENA_ARRAY(arena, struct result_evaluation, n + 1);
    join->from = ARENA_ARRAY(&join->scratch, size_t, n + 1);
    join->accuracy = take_numbers(arena, n_points);
    join->worst = take_numbers(arena, n_points);
    join->surrogate_worst = take_numbers(arena, n_points);
    join->surrogate_spread = take_numbers(arena, n_points);
    join->figures = take_numbers(arena, n_checks);
    join->n_surrogates = ARENA_ARRAY(arena, uint64_t, n_points + 1);
    join->verdicts = ARENA_ARRAY(arena, uint8_t, n_checks + 1);
    memset(join->n_surrogates, 0xff, n_points * sizeof *join->n_surrogates);
    memset(join->verdicts, 0xff, n_checks);
    for (size_t i = 0; i < n; i++) {
        join->evaluations[i] = (struct result_evaluation){
            "pending", "", "", NAN, NAN, NAN};
        join->from[i] = (size_t)NO_SOURCE;
    }
}

static void copy_points(struct join *join, size_t source, size_t trial,
                        size_t attack, size_t to)
{
    const struct results *from = &join->sources[source];
    for (size_t e = 0; e < from->n_epsilons; e++) {
        size_t at = (trial * from->n_attacks + attack) * from->n_epsilons + e;
        size_t place =
            to * join->results->n_epsilons + join->epsilons[source][e];
        join->accuracy[place] = from->accuracy[at];
        join->worst[place] = from->worst ? from->worst[at] : (double)NAN;
        if (!from->n_surrogates)
            continue;
        join->n_surrogates[place] = from->n_surrogates[at];
        join->surrogate_worst[place] = from->surrogate_worst[at];
        join->surrogate_spread[place] = from->surrogate_spread[at];
    }
    for (size_t c = 0; c < from->n_checks; c++) {
        size_t at = (trial * from->n_attacks + attack) * from->n_checks + c;
        size_t place = to * join->results->n_checks + join->checks[source][c];
        join->verdicts[place] = from->verdicts[at];
        join->figures[place] = from->figures[at];
    }
}

/* A later source's counts only if it is done and the earlier is not. */
static void join_evaluation(struct join *join, size_t source, size_t trial,
                            size_t attack)
{
    const struct results *from = &join->sources[source];
    size_t to = join->trials[source][trial] * join->results->n_attacks +
                join->attacks[source][attack];
    const struct result_evaluation *own =
        &from->evaluations[trial * from->n_attacks + attack];
    struct result_evaluation *joint = &join->evaluations[to];
    bool first = join->from[to] == (size_t)NO_SOURCE ||
                 !strcmp(joint->state, "pending");
    if (!first && (is_final(joint->state) || !is_final(own->state)))
        return;
    *joint = *own;
    join->from[to] = source;
    copy_points(join, source, trial, attack, to);
}

/* What was never begun is from nowhere. */
static bool is_from_one(const struct join *join, size_t trial)
{
    size_t n = join->results->n_attacks, source = (size_t)NO_SOURCE;
    for (size_t i = trial * n; i < (trial + 1) * n; i++) {
        if (!strcmp(join->evaluations[i].state, "pending"))
            continue;
        if (source != (size_t)NO_SOURCE && join->from[i] != source)
            return false;
        source = join->from[i];
    }
    return true;
}

/* The worst case of one file does not know the attacks of another. */
static void forget_worst(struct join *join)
{
    size_t n = join->results->n_attacks * join->results->n_epsilons;
    for (size_t trial = 0; trial < join->results->n_trials; trial++)
        if (!is_from_one(join, trial))
            for (size_t i = trial * n; i < (trial + 1) * n; i++)
                join->worst[i] = NAN;
}

static void join_evaluations(struct join *join)
{
    struct results *results = join->results;
    take_evaluations(join);
    for (size_t i = 0; i < join->n_sources; i++)
        for (size_t trial = 0; trial < join->sources[i].n_trials; trial++)
            for (size_t k = 0; k < join->sources[i].n_attacks; k++)
                join_evaluation(join, i, trial, k);
    forget_worst(join);
    results->evaluations = join->evaluations;
    results->accuracy = join->accuracy;
    results->worst = join->worst;
    results->figures = join->figures;
    results->verdicts = join->verdicts;
    results->n_surrogates = join->n_surrogates;
    results->surrogate_worst = join->surrogate_worst;
    results->surrogate_spread = join->surrogate_spread;
}

/* all of it ----------------------------------------------------------- */

static size_t largest(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void join_extents(struct join *join)
{
    struct results *joint = join->results;
    for (size_t i = 0; i < join->n_sources; i++) {
        const struct results *from = &join->sources[i];
        joint->n_epochs = largest(joint->n_epochs, from->n_epochs);
        joint->n_layers = largest(joint->n_layers, from->n_layers);
        joint->n_steps = largest(joint->n_steps, from->n_steps);
        joint->n_bins = largest(joint->n_bins, from->n_bins);
        joint->n_samples = largest(joint->n_samples, from->n_samples);
    }
}

/* A line that is in several is there once. */
static void join_builds(struct join *join)
{
    const char *builds = "";
    for (size_t i = 0; i < join->n_sources; i++) {
        char *rest = arena_copy_text(join->arena, join->sources[i].builds);
        for (char *line; (line = strsep(&rest, "\n"));) {
            const char *whole = arena_print(join->arena, "%s\n", line);
            if (*line && !strstr(builds, whole))
                builds = arena_print(join->arena, "%s%s", builds, whole);
        }
    }
    join->results->builds = builds;
}

static size_t **take_maps(struct join *join, size_t offset)
{
    size_t **maps = ARENA_ARRAY(&join->scratch, size_t *, join->n_sources);
    for (size_t i = 0; i < join->n_sources; i++) {
        const char *at = (const char *)&join->sources[i] + offset;
        maps[i] = ARENA_ARRAY(&join->scratch, size_t,
                              *(const size_t *)(const void *)at + 1);
    }
    return maps;
}

static const char *join_paths(const struct results *sources, size_t n,
                              struct arena *arena)
{
    const char *paths = "";
    for (size_t i = 0; i < n; i++)
        paths = arena_print(arena, "%s%s%s", paths, i ? ", " : "",
                            sources[i].path);
    return paths;
}

void results_join(const struct results *sources, size_t n,
                  struct arena *arena, struct results *results)
{
    struct results *kept = ARENA_ARRAY(arena, struct results, n);
    MUST(n > 0);
    memcpy(kept, sources, n * sizeof *kept);
    *results = (struct results){.path = join_paths(sources, n, arena),
                                .file = -1,
                                .n_sources = n,
                                .sources = kept,
                                .arena = arena,
                                .schema_version = sources[0].schema_version};
    struct join join = {.sources = kept,
                        .n_sources = n,
                        .arena = arena,
                        .scratch = arena_open(),
                        .results = results};
    join.trials = take_maps(&join, offsetof(struct results, n_trials));
    join.attacks = take_maps(&join, offsetof(struct results, n_attacks));
    join.epsilons = take_maps(&join, offsetof(struct results, n_epsilons));
    join.checks = take_maps(&join, offsetof(struct results, n_checks));
    join_extents(&join);
    join_builds(&join);
    results_join_epsilons(&join);
    results_join_checks(&join);
    results_join_attacks(&join);
    join_trials(&join);
    join_evaluations(&join);
    arena_close(&join.scratch);
}

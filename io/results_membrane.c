/* The membrane potential's distribution in one trial of a result file. A trial
 * has perhaps fewer layers, steps and bins than the file's dimensions; what it
 * lacks has no value there and is left out here. */
#include "io/results_read.h"

#include <math.h>
#include <string.h>

static struct results_variable of_trial(const char *name, size_t n_trials,
                                        size_t trial)
{
    return (struct results_variable){.name = name,
                                     .rank = 1,
                                     .extent = {n_trials},
                                     .one = true,
                                     .index = trial};
}

static void add_dimension(struct results_variable *variable, size_t extent)
{
    variable->extent[variable->rank++] = extent;
}

/* What the file has for the trial, over all of its layers, steps and bins. */
struct whole {
    const double *edges;
    const uint64_t *counts;
    const double *columns[5]; /* mean, deviation, omega, inside, rate */
};

static const char *const column_names[5] = {
    "membrane/membrane_mean",   "membrane/membrane_deviation",
    "membrane/membrane_omega",  "membrane/membrane_inside",
    "membrane/firing_rate",
};

static enum status read_whole(const struct results *results, size_t trial,
                              const struct results_file *file,
                              struct whole *whole)
{
    size_t n = results->n_trials;
    struct results_variable edges = of_trial("membrane/membrane_edge", n,
                                             trial);
    add_dimension(&edges, results->n_bins);
    TRY(results_read_f64(file, &edges, &whole->edges));
    struct results_variable counts = of_trial("membrane/membrane_count", n,
                                              trial);
    add_dimension(&counts, results->n_layers);
    add_dimension(&counts, results->n_steps);
    add_dimension(&counts, results->n_bins);
    TRY(results_read_u64(file, &counts, &whole->counts));
    for (size_t i = 0; i < 5; i++) {
        struct results_variable column = of_trial(column_names[i], n, trial);
        add_dimension(&column, results->n_layers);
        add_dimension(&column, results->n_steps);
        TRY(results_read_f64(file, &column, &whole->columns[i]));
    }
    return STATUS_OK;
}

/* Counts are never without a value where the trial has a layer and step. */
static bool is_known(const struct results *results, const struct whole *whole,
                     size_t layer, size_t step)
{
    size_t at = (layer * results->n_steps + step) * results->n_bins;
    return whole->counts[at] != UINT64_MAX;
}

static void measure(const struct results *results, const struct whole *whole,
                    struct result_membrane *membrane)
{
    if (results->n_bins == 0)
        return;
    while (membrane->n_layers < results->n_layers && results->n_steps > 0 &&
           is_known(results, whole, membrane->n_layers, 0))
        membrane->n_layers++;
    while (membrane->n_layers > 0 && membrane->n_steps < results->n_steps &&
           is_known(results, whole, 0, membrane->n_steps))
        membrane->n_steps++;
    while (membrane->n_layers > 0 && membrane->n_bins < results->n_bins &&
           !isnan(whole->edges[membrane->n_bins]))
        membrane->n_bins++;
}

static const double *compact_column(const struct results *results,
                                    const double *column,
                                    const struct result_membrane *membrane,
                                    struct arena *arena)
{
    size_t n = membrane->n_steps;
    double *kept = ARENA_ARRAY(arena, double, membrane->n_layers * n);
    for (size_t layer = 0; layer < membrane->n_layers; layer++)
        memcpy(kept + layer * n, column + layer * results->n_steps,
               n * sizeof *kept);
    return kept;
}

static const uint64_t *compact_counts(const struct results *results,
                                      const uint64_t *counts,
                                      const struct result_membrane *membrane,
                                      struct arena *arena)
{
    size_t n = membrane->n_bins;
    uint64_t *kept = ARENA_ARRAY(
        arena, uint64_t, membrane->n_layers * membrane->n_steps * n);
    for (size_t layer = 0; layer < membrane->n_layers; layer++)
        for (size_t step = 0; step < membrane->n_steps; step++)
            memcpy(kept + (layer * membrane->n_steps + step) * n,
                   counts + (layer * results->n_steps + step) *
                                results->n_bins,
                   n * sizeof *kept);
    return kept;
}

enum status results_membrane(const struct results *results, size_t trial,
                             struct arena *arena,
                             struct result_membrane *membrane)
{
    MUST(trial < results->n_trials);
    const struct result_trial *row = &results->trials[trial];
    if (results->n_sources)
        return results_membrane(&results->sources[row->source], row->row,
                                arena, membrane);
    struct results_file file = {results->path, results->file, arena};
    struct result_membrane read = {.gamma = results->trials[trial].gamma};
    struct whole whole = {0};
    TRY(read_whole(results, trial, &file, &whole));
    measure(results, &whole, &read);
    const double *columns[5];
    for (size_t i = 0; i < 5; i++)
        columns[i] = compact_column(results, whole.columns[i], &read, arena);
    read.mean = columns[0];
    read.deviation = columns[1];
    read.omega = columns[2];
    read.inside = columns[3];
    read.firing_rate = columns[4];
    read.edges = whole.edges;
    read.counts = compact_counts(results, whole.counts, &read, arena);
    *membrane = read;
    return STATUS_OK;
}

enum status results_inside(const struct results *results, size_t trial,
                           struct arena *arena, struct result_inside *inside)
{
    MUST(trial < results->n_trials);
    const struct result_trial *row = &results->trials[trial];
    if (results->n_sources)
        return results_inside(&results->sources[row->source], row->row, arena,
                              inside);
    size_t n_epochs = results->n_epochs, n_layers = results->n_layers;
    struct results_file file = {results->path, results->file, arena};
    struct results_variable variable =
        of_trial("training/inside_share", results->n_trials, trial);
    const double *all = NULL;
    struct result_inside read = {0};
    add_dimension(&variable, n_epochs);
    add_dimension(&variable, n_layers);
    TRY(results_read_f64(&file, &variable, &all));
    while (n_epochs && read.n_layers < n_layers && !isnan(all[read.n_layers]))
        read.n_layers++;
    while (read.n_layers && read.n_epochs < n_epochs &&
           !isnan(all[read.n_epochs * n_layers]))
        read.n_epochs++;
    double *share = ARENA_ARRAY(arena, double, read.n_epochs * read.n_layers);
    for (size_t i = 0; i < read.n_epochs; i++)
        memcpy(share + i * read.n_layers, all + i * n_layers,
               read.n_layers * sizeof *share);
    read.share = share;
    *inside = read;
    return STATUS_OK;
}

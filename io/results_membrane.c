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

/* blocks -------------------------------------------------------------- */

void results_close_block(struct results_block *block)
{
    if (block && block->n)
        arena_close(&block->arena);
    if (block)
        *block = (struct results_block){.n = 0};
}

static struct results_variable of_block(const struct results *results,
                                        const struct results_block *block,
                                        const char *name)
{
    struct results_variable variable =
        of_trial(name, results->n_trials, block->first);
    variable.n = block->n;
    return variable;
}

static enum status read_block(const struct results *results,
                              struct results_block *block)
{
    struct results_file file = {results->path, results->file, &block->arena};
    struct results_variable edges =
        of_block(results, block, "membrane/membrane_edge");
    struct results_variable counts =
        of_block(results, block, "membrane/membrane_count");
    add_dimension(&edges, results->n_bins);
    TRY(results_read_f64(&file, &edges, &block->edges));
    add_dimension(&counts, results->n_layers);
    add_dimension(&counts, results->n_steps);
    add_dimension(&counts, results->n_bins);
    TRY(results_read_u64(&file, &counts, &block->counts));
    for (size_t i = 0; i < 5; i++) {
        struct results_variable column =
            of_block(results, block, column_names[i]);
        add_dimension(&column, results->n_layers);
        add_dimension(&column, results->n_steps);
        TRY(results_read_f64(&file, &column, &block->columns[i]));
    }
    return STATUS_OK;
}

/* So many trials that they take a few megabytes. */
static size_t choose_size(const struct results *results)
{
    enum { BYTES = 1 << 22, MOST = 4096 };
    size_t n_bytes = 8 * (results->n_layers * results->n_steps *
                              (results->n_bins + 5) +
                          results->n_bins + 1);
    size_t n = BYTES / n_bytes;
    return n < 1 ? 1 : n > MOST ? MOST : n;
}

enum status results_find_block(const struct results *results, size_t trial,
                               struct results_block *block)
{
    size_t size = choose_size(results);
    if (block->n && trial >= block->first && trial < block->first + block->n)
        return STATUS_OK;
    results_close_block(block);
    block->first = trial - trial % size;
    block->n = results->n_trials - block->first;
    block->n = block->n < size ? block->n : size;
    block->arena = arena_open();
    enum status status = read_block(results, block);
    if (status != STATUS_OK)
        results_close_block(block);
    return status;
}

static struct whole whole_of(const struct results *results,
                             const struct results_block *block, size_t trial)
{
    size_t i = trial - block->first;
    size_t n = results->n_layers * results->n_steps;
    struct whole whole = {
        .edges = block->edges + i * results->n_bins,
        .counts = block->counts + i * n * results->n_bins,
    };
    for (size_t k = 0; k < 5; k++)
        whole.columns[k] = block->columns[k] + i * n;
    return whole;
}

/* trials -------------------------------------------------------------- */

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

static struct result_membrane take(const struct results *results,
                                   size_t trial, const struct whole *whole,
                                   struct arena *arena)
{
    struct result_membrane read = {.gamma = results->trials[trial].gamma};
    double *edges = ARENA_ARRAY(arena, double, results->n_bins + 1);
    const double *columns[5];
    measure(results, whole, &read);
    for (size_t i = 0; i < 5; i++)
        columns[i] = compact_column(results, whole->columns[i], &read, arena);
    read.mean = columns[0];
    read.deviation = columns[1];
    read.omega = columns[2];
    read.inside = columns[3];
    read.firing_rate = columns[4];
    if (results->n_bins)
        memcpy(edges, whole->edges, results->n_bins * sizeof *edges);
    read.edges = edges;
    read.counts = compact_counts(results, whole->counts, &read, arena);
    return read;
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
    struct results_block own = {.n = 0};
    struct results_block *block = results->block ? results->block : &own;
    TRY(results_find_block(results, trial, block));
    struct whole whole = whole_of(results, block, trial);
    *membrane = take(results, trial, &whole, arena);
    results_close_block(&own);
    return STATUS_OK;
}

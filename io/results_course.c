#include "io/results_course.h"
#include "io/results_read.h"

#include <math.h>
#include <string.h>

/* Of all trials of the block. */
static enum status read_course(const struct results *results,
                               struct results_block *block)
{
    struct results_file file = {results->path, results->file, &block->arena};
    struct results_variable variable = {
        .name = "training/inside_share",
        .rank = 3,
        .extent = {results->n_trials, results->n_epochs, results->n_layers},
        .one = true,
        .index = block->first,
        .n = block->n};
    return block->course ? STATUS_OK
                         : results_read_f64(&file, &variable, &block->course);
}

/* What the trial has of all epochs and layers. */
static struct result_inside take(const struct results *results,
                                 const double *all, struct arena *arena)
{
    size_t n_epochs = results->n_epochs, n_layers = results->n_layers;
    struct result_inside read = {0};
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
    return read;
}

enum status results_inside(const struct results *results, size_t trial,
                           struct arena *arena, struct result_inside *inside)
{
    MUST(trial < results->n_trials);
    const struct result_trial *row = &results->trials[trial];
    if (results->n_sources)
        return results_inside(&results->sources[row->source], row->row, arena,
                              inside);
    struct results_block own = {.n = 0};
    struct results_block *block = results->block ? results->block : &own;
    TRY(results_find_block(results, trial, block));
    enum status status = read_course(results, block);
    if (status == STATUS_OK)
        *inside = take(results,
                       block->course + (trial - block->first) *
                                           results->n_epochs *
                                           results->n_layers,
                       arena);
    results_close_block(&own);
    return status;
}

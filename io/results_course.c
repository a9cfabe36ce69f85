#include "io/results_course.h"
#include "io/results_read.h"

#include <math.h>
#include <string.h>

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
    struct results_variable variable = {
        .name = "training/inside_share",
        .rank = 3,
        .extent = {results->n_trials, n_epochs, n_layers},
        .one = true,
        .index = trial};
    const double *all = NULL;
    struct result_inside read = {0};
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

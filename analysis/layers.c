/* What potentials and rates have in common: groups, pools, sparks. */
#include "analysis/layers_parts.h"
#include "core/spec.h"
#include "core/surrogate.h"
#include "io/results_course.h"

#include <math.h>
#include <string.h>

/* groups -------------------------------------------------------------- */

enum status layers_group(const struct results *results,
                         const struct layers_request *request,
                         struct arena *arena, struct layers_groups *groups)
{
    if (results->n_layers == 0 || results->n_steps == 0)
        return status_refuse(STATUS_NOT_FOUND,
                             "%s: nothing is stored of spiking layers: no "
                             "training is done, or none keeps it",
                             results->path);
    groups->axes = axes_varying(results, false, arena);
    if (request->by)
        TRY(axes_read(results, request->by, arena, &groups->axes));
    groups->cells = axes_group(results, &groups->axes, arena);
    return STATUS_OK;
}

const char *layers_label(const struct layers_groups *groups, size_t i,
                         struct arena *arena)
{
    const char *label =
        axes_label(&groups->axes, &groups->cells.at[i], arena);
    return *label ? label : "all trials";
}

/* pools --------------------------------------------------------------- */

static void open_pool(struct layers_pool *pool,
                      const struct result_membrane *membrane,
                      struct arena *arena)
{
    size_t n = membrane->n_layers * membrane->n_steps;
    double *edges = ARENA_ARRAY(arena, double, membrane->n_bins + 1);
    if (membrane->n_bins)
        memcpy(edges, membrane->edges, membrane->n_bins * sizeof *edges);
    *pool = (struct layers_pool){
        .n_layers = membrane->n_layers,
        .n_steps = membrane->n_steps,
        .n_bins = membrane->n_bins,
        .edges = edges,
        .counts = ARENA_ARRAY(arena, double, n * membrane->n_bins + 1)};
    for (size_t i = 0; i < 5; i++)
        pool->figures[i] = ARENA_ARRAY(arena, double, n);
}

static bool is_alike(const struct layers_pool *pool,
                     const struct result_membrane *membrane)
{
    return pool->n_layers == membrane->n_layers &&
           pool->n_steps == membrane->n_steps &&
           pool->n_bins == membrane->n_bins &&
           (pool->n_bins < 2 ||
            memcmp(pool->edges + 1, membrane->edges + 1,
                   (pool->n_bins - 1) * sizeof *pool->edges) == 0);
}

static void add_trial(struct layers_pool *pool,
                      const struct result_membrane *membrane)
{
    size_t n = pool->n_layers * pool->n_steps;
    const double *const columns[5] = {
        membrane->mean, membrane->deviation, membrane->omega,
        membrane->inside, membrane->firing_rate};
    for (size_t i = 0; i < n * pool->n_bins; i++)
        pool->counts[i] += (double)membrane->counts[i];
    for (size_t k = 0; k < 5; k++)
        for (size_t i = 0; i < n; i++)
            pool->figures[k][i] += columns[k][i];
    if (pool->n_trials > 0 && pool->gamma != membrane->gamma)
        pool->gamma = NAN;
    else
        pool->gamma = membrane->gamma;
    pool->n_trials++;
}

/* What is read of a trial goes when it is added. */
static enum status read_trial(const struct results *results, size_t trial,
                              struct arena *arena, struct layers_pool *pool)
{
    struct result_membrane membrane;
    struct arena scratch = arena_open();
    enum status status = results_membrane(results, trial, &scratch, &membrane);
    if (status == STATUS_OK && membrane.n_layers > 0) {
        if (pool->n_trials == 0)
            open_pool(pool, &membrane, arena);
        if (is_alike(pool, &membrane))
            add_trial(pool, &membrane);
    }
    arena_close(&scratch);
    return status;
}

enum status layers_pool(const struct results *results,
                        const struct axes_cell *cell, struct arena *arena,
                        struct layers_pool *pool)
{
    *pool = (struct layers_pool){0};
    for (size_t i = 0; i < cell->n; i++)
        if (strcmp(results->trials[cell->trials[i]].state, "done") == 0)
            TRY(read_trial(results, cell->trials[i], arena, pool));
    return STATUS_OK;
}

double layers_figure(const struct layers_pool *pool,
                     enum layers_figure figure, size_t layer, int step)
{
    const double *sums = pool->figures[figure] + layer * pool->n_steps;
    double sum = 0;
    if (step != LAYERS_ALL_STEPS)
        return sums[step] / (double)pool->n_trials;
    for (size_t i = 0; i < pool->n_steps; i++)
        sum += sums[i];
    return sum / (double)(pool->n_steps * pool->n_trials);
}

double layers_count(const struct layers_pool *pool, size_t layer, int step,
                    size_t bin)
{
    const double *counts =
        pool->counts + layer * pool->n_steps * pool->n_bins + bin;
    double sum = 0;
    if (step != LAYERS_ALL_STEPS)
        return counts[(size_t)step * pool->n_bins];
    for (size_t i = 0; i < pool->n_steps; i++)
        sum += counts[i * pool->n_bins];
    return sum;
}

/* epochs -------------------------------------------------------------- */

static enum status add_epochs(const struct results *results, size_t trial,
                              struct layers_course *course)
{
    struct result_inside inside = {0};
    struct arena scratch = arena_open();
    enum status status = results_inside(results, trial, &scratch, &inside);
    for (size_t e = 0; e < inside.n_epochs; e++)
        for (size_t k = 0; k < inside.n_layers; k++) {
            course->sums[k * course->n_epochs + e] +=
                inside.share[e * inside.n_layers + k];
            course->n[k * course->n_epochs + e]++;
        }
    arena_close(&scratch);
    return status;
}

enum status layers_course(const struct results *results,
                          const struct axes_cell *cell, struct arena *arena,
                          struct layers_course *course)
{
    size_t n_epochs = results->n_epochs, n_layers = results->n_layers;
    *course = (struct layers_course){
        .n_epochs = n_epochs,
        .n_layers = n_layers,
        .sums = ARENA_ARRAY(arena, double, n_epochs * n_layers + 1),
        .n = ARENA_ARRAY(arena, double, n_epochs * n_layers + 1)};
    for (size_t i = 0; i < cell->n; i++)
        TRY(add_epochs(results, cell->trials[i], course));
    return STATUS_OK;
}

enum status layers_refuse_epochs(const struct results *results)
{
    return status_refuse(STATUS_NOT_FOUND,
                         "%s: no share after each epoch is stored; "
                         "training.test_each_epoch = true keeps it",
                         results->path);
}

/* surrogates ---------------------------------------------------------- */

const double *layers_surrogate(const struct result_trial *trial, size_t n,
                               const double *x, struct arena *arena)
{
    struct spec spec;
    if (spec_parse(trial->spec, &spec, arena) != STATUS_OK) {
        status_forget(); /* of a version that had other kinds */
        return NULL;
    }
    struct surrogate_use use = surrogate_in_training(&spec);
    if (use.surrogate->fit || use.surrogate->adapt)
        return NULL;
    float *y = ARENA_ARRAY(arena, float, n + 1);
    double *values = ARENA_ARRAY(arena, double, n + 1);
    for (size_t i = 0; i < n; i++)
        y[i] = (float)(use.sharpness * x[i]);
    use.surrogate->derivative(use.params, n, y, y);
    for (size_t i = 0; i < n; i++)
        values[i] = use.sharpness * (double)y[i];
    return values;
}

/* sheets -------------------------------------------------------------- */

const char *layers_sparks(size_t n, const double *values, struct arena *arena)
{
    static const char *const bars[] = {" ", "▁", "▂", "▃", "▄",
                                       "▅", "▆", "▇", "█"};
    double most = 0;
    char *text = arena_take(arena, 3 * n + 1), *to = text;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, values[i]);
    for (size_t i = 0; i < n; i++) {
        size_t height = most > 0 ? (size_t)ceil(8 * values[i] / most) : 0;
        to = stpcpy(to, bars[height > 8 ? 8 : height]);
    }
    return text;
}

size_t layers_add_heads(struct sheet *sheet,
                        const struct layers_groups *groups)
{
    for (size_t i = 0; i < groups->axes.n; i++)
        sheet_add_head(sheet, groups->axes.at[i].key, NULL);
    return sheet_add_column(
               sheet, (struct sheet_column){
                          .name = "layer",
                          .doc = "spiking layer, from the input's side",
                          .is_head = true}) +
           1;
}

size_t layers_add_row(struct sheet *sheet, const struct layers_groups *groups,
                      size_t group, size_t layer)
{
    const struct axes_cell *cell = &groups->cells.at[group];
    size_t row = sheet_add_row(sheet);
    for (size_t i = 0; i < groups->axes.n; i++)
        sheet_put_text(sheet, row, i,
                       axis_text(&groups->axes.at[i], cell->trials[0]));
    sheet_put_number(sheet, row, groups->axes.n, (double)layer);
    return row;
}

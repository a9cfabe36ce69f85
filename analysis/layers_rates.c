/* Firing rates as a sheet. */
#include "analysis/layers_parts.h"

#include <math.h>
#include <string.h>

enum {
    COLUMN_TRIALS,
    COLUMN_RATE,
    COLUMN_DEVIATION,
    COLUMN_LEAST,
    COLUMN_MOST,
    COLUMN_SILENT,
    COLUMN_SPARKS
};

static const struct sheet_column columns[] = {
    {.name = "trials", .doc = "pooled"},
    {.name = "rate", .doc = "spikes per neuron and time step, mean over trials",
     .n_decimals = 4},
    {.name = "deviation", .doc = "standard deviation of that over trials", .n_decimals = 4,
     .beside = true, .before = "±"},
    {.name = "least", .doc = "of the steps, the least", .n_decimals = 4},
    {.name = "most", .doc = "the largest", .n_decimals = 4},
    {.name = "silent", .doc = "share of steps and trials in which no neuron of the layer spikes",
     .n_decimals = 3},
};

/* Of one layer in the trials of a group, at a step or over all. */
struct rates {
    size_t n;           /* trials */
    double mean, deviation, least, most, silent;
    const double *steps; /* [n_steps] means */
    size_t n_steps;
};

/* What is stored of one trial's rates. */
struct trial_rates {
    size_t n_layers, n_steps;
    const double *rate; /* [layer][step] */
};

static double rate_of(const struct trial_rates *trial, size_t layer,
                      size_t first, size_t n)
{
    double sum = 0;
    for (size_t i = first; i < first + n; i++)
        sum += trial->rate[layer * trial->n_steps + i];
    return sum / (double)n;
}

static enum status read_trial(const struct results *results, size_t i,
                              struct arena *arena, struct trial_rates *trial)
{
    struct result_membrane membrane = {0};
    struct arena scratch = arena_open();
    enum status status = results_membrane(results, i, &scratch, &membrane);
    size_t n = membrane.n_layers * membrane.n_steps;
    double *rate = ARENA_ARRAY(arena, double, n + 1);
    if (status == STATUS_OK && n)
        memcpy(rate, membrane.firing_rate, n * sizeof *rate);
    *trial =
        (struct trial_rates){membrane.n_layers, membrane.n_steps, rate};
    arena_close(&scratch);
    return status;
}

/* Those that have nothing are left out, and those of other networks. */
static enum status read_trials(const struct results *results,
                               const struct axes_cell *cell,
                               struct arena *arena, struct trial_rates *all,
                               size_t *n)
{
    *n = 0;
    for (size_t i = 0; i < cell->n; i++) {
        if (strcmp(results->trials[cell->trials[i]].state, "done") != 0)
            continue;
        TRY(read_trial(results, cell->trials[i], arena, &all[*n]));
        if (all[*n].n_layers > 0 && all[*n].n_layers == all[0].n_layers &&
            all[*n].n_steps == all[0].n_steps)
            ++*n;
    }
    return STATUS_OK;
}

static double deviation_of(const struct trial_rates *all, size_t n,
                           size_t layer, size_t first, size_t n_steps,
                           double mean)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double off = rate_of(&all[i], layer, first, n_steps) - mean;
        sum += off * off;
    }
    return n > 1 ? sqrt(sum / (double)(n - 1)) : (double)NAN;
}

static struct rates measure(const struct trial_rates *all, size_t n,
                            size_t layer, size_t first, size_t n_steps,
                            struct arena *arena)
{
    double *steps = ARENA_ARRAY(arena, double, n_steps);
    struct rates rates = {.n = n, .least = INFINITY, .steps = steps,
                          .n_steps = n_steps};
    for (size_t k = 0; k < n_steps; k++) {
        for (size_t i = 0; i < n; i++) {
            double rate = rate_of(&all[i], layer, first + k, 1);
            steps[k] += rate / (double)n;
            rates.silent += rate == 0;
        }
        rates.mean += steps[k] / (double)n_steps;
        rates.least = fmin(rates.least, steps[k]);
        rates.most = fmax(rates.most, steps[k]);
    }
    rates.silent /= (double)(n * n_steps);
    rates.deviation =
        deviation_of(all, n, layer, first, n_steps, rates.mean);
    return rates;
}

static void put(struct sheet *sheet, size_t row, size_t first,
                const struct rates *rates, const struct layers_request *request,
                struct arena *arena)
{
    const double numbers[] = {(double)rates->n, rates->mean, rates->deviation,
                              rates->least, rates->most, rates->silent};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sheet_put_number(sheet, row, first + i, numbers[i]);
    if (request->sparks && !request->steps)
        sheet_put_text(sheet, row, first + COLUMN_SPARKS,
                       layers_sparks(rates->n_steps, rates->steps, arena));
}

static enum status put_group(const struct results *results,
                             const struct layers_request *request,
                             const struct layers_groups *groups, size_t group,
                             size_t first, struct sheet *sheet)
{
    const struct axes_cell *cell = &groups->cells.at[group];
    struct trial_rates *all =
        ARENA_ARRAY(sheet->arena, struct trial_rates, cell->n + 1);
    size_t n;
    TRY(read_trials(results, cell, sheet->arena, all, &n));
    size_t n_steps = n ? all[0].n_steps : 0, n_layers = n ? all[0].n_layers : 0;
    size_t width = request->steps ? 1 : n_steps;
    for (size_t layer = 0; layer < n_layers; layer++)
        for (size_t step = 0; step < n_steps; step += width) {
            struct rates rates =
                measure(all, n, layer, step, width, sheet->arena);
            size_t row = layers_add_row(sheet, groups, group, layer);
            if (request->steps)
                sheet_put_number(sheet, row, first, (double)step);
            put(sheet, row, first + request->steps, &rates, request,
                sheet->arena);
        }
    return STATUS_OK;
}

enum status layers_list_rates(const struct results *results,
                              const struct layers_request *request,
                              struct arena *arena, struct sheet *sheet)
{
    struct layers_groups groups;
    TRY(layers_group(results, request, arena, &groups));
    *sheet = sheet_open("firing rates", arena);
    size_t first = layers_add_heads(sheet, &groups);
    if (request->steps)
        sheet_add_column(sheet,
                         (struct sheet_column){.name = "step",
                                               .doc = "time step, from 0"});
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        sheet_add_column(sheet, columns[i]);
    if (request->sparks && !request->steps)
        sheet_add_column(sheet, (struct sheet_column){.name = "over steps",
                                                      .is_text = true});
    for (size_t i = 0; i < groups.cells.n; i++)
        TRY(put_group(results, request, &groups, i, first, sheet));
    if (sheet->n_rows == 0)
        return status_refuse(STATUS_NOT_FOUND, "%s: no training is done",
                             results->path);
    return STATUS_OK;
}

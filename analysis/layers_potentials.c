/* The membrane potential's distribution as a sheet. */
#include "analysis/layers_parts.h"

#include <math.h>
#include <string.h>

enum { SPARKS = 36 };

/* A listing on its way. */
struct listing {
    const struct results *results;
    const struct layers_request *request;
    struct layers_groups groups;
    struct arena *arena;
    struct sheet *sheet;
    size_t first; /* column behind the heads */
};

/* sparks -------------------------------------------------------------- */

/* The share of a bin's count that lies between two potentials. */
static double share_between(const struct layers_pool *pool, size_t layer,
                            int step, double low, double high)
{
    double sum = 0;
    for (size_t bin = 1; bin + 1 < pool->n_bins; bin++) {
        double from = pool->edges[bin], to = pool->edges[bin + 1];
        double part = fmin(to, high) - fmax(from, low);
        if (part > 0)
            sum += layers_count(pool, layer, step, bin) * part / (to - from);
    }
    return sum;
}

/* Where among the sparks a potential lies; SPARKS + 1 if outside. */
static size_t place_of(double x, double low, double width)
{
    double at = round((x - low) / width);
    return at >= 0 && at <= SPARKS ? (size_t)at : SPARKS + 1;
}

/* A bar a bin, "[" and "]" at the range's ends, "|" at the threshold. */
static const char *print_histogram(const struct layers_pool *pool,
                                   size_t layer, int step,
                                   struct arena *arena)
{
    double values[SPARKS], low = pool->edges[1];
    double width = (pool->edges[pool->n_bins - 1] - low) / SPARKS;
    const char *text = "";
    size_t marks[3] = {place_of(-pool->gamma, low, width),
                       place_of(0, low, width),
                       place_of(pool->gamma, low, width)};
    for (size_t i = 0; i < SPARKS; i++)
        values[i] = share_between(pool, layer, step, low + (double)i * width,
                                  low + (double)(i + 1) * width);
    const char *sparks = layers_sparks(SPARKS, values, arena);
    for (size_t i = 0; i <= SPARKS; i++) {
        size_t n = *sparks == ' ' ? 1 : 3;
        text = arena_print(arena, "%s%s%s%s%.*s", text,
                           i == marks[0] ? "[" : "", i == marks[1] ? "|" : "",
                           i == marks[2] ? "]" : "",
                           i < SPARKS ? (int)n : 0, sparks);
        sparks += i < SPARKS ? n : 0;
    }
    return text;
}

/* figures ------------------------------------------------------------- */

static const struct {
    const char *name, *unit, *doc;
    enum layers_figure figure;
} figure_columns[] = {
    {"mean", NULL, "mean of U - V_th", LAYERS_MEAN},
    {"deviation", NULL, "standard deviation of U - V_th", LAYERS_DEVIATION},
    {"omega", NULL, "share in (-gamma, gamma) if U were normal", LAYERS_OMEGA},
    {"inside", NULL, "measured share of U - V_th in (-gamma, gamma)", LAYERS_INSIDE},
    {"rate", NULL, "spikes per neuron and time step", LAYERS_RATE},
};

enum { N_FIGURES = sizeof figure_columns / sizeof *figure_columns };

static void add_number(struct listing *listing, const char *name,
                       const char *doc, int n_decimals)
{
    sheet_add_column(listing->sheet,
                     (struct sheet_column){.name = name,
                                           .doc = doc,
                                           .n_decimals = n_decimals});
}

static void add_step_column(struct listing *listing)
{
    if (listing->request->steps)
        add_number(listing, "step", "time step, from 0", 0);
}

static void add_figure_columns(struct listing *listing)
{
    add_step_column(listing);
    add_number(listing, "trials", "pooled", 0);
    add_number(listing, "gamma", "half width of the surrogate's range", 3);
    for (size_t i = 0; i < N_FIGURES; i++)
        add_number(listing, figure_columns[i].name, figure_columns[i].doc, 3);
    if (listing->request->sparks)
        sheet_add_column(listing->sheet,
                         (struct sheet_column){.name = "U - V_th",
                                               .is_text = true});
}

static void put_step(const struct listing *listing, size_t row, int step,
                     size_t *column)
{
    if (listing->request->steps)
        sheet_put_number(listing->sheet, row, (*column)++, (double)step);
}

static void put_figures(struct listing *listing,
                        const struct layers_pool *pool, size_t group,
                        size_t layer, int step)
{
    struct sheet *sheet = listing->sheet;
    size_t row = layers_add_row(sheet, &listing->groups, group, layer);
    size_t column = listing->first;
    put_step(listing, row, step, &column);
    sheet_put_number(sheet, row, column++, (double)pool->n_trials);
    sheet_put_number(sheet, row, column++, pool->gamma);
    for (size_t i = 0; i < N_FIGURES; i++)
        sheet_put_number(
            sheet, row, column++,
            layers_figure(pool, figure_columns[i].figure, layer, step));
    if (listing->request->sparks && pool->n_bins > 3)
        sheet_put_text(sheet, row, column,
                       print_histogram(pool, layer, step, listing->arena));
}

/* bins ---------------------------------------------------------------- */

static void add_bin_columns(struct listing *listing)
{
    add_step_column(listing);
    add_number(listing, "low",
               "lower edge of the bin of U - V_th; -inf: the underflow", 3);
    add_number(listing, "high", "upper edge; inf: the overflow", 3);
    add_number(listing, "count", "neurons, clean samples and trials", 0);
    add_number(listing, "density", "share per unit of potential", 4);
    add_number(listing, "gradient", "the surrogate's, at the bin's middle", 4);
}

static double gradient_at(const struct listing *listing, size_t group,
                          double low, double high)
{
    const struct axes_cell *cell = &listing->groups.cells.at[group];
    double x = (low + high) / 2;
    if (!isfinite(x))
        return NAN;
    const double *y =
        layers_surrogate(&listing->results->trials[cell->trials[0]], 1, &x,
                         listing->arena);
    return y ? *y : (double)NAN;
}

static void put_bins(struct listing *listing, const struct layers_pool *pool,
                     size_t group, size_t layer, int step)
{
    double sum = 0;
    for (size_t bin = 0; bin < pool->n_bins; bin++)
        sum += layers_count(pool, layer, step, bin);
    for (size_t bin = 0; bin < pool->n_bins; bin++) {
        size_t row =
            layers_add_row(listing->sheet, &listing->groups, group, layer);
        size_t column = listing->first;
        double low = bin ? pool->edges[bin] : (double)-INFINITY;
        double high =
            bin + 1 < pool->n_bins ? pool->edges[bin + 1] : (double)INFINITY;
        double count = layers_count(pool, layer, step, bin);
        put_step(listing, row, step, &column);
        const double numbers[] = {low, high, count,
                                  isfinite(high - low) && sum > 0
                                      ? count / sum / (high - low)
                                      : (double)NAN,
                                  gradient_at(listing, group, low, high)};
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
            sheet_put_number(listing->sheet, row, column++, numbers[i]);
    }
}

/* epochs -------------------------------------------------------------- */

static void add_epoch_columns(struct listing *listing)
{
    add_number(listing, "epoch", "from 1", 0);
    add_number(listing, "trials", "that ran it", 0);
    add_number(listing, "inside",
               "share of U - V_th in (-gamma, gamma) after the epoch", 3);
}

static enum status put_epochs(struct listing *listing, size_t group)
{
    struct layers_course course;
    TRY(layers_course(listing->results, &listing->groups.cells.at[group],
                      listing->arena, &course));
    for (size_t i = 0; i < course.n_layers * course.n_epochs; i++) {
        if (course.n[i] == 0)
            continue;
        size_t row = layers_add_row(listing->sheet, &listing->groups, group,
                                    i / course.n_epochs);
        sheet_put_number(listing->sheet, row, listing->first,
                         (double)(i % course.n_epochs + 1));
        sheet_put_number(listing->sheet, row, listing->first + 1, course.n[i]);
        sheet_put_number(listing->sheet, row, listing->first + 2,
                         course.sums[i] / course.n[i]);
    }
    return STATUS_OK;
}

/* all ----------------------------------------------------------------- */

static void put_layers(struct listing *listing, const struct layers_pool *pool,
                       size_t group)
{
    bool steps = listing->request->steps;
    size_t n = steps ? pool->n_steps : 1;
    for (size_t layer = 0; layer < pool->n_layers; layer++)
        for (size_t i = 0; i < n; i++) {
            int step = steps ? (int)i : LAYERS_ALL_STEPS;
            if (listing->request->bins)
                put_bins(listing, pool, group, layer, step);
            else
                put_figures(listing, pool, group, layer, step);
        }
}

static enum status put_group(struct listing *listing, size_t group)
{
    struct layers_pool pool;
    if (listing->request->epochs)
        return put_epochs(listing, group);
    TRY(layers_pool(listing->results, &listing->groups.cells.at[group],
                    listing->arena, &pool));
    if (pool.n_trials > 0)
        put_layers(listing, &pool, group);
    return STATUS_OK;
}

static enum status refuse_empty(const struct listing *listing)
{
    if (listing->request->epochs)
        return layers_refuse_epochs(listing->results);
    return status_refuse(STATUS_NOT_FOUND, "%s: no training is done",
                         listing->results->path);
}

enum status layers_list_potentials(const struct results *results,
                                   const struct layers_request *request,
                                   struct arena *arena, struct sheet *sheet)
{
    struct listing listing = {.results = results,
                              .request = request,
                              .arena = arena,
                              .sheet = sheet};
    TRY(layers_group(results, request, arena, &listing.groups));
    *sheet = sheet_open("membrane potential", arena);
    listing.first = layers_add_heads(sheet, &listing.groups);
    if (request->epochs)
        add_epoch_columns(&listing);
    else if (request->bins)
        add_bin_columns(&listing);
    else
        add_figure_columns(&listing);
    for (size_t i = 0; i < listing.groups.cells.n; i++)
        TRY(put_group(&listing, i));
    if (sheet->n_rows == 0)
        return refuse_empty(&listing);
    if (request->sparks && !request->bins && !request->epochs)
        sheet_add_note(sheet, "U - V_th: its histogram; [ and ] are -gamma and "
                              "gamma, between which gradients pass, | the "
                              "threshold.");
    return STATUS_OK;
}

/* Pictures of the membrane potential's distribution. */
#include "analysis/pictures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A group's histogram in each layer, over its seeds and all time steps. */
struct density {
    size_t n_layers, n_bins;
    const double *edges;
    double gamma, *counts; /* [layer][bin] */
};

struct densities {
    struct density at[PLOT_LINES_MAX];
    size_t n_layers; /* the largest */
    double lowest;   /* density above 0, of all */
    double highest;
};

static void open_density(struct density *density,
                         const struct result_membrane *membrane,
                         struct arena *arena)
{
    *density = (struct density){
        .n_layers = membrane->n_layers,
        .n_bins = membrane->n_bins,
        .edges = membrane->edges,
        .gamma = membrane->gamma,
        .counts = ARENA_ARRAY(arena, double,
                              membrane->n_layers * membrane->n_bins)};
}

/* Seeds whose bins are others are left out; they are not of one group, since
 * the bins are settings. */
static void add_trial(struct density *density,
                      const struct result_membrane *membrane)
{
    size_t n = membrane->n_bins;
    if (density->n_layers != membrane->n_layers || density->n_bins != n)
        return;
    for (size_t layer = 0; layer < membrane->n_layers; layer++)
        for (size_t step = 0; step < membrane->n_steps; step++)
            for (size_t bin = 0; bin < n; bin++)
                density->counts[layer * n + bin] +=
                    (double)membrane
                        ->counts[(layer * membrane->n_steps + step) * n + bin];
}

static enum status read_density(const struct results *results,
                                const struct group *group,
                                struct arena *arena, struct density *density)
{
    for (size_t i = 0; i < group->n; i++) {
        struct result_membrane membrane;
        TRY(results_membrane(results, group->trials[i], arena, &membrane));
        if (membrane.n_layers == 0 || membrane.n_bins < 3)
            continue;
        if (density->n_layers == 0)
            open_density(density, &membrane, arena);
        add_trial(density, &membrane);
    }
    return STATUS_OK;
}

/* Per unit of potential, so that its integral is the share. */
static double density_at(const struct density *density, size_t layer,
                         size_t bin)
{
    const double *counts = density->counts + layer * density->n_bins;
    double sum = 0, width = density->edges[bin + 1] - density->edges[bin];
    for (size_t i = 0; i < density->n_bins; i++)
        sum += counts[i];
    return sum > 0 ? counts[bin] / sum / width : 0;
}

/* Inner bins: the first is the underflow, the last the overflow. */
static void measure(struct densities *all, const struct density *density)
{
    for (size_t layer = 0; layer < density->n_layers; layer++)
        for (size_t bin = 1; bin + 1 < density->n_bins; bin++) {
            double value = density_at(density, layer, bin);
            if (value > 0)
                all->lowest = fmin(all->lowest, value);
            all->highest = fmax(all->highest, value);
        }
    all->n_layers = density->n_layers > all->n_layers ? density->n_layers
                                                      : all->n_layers;
}

static enum status read_densities(const struct results *results,
                                  const struct slice *slice,
                                  struct arena *arena, struct densities *all)
{
    *all = (struct densities){.lowest = INFINITY};
    for (size_t i = 0; i < slice->n; i++) {
        TRY(read_density(results, slice->groups[i], arena, &all->at[i]));
        if (all->at[i].n_layers > 0)
            measure(all, &all->at[i]);
    }
    return STATUS_OK;
}

/* the script ---------------------------------------------------------- */

/* Corners of the steps; what is below the picture is far below it, so that no
 * line runs along its edge. */
static void write_data(const struct density *density, size_t layer,
                       size_t line, double floor, FILE *out)
{
    fprintf(out, "$d%zul%zu << EOD\n", layer, line);
    for (size_t bin = 1; bin + 1 < density->n_bins; bin++) {
        double value = density_at(density, layer, bin);
        value = value < floor ? floor / 10 : value;
        fprintf(out, "%.6g %.6g\n%.6g %.6g\n", density->edges[bin], value,
                density->edges[bin + 1], value);
    }
    fprintf(out, "EOD\n");
}

/* Shaded for the widest, a line at the end of every other one. */
static void mark_ranges(const struct densities *all, size_t n, FILE *out)
{
    double widest = 0;
    for (size_t i = 0; i < n; i++)
        if (all->at[i].n_layers > 0)
            widest = fmax(widest, all->at[i].gamma);
    fprintf(out,
            "set object 1 rectangle from first %.6g,graph 0 to first "
            "%.6g,graph 1 behind fc rgb '#fbeccb' fs solid noborder\n"
            "set arrow 1 from first 0,graph 0 to first 0,graph 1 nohead "
            "lc rgb '#888888' lw 1 dt (4,4) back\n",
            -widest, widest);
    for (size_t i = 0; i < n; i++)
        if (all->at[i].n_layers > 0 && all->at[i].gamma < widest)
            for (int side = -1; side <= 1; side += 2)
                fprintf(out,
                        "set arrow from first %.6g,graph 0 to first "
                        "%.6g,graph 1 nohead lc rgb '%s' lw 1 dt (2,3)\n",
                        side * all->at[i].gamma, side * all->at[i].gamma,
                        plot_color(i));
}

static void set_ranges(const struct densities *all, size_t n, double floor,
                       FILE *out)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        const struct density *density = &all->at[i];
        if (density->n_layers == 0)
            continue;
        low = fmin(low, density->edges[1]);
        high = fmax(high, density->edges[density->n_bins - 1]);
    }
    fprintf(out,
            "set xrange [%.6g:%.6g]\nset logscale y\n"
            "set yrange [%.6g:%.6g]\nset format y '%%g'\n",
            low, high, floor, 2 * all->highest);
}

/* The share within the surrogate's range. */
static void tell_line(const struct panels *panels,
                      const struct density *density, size_t layer, size_t line)
{
    double inside = 0;
    for (size_t bin = 1; bin + 1 < density->n_bins; bin++) {
        double low = fmax(density->edges[bin], -density->gamma);
        double high = fmin(density->edges[bin + 1], density->gamma);
        if (high > low)
            inside += density_at(density, layer, bin) * (high - low);
    }
    pictures_tell(panels, layer,
                  arena_print(panels->arena, "of %s %.0f %% lie in its "
                                             "surrogate's range",
                              panels->slice->names[line], 100 * inside));
}

static void write_panel(const struct panels *panels,
                        const struct densities *all, size_t layer,
                        double floor)
{
    const char *separator = "plot ";
    pictures_panel(panels, layer,
                   arena_print(panels->arena, "spiking layer %zu", layer),
                   "membrane potential - threshold");
    for (size_t i = 0; i < panels->slice->n; i++)
        if (layer < all->at[i].n_layers)
            write_data(&all->at[i], layer, i, floor, panels->out);
    for (size_t i = 0; i < panels->slice->n; i++)
        if (layer < all->at[i].n_layers)
            tell_line(panels, &all->at[i], layer, i);
    for (size_t i = 0; i < panels->slice->n; i++) {
        if (layer >= all->at[i].n_layers)
            continue;
        fprintf(panels->out, "%s$d%zul%zu with lines %s notitle", separator,
                layer, i, plot_line(i, panels->arena));
        separator = ", \\\n    ";
    }
    fprintf(panels->out, "\nunset label\n");
}

static void write_script(const struct slice *slice,
                         const struct densities *all, struct arena *arena,
                         struct plot *plot)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    MUST(out != NULL);
    struct panels panels = pictures_open(slice, all->n_layers,
                                         "density", arena, out);
    /* Densities span decades; what is rarer is not worth the paper. */
    double floor = fmax(all->lowest / 2, all->highest * 1e-4);
    set_ranges(all, slice->n, floor, out);
    mark_ranges(all, slice->n, out);
    for (size_t i = 0; i < all->n_layers; i++)
        write_panel(&panels, all, i, floor);
    pictures_close(&panels);
    MUST(fclose(out) == 0);
    *plot = pictures_plot(&panels, plot->name, text);
    free(text);
}

enum status pictures_membrane(const struct results *results,
                              const struct slice *slice, size_t number,
                              struct arena *arena, struct plot *plot)
{
    struct densities all;
    TRY(read_densities(results, slice, arena, &all));
    *plot = (struct plot){
        .name = arena_print(arena, "membrane-%02zu", number)};
    if (all.n_layers > 0 && all.highest > 0)
        write_script(slice, &all, arena, plot);
    return STATUS_OK;
}

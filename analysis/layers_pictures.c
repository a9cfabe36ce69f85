/* Potentials and rates as pictures. */
#include "analysis/layers_drawing.h"

#include <math.h>
#include <stdlib.h>

/* potentials ---------------------------------------------------------- */

static double density_at(const struct line *line, size_t layer, size_t bin)
{
    const struct layers_pool *pool = &line->pool;
    double sum = 0;
    for (size_t i = 0; i < pool->n_bins; i++)
        sum += layers_count(pool, layer, line->step, i);
    return sum > 0 ? layers_count(pool, layer, line->step, bin) / sum /
                         (pool->edges[bin + 1] - pool->edges[bin])
                   : 0;
}

/* Corners of the steps; the largest density. */
static double write_density(const struct line *line, size_t layer, size_t i,
                            FILE *out)
{
    const struct layers_pool *pool = &line->pool;
    double most = 0;
    fprintf(out, "$d%zul%zu << EOD\n", layer, i);
    for (size_t bin = 1; bin + 1 < pool->n_bins; bin++) {
        double value = density_at(line, layer, bin);
        most = fmax(most, value);
        fprintf(out, "%.6g %.6g\n%.6g %.6g\n", pool->edges[bin], value,
                pool->edges[bin + 1], value);
    }
    fprintf(out, "EOD\n");
    return most;
}

/* All gradients once, before the panels; the largest value. */
static double write_gradients(const struct drawing *drawing, FILE *out)
{
    double most = 0;
    for (size_t i = 0; i < drawing->slice.n; i++) {
        const double *gradient = drawing->lines[i].gradient;
        if (!gradient)
            continue;
        fprintf(out, "$g%zu << EOD\n", i);
        for (size_t k = 0; k < CURVE_POINTS; k++) {
            most = fmax(most, gradient[k]);
            fprintf(out, "%.6g %.6g\n",
                    drawing->low + (drawing->high - drawing->low) *
                                       (double)k / (CURVE_POINTS - 1),
                    gradient[k]);
        }
        fprintf(out, "EOD\n");
    }
    return most;
}

/* The first one is shaded, others are thin lines in their colour. */
static void plot_gradients(const struct drawing *drawing, FILE *out)
{
    bool is_first = true;
    fprintf(out, "plot -1 notitle");
    for (size_t i = 0; i < drawing->slice.n; i++) {
        if (!drawing->lines[i].gradient)
            continue;
        if (is_first)
            fprintf(out,
                    ", \\\n    $g%zu axes x1y2 with filledcurves y2=0 lc rgb "
                    "'#fbeccb' notitle, \\\n    $g%zu axes x1y2 with lines "
                    "lw 1 lc rgb '#c9a24a' notitle", i, i);
        else
            fprintf(out,
                    ", \\\n    $g%zu axes x1y2 with lines lw 1 dt (2,3) lc rgb "
                    "'%s' notitle", i, plot_color(i));
        is_first = false;
    }
}

static void write_potentials(const struct panels *panels,
                             const struct drawing *drawing, size_t layer)
{
    double most = 0;
    pictures_panel(panels, layer,
                   arena_print(panels->arena, "spiking layer %zu", layer),
                   "membrane potential - threshold");
    for (size_t i = 0; i < drawing->slice.n; i++) {
        const struct line *line = &drawing->lines[i];
        if (layer >= line->pool.n_layers)
            continue;
        most = fmax(most, write_density(line, layer, i, panels->out));
        pictures_tell(panels, layer,
                      arena_print(panels->arena, "of %s %.0f %% in its range",
                                  panels->slice->names[i],
                                  100 * layers_figure(&line->pool,
                                                      LAYERS_INSIDE, layer,
                                                      line->step)));
    }
    fprintf(panels->out, "set yrange [0:%.6g]\n",
            most > 0 ? 1.08 * most : 1.0);
    plot_gradients(drawing, panels->out);
    for (size_t i = 0; i < drawing->slice.n; i++)
        if (layer < drawing->lines[i].pool.n_layers)
            fprintf(panels->out, ", \\\n    $d%zul%zu with lines %s notitle",
                    layer, i, plot_line(i, panels->arena));
    fprintf(panels->out, "\n");
}

/* Lines of the data of that letter. */
static void plot_points(const struct panels *panels,
                        const struct drawing *drawing, char letter,
                        size_t layer)
{
    fprintf(panels->out, "plot -1 notitle");
    for (size_t i = 0; i < drawing->slice.n; i++)
        if (layer < drawing->lines[i].pool.n_layers)
            fprintf(panels->out,
                    ", \\\n    $%c%zul%zu with linespoints %s notitle", letter,
                    layer, i, plot_line(i, panels->arena));
    fprintf(panels->out, "\n");
}

/* A script by `write`, for each layer; `begin` comes before the panels. */
static void make_plot(const struct drawing *drawing, const char *name,
                      const char *y_label,
                      void (*begin)(const struct drawing *drawing, FILE *out),
                      void (*write)(const struct panels *panels,
                                    const struct drawing *drawing,
                                    size_t layer),
                      struct plot *plot)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    MUST(out != NULL);
    struct panels panels = pictures_open(&drawing->slice, drawing->n_layers,
                                         y_label, drawing->arena, out);
    begin(drawing, out);
    for (size_t i = 0; i < drawing->n_layers; i++)
        write(&panels, drawing, i);
    pictures_close(&panels);
    MUST(fclose(out) == 0);
    *plot = pictures_plot(&panels, name, text);
    free(text);
}

static void begin_potentials(const struct drawing *drawing, FILE *out)
{
    double most = write_gradients(drawing, out);
    fprintf(out,
            "set xrange [%.6g:%.6g]\nset y2range [0:%.6g]\n"
            "set arrow 1 from first 0,graph 0 to first 0,graph 1 nohead "
            "lc rgb '#888888' lw 1 dt (4,4)\n",
            drawing->low, drawing->high, most > 0 ? 1.15 * most : 1.0);
}

/* epochs -------------------------------------------------------------- */

static bool has_epochs(const struct drawing *drawing)
{
    for (size_t i = 0; i < drawing->slice.n; i++) {
        const struct layers_course *course = &drawing->lines[i].course;
        for (size_t k = 0; k < course->n_layers * course->n_epochs; k++)
            if (course->n[k] > 0)
                return true;
    }
    return false;
}

static void begin_epochs(const struct drawing *drawing, FILE *out)
{
    size_t n = drawing->results->n_epochs;
    fprintf(out, "set xrange [0.8:%.6g]\nset xtics 1,%zu\nset yrange [0:1]\n",
            (double)n + 0.2, (n - 1) / 8 + 1);
}

static void write_epochs(const struct panels *panels,
                         const struct drawing *drawing, size_t layer)
{
    pictures_panel(panels, layer,
                   arena_print(panels->arena, "spiking layer %zu", layer),
                   "epoch");
    for (size_t i = 0; i < drawing->slice.n; i++) {
        const struct layers_course *course = &drawing->lines[i].course;
        fprintf(panels->out, "$e%zul%zu << EOD\n", layer, i);
        for (size_t e = 0; e < course->n_epochs; e++) {
            size_t at = layer * course->n_epochs + e;
            if (course->n[at] > 0)
                fprintf(panels->out, "%zu %.6g\n", e + 1,
                        course->sums[at] / course->n[at]);
        }
        fprintf(panels->out, "EOD\n");
    }
    plot_points(panels, drawing, 'e', layer);
}

static enum status draw_epochs(const struct drawing *drawing,
                               struct plot *plot)
{
    if (!has_epochs(drawing))
        return layers_refuse_epochs(drawing->results);
    make_plot(drawing, "mpd", "share in the surrogate's range", begin_epochs,
              write_epochs, plot);
    return STATUS_OK;
}

enum status layers_draw_potentials(const struct results *results,
                                   const struct layers_request *request,
                                   struct arena *arena, struct plot *plot)
{
    struct drawing *drawing = ARENA_ARRAY(arena, struct drawing, 1);
    TRY(layers_open_drawing(results, request,
                     request->epochs
                         ? "membrane potential over training"
                         : "membrane potential; shaded: the surrogate's "
                           "gradient",
                     arena, drawing));
    if (request->epochs)
        return draw_epochs(drawing, plot);
    if (!isfinite(drawing->low))
        return status_refuse(STATUS_NOT_FOUND, "%s: no histograms are stored",
                             results->path);
    make_plot(drawing, "mpd", "density", begin_potentials, write_potentials,
              plot);
    return STATUS_OK;
}

/* rates --------------------------------------------------------------- */

static void begin_rates(const struct drawing *drawing, FILE *out)
{
    fprintf(out, "set xrange [-0.2:%.6g]\nset xtics 0,%zu\n",
            (double)drawing->n_steps - 0.8, (drawing->n_steps - 1) / 8 + 1);
}

static void write_rates(const struct panels *panels,
                        const struct drawing *drawing, size_t layer)
{
    double most = 0;
    pictures_panel(panels, layer,
                   arena_print(panels->arena, "spiking layer %zu", layer),
                   "time step");
    for (size_t i = 0; i < drawing->slice.n; i++) {
        const struct layers_pool *pool = &drawing->lines[i].pool;
        if (layer >= pool->n_layers)
            continue;
        fprintf(panels->out, "$r%zul%zu << EOD\n", layer, i);
        for (size_t k = 0; k < pool->n_steps; k++) {
            double rate = layers_figure(pool, LAYERS_RATE, layer, (int)k);
            most = fmax(most, rate);
            fprintf(panels->out, "%zu %.6g\n", k, rate);
        }
        fprintf(panels->out, "EOD\n");
    }
    fprintf(panels->out, "set yrange [0:%.6g]\n",
            most > 0 ? 1.1 * most : 1.0);
    plot_points(panels, drawing, 'r', layer);
}

enum status layers_draw_rates(const struct results *results,
                              const struct layers_request *request,
                              struct arena *arena, struct plot *plot)
{
    struct layers_request whole = *request;
    struct drawing *drawing = ARENA_ARRAY(arena, struct drawing, 1);
    whole.steps = false; /* they are the axis */
    TRY(layers_open_drawing(results, &whole, "firing rates", arena, drawing));
    make_plot(drawing, "firing", "spikes per neuron and step", begin_rates,
              write_rates, plot);
    return STATUS_OK;
}

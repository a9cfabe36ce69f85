/* Curves as a picture. */
#include "analysis/columns.h"
#include "analysis/curves.h"
#include "analysis/pictures.h"

#include <math.h>
#include <stdlib.h>

/* Lines "x mean lowest highest" in percent; returns how many. */
static size_t write_data(const struct curves *curves,
                         const struct curves_panel *panel, size_t number,
                         size_t line, FILE *out)
{
    const struct axes_cell *cell = &curves->lines.at[line];
    const struct group group = {.n = cell->n, .trials = cell->trials};
    size_t n = 0;
    fprintf(out, "$p%zul%zu << EOD\n", number, line);
    for (size_t i = 0; i < panel->n; i++) {
        struct spread spread =
            column_spread(curves->results, &panel->at[i].figure, &group);
        if (spread.n == 0)
            continue;
        fprintf(out, "%.6g %.6g %.6g %.6g\n", panel->at[i].x,
                100 * spread.mean, 100 * spread.lowest, 100 * spread.highest);
        n++;
    }
    fprintf(out, "EOD\n");
    return n;
}

/* Bands first, so that no line lies under one. */
static void write_lines(const struct panels *panels, size_t number,
                        const size_t *n_points)
{
    FILE *out = panels->out;
    fprintf(out, "plot -1 notitle");
    for (size_t i = 0; i < panels->slice->n; i++)
        if (n_points[i] > 1)
            fprintf(out,
                    ", \\\n    $p%zul%zu using 1:3:4 with filledcurves "
                    "lc rgb '%s' fs transparent solid 0.15 noborder notitle",
                    number, i, plot_color(i));
    for (size_t i = 0; i < panels->slice->n; i++)
        if (n_points[i] > 0)
            fprintf(out, ", \\\n    $p%zul%zu using 1:2 with linespoints %s "
                         "notitle",
                    number, i, plot_line(i, panels->arena));
    fprintf(out, "\n");
}

static void write_panel(const struct panels *panels,
                        const struct curves *curves, size_t number)
{
    const struct curves_panel *panel = &curves->panels[number];
    size_t n_points[PLOT_LINES_MAX] = {0};
    double last = panel->at[panel->n - 1].x;
    pictures_panel(panels, number, panel->title, panel->x_label);
    for (size_t i = 0; i < panels->slice->n; i++)
        n_points[i] = write_data(curves, panel, number, i, panels->out);
    fprintf(panels->out, "set xrange [0:%.6g]\n",
            last > 0 ? 1.02 * last : 1.0);
    write_lines(panels, number, n_points);
}

enum status curves_plot(const struct curves *curves, struct arena *arena,
                        struct plot *plot)
{
    struct slice slice = {.title = "Accuracy under attack",
                          .n = curves->lines.n};
    char *text = NULL;
    size_t size = 0;
    if (slice.n > PLOT_LINES_MAX)
        return status_refuse(STATUS_INVALID,
                             "%zu lines: a picture can have %d that look "
                             "different; choose fewer by --lines or --where",
                             slice.n, PLOT_LINES_MAX);
    if (curves->n_panels > PICTURES_PANELS_MAX)
        return status_refuse(STATUS_INVALID,
                             "%zu attacks: a picture can have %d panels; "
                             "choose fewer by --attack",
                             curves->n_panels, PICTURES_PANELS_MAX);
    for (size_t i = 0; i < slice.n; i++) {
        slice.names[i] = axes_label(&curves->axes, &curves->lines.at[i],
                                    arena);
        if (!*slice.names[i])
            slice.names[i] = "all trials";
    }
    FILE *out = open_memstream(&text, &size);
    MUST(out != NULL);
    struct panels panels = pictures_open(
        &slice, curves->n_panels, "accuracy in percent", arena, out);
    fprintf(out, "set yrange [0:100]\n");
    for (size_t i = 0; i < curves->n_panels; i++)
        write_panel(&panels, curves, i);
    pictures_close(&panels);
    MUST(fclose(out) == 0);
    *plot = pictures_plot(&panels, "curves", text);
    free(text);
    return STATUS_OK;
}

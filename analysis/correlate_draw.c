/* Points of a correlation as a picture, groups by color and shape. */
#include "analysis/columns.h"
#include "analysis/correlate_parts.h"
#include "analysis/statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { WIDTH = 720, HEIGHT = 480 };

struct drawing {
    const struct results *results;
    const struct points *points;
    struct arena *arena;
    FILE *out;
    const double *x, *y;
    struct sheet_column x_column, y_column;
};

static double scaled(const struct sheet_column *column, double value)
{
    return value * (column->scale != 0 ? column->scale : 1);
}

/* More groups than look different are drawn alike. */
static size_t count_shown(const struct points *points)
{
    return points->n_groups <= PLOT_LINES_MAX ? points->n_groups : 1;
}

static void write_data(const struct drawing *drawing, size_t group)
{
    const struct points *points = drawing->points;
    fprintf(drawing->out, "$g%zu << EOD\n", group);
    for (size_t i = 0; i < points->n; i++)
        if (!isnan(drawing->x[i]) && !isnan(drawing->y[i]) &&
            (count_shown(points) == 1 || points->group[i] == group))
            fprintf(drawing->out, "%.8g %.8g\n",
                    scaled(&drawing->x_column, drawing->x[i]),
                    scaled(&drawing->y_column, drawing->y[i]));
    fprintf(drawing->out, "EOD\n");
}

static size_t count_in(const struct drawing *drawing, size_t group)
{
    const struct points *points = drawing->points;
    size_t n = 0;
    for (size_t i = 0; i < points->n; i++)
        n += !isnan(drawing->x[i]) && !isnan(drawing->y[i]) &&
             (count_shown(points) == 1 || points->group[i] == group);
    return n;
}

static const char *title_of(const struct drawing *drawing)
{
    size_t n = drawing->points->n;
    struct correlation pearson =
        statistics_pearson(drawing->x, drawing->y, n, 0.95);
    struct correlation spearman =
        statistics_spearman(drawing->x, drawing->y, n, 0.95);
    return arena_print(drawing->arena,
                       "%zu points: Pearson %+.2f [%+.2f to %+.2f], "
                       "Spearman %+.2f [%+.2f to %+.2f]",
                       pearson.n, pearson.r, pearson.low, pearson.high,
                       spearman.r, spearman.low, spearman.high);
}

static const char *label_of(const struct drawing *drawing,
                            const struct sheet_column *column)
{
    return plot_quote(column->scale == 100
                          ? arena_print(drawing->arena, "%s, percent",
                                        column->name)
                          : column->name,
                      drawing->arena);
}

static void write_script(const struct drawing *drawing)
{
    const struct points *points = drawing->points;
    size_t n_shown = count_shown(points);
    fprintf(drawing->out,
            "set title %s noenhanced\nset xlabel %s noenhanced\nset ylabel %s "
            "noenhanced\nset border 3\nset tics nomirror\nset offsets graph "
            "0.03, graph 0.03, graph 0.03, graph 0.03\nset key %s "
            "noenhanced\n",
            plot_quote(title_of(drawing), drawing->arena),
            label_of(drawing, &drawing->x_column),
            label_of(drawing, &drawing->y_column),
            n_shown > 1 ? "bmargin left Left reverse maxcols 1" : "off");
    if (n_shown > 1)
        fprintf(drawing->out, "set bmargin %zu\n", 5 + n_shown);
    bool some = false;
    for (size_t i = 0; i < n_shown; i++)
        write_data(drawing, i);
    for (size_t i = 0; i < n_shown; i++) {
        if (count_in(drawing, i) == 0)
            continue;
        fprintf(drawing->out, "%s$g%zu using 1:2 with points %s title %s",
                some ? ", \\\n    " : "plot ", i,
                plot_line(i, drawing->arena),
                plot_quote(points->groups[i], drawing->arena));
        some = true;
    }
    if (!some)
        fprintf(drawing->out, "set xrange [0:1]\nset yrange [0:1]\nset label "
                              "'no points' at graph 0.5,0.5 center\nplot -1 "
                              "notitle");
    fprintf(drawing->out, "\n");
}

static struct plot draw(struct drawing *drawing)
{
    char *text = NULL;
    size_t size = 0, n_shown = count_shown(drawing->points);
    drawing->out = open_memstream(&text, &size);
    MUST(drawing->out != NULL);
    write_script(drawing);
    MUST(fclose(drawing->out) == 0);
    struct plot plot = {.name = "correlate",
                        .script = arena_copy_text(drawing->arena, text),
                        .width = WIDTH,
                        .height = HEIGHT + (n_shown > 1 ? 20 * n_shown : 0)};
    free(text);
    return plot;
}

enum status correlate_draw(const struct results *results,
                           const struct correlate *correlate,
                           struct arena *arena, struct plot *plot)
{
    struct points points;
    const struct figure *figure = &correlate->figures.at[0];
    TRY(correlate_find_points(results, correlate, arena, &points));
    struct drawing drawing = {
        .results = results,
        .points = &points,
        .arena = arena,
        .x = correlate_values(results, &points, &correlate->x, arena),
        .y = correlate_values(results, &points, figure, arena),
        .x_column = column_of_sheet(results, &correlate->x, arena),
        .y_column = column_of_sheet(results, figure, arena),
    };
    *plot = draw(&drawing);
    return STATUS_OK;
}

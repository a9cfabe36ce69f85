/* Main effects as a picture: a panel an axis. */
#include "analysis/ablate_parts.h"
#include "analysis/columns.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PANEL_HEIGHT = 300,
    LEVEL_WIDTH = 66,
    LEFT = 92,
    BELOW = 78,
    ABOVE = 34,  /* of each panel, its title */
    TITLE = 44,  /* above all, two lines */
    WIDTH = 1400 /* a row of panels, unless one alone is wider */
};

struct corner;

struct drawing {
    const struct results *results;
    const struct ablated *ablated;
    struct arena *arena;
    FILE *out;
    struct variance variance;
    const double *values;
    struct sheet_column column; /* how the figure is read */
    double lowest, highest;     /* of what is drawn */
    size_t width, height;       /* pixels */
    struct corner *corners;     /* [axes.n] */
};

/* Of a panel, its names and title included. */
struct corner {
    size_t left, top;
};

static double scaled(const struct drawing *drawing, double value)
{
    return value * (drawing->column.scale != 0 ? drawing->column.scale : 1);
}

static size_t panel_width(const struct axis_of_trials *axis)
{
    return LEFT + LEVEL_WIDTH * (axis->n > 2 ? axis->n : 3);
}

static size_t longest_level(const struct axes *axes)
{
    size_t longest = 0;
    for (size_t i = 0; i < axes->n; i++)
        for (size_t k = 0; k < axes->at[i].n; k++) {
            size_t n = strlen(axes->at[i].levels[k]);
            longest = n > longest ? n : longest;
        }
    return longest;
}

/* Names of levels are slanted: long ones need more room below. */
static size_t room_below(const struct axes *axes)
{
    size_t n = longest_level(axes);
    return BELOW + 5 * (n > 6 ? n - 6 : 0);
}

static struct variance_level level_of(const struct drawing *drawing, size_t i,
                                      size_t k)
{
    return variance_level(&drawing->variance, drawing->values,
                          drawing->results->n_trials,
                          &drawing->ablated->factors[i], (int32_t)k, 0.95);
}

static void find_range(struct drawing *drawing)
{
    const struct axes *axes = &drawing->ablated->axes;
    drawing->lowest = drawing->highest =
        scaled(drawing, drawing->variance.mean);
    for (size_t i = 0; i < axes->n; i++)
        for (size_t k = 0; k < axes->at[i].n; k++) {
            struct variance_level level = level_of(drawing, i, k);
            double ends[] = {level.mean, level.low, level.high};
            for (size_t e = 0; e < 3; e++) {
                double end = scaled(drawing, ends[e]);
                drawing->lowest = fmin(drawing->lowest, end);
                drawing->highest = fmax(drawing->highest, end);
            }
        }
    double room = 0.06 * (drawing->highest - drawing->lowest);
    room = room > 0 ? room : 0.5;
    drawing->lowest -= room;
    drawing->highest += room;
}

static void write_data(const struct drawing *drawing, size_t i)
{
    const struct axis_of_trials *axis = &drawing->ablated->axes.at[i];
    fprintf(drawing->out, "$a%zu << EOD\n", i);
    for (size_t k = 0; k < axis->n; k++) {
        struct variance_level level = level_of(drawing, i, k);
        double low = isnan(level.low) ? level.mean : level.low;
        double high = isnan(level.high) ? level.mean : level.high;
        if (!isnan(level.mean))
            fprintf(drawing->out, "%zu %.8g %.8g %.8g\n", k,
                    scaled(drawing, level.mean), scaled(drawing, low),
                    scaled(drawing, high));
    }
    fprintf(drawing->out, "EOD\nset xtics (");
    for (size_t k = 0; k < axis->n; k++)
        fprintf(drawing->out, "%s%s %zu", k ? ", " : "",
                plot_quote(axis->levels[k], drawing->arena), k);
    fprintf(drawing->out,
            ") rotate by 30 right noenhanced\nset xrange [-0.6:%.1f]\n",
            (double)axis->n - 0.4);
}

/* Panels side by side, in as many rows as it takes. */
static void place_panels(struct drawing *drawing)
{
    const struct axes *axes = &drawing->ablated->axes;
    size_t left = 0, top = TITLE, height = PANEL_HEIGHT + room_below(axes);
    drawing->corners = ARENA_ARRAY(drawing->arena, struct corner, axes->n);
    for (size_t i = 0; i < axes->n; i++) {
        size_t width = panel_width(&axes->at[i]);
        if (left > 0 && left + width > WIDTH) {
            left = 0;
            top += height;
        }
        drawing->corners[i] = (struct corner){left, top};
        left += width;
        drawing->width = left > drawing->width ? left : drawing->width;
    }
    drawing->height = top + height;
}

static void write_place(const struct drawing *drawing, size_t i)
{
    const struct axes *axes = &drawing->ablated->axes;
    const struct corner *corner = &drawing->corners[i];
    double w = (double)drawing->width, h = (double)drawing->height;
    fprintf(drawing->out,
            "set lmargin at screen %.5f\nset rmargin at screen %.5f\n"
            "set tmargin at screen %.5f\nset bmargin at screen %.5f\n",
            (double)(corner->left + LEFT - 16) / w,
            (double)(corner->left + panel_width(&axes->at[i]) - 8) / w,
            1 - (double)(corner->top + ABOVE) / h,
            1 - (double)(corner->top + PANEL_HEIGHT) / h);
}

static void write_panel(const struct drawing *drawing, size_t i,
                        const char *label)
{
    const struct axis_of_trials *axis = &drawing->ablated->axes.at[i];
    const struct variance_term *term = &drawing->variance.terms[i];
    write_data(drawing, i);
    write_place(drawing, i);
    fprintf(drawing->out,
            "set ylabel %s noenhanced\nset title %s noenhanced offset 0,-0.4\n",
            plot_quote(drawing->corners[i].left ? "" : label, drawing->arena),
            plot_quote(arena_print(drawing->arena, "%s: %.1f %%", axis->key,
                                   100 * term->eta),
                       drawing->arena));
    fprintf(drawing->out,
            "plot %.8g with lines lc rgb '#888888' dt 2 notitle, \\\n"
            "    $a%zu using 1:2:3:4 with yerrorbars lc rgb '%s' lw 1.5 pt 7 "
            "ps 0.8 notitle\nunset label\n",
            scaled(drawing, drawing->variance.mean), i, plot_color(1));
}

/* A line from the picture's top; a picture of one axis of two levels is narrow.
 */
static void write_title(const struct drawing *drawing, double top,
                        const char *text)
{
    fprintf(drawing->out, "set label %s at screen 0.5,%.5f center noenhanced\n",
            plot_quote(text, drawing->arena),
            1 - top / (double)drawing->height);
}

static void write_script(const struct drawing *drawing, const char *name)
{
    const char *label =
        arena_print(drawing->arena, "%s%s", name,
                    drawing->column.scale == 100 ? ", percent" : "");
    fprintf(drawing->out, "set multiplot\n");
    write_title(drawing, 14,
                arena_print(drawing->arena, "%s by level, 95 %% intervals",
                            name));
    write_title(drawing, 32, "in titles: variance explained");
    fprintf(drawing->out,
            "set border 3\nset tics nomirror\nset grid y lc rgb "
            "'#dddddd'\nset yrange [%.8g:%.8g]\n",
            drawing->lowest, drawing->highest);
    for (size_t i = 0; i < drawing->ablated->axes.n; i++)
        write_panel(drawing, i, label);
    fprintf(drawing->out, "unset multiplot\n");
}

static struct plot draw(struct drawing *drawing, const char *name)
{
    char *text = NULL;
    size_t size = 0;
    place_panels(drawing);
    drawing->out = open_memstream(&text, &size);
    MUST(drawing->out != NULL);
    write_script(drawing, name);
    MUST(fclose(drawing->out) == 0);
    struct plot plot = {.name = "ablate",
                        .script = arena_copy_text(drawing->arena, text),
                        .width = drawing->width,
                        .height = drawing->height};
    free(text);
    return plot;
}

enum status ablate_draw(const struct results *results,
                        const struct ablation *ablation, struct arena *arena,
                        struct plot *plot)
{
    struct ablated ablated;
    const struct figure *figure = &ablation->figures.at[0];
    TRY(ablate_find_axes(results, ablation->axes, arena, &ablated));
    struct drawing drawing = {
        .results = results,
        .ablated = &ablated,
        .arena = arena,
        .values = ablate_values(results, figure, arena),
        .column = column_of_sheet(results, figure, arena),
    };
    drawing.variance =
        variance_analyze(drawing.values, results->n_trials, ablated.factors,
                         ablated.axes.n, arena);
    find_range(&drawing);
    *plot = draw(&drawing, figure_name(results, figure, arena));
    return STATUS_OK;
}

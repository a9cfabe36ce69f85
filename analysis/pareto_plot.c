/* The Pareto front as a picture. */
#include "analysis/columns.h"
#include "analysis/pareto.h"
#include "analysis/pictures.h"

#include <stdlib.h>
#include <string.h>

enum { WIDTH = 720, HEIGHT = 560, NAMED_MAX = 12 };

/* What a number is multiplied by for people. */
static double scale_of(const struct pareto *pareto, size_t figure,
                       struct arena *arena)
{
    struct sheet_column column = column_of_sheet(
        pareto->results, &pareto->figures.at[figure], arena);
    return column.scale;
}

static const char *label_of(const struct pareto *pareto, size_t figure,
                            struct arena *arena)
{
    const struct figure *of = &pareto->figures.at[figure];
    const struct figure_row *row = &figure_rows[of->quantity];
    const char *name = figure_name(pareto->results, of, arena);
    if (row->form == FORM_PERCENT)
        return arena_print(arena, "%s, percent", name);
    if (row->form == FORM_BYTES)
        return arena_print(arena, "%s, MB", name);
    return strcmp(row->unit, "1") ? arena_print(arena, "%s, %s", name,
                                                row->unit)
                                  : name;
}

/* Lines "x y", of the front with the cell's name. */
static void write_points(const struct pareto *pareto, bool front,
                         struct arena *arena, FILE *out)
{
    double x = scale_of(pareto, 0, arena), y = scale_of(pareto, 1, arena);
    fprintf(out, "$%s << EOD\n", front ? "front" : "others");
    for (size_t i = 0; i < pareto->cells.n; i++) {
        const struct pareto_point *point = &pareto->points[i];
        if (point->is_known && point->on_front == front)
            fprintf(out, "%.6g %.6g \"%s\"\n", x * point->means[0],
                    y * point->means[1],
                    axes_label(&pareto->axes, &pareto->cells.at[i], arena));
    }
    fprintf(out, "EOD\n");
}

/* Names stand to the right of their points: the share of the picture that the
 * longest needs there. */
static double room_for_names(const struct pareto *pareto, struct arena *arena)
{
    size_t longest = 0;
    for (size_t i = 0; i < pareto->cells.n; i++) {
        if (!pareto->points[i].on_front || pareto->n_front > NAMED_MAX)
            continue;
        size_t n = strlen(
            axes_label(&pareto->axes, &pareto->cells.at[i], arena));
        longest = n > longest ? n : longest;
    }
    double share = 7.0 * (double)longest / WIDTH;
    return share < 0.6 ? share / (1 - share) : 1;
}

static void write_script(const struct pareto *pareto, struct arena *arena,
                         FILE *out)
{
    bool named = pareto->n_front <= NAMED_MAX;
    write_points(pareto, false, arena, out);
    write_points(pareto, true, arena, out);
    fprintf(out,
            "set encoding utf8\nset border 3 lc rgb '#444444'\n"
            "set tics nomirror out textcolor rgb '#222222'\n"
            "set grid lt 1 lw 1 lc rgb '#e4e4e4'\n"
            "set title 'Pareto front: %zu of %zu cells'\n"
            "set xlabel %s noenhanced\nset ylabel %s noenhanced\n"
            "set bmargin 6\n"
            "set key at screen 0.5, 0.03 center center horizontal samplen 2\n"
            "set offsets graph 0.05, graph %.3f, graph 0.05, graph 0.05\n"
            "plot $others using 1:2 with points pt 7 ps 0.4 "
            "lc rgb '#a8a8a8' title 'other cells', \\\n"
            "    $front using 1:2 smooth unique with linespoints %s title "
            "'front'",
            pareto->n_front, pareto->n_known,
            plot_quote(label_of(pareto, 0, arena), arena),
            plot_quote(label_of(pareto, 1, arena), arena),
            0.05 + room_for_names(pareto, arena), plot_line(2, arena));
    if (named)
        fprintf(out, ", \\\n    $front using 1:2:3 with labels "
                     "rotate by 12 offset 1,0.5 left noenhanced font ',9' "
                     "notitle");
    fprintf(out, "\n");
}

struct plot pareto_plot(const struct pareto *pareto, struct arena *arena)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    MUST(out != NULL);
    write_script(pareto, arena, out);
    MUST(fclose(out) == 0);
    struct plot plot = {.name = "pareto",
                        .script = arena_copy_text(arena, text),
                        .width = WIDTH,
                        .height = HEIGHT};
    free(text);
    return plot;
}

/* Pictures of accuracy over epsilon. */
#include "analysis/columns.h"
#include "analysis/pictures.h"
#include "core/attack.h"

#include <math.h>
#include <stdlib.h>

/* What has no norm is noise, whose size is a deviation. */
static const char *x_label_of(const struct results *results, size_t attack)
{
    const char *name =
        settings_get(&results->attacks[attack].settings, "attack");
    const struct kind *kind = name ? kind_find(&attack_axis, name) : NULL;
    if (kind && attack_of(kind)->norm == NORM_NONE)
        return "deviation of the noise, in 1/255";
    return "epsilon, in 1/255";
}

/* Lines "epsilon*255 mean lowest highest" in percent; returns how many. */
static size_t write_data(const struct results *results,
                         const struct group *group, size_t attack, size_t line,
                         FILE *out)
{
    size_t n = 0;
    fprintf(out, "$a%zul%zu << EOD\n", attack, line);
    for (size_t e = 0; e < results->n_epsilons; e++) {
        struct figure column = {QUANTITY_ATTACK, attack, e};
        struct spread spread = column_spread(results, &column, group);
        if (spread.n == 0)
            continue;
        fprintf(out, "%.6g %.6g %.6g %.6g\n", 255 * results->epsilons[e],
                100 * spread.mean, 100 * spread.lowest, 100 * spread.highest);
        n++;
    }
    fprintf(out, "EOD\n");
    return n;
}

/* Of a line its ends. */
static void tell_line(const struct panels *panels,
                      const struct results *results, size_t attack,
                      size_t line)
{
    double first = NAN, last = NAN, epsilon = NAN;
    for (size_t e = 0; e < results->n_epsilons; e++) {
        struct figure column = {QUANTITY_ATTACK, attack, e};
        struct spread spread =
            column_spread(results, &column, panels->slice->groups[line]);
        if (spread.n == 0)
            continue;
        first = isnan(first) ? spread.mean : first;
        last = spread.mean;
        epsilon = results->epsilons[e];
    }
    if (!isnan(last))
        pictures_tell(panels, attack,
                      arena_print(panels->arena,
                                  "%s falls from %.1f to %.1f %% at %s",
                                  panels->slice->names[line], 100 * first,
                                  100 * last,
                                  column_print_epsilon(epsilon,
                                                       panels->arena)));
}

/* Bands first, so that no line lies under one. The function -1, out of sight,
 * gives gnuplot something to draw where there is nothing. */
static void write_plot(const struct panels *panels, size_t attack,
                       const size_t *n_points)
{
    const struct slice *slice = panels->slice;
    fprintf(panels->out, "plot -1 notitle");
    for (size_t i = 0; i < slice->n; i++)
        if (n_points[i] > 1 && slice->groups[i]->n > 1)
            fprintf(panels->out,
                    ", \\\n    $a%zul%zu using 1:3:4 with filledcurves "
                    "lc rgb '%s' fs transparent solid 0.15 noborder notitle",
                    attack, i, plot_color(i));
    for (size_t i = 0; i < slice->n; i++)
        if (n_points[i] > 0)
            fprintf(panels->out,
                    ", \\\n    $a%zul%zu using 1:2 with linespoints %s "
                    "notitle",
                    attack, i, plot_line(i, panels->arena));
    fprintf(panels->out, "\n");
}

static void write_panel(const struct panels *panels,
                        const struct results *results, size_t attack)
{
    size_t n_points[PLOT_LINES_MAX] = {0}, n = 0;
    struct indices epsilons =
        columns_epsilons(results, attack, panels->arena);
    double last = epsilons.n ? results->epsilons[epsilons.at[epsilons.n - 1]]
                             : 1.0 / 255;
    pictures_panel(panels, attack, results->attacks[attack].name,
                   x_label_of(results, attack));
    for (size_t i = 0; i < panels->slice->n; i++) {
        n_points[i] = write_data(results, panels->slice->groups[i], attack, i,
                                 panels->out);
        tell_line(panels, results, attack, i);
        n += n_points[i];
    }
    fprintf(panels->out, "set xrange [0:%.6g]\n", 255 * last * 1.02);
    if (n == 0)
        fprintf(panels->out,
                "set label 2 'no results' at graph 0.5,0.5 center\n");
    write_plot(panels, attack, n_points);
    fprintf(panels->out, "unset label\n");
}

struct plot pictures_curves(const struct results *results,
                            const struct slice *slice, size_t number,
                            struct arena *arena)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    MUST(out != NULL);
    struct panels panels = pictures_open(slice, results->n_attacks,
                                         "accuracy in percent", arena, out);
    fprintf(out, "set yrange [0:100]\n");
    for (size_t i = 0; i < results->n_attacks; i++)
        write_panel(&panels, results, i);
    pictures_close(&panels);
    MUST(fclose(out) == 0);
    struct plot plot = pictures_plot(
        &panels, arena_print(arena, "curves-%02zu", number), text);
    free(text);
    return plot;
}

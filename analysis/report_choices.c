/* The report's section of single choices: what cells have on average that
 * share one. */
#include "analysis/axes.h"
#include "analysis/columns.h"
#include "analysis/html.h"
#include "analysis/report_parts.h"

#include <math.h>

/* Sums over the trials of each level, a column after the other. */
struct tally {
    size_t n_columns;  /* clean, then each attack */
    double *sums, *n;  /* [level][column] */
};

static struct figure column_of(size_t i)
{
    return (struct figure){i ? QUANTITY_MEAN : QUANTITY_CLEAN, i ? i - 1 : 0,
                           0};
}

static struct tally count(const struct report *report,
                          const struct axis_of_trials *axis,
                          struct arena *arena)
{
    size_t n = report->results->n_attacks + 1;
    struct tally tally = {n, ARENA_ARRAY(arena, double, n * axis->n + 1),
                          ARENA_ARRAY(arena, double, n * axis->n + 1)};
    for (size_t i = 0; i < report->results->n_trials; i++)
        for (size_t k = 0; k < n && axis->of[i] != AXIS_NO_LEVEL; k++) {
            struct figure column = column_of(k);
            double value = figure_value(report->results, &column, i);
            if (isnan(value))
                continue;
            tally.sums[(size_t)axis->of[i] * n + k] += value;
            tally.n[(size_t)axis->of[i] * n + k]++;
        }
    return tally;
}

static double mean_of(const struct tally *tally, size_t level, size_t column)
{
    size_t at = level * tally->n_columns + column;
    return tally->n[at] > 0 ? tally->sums[at] / tally->n[at] : (double)NAN;
}

static void write_level(const struct report *report,
                        const struct axis_of_trials *axis,
                        const struct tally *tally, size_t level)
{
    FILE *out = report->out;
    fprintf(out, "<tr class=\"cell\">");
    html_element(out, "td class=\"name\"", axis->levels[level]);
    fprintf(out, "<td>%.0f</td>", tally->n[level * tally->n_columns]);
    for (size_t k = 0; k < tally->n_columns; k++) {
        struct figure column = column_of(k);
        double value = mean_of(tally, level, k), most = -INFINITY;
        for (size_t i = 0; i < axis->n; i++)
            most = fmax(most, mean_of(tally, i, k));
        html_element(out, value > most - 0.0005 ? "td class=\"best\"" : "td",
                     column_print(&column, value, false, report->arena));
    }
    fprintf(out, "</tr>\n");
}

static void write_axis(const struct report *report,
                       const struct axis_of_trials *axis)
{
    struct arena arena = arena_open();
    struct tally tally = count(report, axis, &arena);
    fprintf(report->out, "<tr class=\"family\">");
    html_element(report->out, "td class=\"name\"", axis->key);
    fprintf(report->out, "<td colspan=\"%zu\"></td></tr>\n",
            tally.n_columns + 1);
    for (size_t i = 0; i < axis->n; i++)
        write_level(report, axis, &tally, i);
    arena_close(&arena);
}

static void write_heads(const struct report *report)
{
    fprintf(report->out, "<thead><tr><th></th><th>cells</th><th>clean</th>\n");
    for (size_t i = 0; i < report->results->n_attacks; i++)
        html_element(report->out, "th", report->results->attacks[i].name);
    fprintf(report->out, "</tr></thead>\n<tbody>\n");
}

void report_write_choices(const struct report *report)
{
    struct axes axes = axes_varying(report->results, false, report->arena);
    if (axes.n == 0)
        return;
    fprintf(report->out,
            "<h2 id=\"choices\">Choices</h2>\n<p class=\"note\">Accuracy in "
            "percent, mean of all finished cells that share a choice; under "
            "attacks: mean over the epsilons above 0. The best of each is "
            "bold. Where not all combinations were run, a choice is in other "
            "company than its alternatives, and these means compare "
            "more than the choice.</p>\n<div class=\"wide\"><table>\n");
    write_heads(report);
    for (size_t i = 0; i < axes.n; i++)
        write_axis(report, &axes.at[i]);
    fprintf(report->out, "</tbody>\n</table></div>\n");
}

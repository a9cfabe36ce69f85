/* The report's section of single choices: what cells have on average that
 * share one. */
#include "analysis/columns.h"
#include "analysis/html.h"
#include "analysis/report_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct choice {
    const char *key, *value;
};

struct mean {
    size_t n;
    double value;
};

static struct mean mean_of(const struct report *report,
                           const struct figure *column,
                           const struct choice *choice)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < report->results->n_trials; i++) {
        const char *value = settings_get(&report->results->trials[i].settings,
                                         choice->key);
        double figure = figure_value(report->results, column, i);
        if (!value || strcmp(value, choice->value) != 0 || isnan(figure))
            continue;
        sum += figure;
        n++;
    }
    return (struct mean){n, n ? sum / (double)n : (double)NAN};
}

static int compare(const void *a, const void *b)
{
    const struct choice *x = a, *y = b;
    return settings_compare_values(x->key, x->value, y->value);
}

/* The values that a key has, in order; keys that a kind does not have are not
 * chosen there. */
static size_t list_choices(const struct report *report, const char *key,
                           struct choice *choices)
{
    size_t n = 0;
    for (size_t i = 0; i < report->results->n_trials; i++) {
        const char *value =
            settings_get(&report->results->trials[i].settings, key);
        bool known = !value;
        for (size_t k = 0; k < n && !known; k++)
            known = strcmp(choices[k].value, value) == 0;
        if (!known)
            choices[n++] = (struct choice){key, value};
    }
    qsort(choices, n, sizeof *choices, compare);
    return n;
}

static struct figure column_of(size_t i)
{
    return (struct figure){i ? QUANTITY_MEAN : QUANTITY_CLEAN, i ? i - 1 : 0,
                           0};
}

static void write_choice(const struct report *report,
                         const struct choice *choice, const double *most)
{
    FILE *out = report->out;
    struct figure clean = column_of(0);
    fprintf(out, "<tr class=\"cell\">");
    html_element(out, "td class=\"name\"", choice->value);
    fprintf(out, "<td>%zu</td>", mean_of(report, &clean, choice).n);
    for (size_t i = 0; i <= report->results->n_attacks; i++) {
        struct figure column = column_of(i);
        double value = mean_of(report, &column, choice).value;
        html_element(out,
                     value > most[i] - 0.0005 ? "td class=\"best\"" : "td",
                     column_print(&column, value, false, report->arena));
    }
    fprintf(out, "</tr>\n");
}

static void write_key(const struct report *report, const char *key)
{
    size_t n_columns = report->results->n_attacks + 1;
    struct arena arena = arena_open();
    struct choice *choices =
        ARENA_ARRAY(&arena, struct choice, report->results->n_trials + 1);
    double *most = ARENA_ARRAY(&arena, double, n_columns);
    size_t n = list_choices(report, key, choices);
    for (size_t i = 0; i < n_columns; i++) {
        struct figure column = column_of(i);
        most[i] = -INFINITY;
        for (size_t k = 0; k < n; k++)
            most[i] =
                fmax(most[i], mean_of(report, &column, &choices[k]).value);
    }
    fprintf(report->out, "<tr class=\"family\">");
    html_element(report->out, "td class=\"name\"", key);
    fprintf(report->out, "<td colspan=\"%zu\"></td></tr>\n", n_columns + 1);
    for (size_t k = 0; k < n; k++)
        write_choice(report, &choices[k], most);
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
    const struct results *results = report->results;
    struct settings *cells =
        ARENA_ARRAY(report->arena, struct settings, results->n_trials + 1);
    for (size_t i = 0; i < results->n_trials; i++)
        cells[i] = results->trials[i].settings;
    struct variation variation =
        settings_vary(results->n_trials, cells, report->arena);
    variation = variation_without(&variation, "training.seed", report->arena);
    if (variation.n == 0)
        return;
    fprintf(report->out,
            "<h2 id=\"choices\">Choices</h2>\n<p class=\"note\">Accuracy in "
            "percent, mean of all finished cells that share a choice; under "
            "attacks: mean over the epsilons above 0. The best of each is "
            "bold. Where not all combinations were run, a choice is in other "
            "company than its alternatives, and these means compare "
            "more than the choice.</p>\n<div class=\"wide\"><table>\n");
    write_heads(report);
    for (size_t i = 0; i < variation.n; i++)
        write_key(report, variation.keys[i]);
    fprintf(report->out, "</tbody>\n</table></div>\n");
}

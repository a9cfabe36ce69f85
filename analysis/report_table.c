/* The report's table of cells. */
#include "analysis/columns.h"
#include "analysis/html.h"
#include "analysis/report_parts.h"

enum { N_FIXED = 4 }; /* columns besides those of attacks */

struct table {
    const struct report *report;
    size_t n;
    struct figure *columns;
    struct indices *epsilons; /* [n_attacks] */
};

static void add(struct table *table, enum quantity quantity, size_t attack,
                size_t epsilon)
{
    table->columns[table->n++] = (struct figure){quantity, attack, epsilon};
}

static struct table open_table(const struct report *report)
{
    const struct results *results = report->results;
    size_t n = results->n_attacks;
    struct table table = {
        .report = report,
        .columns = ARENA_ARRAY(report->arena, struct figure,
                               N_FIXED + n * results->n_epsilons),
        .epsilons = ARENA_ARRAY(report->arena, struct indices, n + 1),
    };
    add(&table, QUANTITY_CLEAN, 0, 0);
    for (size_t i = 0; i < n; i++) {
        table.epsilons[i] = columns_epsilons(results, i, report->arena);
        for (size_t e = 0; e < table.epsilons[i].n; e++)
            add(&table, QUANTITY_ATTACK, i, table.epsilons[i].at[e]);
    }
    add(&table, QUANTITY_OMEGA, 0, 0);
    add(&table, QUANTITY_INSIDE, 0, 0);
    add(&table, QUANTITY_RATE, 0, 0);
    return table;
}

static void write_heads(const struct table *table)
{
    const struct results *results = table->report->results;
    FILE *out = table->report->out;
    fprintf(out, "<thead>\n<tr><th></th><th></th>");
    for (size_t i = 0; i < results->n_attacks; i++)
        if (table->epsilons[i].n > 0)
            html_element(out,
                         arena_print(table->report->arena,
                                     "th class=\"name\" colspan=\"%zu\"",
                                     table->epsilons[i].n),
                         results->attacks[i].name);
    fprintf(out, "<th colspan=\"3\"></th></tr>\n<tr><th></th>\n");
    for (size_t i = 0; i < table->n; i++)
        html_element(out, "th",
                     column_heading(results, &table->columns[i],
                                    table->report->arena));
    fprintf(out, "</tr>\n</thead>\n<tbody>\n");
}

static void write_cell(const struct table *table, const struct figure *column,
                       const struct spread *spread, bool twins)
{
    FILE *out = table->report->out;
    struct arena *arena = table->report->arena;
    fprintf(out, "<td>%s",
            column_print(column, spread->mean, twins, arena));
    if (spread->n > 1)
        fprintf(out, "<small> &#177;%s</small>",
                column_print(column, spread->deviation, false, arena));
    fprintf(out, "</td>\n");
}

static void write_row(const struct table *table, const struct group *group,
                      const char *class, const char *label, bool twins)
{
    FILE *out = table->report->out;
    fprintf(out, "<tr class=\"%s\">", class);
    html_element(out, "td class=\"name\"", label);
    for (size_t i = 0; i < table->n; i++) {
        const struct figure *column = &table->columns[i];
        struct spread spread =
            twins ? column_difference(table->report->results, column, group)
                  : column_spread(table->report->results, column, group);
        write_cell(table, column, &spread, twins);
    }
    fprintf(out, "</tr>\n");
}

static bool has_twin(const struct group *group)
{
    for (size_t i = 0; i < group->n; i++)
        if (group->twins[i] != GROUPS_NO_TRIAL)
            return true;
    return false;
}

static void write_group(const struct table *table, const struct group *group)
{
    const struct groups *groups = table->report->groups;
    write_row(table, group, "cell",
              groups->defence_varies ? group->defence : group->label, false);
    if (has_twin(group))
        write_row(table, group, "twin", "against its twin", true);
}

static void write_family(const struct table *table, const char *family)
{
    FILE *out = table->report->out;
    fprintf(out, "<tr class=\"family\">");
    html_element(out, "td class=\"name\"", family);
    fprintf(out, "<td colspan=\"%zu\"></td></tr>\n", table->n);
}

static void write_groups(const struct table *table)
{
    const struct groups *groups = table->report->groups;
    for (size_t i = 0; i < groups->n && i < REPORT_GROUPS; i++) {
        const struct group *group = &groups->at[i];
        bool opens =
            i == 0 || group->i_family != groups->at[i - 1].i_family;
        if (opens && groups->defence_varies && *group->family)
            write_family(table, group->family);
        write_group(table, group);
    }
}

/* A wide table turns the sheet of paper that it is on. */
enum { UPRIGHT_COLUMNS = 9 };

void report_write_table(const struct report *report)
{
    const struct groups *groups = report->groups;
    struct table table = open_table(report);
    fprintf(report->out,
            "<div class=\"%s\"><h2 id=\"cells\">Cells</h2>\n<p "
            "class=\"note\">Accuracy in percent, clean and "
            "under each attack by epsilon. Omega: share of the potential "
            "within the surrogate's range if it were normal; inside: that "
            "share as measured; rate: spikes per neuron and step; means over "
            "layers and steps. Against its twin: difference to the cell "
            "of the same seed without its defences. Cells that diverged are "
            "left out.%s</p>\n",
            table.n > UPRIGHT_COLUMNS ? "landscape" : "upright",
            groups->seed_varies
                ? " Means over seeds, &#177; their standard deviation."
                : "");
    report_open_fold(report, groups->n > REPORT_OPEN_ROWS,
                     arena_print(report->arena, "%zu settings", groups->n));
    fprintf(report->out, "<div class=\"wide\"><table>\n");
    write_heads(&table);
    write_groups(&table);
    fprintf(report->out, "</tbody>\n</table></div>\n");
    report_close_fold(report);
    if (groups->n > REPORT_GROUPS)
        fprintf(report->out,
                "<p class=\"note\">%zu more settings are left out here; "
                "spikesweep table has them all, and sweep.h5.</p>\n",
                groups->n - REPORT_GROUPS);
    fprintf(report->out, "</div>\n");
}

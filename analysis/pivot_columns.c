/* The columns of a sheet of figures over axes. */
#include "analysis/columns.h"
#include "analysis/pivot_parts.h"

static size_t add_beside(struct pivot_table *table,
                         const struct sheet_column *of, const char *what,
                         const char *doc, const char *before,
                         const char *after)
{
    struct sheet_column column = *of;
    column.name = arena_print(table->arena, "%s %s", of->name, what);
    column.doc = doc;
    column.before = before;
    column.after = after;
    column.beside = true;
    return sheet_add_column(table->sheet, column);
}

static size_t add_count(struct pivot_table *table, const char *name,
                        const char *what)
{
    return sheet_add_column(
        table->sheet, (struct sheet_column){
                          .name = arena_print(table->arena, "%s %s", name,
                                              what),
                          .unit = "1",
                          .doc = "values that count",
                          .for_programs = true});
}

static size_t add_p(struct pivot_table *table, const struct sheet_column *of,
                    const char *what, const char *doc, bool for_programs)
{
    return sheet_add_column(
        table->sheet, (struct sheet_column){
                          .name = arena_print(table->arena, "%s %s", of->name,
                                              what),
                          .heading = "p",
                          .over = of->over,
                          .unit = "1",
                          .doc = doc,
                          .n_decimals = -2,
                          .is_probability = true,
                          .for_programs = for_programs});
}

static void add_differences(struct pivot_table *table,
                            struct pivot_places *places,
                            struct sheet_column column)
{
    struct sheet_column difference = column;
    difference.name = arena_print(table->arena, "%s difference", column.name);
    difference.heading = "difference";
    difference.doc = "mean of the paired differences to the baseline";
    difference.has_sign = true;
    places->difference = sheet_add_column(table->sheet, difference);
    difference.name = column.name;
    places->low = add_beside(table, &difference, "low",
                             "lower end of its 95 % interval", "[", NULL);
    places->high = add_beside(table, &difference, "high",
                              "upper end of its 95 % interval", "to ", "]");
    places->n_pairs = add_count(table, column.name, "pairs");
    places->p = add_p(table, &column, "p", "that the difference is 0", true);
    places->adjusted = add_p(table, &column, "p adjusted",
                             "the same, adjusted for all comparisons here",
                             false);
}

static void add_figure(struct pivot_table *table, const char *label,
                       const struct figure *figure, struct pivot_places *places)
{
    struct sheet_column column =
        column_of_sheet(table->results, figure, table->arena);
    const char *figure_of = column.name;
    if (*label) {
        column.name = arena_print(table->arena, "%s %s", label, figure_of);
        column.heading =
            column.over ? arena_print(table->arena, "%s %s", column.over,
                                      column.heading)
                        : column.heading;
        column.over = label;
    }
    if (*label && table->pivot->figures.n == 1 && !table->partners) {
        column.heading = label;
        column.over = figure_of;
    } else if (table->partners) {
        column.over = column.name;
        column.heading = "mean";
    }
    places->mean = sheet_add_column(table->sheet, column);
    places->deviation =
        add_beside(table, &column, "deviation",
                   "deviation of a sample over the trials of the cell", "±",
                   NULL);
    places->n = add_count(table, column.name, "n");
    if (table->partners)
        add_differences(table, places, column);
}

void pivot_add_columns(struct pivot_table *table)
{
    const struct figures *figures = &table->pivot->figures;
    size_t n = table->column_cells.n * figures->n;
    table->places = ARENA_ARRAY(table->arena, struct pivot_places, n + 1);
    for (size_t i = 0; i < table->rows.n; i++)
        sheet_add_head(table->sheet, table->rows.at[i].key,
                       "axis or parameter of the trials");
    table->n_column = sheet_add_column(
        table->sheet,
        (struct sheet_column){.name = "n",
                              .unit = "1",
                              .doc = "trials of the row, with and without "
                                     "values"});
    for (size_t c = 0; c < table->column_cells.n; c++)
        for (size_t f = 0; f < figures->n; f++)
            add_figure(table,
                       axes_label(&table->columns, &table->column_cells.at[c],
                                  table->arena),
                       &figures->at[f], &table->places[c * figures->n + f]);
}

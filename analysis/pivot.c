#include "analysis/pivot.h"
#include "analysis/pivot_parts.h"
#include "analysis/statistics.h"

#include <math.h>
#include <string.h>

/* axes ---------------------------------------------------------------- */

static struct axes append(const struct axes *a, const struct axes *b,
                          struct arena *arena)
{
    struct axis_of_trials *at =
        ARENA_ARRAY(arena, struct axis_of_trials, a->n + b->n + 1);
    for (size_t i = 0; i < a->n; i++)
        at[i] = a->at[i];
    for (size_t i = 0; i < b->n; i++)
        at[a->n + i] = b->at[i];
    return (struct axes){a->n + b->n, at};
}

static enum status find_axes(struct pivot_table *table)
{
    const struct pivot *pivot = table->pivot;
    const struct results *results = table->results;
    TRY(axes_read(results, pivot->columns ? pivot->columns : "", table->arena,
                  &table->columns));
    if (pivot->rows)
        TRY(axes_read(results, pivot->rows, table->arena, &table->rows));
    else
        TRY(axes_usual(results, &table->columns, table->arena,
                       &table->rows));
    table->both = append(&table->rows, &table->columns, table->arena);
    table->row_cells = axes_group(results, &table->rows, table->arena);
    table->column_cells = axes_group(results, &table->columns, table->arena);
    table->cells = axes_group(results, &table->both, table->arena);
    if (pivot->n_baselines)
        TRY(axes_pair(results, pivot->n_baselines, pivot->baselines,
                      table->arena, &table->partners));
    return STATUS_OK;
}

/* rows ---------------------------------------------------------------- */

static void put_differences(struct pivot_table *table, size_t row,
                            const struct pivot_places *places, size_t n)
{
    struct sheet *sheet = table->sheet;
    struct estimate estimate =
        statistics_difference(table->values, table->others, n, 0.95);
    struct significance test =
        table->pivot->test == PIVOT_T
            ? statistics_t_test(table->values, table->others, n)
            : statistics_wilcoxon(table->values, table->others, n);
    sheet_put_number(sheet, row, places->difference, estimate.mean);
    sheet_put_number(sheet, row, places->low, estimate.low);
    sheet_put_number(sheet, row, places->high, estimate.high);
    sheet_put_number(sheet, row, places->n_pairs, (double)estimate.n);
    sheet_put_number(sheet, row, places->p, n ? test.p : (double)NAN);
}

/* Trials that are the baseline themselves have no difference to it. */
static size_t collect_pairs(struct pivot_table *table,
                            const struct figure *figure,
                            const struct axes_cell *cell)
{
    size_t n = 0;
    for (size_t i = 0; i < cell->n; i++) {
        size_t trial = cell->trials[i], partner = table->partners[trial];
        if (partner == SIZE_MAX || partner == trial)
            continue;
        table->values[n] = figure_value(table->results, figure, trial);
        table->others[n] = figure_value(table->results, figure, partner);
        n++;
    }
    return n;
}

static void put_figure(struct pivot_table *table, size_t row,
                       const struct pivot_places *places,
                       const struct figure *figure,
                       const struct axes_cell *cell)
{
    for (size_t i = 0; i < cell->n; i++)
        table->values[i] =
            figure_value(table->results, figure, cell->trials[i]);
    struct estimate estimate = statistics_mean(table->values, cell->n, 0.95);
    sheet_put_number(table->sheet, row, places->mean, estimate.mean);
    sheet_put_number(table->sheet, row, places->deviation,
                     estimate.deviation);
    sheet_put_number(table->sheet, row, places->n, (double)estimate.n);
    if (!table->partners)
        return;
    size_t n = collect_pairs(table, figure, cell);
    if (n)
        put_differences(table, row, places, n);
}

static void put_heads(struct pivot_table *table)
{
    for (size_t row = 0; row < table->row_cells.n; row++) {
        const struct axes_cell *cell = &table->row_cells.at[row];
        sheet_add_row(table->sheet);
        for (size_t i = 0; i < table->rows.n; i++)
            sheet_put_text(table->sheet, row, i,
                           axis_text(&table->rows.at[i], cell->trials[0]));
        sheet_put_number(table->sheet, row, table->n_column, (double)cell->n);
    }
}

static void put_cells(struct pivot_table *table)
{
    const struct figures *figures = &table->pivot->figures;
    for (size_t i = 0; i < table->cells.n; i++) {
        const struct axes_cell *cell = &table->cells.at[i];
        size_t row = table->row_cells.of[cell->trials[0]];
        size_t column = table->column_cells.of[cell->trials[0]];
        for (size_t f = 0; f < figures->n; f++)
            put_figure(table, row, &table->places[column * figures->n + f],
                       &figures->at[f], cell);
    }
}

/* best and p ---------------------------------------------------------- */

static double mean_at(const struct pivot_table *table, size_t row,
                      size_t column)
{
    return sheet_cell(table->sheet, row, column)->number;
}

/* All that are as good as the best; no star where there is nothing to choose
 * from. */
static void mark_best(struct pivot_table *table, size_t column, double sign)
{
    double best = NAN, worst = NAN;
    for (size_t row = 0; row < table->sheet->n_rows; row++) {
        double mean = sign * mean_at(table, row, column);
        best = fmax(best, mean); /* NaN is passed over */
        worst = fmin(worst, mean);
    }
    for (size_t row = 0; row < table->sheet->n_rows && worst < best; row++)
        if (sign * mean_at(table, row, column) == best)
            sheet_mark(table->sheet, row, column);
}

static void mark_all(struct pivot_table *table)
{
    const struct figures *figures = &table->pivot->figures;
    for (size_t i = 0; i < table->column_cells.n * figures->n; i++) {
        enum quantity quantity = figures->at[i % figures->n].quantity;
        double sign = figure_rows[quantity].better;
        if (sign != 0)
            mark_best(table, table->places[i].mean, sign);
    }
}

static void adjust(enum pivot_correction correction, double *p, size_t n)
{
    if (correction == PIVOT_HOLM)
        statistics_holm(p, n, p);
    else if (correction == PIVOT_BENJAMINI_HOCHBERG)
        statistics_benjamini_hochberg(p, n, p);
}

/* Of all comparisons in the sheet; how many there are. */
static size_t adjust_all(struct pivot_table *table)
{
    const struct sheet *sheet = table->sheet;
    size_t n = table->column_cells.n * table->pivot->figures.n, n_known = 0;
    double *p = ARENA_ARRAY(table->arena, double, n * sheet->n_rows + 1);
    for (size_t row = 0; row < sheet->n_rows; row++)
        for (size_t i = 0; i < n; i++) {
            p[row * n + i] = mean_at(table, row, table->places[i].p);
            n_known += isnan(p[row * n + i]) ? 0 : 1;
        }
    adjust(table->pivot->correction, p, n * sheet->n_rows);
    for (size_t row = 0; row < sheet->n_rows; row++)
        for (size_t i = 0; i < n; i++)
            sheet_put_number(table->sheet, row, table->places[i].adjusted,
                             p[row * n + i]);
    return n_known;
}

/* notes --------------------------------------------------------------- */

static const char *list_picks(const struct pivot_table *table)
{
    const char *list = "";
    for (size_t i = 0; i < table->pivot->n_baselines; i++)
        list = arena_print(table->arena, "%s%s%s = %s", list, i ? ", " : "",
                           table->pivot->baselines[i].axis,
                           table->pivot->baselines[i].value);
    return list;
}

static const char *list_pooled(const struct pivot_table *table)
{
    struct axes varying = axes_varying(table->results, true, table->arena);
    struct axes pooled = axes_without(&varying, &table->both, table->arena);
    const char *list = "";
    for (size_t i = 0; i < pooled.n; i++)
        list = arena_print(table->arena, "%s%s%s (%zu)", list,
                           *list ? ", " : "",
                           strcmp(pooled.at[i].key, "training.seed")
                               ? pooled.at[i].key
                               : "seed",
                           pooled.at[i].n);
    return list;
}

static void note_baseline(struct pivot_table *table)
{
    static const char *const tests[] = {
        [PIVOT_T] = "Student's paired t test",
        [PIVOT_WILCOXON] = "Wilcoxon's signed ranks"};
    static const char *const corrections[] = {
        [PIVOT_HOLM] = "adjusted by Holm's method for the %zu comparisons of "
                       "this table",
        [PIVOT_BENJAMINI_HOCHBERG] =
            "adjusted by Benjamini and Hochberg's method (false discovery "
            "rate) for the %zu comparisons of this table",
        [PIVOT_UNCORRECTED] = "not adjusted for the %zu comparisons of this "
                              "table"};
    char correction[160];
    size_t n = adjust_all(table);
    snprintf(correction, sizeof correction,
             corrections[table->pivot->correction], n);
    sheet_add_note(
        table->sheet,
        arena_print(table->arena,
                    "Differences: to the trial with %s that is the same in "
                    "all else, seed included; their mean with its 95 %% "
                    "interval (Student's t). p: %s, two-sided, %s.",
                    list_picks(table), tests[table->pivot->test],
                    correction));
}

static void add_notes(struct pivot_table *table)
{
    const char *pooled = list_pooled(table);
    sheet_add_note(
        table->sheet,
        *pooled ? arena_print(table->arena,
                              "Mean ± deviation of a sample over %s. "
                              "Accuracies in percent. Trials that diverged or "
                              "failed have no values.",
                              pooled)
                : "One trial a cell. Accuracies in percent. Trials that "
                  "diverged or failed have no values.");
    for (size_t i = 0; i < table->sheet->n_columns; i++)
        for (size_t row = 0; row < table->sheet->n_rows; row++)
            if (sheet_cell(table->sheet, row, i)->is_marked) {
                sheet_add_note(table->sheet,
                               "* the best mean of its column.");
                return;
            }
}

/* all of it ----------------------------------------------------------- */

static size_t count_largest(const struct axes_cells *cells)
{
    size_t most = 0;
    for (size_t i = 0; i < cells->n; i++)
        most = cells->at[i].n > most ? cells->at[i].n : most;
    return most;
}

enum status pivot_make(const struct results *results,
                       const struct pivot *pivot, struct arena *arena,
                       struct sheet *sheet)
{
    struct sheet made = sheet_open("table", arena);
    struct pivot_table table = {.results = results,
                          .pivot = pivot,
                          .arena = arena,
                          .sheet = &made};
    TRY(find_axes(&table));
    size_t most = count_largest(&table.cells);
    table.values = ARENA_ARRAY(arena, double, most + 1);
    table.others = ARENA_ARRAY(arena, double, most + 1);
    pivot_add_columns(&table);
    put_heads(&table);
    put_cells(&table);
    mark_all(&table);
    add_notes(&table);
    if (table.partners)
        note_baseline(&table);
    *sheet = made;
    return STATUS_OK;
}

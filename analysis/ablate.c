#include "analysis/ablate_parts.h"
#include "analysis/columns.h"

#include <math.h>
#include <string.h>

/* axes ---------------------------------------------------------------- */

static bool belongs_to(const char *key, const char *kind)
{
    size_t n = strlen(kind);
    return !strncmp(key, kind, n) && key[n] == '.';
}

/* A kind that varies is taken with its parameters, as other kinds have not got
 * them: "regularizer.*"; parameters of one kind are axes of their own. */
static const char *name_axes(const struct results *results,
                             struct arena *arena)
{
    struct axes axes = axes_varying(results, false, arena);
    const char *list = "";
    for (size_t i = 0; i < axes.n; i++) {
        const char *key = axes.at[i].key;
        bool is_taken = false, takes = false;
        for (size_t k = 0; k < axes.n; k++) {
            is_taken = is_taken || belongs_to(key, axes.at[k].key);
            takes = takes || belongs_to(axes.at[k].key, key);
        }
        if (!is_taken)
            list = arena_print(arena, "%s%s%s%s", list, *list ? "," : "", key,
                               takes ? ".*" : "");
    }
    return list;
}

enum status ablate_find_axes(const struct results *results, const char *list,
                             struct arena *arena, struct ablated *ablated)
{
    struct axes all;
    TRY(axes_read(results, list ? list : name_axes(results, arena), arena,
                  &all));
    struct axis_of_trials *at =
        ARENA_ARRAY(arena, struct axis_of_trials, all.n + 1);
    ablated->factors =
        ARENA_ARRAY(arena, struct variance_factor, all.n + 1);
    ablated->left_out = "";
    size_t n = 0;
    for (size_t i = 0; i < all.n; i++) {
        if (all.at[i].n > ABLATE_LEVELS_MAX) {
            ablated->left_out = arena_print(
                arena, "%s%s%s (%zu values)", ablated->left_out,
                *ablated->left_out ? ", " : "", all.at[i].key, all.at[i].n);
            continue;
        }
        ablated->factors[n] =
            (struct variance_factor){all.at[i].n, all.at[i].of};
        at[n++] = all.at[i];
    }
    ablated->axes = (struct axes){n, at};
    if (n == 0)
        return status_refuse(STATUS_INVALID,
                             "%s: no axis to ablate: none varies besides the "
                             "seed%s%s",
                             results->path, *ablated->left_out ? ", but " : "",
                             ablated->left_out);
    return STATUS_OK;
}

const double *ablate_values(const struct results *results,
                            const struct figure *figure, struct arena *arena)
{
    double *values = ARENA_ARRAY(arena, double, results->n_trials + 1);
    for (size_t i = 0; i < results->n_trials; i++)
        values[i] = figure_value(results, figure, i);
    return values;
}

/* the sheet ----------------------------------------------------------- */

/* Indices of columns. */
struct places {
    size_t figure, axis, level, n, mean, low, high, effect;
    size_t eta, eta_partial, omega, df, sum, f, p;
};

struct table {
    const struct results *results;
    const struct ablated *ablated;
    struct arena *arena;
    struct sheet *sheet;
    struct places at;
};

static size_t add(struct table *table, const char *name, const char *heading,
                  const char *doc, double scale, int n_decimals)
{
    return sheet_add_column(table->sheet,
                            (struct sheet_column){.name = name,
                                                  .heading = heading,
                                                  .unit = "1",
                                                  .doc = doc,
                                                  .scale = scale,
                                                  .n_decimals = n_decimals});
}

/* Figures of several forms share these columns: then as they are stored. */
static struct sheet_column mean_column(const struct table *table,
                                       const struct figures *figures)
{
    const struct figure_row *first = &figure_rows[figures->at[0].quantity];
    struct sheet_column column =
        column_of_sheet(table->results, &figures->at[0], table->arena);
    for (size_t i = 1; i < figures->n; i++)
        if (figure_rows[figures->at[i].quantity].form != first->form) {
            column.scale = 1;
            column.n_decimals = -4;
        }
    column.over = NULL;
    column.name = column.heading = "mean";
    column.doc = "mean over the trials of the level";
    return column;
}

static void add_means(struct table *table, const struct figures *figures)
{
    struct sheet_column column = mean_column(table, figures);
    struct places *at = &table->at;
    at->mean = sheet_add_column(table->sheet, column);
    column.beside = true;
    column.name = "low";
    column.doc = "lower end of its 95 % interval, by the error of all trials";
    column.before = "[";
    at->low = sheet_add_column(table->sheet, column);
    column.name = "high";
    column.doc = "upper end";
    column.before = "to ";
    column.after = "]";
    at->high = sheet_add_column(table->sheet, column);
    column.name = column.heading = "effect";
    column.doc = "the mean minus that of all trials";
    column.before = column.after = NULL;
    column.beside = false;
    column.has_sign = true;
    at->effect = sheet_add_column(table->sheet, column);
}

static void add_columns(struct table *table, const struct figures *figures)
{
    struct places *at = &table->at;
    at->figure = sheet_add_head(table->sheet, "figure", "what is explained");
    at->axis = sheet_add_head(table->sheet, "axis", "axis, or a pair of them");
    at->level = sheet_add_head(table->sheet, "level", "value on the axis");
    at->n = add(table, "n", NULL, "trials that count", 1, 0);
    add_means(table, figures);
    at->eta = add(table, "eta squared", "explains",
                  "share of the variance that the axis, or the pair beyond "
                  "both of its axes, explains",
                  100, 1);
    at->omega = add(table, "omega squared", "unbiased",
                    "the same without bias (Hays)", 100, 1);
    at->eta_partial = add(table, "partial eta squared", NULL,
                          "SS / (SS + error)", 100, 1);
    at->df = add(table, "df", NULL, "degrees of freedom", 1, 0);
    at->sum = add(table, "sum of squares", NULL, "of type II", 1, -4);
    at->f = add(table, "F", NULL, "mean square over that of the error", 1, -3);
    at->p = add(table, "p", NULL, "that there is no effect", 1, -2);
    table->sheet->columns[at->sum].for_programs = true;
    table->sheet->columns[at->f].for_programs = true;
    table->sheet->columns[at->eta_partial].for_programs = true;
    table->sheet->columns[at->p].is_probability = true;
    if (figures->n == 1)
        table->sheet->columns[at->figure].for_programs = true;
}

/* rows ---------------------------------------------------------------- */

static size_t add_row(struct table *table, const struct figure *figure,
                      const char *axis, const char *level)
{
    size_t row = sheet_add_row(table->sheet);
    sheet_put_text(table->sheet, row, table->at.figure,
                   figure_name(table->results, figure, table->arena));
    sheet_put_text(table->sheet, row, table->at.axis, axis);
    sheet_put_text(table->sheet, row, table->at.level, level);
    return row;
}

static void put(struct table *table, size_t row, size_t column, double number)
{
    sheet_put_number(table->sheet, row, column, number);
}

static void add_term(struct table *table, const struct figure *figure,
                     const struct variance *variance,
                     const struct variance_term *term)
{
    const struct axes *axes = &table->ablated->axes;
    const char *a = axes->at[term->a].key, *b = axes->at[term->b].key;
    const struct places *at = &table->at;
    size_t row = add_row(
        table, figure,
        term->a == term->b ? a : arena_print(table->arena, "%s x %s", a, b),
        "");
    put(table, row, at->n, (double)variance->n);
    put(table, row, at->df, (double)term->df);
    put(table, row, at->sum, term->sum_squares);
    put(table, row, at->eta, term->eta);
    put(table, row, at->omega, term->omega);
    put(table, row, at->eta_partial, term->eta_partial);
    put(table, row, at->f, term->f);
    put(table, row, at->p, term->p);
}

static void add_levels(struct table *table, const struct figure *figure,
                       const struct variance *variance, const double *values,
                       size_t i)
{
    const struct axis_of_trials *axis = &table->ablated->axes.at[i];
    const struct places *at = &table->at;
    for (size_t k = 0; k <= axis->n; k++) {
        bool none = k == axis->n; /* trials that have no such parameter */
        struct variance_level level = variance_level(
            variance, values, table->results->n_trials,
            &table->ablated->factors[i], none ? AXIS_NO_LEVEL : (int32_t)k,
            0.95);
        if (none && level.n == 0)
            continue;
        size_t row = add_row(table, figure, axis->key,
                             none ? "(others)" : axis->levels[k]);
        put(table, row, at->n, (double)level.n);
        put(table, row, at->mean, level.mean);
        put(table, row, at->low, level.low);
        put(table, row, at->high, level.high);
        put(table, row, at->effect, level.mean - variance->mean);
    }
}

static void add_error(struct table *table, const struct figure *figure,
                      const struct variance *variance)
{
    size_t row = add_row(table, figure, "error", "");
    put(table, row, table->at.n, (double)variance->n);
    put(table, row, table->at.df, (double)variance->df_error);
    put(table, row, table->at.sum, variance->error);
    put(table, row, table->at.eta, variance->error / variance->total);
}

/* The pairs are left out of the model for want of values or room. */
static bool add_figure(struct table *table, const struct figure *figure)
{
    const double *values =
        ablate_values(table->results, figure, table->arena);
    size_t n = table->ablated->axes.n;
    struct variance variance =
        variance_analyze(values, table->results->n_trials,
                         table->ablated->factors, n, table->arena);
    for (size_t i = 0; i < variance.n_terms; i++) {
        add_term(table, figure, &variance, &variance.terms[i]);
        if (i < n)
            add_levels(table, figure, &variance, values, i);
    }
    add_error(table, figure, &variance);
    return n < 2 || variance.has_pairs;
}

static void add_notes(struct table *table, bool has_pairs)
{
    sheet_add_note(
        table->sheet,
        "Means and intervals: over all trials of the level, whatever their "
        "other axes; where these are not the same for all levels, part of a "
        "difference is theirs. \"explains\" is the share of the variance "
        "(eta squared, sums of squares of type II: what the axis adds to all "
        "others), in percent; below zero without bias means none. p is of the "
        "F test, not adjusted for the number of rows.");
    sheet_add_note(table->sheet,
                   has_pairs
                       ? "A pair (a x b) is what the two do together beyond "
                         "what each does. Error: seeds, and interactions of "
                         "more than two axes."
                       : "Interactions of axes are part of the error: there "
                         "are too few trials, or too many levels, to tell "
                         "them from it.");
    if (*table->ablated->left_out)
        sheet_add_note(table->sheet,
                       arena_print(table->arena,
                                   "Left out, having too many values to be "
                                   "choices (see correlate): %s.",
                                   table->ablated->left_out));
}

enum status ablate_make(const struct results *results,
                        const struct ablation *ablation, struct arena *arena,
                        struct sheet *sheet)
{
    struct ablated ablated;
    TRY(ablate_find_axes(results, ablation->axes, arena, &ablated));
    *sheet = sheet_open("ablate", arena);
    struct table table = {results, &ablated, arena, sheet, {0}};
    bool has_pairs = true;
    add_columns(&table, &ablation->figures);
    for (size_t i = 0; i < ablation->figures.n; i++)
        has_pairs = add_figure(&table, &ablation->figures.at[i]) && has_pairs;
    add_notes(&table, has_pairs);
    return STATUS_OK;
}

#include "analysis/query.h"
#include "analysis/columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A column: "id" and "cell" are the trial's own texts. */
struct shown {
    const char *name;
    const char *own;
    const struct expression *expression; /* NULL of those */
};

struct list {
    size_t n;
    struct shown *at;
};

/* columns ------------------------------------------------------------- */

static bool is_own(const char *name)
{
    return !strcmp(name, "id") || !strcmp(name, "cell");
}

static enum status show_one(const struct results *results, const char *name,
                            struct arena *arena, struct list *list)
{
    struct shown *shown = &list->at[list->n];
    *shown = (struct shown){.name = arena_copy_text(arena, name)};
    if (is_own(name))
        shown->own = shown->name;
    else
        TRY(expression_read(results, name, arena, &shown->expression));
    list->n++;
    return STATUS_OK;
}

static size_t count_commas(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += *text == ',';
    return n;
}

/* Commas in brackets and quotes are part of a name. */
static enum status show_list(const struct results *results, const char *text,
                             struct arena *arena, struct list *list)
{
    char *name = arena_copy_text(arena, text);
    bool quoted = false;
    for (char *at = name; *name; at++) {
        quoted = quoted ? *at != ']' && *at != '\'' && *at
                        : *at == '[' || *at == '\'';
        bool ends = *at == '\0';
        if (!ends && (quoted || *at != ','))
            continue;
        *at = '\0';
        TRY(show_one(results, name + strspn(name, " "), arena, list));
        name = ends ? at : at + 1;
    }
    return STATUS_OK;
}

static enum status show_usual(const struct results *results,
                              struct arena *arena, struct list *list)
{
    struct axes axes = axes_varying(results, true, arena);
    struct figures figures = figures_usual(results, arena);
    list->at = ARENA_ARRAY(arena, struct shown, 1 + axes.n + figures.n);
    TRY(show_one(results, "id", arena, list));
    for (size_t i = 0; i < axes.n; i++)
        TRY(show_one(results, axes.at[i].key, arena, list));
    for (size_t i = 0; i < figures.n; i++)
        TRY(show_one(results,
                     arena_print(arena, "[%s]",
                                 figure_name(results, &figures.at[i], arena)),
                     arena, list));
    return STATUS_OK;
}

static enum status list_shown(const struct results *results,
                              const struct search *query, struct arena *arena,
                              struct list *list)
{
    size_t n = 0;
    if (query->n_show == 0)
        return show_usual(results, arena, list);
    for (size_t i = 0; i < query->n_show; i++)
        n += 1 + count_commas(query->show[i]);
    list->at = ARENA_ARRAY(arena, struct shown, n);
    for (size_t i = 0; i < query->n_show; i++)
        TRY(show_list(results, query->show[i], arena, list));
    return STATUS_OK;
}

/* Axes and figures by their own names, whatever quotes they were in. */
static void add_column(const struct results *results,
                       const struct shown *shown, struct arena *arena,
                       struct sheet *sheet)
{
    if (!shown->expression) {
        bool is_id = !strcmp(shown->own, "id");
        sheet_add_column(sheet,
                         (struct sheet_column){.name = shown->name,
                                               .is_text = true,
                                               .n_letters = is_id ? 8 : 0});
        return;
    }
    const struct axis_of_trials *axis = expression_axis(shown->expression);
    const struct figure *figure = expression_figure(shown->expression);
    struct sheet_column column = {.name = shown->name,
                                  .doc = "an expression",
                                  .n_decimals = -4};
    if (axis)
        column = (struct sheet_column){.name = axis->key,
                                       .doc = "axis or parameter of the trial",
                                       .is_text = true};
    if (figure) {
        column = column_of_sheet(results, figure, arena);
        column.heading = column.over ? column.name : column.heading;
        column.over = NULL;
    }
    sheet_add_column(sheet, column);
}

/* rows ---------------------------------------------------------------- */

struct found {
    size_t trial;
    double key;
};

/* NaN last; of equals as in the file. */
static int by_key(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    int order = (isnan(x->key) ? 1 : 0) - (isnan(y->key) ? 1 : 0);
    if (order == 0)
        order = (x->key > y->key) - (x->key < y->key);
    return order ? order : (x->trial > y->trial) - (x->trial < y->trial);
}

static const char *own_text(const struct result_trial *trial,
                            const char *name)
{
    return strcmp(name, "id") ? trial->cell : trial->id;
}

static void add_row(const struct results *results, const struct list *list,
                    size_t trial, struct sheet *sheet)
{
    size_t row = sheet_add_row(sheet);
    for (size_t i = 0; i < list->n; i++) {
        const struct shown *shown = &list->at[i];
        const struct axis_of_trials *axis =
            shown->expression ? expression_axis(shown->expression) : NULL;
        if (!shown->expression)
            sheet_put_text(sheet, row, i,
                           own_text(&results->trials[trial], shown->own));
        else if (axis)
            sheet_put_text(sheet, row, i, axis_text(axis, trial));
        else
            sheet_put_number(
                sheet, row, i,
                expression_value(shown->expression, results, trial));
    }
}

static enum status find_all(const struct results *results,
                            const struct search *query, struct arena *arena,
                            struct found *found, size_t *n)
{
    const struct expression *where = NULL, *sort = NULL;
    if (query->where)
        TRY(expression_read(results, query->where, arena, &where));
    if (query->sort)
        TRY(expression_read(results, query->sort, arena, &sort));
    const struct axis_of_trials *axis = sort ? expression_axis(sort) : NULL;
    for (size_t i = 0; i < results->n_trials; i++) {
        if (where && !expression_holds(where, results, i))
            continue;
        found[(*n)++] = (struct found){
            i, !sort  ? 0
               : axis ? (axis->of[i] < 0 ? (double)NAN : axis->of[i])
                      : expression_value(sort, results, i)};
    }
    qsort(found, *n, sizeof *found, by_key);
    return STATUS_OK;
}

enum status query_make(const struct results *results,
                       const struct search *query, struct arena *arena,
                       struct sheet *sheet)
{
    struct sheet made = sheet_open("query", arena);
    struct list list = {0, NULL};
    struct found *found =
        ARENA_ARRAY(arena, struct found, results->n_trials + 1);
    size_t n = 0;
    TRY(list_shown(results, query, arena, &list));
    TRY(find_all(results, query, arena, found, &n));
    for (size_t i = 0; i < list.n; i++)
        add_column(results, &list.at[i], arena, &made);
    size_t n_rows = query->limit && query->limit < n ? query->limit : n;
    for (size_t i = 0; i < n_rows; i++)
        add_row(results, &list, found[i].trial, &made);
    sheet_add_note(&made, arena_print(arena, n_rows < n
                                                 ? "%zu trials, the first %zu "
                                                   "of them shown."
                                                 : "%zu trials.",
                                      n, n_rows));
    *sheet = made;
    return STATUS_OK;
}

enum status query_select(const struct results *results, const char *where,
                         struct arena *arena, struct results *part)
{
    const struct expression *expression = NULL;
    size_t n = 0;
    if (!where) {
        *part = *results;
        return STATUS_OK;
    }
    TRY(expression_read(results, where, arena, &expression));
    bool *keep = ARENA_ARRAY(arena, bool, results->n_trials + 1);
    for (size_t i = 0; i < results->n_trials; i++) {
        keep[i] = expression_holds(expression, results, i);
        n += keep[i];
    }
    if (n == 0)
        return status_refuse(STATUS_NOT_FOUND,
                             "%s: holds for none of the %zu trials", where,
                             results->n_trials);
    results_select(results, keep, arena, part);
    return STATUS_OK;
}

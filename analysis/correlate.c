#include "analysis/correlate_parts.h"
#include "analysis/groups.h"
#include "analysis/statistics.h"

#include <math.h>

/* points -------------------------------------------------------------- */

/* Every trial, or the groups of trials that differ in their seed alone. */
static void list_points(const struct results *results,
                        const struct groups *groups, bool each_seed,
                        struct arena *arena, struct points *points)
{
    size_t *of = ARENA_ARRAY(arena, size_t, results->n_trials + 1);
    for (size_t g = 0; g < groups->n; g++)
        for (size_t i = 0; i < groups->at[g].n; i++) {
            size_t trial = groups->at[g].trials[i];
            of[trial] = each_seed ? trial : g;
        }
    points->of = of;
    points->n = each_seed ? results->n_trials : groups->n;
    points->group = ARENA_ARRAY(arena, size_t, points->n + 1);
}

static void group_by_family(const struct groups *groups, struct arena *arena,
                            struct points *points)
{
    const char **names =
        ARENA_ARRAY(arena, const char *, groups->n_families + 1);
    for (size_t g = 0; g < groups->n; g++) {
        const struct group *group = &groups->at[g];
        names[group->i_family] = *group->family ? group->family : "all cells";
        for (size_t i = 0; i < group->n; i++)
            points->group[points->of[group->trials[i]]] = group->i_family;
    }
    points->n_groups = groups->n_families;
    points->groups = names;
}

static enum status group_by_axes(const struct results *results,
                                 const char *list, struct arena *arena,
                                 struct points *points)
{
    struct axes axes;
    TRY(axes_read(results, list, arena, &axes));
    struct axes_cells cells = axes_group(results, &axes, arena);
    const char **names = ARENA_ARRAY(arena, const char *, cells.n + 1);
    for (size_t i = 0; i < cells.n; i++)
        names[i] = axes_label(&axes, &cells.at[i], arena);
    for (size_t i = 0; i < results->n_trials; i++)
        points->group[points->of[i]] = cells.of[i];
    points->n_groups = cells.n;
    points->groups = names;
    return STATUS_OK;
}

enum status correlate_find_points(const struct results *results,
                                  const struct correlate *correlate,
                                  struct arena *arena, struct points *points)
{
    struct groups groups = groups_make(results, arena);
    list_points(results, &groups, correlate->each_seed, arena, points);
    if (correlate->within)
        return group_by_axes(results, correlate->within, arena, points);
    group_by_family(&groups, arena, points);
    return STATUS_OK;
}

double *correlate_values(const struct results *results,
                         const struct points *points,
                         const struct figure *figure, struct arena *arena)
{
    double *sums = ARENA_ARRAY(arena, double, points->n + 1);
    size_t *counts = ARENA_ARRAY(arena, size_t, points->n + 1);
    for (size_t i = 0; i < results->n_trials; i++) {
        double value = figure_value(results, figure, i);
        if (isnan(value))
            continue;
        sums[points->of[i]] += value;
        counts[points->of[i]]++;
    }
    for (size_t i = 0; i < points->n; i++)
        sums[i] = counts[i] ? sums[i] / (double)counts[i] : (double)NAN;
    return sums;
}

/* the sheet ----------------------------------------------------------- */

/* Indices of columns of a coefficient. */
struct places {
    size_t r, low, high, p, adjusted;
};

struct table {
    const struct results *results;
    const struct points *points;
    struct arena *arena;
    struct sheet *sheet;
    size_t figure, over, n;
    struct places pearson, spearman;
};

static size_t add(struct table *table, const char *name, const char *heading,
                  const char *doc, int n_decimals)
{
    return sheet_add_column(table->sheet,
                            (struct sheet_column){.name = name,
                                                  .heading = heading,
                                                  .unit = "1",
                                                  .doc = doc,
                                                  .n_decimals = n_decimals});
}

static struct places add_coefficient(struct table *table, const char *name,
                                     const char *doc)
{
    struct arena *arena = table->arena;
    struct places at = {.r = add(table, name, NULL, doc, 2)};
    table->sheet->columns[at.r].has_sign = true;
    struct sheet_column end = {.name = arena_print(arena, "%s low", name),
                               .unit = "1",
                               .doc = "lower end of its 95 % interval "
                                      "(Fisher's z)",
                               .n_decimals = 2,
                               .has_sign = true,
                               .beside = true,
                               .before = "["};
    at.low = sheet_add_column(table->sheet, end);
    end.name = arena_print(arena, "%s high", name);
    end.doc = "upper end";
    end.before = "to ";
    end.after = "]";
    at.high = sheet_add_column(table->sheet, end);
    at.p = add(table, arena_print(arena, "%s p", name), "p",
               "two-sided, that there is none", -2);
    table->sheet->columns[at.p].for_programs = true;
    at.adjusted = add(table, arena_print(arena, "%s p adjusted", name), "p",
                      "the same, adjusted by Holm's method for the rows", -2);
    table->sheet->columns[at.adjusted].is_probability = true;
    return at;
}

static void put(struct table *table, size_t row, const struct places *at,
                const struct correlation *found)
{
    sheet_put_number(table->sheet, row, at->r, found->r);
    sheet_put_number(table->sheet, row, at->low, found->low);
    sheet_put_number(table->sheet, row, at->high, found->high);
    sheet_put_number(table->sheet, row, at->p, found->p);
}

static void add_row(struct table *table, const struct figure *figure,
                    const char *over, const struct correlation *pearson,
                    const struct correlation *spearman)
{
    size_t row = sheet_add_row(table->sheet);
    sheet_put_text(table->sheet, row, table->figure,
                   figure_name(table->results, figure, table->arena));
    sheet_put_text(table->sheet, row, table->over, over);
    sheet_put_number(table->sheet, row, table->n, (double)pearson->n);
    put(table, row, &table->pearson, pearson);
    put(table, row, &table->spearman, spearman);
}

static void add_figure(struct table *table, const double *x,
                       const struct figure *figure)
{
    const struct points *points = table->points;
    const double *y =
        correlate_values(table->results, points, figure, table->arena);
    struct correlation pearson = statistics_pearson(x, y, points->n, 0.95);
    struct correlation spearman = statistics_spearman(x, y, points->n, 0.95);
    add_row(table, figure, "all", &pearson, &spearman);
    if (points->n_groups < 2)
        return;
    pearson = statistics_within(x, y, points->group, points->n,
                                points->n_groups, false, 0.95);
    spearman = statistics_within(x, y, points->group, points->n,
                                 points->n_groups, true, 0.95);
    add_row(table, figure, "within groups", &pearson, &spearman);
}

/* Each column for itself: who looks at one does not look at the other. */
static void adjust(struct table *table, const struct places *at)
{
    size_t n = table->sheet->n_rows;
    double *p = ARENA_ARRAY(table->arena, double, n + 1);
    for (size_t i = 0; i < n; i++)
        p[i] = sheet_cell(table->sheet, i, at->p)->number;
    statistics_holm(p, n, p);
    for (size_t i = 0; i < n; i++)
        sheet_put_number(table->sheet, i, at->adjusted, p[i]);
}

static void add_notes(struct table *table, const struct correlate *correlate)
{
    const struct points *points = table->points;
    struct arena *arena = table->arena;
    sheet_add_note(
        table->sheet,
        arena_print(arena,
                    "Correlation with %s over %s; 95 %% intervals by Fisher's "
                    "z; p two-sided, adjusted by Holm's method for the rows.",
                    figure_name(table->results, &correlate->x, arena),
                    correlate->each_seed
                        ? "trials (those of one cell are not independent)"
                        : "cells, each the mean of its seeds"));
    if (points->n_groups > 1)
        sheet_add_note(
            table->sheet,
            arena_print(arena,
                        "Within groups: each group's mean (of ranks, for "
                        "Spearman's) taken off, as a partial correlation; "
                        "%zu groups, %s.",
                        points->n_groups,
                        correlate->within
                            ? arena_print(arena, "by %s", correlate->within)
                            : "of cells that differ in nothing but their "
                              "defences and seeds"));
}

enum status correlate_make(const struct results *results,
                           const struct correlate *correlate,
                           struct arena *arena, struct sheet *sheet)
{
    struct points points;
    TRY(correlate_find_points(results, correlate, arena, &points));
    *sheet = sheet_open("correlate", arena);
    struct table table = {results, &points, arena, sheet, 0, 0, 0, {0}, {0}};
    const double *x =
        correlate_values(results, &points, &correlate->x, arena);
    table.figure = sheet_add_head(sheet, "figure", "what is predicted");
    table.over = sheet_add_head(sheet, "over", "all points, or within groups");
    table.n = add(&table, "n", NULL, "points that count", 0);
    table.pearson = add_coefficient(&table, "Pearson", "of the values");
    table.spearman = add_coefficient(&table, "Spearman", "of their ranks");
    for (size_t i = 0; i < correlate->figures.n; i++)
        add_figure(&table, x, &correlate->figures.at[i]);
    adjust(&table, &table.pearson);
    adjust(&table, &table.spearman);
    add_notes(&table, correlate);
    return STATUS_OK;
}

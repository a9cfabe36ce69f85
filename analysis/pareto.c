#include "analysis/pareto.h"
#include "analysis/columns.h"
#include "analysis/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* figures ------------------------------------------------------------- */

static double mean_of_all(const struct results *results,
                          const struct figure *figure)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < results->n_trials; i++) {
        double value = figure_value(results, figure, i);
        sum += isnan(value) ? 0 : value;
        n += isnan(value) ? 0 : 1;
    }
    return n ? sum / (double)n : (double)NAN;
}

/* The attack that leaves least; of those in the ball, if there are such. */
static size_t find_strongest(const struct results *results)
{
    size_t strongest = results->n_attacks;
    double least = NAN;
    for (int in_ball = 1; in_ball >= 0; in_ball--)
        for (size_t i = 0; i < results->n_attacks; i++) {
            struct figure figure = {QUANTITY_MEAN, i, 0};
            double mean = mean_of_all(results, &figure);
            if (columns_is_in_ball(results, i) != (in_ball == 1) ||
                isnan(mean) || mean >= least ||
                (!in_ball && strongest < results->n_attacks))
                continue;
            least = mean;
            strongest = i;
        }
    return strongest;
}

static enum status choose_figures(const struct results *results,
                                  const struct figures *asked,
                                  struct arena *arena,
                                  struct figures *figures)
{
    if (asked->n) {
        *figures = *asked;
        return STATUS_OK;
    }
    struct figure *at = ARENA_ARRAY(arena, struct figure, 2);
    size_t strongest = find_strongest(results);
    if (strongest == results->n_attacks)
        return status_refuse(STATUS_NOT_FOUND,
                             "%s: no attack has a result; name two figures",
                             results->path);
    at[0] = (struct figure){QUANTITY_CLEAN, 0, 0};
    at[1] = (struct figure){QUANTITY_MEAN, strongest, 0};
    *figures = (struct figures){2, at};
    return STATUS_OK;
}

static enum status check_figures(const struct results *results,
                                 const struct figures *figures,
                                 struct arena *arena)
{
    if (figures->n < 2)
        return status_refuse(STATUS_INVALID,
                             "a front is of two figures or more, as "
                             "clean,pgd@8/255");
    for (size_t i = 0; i < figures->n; i++)
        if (figure_rows[figures->at[i].quantity].better == BETTER_NEITHER)
            return status_refuse(
                STATUS_INVALID,
                "%s: neither large nor small is better, so there is no "
                "front of it",
                figure_name(results, &figures->at[i], arena));
    return STATUS_OK;
}

/* points -------------------------------------------------------------- */

static void measure(const struct pareto *pareto, const struct axes_cell *cell,
                    double *values, double *means,
                    struct pareto_point *point)
{
    point->is_known = true;
    for (size_t f = 0; f < pareto->figures.n; f++) {
        for (size_t i = 0; i < cell->n; i++)
            values[i] = figure_value(pareto->results, &pareto->figures.at[f],
                                     cell->trials[i]);
        means[f] = statistics_mean(values, cell->n, 0.95).mean;
        point->is_known = point->is_known && !isnan(means[f]);
    }
    point->means = means;
}

/* How good, the larger the better. */
static double good(const struct pareto *pareto,
                   const struct pareto_point *point, size_t figure)
{
    enum quantity quantity = pareto->figures.at[figure].quantity;
    return point->means[figure] * (int)figure_rows[quantity].better;
}

static bool dominates(const struct pareto *pareto,
                      const struct pareto_point *a,
                      const struct pareto_point *b)
{
    bool better = false;
    for (size_t f = 0; f < pareto->figures.n; f++) {
        double x = good(pareto, a, f), y = good(pareto, b, f);
        if (x < y)
            return false;
        better = better || x > y;
    }
    return better;
}

/* A cell in the order of its figures, so that no later one dominates it. */
struct candidate {
    const struct pareto *pareto;
    const struct pareto_point *point;
    size_t cell;
};

static int by_figures(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    for (size_t f = 0; f < x->pareto->figures.n; f++) {
        double p = good(x->pareto, x->point, f);
        double q = good(y->pareto, y->point, f);
        if (p != q)
            return p > q ? -1 : 1;
    }
    return (x->cell > y->cell) - (x->cell < y->cell);
}

/* The known cells, the best of the first figure first; in the arena. */
static struct candidate *sort_cells(const struct pareto *pareto,
                                    struct arena *arena)
{
    struct candidate *sorted =
        ARENA_ARRAY(arena, struct candidate, pareto->cells.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < pareto->cells.n; i++)
        if (pareto->points[i].is_known)
            sorted[n++] =
                (struct candidate){pareto, &pareto->points[i], i};
    qsort(sorted, n, sizeof *sorted, by_figures);
    return sorted;
}

/* Whoever is dominated is so by one of the front before it. */
static void find_front(struct pareto *pareto, struct pareto_point *points,
                       struct arena *arena)
{
    struct candidate *sorted = sort_cells(pareto, arena);
    size_t *front = ARENA_ARRAY(arena, size_t, pareto->n_known + 1);
    for (size_t i = 0; i < pareto->n_known; i++) {
        bool dominated = false;
        for (size_t k = 0; k < pareto->n_front && !dominated; k++)
            dominated = dominates(pareto, &points[front[k]],
                                  sorted[i].point);
        if (dominated)
            continue;
        points[sorted[i].cell].on_front = true;
        front[pareto->n_front++] = sorted[i].cell;
    }
}

enum status pareto_make(const struct results *results, const char *axes,
                        const struct figures *figures, struct arena *arena,
                        struct pareto *pareto)
{
    struct pareto made = {.results = results};
    TRY(choose_figures(results, figures, arena, &made.figures));
    TRY(check_figures(results, &made.figures, arena));
    if (axes)
        TRY(axes_read(results, axes, arena, &made.axes));
    else
        TRY(axes_usual(results, NULL, arena, &made.axes));
    made.cells = axes_group(results, &made.axes, arena);
    struct pareto_point *points =
        ARENA_ARRAY(arena, struct pareto_point, made.cells.n + 1);
    double *means =
        ARENA_ARRAY(arena, double, made.cells.n * made.figures.n + 1);
    double *values = ARENA_ARRAY(arena, double, results->n_trials + 1);
    for (size_t i = 0; i < made.cells.n; i++) {
        measure(&made, &made.cells.at[i], values,
                means + i * made.figures.n, &points[i]);
        made.n_known += points[i].is_known;
    }
    made.points = points;
    find_front(&made, points, arena);
    *pareto = made;
    return STATUS_OK;
}

/* as a sheet ---------------------------------------------------------- */

static void add_row(const struct pareto *pareto, size_t cell,
                    struct sheet *sheet)
{
    size_t row = sheet_add_row(sheet), n = pareto->axes.n;
    const struct axes_cell *of = &pareto->cells.at[cell];
    for (size_t i = 0; i < n; i++)
        sheet_put_text(sheet, row, i,
                       axis_text(&pareto->axes.at[i], of->trials[0]));
    sheet_put_number(sheet, row, n, (double)of->n);
    for (size_t f = 0; f < pareto->figures.n; f++)
        sheet_put_number(sheet, row, n + 1 + f,
                         pareto->points[cell].means[f]);
    sheet_put_number(sheet, row, n + 1 + pareto->figures.n,
                     pareto->points[cell].on_front);
    if (pareto->points[cell].on_front)
        sheet_mark(sheet, row, n + 1);
}

static void add_columns(const struct pareto *pareto, struct arena *arena,
                        struct sheet *sheet)
{
    for (size_t i = 0; i < pareto->axes.n; i++)
        sheet_add_head(sheet, pareto->axes.at[i].key,
                       "axis or parameter of the trials");
    sheet_add_column(sheet, (struct sheet_column){.name = "n",
                                                  .unit = "1",
                                                  .doc = "trials"});
    for (size_t f = 0; f < pareto->figures.n; f++) {
        struct sheet_column column = column_of_sheet(
            pareto->results, &pareto->figures.at[f], arena);
        column.heading = column.over ? column.name : column.heading;
        column.over = NULL;
        sheet_add_column(sheet, column);
    }
    sheet_add_column(sheet, (struct sheet_column){
                                .name = "front",
                                .doc = "1 on the Pareto front, else 0",
                                .for_programs = true});
}

static const char *list_figures(const struct pareto *pareto,
                                struct arena *arena)
{
    const char *list = "";
    for (size_t f = 0; f < pareto->figures.n; f++) {
        const struct figure *figure = &pareto->figures.at[f];
        bool large = figure_rows[figure->quantity].better == BETTER_LARGER;
        list = arena_print(arena, "%s%s%s (%s)", list, f ? ", " : "",
                           figure_name(pareto->results, figure, arena),
                           large ? "large" : "small");
    }
    return list;
}

struct sheet pareto_sheet(const struct pareto *pareto, bool all,
                          struct arena *arena)
{
    struct sheet sheet = sheet_open("Pareto front", arena);
    struct candidate *sorted = sort_cells(pareto, arena);
    add_columns(pareto, arena, &sheet);
    for (int front = 1; front >= (all ? 0 : 1); front--)
        for (size_t i = 0; i < pareto->n_known; i++)
            if (sorted[i].point->on_front == (front == 1))
                add_row(pareto, sorted[i].cell, &sheet);
    sheet_add_note(
        &sheet,
        arena_print(arena,
                    "* on the front of %s: %zu of %zu cells with values. "
                    "Means over the cell's trials.%s",
                    list_figures(pareto, arena), pareto->n_front,
                    pareto->n_known,
                    all ? "" : " --all shows the others as well."));
    return sheet;
}

/* The lines of a picture of layers. */
#include "analysis/layers_drawing.h"

#include <math.h>
#include <string.h>

static enum status refuse_many(const struct drawing *drawing, size_t n)
{
    if (drawing->request->steps)
        return status_refuse(STATUS_INVALID,
                             "%zu groups: a picture of steps has one; choose "
                             "it with --where, or pool with --by", n);
    return status_refuse(STATUS_INVALID,
                         "%zu groups: a picture has at most %d lines; choose "
                         "with --where, or pool with --by",
                         n, PLOT_LINES_MAX);
}

static void add_line(struct drawing *drawing, const struct layers_pool *pool,
                     int step, const char *name)
{
    struct slice *slice = &drawing->slice;
    struct line *line = &drawing->lines[slice->n];
    *line = (struct line){.pool = *pool, .step = step};
    slice->names[slice->n++] = name;
    drawing->n_layers =
        pool->n_layers > drawing->n_layers ? pool->n_layers : drawing->n_layers;
    drawing->n_steps =
        pool->n_steps > drawing->n_steps ? pool->n_steps : drawing->n_steps;
    if (pool->n_bins < 3)
        return;
    drawing->low = fmin(drawing->low, pool->edges[1]);
    drawing->high = fmax(drawing->high, pool->edges[pool->n_bins - 1]);
}

/* The gradient of a group, unless a line before has the same. */
static void add_gradient(struct drawing *drawing, size_t line, size_t group)
{
    const struct axes_cell *cell = &drawing->groups.cells.at[group];
    double x[CURVE_POINTS];
    for (size_t i = 0; i < CURVE_POINTS; i++)
        x[i] = drawing->low + (drawing->high - drawing->low) * (double)i /
                                  (CURVE_POINTS - 1);
    const double *gradient =
        layers_surrogate(&drawing->results->trials[cell->trials[0]],
                         CURVE_POINTS, x, drawing->arena);
    for (size_t i = 0; i < line && gradient; i++)
        if (drawing->lines[i].gradient &&
            !memcmp(drawing->lines[i].gradient, gradient,
                    CURVE_POINTS * sizeof *gradient))
            gradient = NULL;
    drawing->lines[line].gradient = gradient;
}

/* Steps that look different, the last among them. */
static void add_steps(struct drawing *drawing, const struct layers_pool *pool)
{
    size_t n = pool->n_steps < PLOT_LINES_MAX ? pool->n_steps : PLOT_LINES_MAX;
    for (size_t i = 0; i < n; i++) {
        size_t step = n < 2 ? 0 : i * (pool->n_steps - 1) / (n - 1);
        add_line(drawing, pool, (int)step,
                 arena_print(drawing->arena, "step %zu", step));
    }
}

static enum status find_lines(struct drawing *drawing)
{
    size_t n = drawing->groups.cells.n, of_group[PLOT_LINES_MAX] = {0};
    bool steps = drawing->request->steps;
    if (n > (steps ? 1 : PLOT_LINES_MAX))
        return refuse_many(drawing, n);
    for (size_t i = 0; i < n; i++) {
        struct layers_pool pool;
        const char *label =
            layers_label(&drawing->groups, i, drawing->arena);
        TRY(layers_pool(drawing->results, &drawing->groups.cells.at[i],
                        drawing->arena, &pool));
        if (pool.n_trials == 0)
            continue;
        of_group[drawing->slice.n] = i;
        if (steps)
            add_steps(drawing, &pool);
        else
            add_line(drawing, &pool, LAYERS_ALL_STEPS, label);
        if (steps && drawing->groups.axes.n)
            drawing->slice.title =
                arena_print(drawing->arena, "%s; %s", label,
                            drawing->slice.title);
    }
    if (drawing->slice.n == 0)
        return status_refuse(STATUS_NOT_FOUND, "%s: no training is done",
                             drawing->results->path);
    for (size_t i = 0; i < drawing->slice.n; i++) {
        struct line *line = &drawing->lines[i];
        add_gradient(drawing, i, of_group[i]);
        if (!drawing->request->epochs)
            continue;
        TRY(layers_course(drawing->results,
                          &drawing->groups.cells.at[of_group[i]],
                          drawing->arena, &line->course));
    }
    return STATUS_OK;
}

enum status layers_open_drawing(const struct results *results,
                                const struct layers_request *request,
                                const char *title, struct arena *arena,
                                struct drawing *drawing)
{
    *drawing = (struct drawing){.results = results,
                                .request = request,
                                .slice = {.title = title},
                                .low = INFINITY,
                                .high = -INFINITY,
                                .arena = arena};
    TRY(layers_group(results, request, arena, &drawing->groups));
    TRY(find_lines(drawing));
    if (drawing->n_layers > PICTURES_PANELS_MAX)
        drawing->n_layers = PICTURES_PANELS_MAX;
    return STATUS_OK;
}

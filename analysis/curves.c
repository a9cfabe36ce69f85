#include "analysis/curves.h"
#include "analysis/columns.h"
#include "analysis/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char steps_key[] = "attack.n_steps";

/* attacks ------------------------------------------------------------- */

/* The attacks that a name means, in the order of the results. */
static enum status find_attacks(const struct results *results,
                                const char *name, struct arena *arena,
                                struct figures *attacks)
{
    if (results->n_attacks == 0)
        return status_refuse(STATUS_NOT_FOUND,
                             "%s: nothing was attacked, so there are no "
                             "curves",
                             results->path);
    TRY(figures_find(results, name ? name : "*", arena, attacks));
    if (figure_rows[attacks->at[0].quantity].scope != OF_ATTACK)
        return status_refuse(STATUS_INVALID,
                             "%s: the name of an attack is allowed", name);
    return STATUS_OK;
}

/* over epsilon -------------------------------------------------------- */

static struct curves_panel make_panel(const struct results *results,
                                      size_t attack, struct arena *arena)
{
    struct curves_place *at =
        ARENA_ARRAY(arena, struct curves_place, results->n_epsilons + 1);
    struct curves_panel panel = {results->attacks[attack].name,
                                 "epsilon, in 1/255", 0, at};
    for (size_t e = 0; e < results->n_epsilons; e++) {
        double epsilon = results->epsilons[e];
        if (!columns_was_run(results, attack, e))
            continue;
        at[panel.n++] = (struct curves_place){
            255 * epsilon, column_print_epsilon(epsilon, arena),
            {QUANTITY_ATTACK, attack, e}};
    }
    return panel;
}

static void make_panels(struct curves *curves, const struct figures *attacks,
                        struct arena *arena)
{
    struct curves_panel *panels =
        ARENA_ARRAY(arena, struct curves_panel, attacks->n + 1);
    for (size_t i = 0; i < attacks->n; i++) {
        panels[curves->n_panels] =
            make_panel(curves->results, attacks->at[i].attack, arena);
        curves->n_panels += panels[curves->n_panels].n > 0;
    }
    curves->panels = panels;
}

/* over steps ---------------------------------------------------------- */

/* Whether two attacks differ in their steps alone. */
static bool are_kin(const struct result_attack *a,
                    const struct result_attack *b)
{
    if (a->settings.n != b->settings.n || !settings_get(&a->settings,
                                                        steps_key))
        return false;
    for (size_t i = 0; i < a->settings.n; i++) {
        const struct setting *x = &a->settings.at[i], *y = &b->settings.at[i];
        if (strcmp(x->key, y->key) != 0)
            return false;
        if (strcmp(x->value, y->value) != 0 && strcmp(x->key, steps_key) != 0)
            return false;
    }
    return true;
}

static int by_x(const void *a, const void *b)
{
    const struct curves_place *x = a, *y = b;
    return (x->x > y->x) - (x->x < y->x);
}

/* The epsilon that is asked for, or the largest that the attack was run at;
 * the number of epsilons if it was not. */
static enum status choose_epsilon(const struct results *results, size_t attack,
                                  const char *text, struct arena *arena,
                                  size_t *epsilon)
{
    struct indices epsilons = columns_epsilons(results, attack, arena);
    struct figure figure = {0};
    if (!text) {
        *epsilon =
            epsilons.n ? epsilons.at[epsilons.n - 1] : results->n_epsilons;
        return STATUS_OK;
    }
    TRY(figure_find(results,
                    arena_print(arena, "%s@%s", results->attacks[attack].name,
                                text),
                    arena, &figure));
    *epsilon = figure.epsilon;
    return STATUS_OK;
}

/* Of all kin the first makes a panel, if it has any. */
static enum status add_family(struct curves *curves,
                              const struct figures *attacks, size_t first,
                              const char *text, struct arena *arena,
                              struct curves_panel *panels)
{
    const struct results *results = curves->results;
    const struct result_attack *own =
        &results->attacks[attacks->at[first].attack];
    struct curves_place *at =
        ARENA_ARRAY(arena, struct curves_place, attacks->n);
    size_t n = 0, epsilon = 0;
    for (size_t i = 0; i < first; i++)
        if (are_kin(own, &results->attacks[attacks->at[i].attack]))
            return STATUS_OK;
    TRY(choose_epsilon(results, attacks->at[first].attack, text, arena,
                       &epsilon));
    for (size_t i = first; i < attacks->n; i++) {
        size_t attack = attacks->at[i].attack;
        const struct result_attack *kin = &results->attacks[attack];
        if (!are_kin(own, kin) || epsilon == results->n_epsilons)
            continue;
        const char *steps = settings_get(&kin->settings, steps_key);
        at[n++] = (struct curves_place){
            strtod(steps, NULL), steps, {QUANTITY_ATTACK, attack, epsilon}};
    }
    if (n < 2)
        return STATUS_OK;
    qsort(at, n, sizeof *at, by_x);
    panels[curves->n_panels++] = (struct curves_panel){
        arena_print(arena, "%s@%s", settings_get(&own->settings, "attack"),
                    column_print_epsilon(results->epsilons[epsilon], arena)),
        "steps of the attack", n, at};
    return STATUS_OK;
}

static enum status make_families(struct curves *curves,
                                 const struct figures *attacks,
                                 const char *epsilon, struct arena *arena)
{
    struct curves_panel *panels =
        ARENA_ARRAY(arena, struct curves_panel, attacks->n + 1);
    for (size_t i = 0; i < attacks->n; i++)
        TRY(add_family(curves, attacks, i, epsilon, arena, panels));
    if (curves->n_panels == 0)
        return status_refuse(STATUS_NOT_FOUND,
                             "%s: no attacks differ in their n_steps alone",
                             curves->results->path);
    curves->panels = panels;
    return STATUS_OK;
}

enum status curves_make(const struct results *results,
                        const struct curves_request *request,
                        struct arena *arena, struct curves *curves)
{
    struct figures attacks;
    struct curves made = {.results = results};
    TRY(find_attacks(results, request->attack, arena, &attacks));
    if (request->lines)
        TRY(axes_read(results, request->lines, arena, &made.axes));
    else
        TRY(axes_usual(results, NULL, arena, &made.axes));
    made.lines = axes_group(results, &made.axes, arena);
    if (request->over_steps)
        TRY(make_families(&made, &attacks, request->epsilon, arena));
    else
        make_panels(&made, &attacks, arena);
    if (made.n_panels == 0)
        return status_refuse(STATUS_NOT_FOUND, "%s: no attack has a result",
                             results->path);
    *curves = made;
    return STATUS_OK;
}

/* as a sheet ---------------------------------------------------------- */

struct figures curves_figures(const struct curves *curves,
                              struct arena *arena)
{
    size_t n = 0;
    for (size_t i = 0; i < curves->n_panels; i++)
        n += curves->panels[i].n;
    struct figure *at = ARENA_ARRAY(arena, struct figure, n + 1);
    n = 0;
    for (size_t i = 0; i < curves->n_panels; i++)
        for (size_t k = 0; k < curves->panels[i].n; k++)
            at[n++] = curves->panels[i].at[k].figure;
    return (struct figures){n, at};
}

/* What a point says, in the order of its columns. */
enum { POINT_EPSILON, POINT_STEPS, POINT_MEAN, POINT_DEVIATION, POINT_LOW,
       POINT_HIGH, POINT_LOWEST, POINT_HIGHEST, POINT_N, POINT_COLUMNS };

static const struct sheet_column point_columns[POINT_COLUMNS] = {
    [POINT_EPSILON] = {.name = "epsilon", .unit = "1", .n_decimals = -4},
    [POINT_STEPS] = {.name = "n_steps", .unit = "1",
                     .doc = "of the attack; none where it has no steps"},
    [POINT_MEAN] = {.name = "accuracy", .unit = "1", .scale = 100,
                    .n_decimals = 1, .doc = "mean over the line's trials"},
    [POINT_DEVIATION] = {.name = "deviation", .unit = "1", .scale = 100,
                         .n_decimals = 1, .doc = "of a sample"},
    [POINT_LOW] = {.name = "low", .unit = "1", .scale = 100, .n_decimals = 1,
                   .doc = "lower end of the mean's 95 % interval"},
    [POINT_HIGH] = {.name = "high", .unit = "1", .scale = 100,
                    .n_decimals = 1, .doc = "upper end of it"},
    [POINT_LOWEST] = {.name = "lowest", .unit = "1", .scale = 100,
                      .n_decimals = 1, .doc = "of the values"},
    [POINT_HIGHEST] = {.name = "highest", .unit = "1", .scale = 100,
                       .n_decimals = 1, .doc = "of the values"},
    [POINT_N] = {.name = "n", .unit = "1", .doc = "values"},
};

static double steps_of(const struct results *results,
                       const struct figure *figure)
{
    const char *steps = settings_get(
        &results->attacks[figure->attack].settings, steps_key);
    return steps ? strtod(steps, NULL) : (double)NAN;
}

static void measure(const struct results *results, const struct figure *figure,
                    const struct axes_cell *line, double *values,
                    double *point)
{
    double lowest = NAN, highest = NAN;
    for (size_t i = 0; i < line->n; i++) {
        values[i] = figure_value(results, figure, line->trials[i]);
        lowest = fmin(lowest, values[i]);
        highest = fmax(highest, values[i]);
    }
    struct estimate estimate = statistics_mean(values, line->n, 0.95);
    point[POINT_EPSILON] = results->epsilons[figure->epsilon];
    point[POINT_STEPS] = steps_of(results, figure);
    point[POINT_MEAN] = estimate.mean;
    point[POINT_DEVIATION] = estimate.deviation;
    point[POINT_LOW] = estimate.low;
    point[POINT_HIGH] = estimate.high;
    point[POINT_LOWEST] = lowest;
    point[POINT_HIGHEST] = highest;
    point[POINT_N] = (double)estimate.n;
}

static void add_point(const struct curves *curves,
                      const struct axes_cell *line,
                      const struct figure *figure, double *values,
                      struct sheet *sheet)
{
    size_t n = curves->axes.n, row = sheet_add_row(sheet);
    double point[POINT_COLUMNS];
    for (size_t i = 0; i < n; i++)
        sheet_put_text(sheet, row, i,
                       axis_text(&curves->axes.at[i], line->trials[0]));
    sheet_put_text(sheet, row, n,
                   curves->results->attacks[figure->attack].name);
    measure(curves->results, figure, line, values, point);
    for (size_t i = 0; i < POINT_COLUMNS; i++)
        sheet_put_number(sheet, row, n + 1 + i, point[i]);
}

struct sheet curves_sheet(const struct curves *curves, struct arena *arena)
{
    struct sheet sheet = sheet_open("curves", arena);
    struct figures figures = curves_figures(curves, arena);
    double *values =
        ARENA_ARRAY(arena, double, curves->results->n_trials + 1);
    for (size_t i = 0; i < curves->axes.n; i++)
        sheet_add_head(&sheet, curves->axes.at[i].key,
                       "axis or parameter of the trials");
    sheet_add_head(&sheet, "attack", NULL);
    for (size_t i = 0; i < POINT_COLUMNS; i++)
        sheet_add_column(&sheet, point_columns[i]);
    for (size_t i = 0; i < curves->lines.n; i++)
        for (size_t k = 0; k < figures.n; k++)
            add_point(curves, &curves->lines.at[i], &figures.at[k], values,
                      &sheet);
    return sheet;
}

#include "analysis/columns.h"

#include "core/attack.h"

#include <math.h>
#include <string.h>

/* text ---------------------------------------------------------------- */

const char *column_print_epsilon(double epsilon, struct arena *arena)
{
    double levels = epsilon * 255;
    if (fabs(levels - round(levels)) < 1e-6 && levels > 0.5)
        return arena_print(arena, "%.0f/255", levels);
    return arena_print(arena, "%.3g", epsilon);
}

const char *column_heading(const struct results *results,
                           const struct figure *column, struct arena *arena)
{
    switch (column->quantity) {
    case QUANTITY_OMEGA:
        return "Omega";
    case QUANTITY_RATE:
        return "rate";
    case QUANTITY_CHECK:
        return results->checks[column->epsilon].name;
    default:
        break;
    }
    const struct figure_row *row = &figure_rows[column->quantity];
    if (row->scope == OF_EPSILON)
        return column_print_epsilon(results->epsilons[column->epsilon], arena);
    return row->name;
}

/* What a value is multiplied by, and how many decimals it has then. */
static double scale_of(enum figure_form form, int *n_decimals)
{
    static const int decimals[] = {[FORM_PERCENT] = 1,
                                   [FORM_SHARE] = 3,
                                   [FORM_COUNT] = 0,
                                   [FORM_BYTES] = 1,
                                   [FORM_SECONDS] = 2,
                                   [FORM_REAL] = 3};
    *n_decimals = decimals[form];
    return form == FORM_PERCENT ? 100 : form == FORM_BYTES ? 1e-6 : 1;
}

struct sheet_column column_of_sheet(const struct results *results,
                                    const struct figure *column,
                                    struct arena *arena)
{
    const struct figure_row *row = &figure_rows[column->quantity];
    struct sheet_column sheet = {
        .name = figure_name(results, column, arena),
        .heading = column_heading(results, column, arena),
        .unit = row->unit,
        .doc = figure_doc(results, column, arena)};
    sheet.scale = scale_of(row->form, &sheet.n_decimals);
    if (row->form == FORM_BYTES || row->form == FORM_SECONDS)
        sheet.heading = arena_print(arena, "%s, %s", sheet.heading,
                                    row->form == FORM_BYTES ? "MB" : "s");
    if (row->scope != OF_TRIAL)
        sheet.over = results->attacks[column->attack].name;
    if (column->quantity == QUANTITY_WORST)
        sheet.over = "worst case";
    else if (row->scope == OF_EPSILON && column->quantity != QUANTITY_ATTACK)
        sheet.over = arena_print(arena, "%s: %s", row->name, sheet.over);
    return sheet;
}

/* A difference that rounds to nothing has no sign. */
const char *column_print(const struct figure *column, double value,
                         bool is_difference, struct arena *arena)
{
    int n_decimals;
    double scale = scale_of(figure_rows[column->quantity].form, &n_decimals);
    if (isnan(value))
        return "-";
    value *= scale;
    if (fabs(value) < pow(10, -n_decimals) / 2)
        return arena_print(arena, "%.*f", n_decimals, 0.0);
    return arena_print(arena, is_difference ? "%+.*f" : "%.*f", n_decimals,
                       value);
}

/* attacks and epsilons ------------------------------------------------- */

bool columns_is_in_ball(const struct results *results, size_t attack)
{
    const char *name =
        settings_get(&results->attacks[attack].settings, "attack");
    const struct kind *kind = name ? kind_find(&attack_axis, name) : NULL;
    return kind && attack_of(kind)->norm == NORM_LINF;
}

bool columns_was_run(const struct results *results, size_t attack,
                     size_t epsilon)
{
    for (size_t i = 0; i < results->n_trials; i++)
        if (!isnan(results_accuracy(results, i, attack, epsilon)))
            return true;
    return false;
}

struct indices columns_epsilons(const struct results *results, size_t attack,
                                struct arena *arena)
{
    size_t *at = ARENA_ARRAY(arena, size_t, results->n_epsilons + 1), n = 0;
    for (size_t e = 0; e < results->n_epsilons; e++)
        if (results->epsilons[e] > 0 && columns_was_run(results, attack, e))
            at[n++] = e;
    return (struct indices){n, at};
}

struct indices columns_spread_out(struct indices all, size_t k,
                                  struct arena *arena)
{
    if (k >= all.n)
        return all;
    size_t *at = ARENA_ARRAY(arena, size_t, k + 1);
    for (size_t i = 0; i < k; i++)
        at[i] = all.at[((i + 1) * all.n + k / 2) / k - 1];
    return (struct indices){k, at};
}

/* statistics ---------------------------------------------------------- */

/* Sums of what was added so far; `shift`, the first value, keeps the squares
 * small. */
struct tally {
    struct spread spread;
    double shift, sum, squares;
};

static void add(struct tally *tally, double value)
{
    struct spread *spread = &tally->spread;
    if (isnan(value))
        return;
    if (spread->n == 0)
        tally->shift = spread->lowest = spread->highest = value;
    spread->n++;
    spread->n_above += value > 0;
    spread->n_below += value < 0;
    spread->lowest = fmin(spread->lowest, value);
    spread->highest = fmax(spread->highest, value);
    tally->sum += value - tally->shift;
    tally->squares += (value - tally->shift) * (value - tally->shift);
}

static struct spread settle(const struct tally *tally)
{
    struct spread spread = tally->spread;
    double n = (double)spread.n, sum = tally->sum;
    spread.mean = spread.deviation = NAN;
    if (spread.n == 0)
        spread.lowest = spread.highest = NAN;
    else
        spread.mean = tally->shift + sum / n;
    if (spread.n > 1)
        spread.deviation =
            sqrt(fmax(tally->squares - sum * sum / n, 0) / (n - 1));
    return spread;
}

struct spread column_spread(const struct results *results,
                            const struct figure *column,
                            const struct group *group)
{
    struct tally tally = {0};
    for (size_t i = 0; i < group->n; i++)
        add(&tally, figure_value(results, column, group->trials[i]));
    return settle(&tally);
}

static void add_differences(struct tally *tally, const struct results *results,
                            const struct figure *column,
                            const struct group *group)
{
    for (size_t i = 0; i < group->n; i++)
        if (group->twins[i] != GROUPS_NO_TRIAL)
            add(tally, figure_value(results, column, group->trials[i]) -
                           figure_value(results, column,
                                        (size_t)group->twins[i]));
}

struct spread column_difference(const struct results *results,
                                const struct figure *column,
                                const struct group *group)
{
    struct tally tally = {0};
    add_differences(&tally, results, column, group);
    return settle(&tally);
}

struct spread column_effect(const struct results *results,
                            const struct figure *column,
                            const struct groups *groups,
                            const char *defence)
{
    struct tally tally = {0};
    for (size_t i = 0; i < groups->n; i++)
        if (!groups->at[i].undefended &&
            !strcmp(groups->at[i].defence, defence))
            add_differences(&tally, results, column, &groups->at[i]);
    return settle(&tally);
}

#include "analysis/diff.h"
#include "analysis/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    COLUMN_WHAT,
    COLUMN_NAME,
    COLUMN_FIRST,
    COLUMN_SECOND,
    COLUMN_DIFFERENCE
};

struct diff {
    const struct diff_side *first, *second;
    struct arena *arena;
    struct sheet *sheet;
    size_t n_parameters, n_figures; /* that were looked at */
};

/* finding ------------------------------------------------------------- */

static enum status refuse_several(const struct results *results,
                                  const char *name, size_t a, size_t b)
{
    return status_refuse(STATUS_INVALID,
                         "%s: %s means several trials, as %.12s (%s) and "
                         "%.12s (%s)",
                         results->path, name, results->trials[a].id,
                         results->trials[a].cell, results->trials[b].id,
                         results->trials[b].cell);
}

enum status diff_find_trial(const struct results *results, const char *name,
                            size_t *trial)
{
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < results->n_trials; i++) {
        const struct result_trial *row = &results->trials[i];
        if (strncmp(row->id, name, strlen(name)) != 0 &&
            strcmp(row->cell, name) != 0)
            continue;
        if (found != SIZE_MAX)
            return refuse_several(results, name, found, i);
        found = i;
    }
    if (found == SIZE_MAX || !*name)
        return status_refuse(STATUS_NOT_FOUND,
                             "%s: no trial %s; allowed are the beginning of "
                             "an identity and a cell as spikesweep query DIR "
                             "--show id,cell has them",
                             results->path, name);
    *trial = found;
    return STATUS_OK;
}

/* rows ---------------------------------------------------------------- */

static void add_row(const struct diff *diff, const char *what,
                    const char *name, const char *first, const char *second,
                    double difference)
{
    size_t row = sheet_add_row(diff->sheet);
    sheet_put_text(diff->sheet, row, COLUMN_WHAT, what);
    sheet_put_text(diff->sheet, row, COLUMN_NAME, name);
    sheet_put_text(diff->sheet, row, COLUMN_FIRST, first);
    sheet_put_text(diff->sheet, row, COLUMN_SECOND, second);
    sheet_put_number(diff->sheet, row, COLUMN_DIFFERENCE, difference);
}

static const struct result_trial *trial_of(const struct diff_side *side)
{
    return &side->results->trials[side->trial];
}

static const char *or_none(const char *text)
{
    return text ? text : "-";
}

static double number_of(const char *text)
{
    char *end = NULL;
    double number = text ? strtod(text, &end) : (double)NAN;
    return end && end != text && !*end ? number : (double)NAN;
}

static void compare_parameter(struct diff *diff, const char *key,
                              const char *first, const char *second)
{
    diff->n_parameters++;
    if (first && second && !strcmp(first, second))
        return;
    add_row(diff, "parameter", key, or_none(first), or_none(second),
            number_of(second) - number_of(first));
}

/* Of the first, then what only the second has. */
static void compare_parameters(struct diff *diff)
{
    const struct settings *first = &trial_of(diff->first)->settings;
    const struct settings *second = &trial_of(diff->second)->settings;
    for (size_t i = 0; i < first->n; i++)
        compare_parameter(diff, first->at[i].key, first->at[i].value,
                          settings_get(second, first->at[i].key));
    for (size_t i = 0; i < second->n; i++)
        if (!settings_get(first, second->at[i].key))
            compare_parameter(diff, second->at[i].key, NULL,
                              second->at[i].value);
}

static enum status compare_text(struct diff *diff, const char *name)
{
    const char *const *first = NULL, *const *second = NULL;
    const char *variable = arena_print(diff->arena, "trials/%s", name);
    TRY(results_texts(diff->first->results, variable, diff->arena, &first));
    TRY(results_texts(diff->second->results, variable, diff->arena, &second));
    const char *x = first[diff->first->trial];
    const char *y = second[diff->second->trial];
    if (strcmp(x, y) != 0)
        add_row(diff, "program", name, *x ? x : "-", *y ? y : "-", NAN);
    return STATUS_OK;
}

static enum status compare_programs(struct diff *diff)
{
    static const char *const names[] = {
        "state",  "cause", "program_version", "git_revision",
        "engine", "means", "host",            "data_digest",
        "model_digest"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        TRY(compare_text(diff, names[i]));
    if (strcmp(diff->first->results->builds, diff->second->results->builds))
        add_row(diff, "program", "builds of the sweep",
                diff->first->results->builds, diff->second->results->builds,
                NAN);
    return STATUS_OK;
}

static const char *print_value(double value, struct arena *arena)
{
    return isnan(value) ? "-" : arena_print(arena, "%.6g", value);
}

static void compare_figure(struct diff *diff, struct figure figure)
{
    const struct results *results = diff->first->results;
    struct figure other;
    if (!compare_find_figure(results, &figure, diff->second->results, &other))
        return;
    double x = figure_value(results, &figure, diff->first->trial);
    double y =
        figure_value(diff->second->results, &other, diff->second->trial);
    diff->n_figures++;
    if (!compare_same(x, y))
        add_row(diff, "figure",
                figure_name(results, &figure, diff->arena),
                print_value(x, diff->arena), print_value(y, diff->arena),
                y - x);
}

static void compare_figures(struct diff *diff)
{
    const struct results *results = diff->first->results;
    for (int q = 0; q < QUANTITY_N; q++)
        if (figure_rows[q].scope == OF_TRIAL)
            compare_figure(diff, (struct figure){(enum quantity)q, 0, 0});
    for (size_t k = 0; k < results->n_attacks; k++)
        for (size_t e = 0; e < results->n_epsilons; e++)
            compare_figure(diff, (struct figure){QUANTITY_ATTACK, k, e});
}

/* all of it ----------------------------------------------------------- */

static void add_columns(struct sheet *sheet, const struct diff_side *first,
                        const struct diff_side *second, struct arena *arena)
{
    const char *const ids[] = {trial_of(first)->id, trial_of(second)->id};
    bool same = !strcmp(ids[0], ids[1]);
    sheet_add_head(sheet, "what", "parameter, program or figure");
    sheet_add_head(sheet, "name", NULL);
    for (size_t i = 0; i < 2; i++)
        sheet_add_column(
            sheet, (struct sheet_column){
                       .name = i ? "second" : "first",
                       .heading = same ? NULL
                                       : arena_print(arena, "%.8s", ids[i]),
                       .is_text = true,
                       .doc = "figures as they are stored"});
    sheet_add_column(sheet, (struct sheet_column){
                                .name = "difference",
                                .doc = "second less first, of numbers",
                                .has_sign = true,
                                .n_decimals = -4});
}

static void add_notes(const struct diff *diff, struct arena *arena)
{
    const struct result_trial *first = trial_of(diff->first);
    const struct result_trial *second = trial_of(diff->second);
    sheet_add_note(diff->sheet,
                   arena_print(arena, "First: %s %.8s, %s. Second: %s %.8s, "
                                      "%s.",
                               first->file, first->id, first->cell,
                               second->file, second->id, second->cell));
    sheet_add_note(diff->sheet,
                   arena_print(arena,
                               "Of %zu parameters and %zu figures of both, "
                               "what is not here is the same in both, figures "
                               "bit for bit. Figures as they are stored: "
                               "accuracies in 0 to 1, times in s, memory in "
                               "bytes.",
                               diff->n_parameters, diff->n_figures));
}

enum status diff_make(const struct diff_side *first,
                      const struct diff_side *second, struct arena *arena,
                      struct sheet *sheet)
{
    struct sheet made = sheet_open("difference", arena);
    struct diff diff = {.first = first,
                        .second = second,
                        .arena = arena,
                        .sheet = &made};
    add_columns(&made, first, second, arena);
    compare_parameters(&diff);
    TRY(compare_programs(&diff));
    compare_figures(&diff);
    add_notes(&diff, arena);
    *sheet = made;
    return STATUS_OK;
}

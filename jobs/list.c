#include "jobs/commands.h"

#include "analysis/figure.h"
#include "core/checks.h"
#include "core/sampler.h"
#include "core/spec.h"

#include <stdio.h>
#include <string.h>

static void print_row(const struct kind *kind, const struct row *row)
{
    struct arena arena = arena_open();
    void *params = kind_defaults(kind, &arena);
    const char *value = row_print(row, params, &arena);
    printf("        %s = %s", row->name, value);
    if (strcmp(row->unit, "1") != 0)
        printf(" %s", row->unit);
    printf("\n            %s; %s%s\n", row->doc, row_allowed(row, &arena),
           row->aside ? "; not part of a cell's identity" : "");
    arena_close(&arena);
}

static void print_kind(const struct axis *axis, const struct kind *kind)
{
    bool usual = strcmp(axis->fallback, kind->name) == 0;
    printf("    %s%s: %s\n", kind->name, usual ? " (default)" : "", kind->doc);
    if (kind->cite && *kind->cite)
        printf("        source: %s\n", kind->cite);
    for (size_t i = 0; i < kind->n_rows; i++)
        print_row(kind, &kind->rows[i]);
}

static void print_axis(const struct axis *axis)
{
    printf("%s: %s\n", axis->name, axis->doc);
    for (size_t i = 0; i < axis->n_kinds; i++)
        print_kind(axis, axis->kinds[i]);
    printf("\n");
}

/* The axes of cells and attacks, then what is no part of them. */
enum { N_AXES = SPEC_N_AXES + 1 };

static const struct axis *axis_at(size_t a)
{
    return a < SPEC_N_AXES ? spec_axes[a] : &sampler_axis;
}

static void print_axes(void)
{
    for (size_t a = 0; a < N_AXES; a++) {
        const struct axis *axis = axis_at(a);
        printf("%-14s %s:\n               ", axis->name, axis->doc);
        for (size_t i = 0; i < axis->n_kinds; i++)
            printf("%s%s", i ? ", " : "", axis->kinds[i]->name);
        printf("\n");
    }
    printf("\nspikesweep list AXIS tells the parameters of its kinds, "
           "spikesweep list all those of all axes.\n");
}

static void print_figure(const struct figure_row *row)
{
    static const char *const better[] = {"; smaller is better", "",
                                         "; larger is better"};
    bool has_unit = strcmp(row->unit, "1") != 0;
    printf("    %-16s %s%s%s%s\n", row->name, row->doc,
           has_unit ? "; in " : "", has_unit ? row->unit : "",
           better[row->better - BETTER_SMALLER]);
}

/* What table and its like can show, and how it is called. */
static void print_figures(void)
{
    static const char *const titles[] = {
        [OF_TRIAL] = "of a trial: NAME",
        [OF_ATTACK] = "of an attack: NAME:ATTACK; mean is meant by ATTACK "
                      "alone",
        [OF_EPSILON] = "at an epsilon: NAME:ATTACK@EPSILON; accuracy is meant "
                       "by ATTACK@EPSILON alone",
    };
    for (int scope = OF_TRIAL; scope <= OF_EPSILON; scope++) {
        printf("figures %s\n", titles[scope]);
        for (size_t i = 0; i < QUANTITY_CHECK; i++)
            if (figure_rows[i].scope == (enum figure_scope)scope)
                print_figure(&figure_rows[i]);
    }
    printf("what checks have measured: CHECK:ATTACK\n");
    for (size_t i = 0; i < CHECK_N; i++)
        printf("    %-16s %s\n", check_rows[i].name, check_rows[i].figure);
}

/* The axis of that name, or of the section in which it is written; or NULL. */
static const struct axis *find_axis(const char *name)
{
    if (strcmp(name, "attacks") == 0)
        return axis_at(SPEC_ATTACK);
    for (size_t a = 0; a < N_AXES; a++)
        if (strcmp(axis_at(a)->name, name) == 0)
            return axis_at(a);
    return NULL;
}

static enum status refuse_axis(const char *name)
{
    const char *names[N_AXES];
    for (size_t a = 0; a < N_AXES; a++)
        names[a] = axis_at(a)->name;
    const char *near = kind_nearest_of(names, N_AXES, name);
    return status_refuse(STATUS_NOT_FOUND, "no axis %s%s%s%s", name,
                         near ? "; did you mean " : "", near ? near : "",
                         near ? "?" : "; spikesweep list names all");
}

static enum status print_kind_named(const struct axis *axis, const char *name)
{
    const struct kind *kind = kind_find(axis, name);
    if (kind) {
        print_kind(axis, kind);
        return STATUS_OK;
    }
    const char *near = kind_nearest(axis, name);
    return status_refuse(STATUS_NOT_FOUND,
                         "no %s %s%s%s%s", axis->name, name,
                         near ? "; did you mean " : "", near ? near : "",
                         near ? "?" : "; spikesweep list names all");
}

static enum status run(char *const *arguments, int *exit_status)
{
    *exit_status = EXIT_DONE;
    const char *name = arguments[0];
    if (!name) {
        print_axes();
        return STATUS_OK;
    }
    if (strcmp(name, "all") == 0 && !arguments[1]) {
        for (size_t a = 0; a < N_AXES; a++)
            print_axis(axis_at(a));
        return STATUS_OK;
    }
    if (strcmp(name, "figures") == 0 && !arguments[1]) {
        print_figures();
        return STATUS_OK;
    }
    const struct axis *axis = find_axis(name);
    if (!axis)
        return refuse_axis(name);
    if (arguments[1])
        return print_kind_named(axis, arguments[1]);
    print_axis(axis);
    return STATUS_OK;
}

const struct command command_list = {
    .name = "list",
    .arguments = "[AXIS [KIND]]",
    .doc = "what an experiment can choose from: kinds, parameters, ranges, "
           "defaults, sources",
    .more = "AXIS is one of those that `spikesweep list` names, or all; KIND "
            "one of its kinds.\n`spikesweep list figures` names what table "
            "and other commands can show of trials.\n",
    .n_arguments_max = 2,
    .run = run,
};

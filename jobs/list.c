#include "jobs/commands.h"

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

static enum status print_named(const char *name)
{
    const char *names[N_AXES];
    for (size_t a = 0; a < N_AXES; a++) {
        names[a] = axis_at(a)->name;
        bool section = a == SPEC_ATTACK && strcmp(name, "attacks") == 0;
        if (section || strcmp(names[a], name) == 0) {
            print_axis(axis_at(a));
            return STATUS_OK;
        }
    }
    const char *near = kind_nearest_of(names, N_AXES, name);
    return status_refuse(STATUS_NOT_FOUND, "no axis %s%s%s%s", name,
                         near ? "; did you mean " : "", near ? near : "",
                         near ? "?" : "; spikesweep list names all");
}

static enum status run(char *const *arguments, int *exit_status)
{
    *exit_status = EXIT_DONE;
    if (!arguments[0]) {
        print_axes();
        return STATUS_OK;
    }
    if (strcmp(arguments[0], "all") != 0)
        return print_named(arguments[0]);
    for (size_t a = 0; a < N_AXES; a++)
        print_axis(axis_at(a));
    return STATUS_OK;
}

const struct command command_list = {
    .name = "list",
    .arguments = "[AXIS]",
    .doc = "what an experiment can choose from: kinds, parameters, ranges, "
           "defaults, sources",
    .n_arguments_max = 1,
    .run = run,
};

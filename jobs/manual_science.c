#include "jobs/manual_science.h"

#include "core/kind.h"
#include "core/sampler.h"
#include "core/spec.h"

#include <stdio.h>
#include <string.h>

enum { N_AXES = SPEC_N_AXES + 1 };

static const struct axis *axis_at(size_t a)
{
    return a < SPEC_N_AXES ? spec_axes[a] : &sampler_axis;
}

/* A text in a cell of a table, in which Markdown means nothing. */
static void print_cell(const char *text)
{
    for (; *text; text++)
        if (strchr("|*_<>`[]\\", *text))
            printf("\\%c", *text);
        else
            putchar(*text == '\n' ? ' ' : *text);
}

/* By these words kinds and rows say that a paper leaves something open. */
static bool is_open(const char *doc)
{
    static const char *const words[] = {"not known", "reconstruction",
                                        "a choice of ours"};
    for (size_t i = 0; i < KIND_COUNT(words); i++)
        if (strstr(doc, words[i]))
            return true;
    return false;
}

static void print_open_row(const struct axis *axis, const struct kind *kind,
                           const struct row *row)
{
    struct arena arena = arena_open();
    printf("| %s.%s | %s = %s | ", axis->name, kind->name, row->name,
           row_print(row, kind_defaults(kind, &arena), &arena));
    print_cell(row->doc);
    printf(" |\n");
    arena_close(&arena);
}

/* Surrogates are kinds of attacks' surrogates, too: told once. */
static bool is_told(size_t a, const struct kind *kind)
{
    for (size_t b = 0; b < a; b++)
        for (size_t k = 0; k < axis_at(b)->n_kinds; k++)
            if (axis_at(b)->kinds[k] == kind)
                return true;
    return false;
}

static void print_open_kind(const struct axis *axis, const struct kind *kind)
{
    if (is_open(kind->doc)) {
        printf("| %s.%s | | ", axis->name, kind->name);
        print_cell(kind->doc);
        printf(" |\n");
    }
    for (size_t i = 0; i < kind->n_rows; i++)
        if (is_open(kind->rows[i].doc))
            print_open_row(axis, kind, &kind->rows[i]);
}

static void print_open(void)
{
    printf("| kind | parameter = default | what is said of it |\n"
           "|---|---|---|\n");
    for (size_t a = 0; a < N_AXES; a++)
        for (size_t k = 0; k < axis_at(a)->n_kinds; k++)
            if (!is_told(a, axis_at(a)->kinds[k]))
                print_open_kind(axis_at(a), axis_at(a)->kinds[k]);
}

static void print_kind(const struct axis *axis, const struct kind *kind)
{
    bool usual = strcmp(axis->fallback, kind->name) == 0;
    printf(usual ? "| **%s** | " : "| %s | ", kind->name);
    print_cell(kind->doc);
    printf(" | ");
    print_cell(kind->cite ? kind->cite : "");
    printf(" |\n");
}

static void print_axis(size_t a)
{
    const struct axis *axis = axis_at(a);
    size_t n_told = 0;
    printf("\n### %s: ", axis->name);
    print_cell(axis->doc);
    printf("\n\n| kind | what it is | source |\n|---|---|---|\n");
    for (size_t k = 0; k < axis->n_kinds; k++)
        if (is_told(a, axis->kinds[k]))
            n_told++;
        else
            print_kind(axis, axis->kinds[k]);
    if (n_told)
        printf("| %zu others | as above | |\n", n_told);
}

void manual_print_science(void)
{
    printf("## What the papers leave open\n\n"
           "Where a paper does not say, or was not at hand, the program has an "
           "option, whose words say so. This is all of it.\n\n");
    print_open();
    printf("\n## Every kind and its source\n\n"
           "Defaults are bold. Parameters, their ranges and their defaults: "
           "`spikesweep list AXIS KIND`.\n");
    for (size_t a = 0; a < N_AXES; a++)
        print_axis(a);
}

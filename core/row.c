/* A parameter's value: text to memory and back, by its row. */
#include "core/kind.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_TEXT = 32 };

static void *field_of(const struct row *row, void *params)
{
    return (unsigned char *)params + row->offset;
}

static const void *field_in(const struct row *row, const void *params)
{
    return (const unsigned char *)params + row->offset;
}

static enum status refuse(const struct row *row, const char *text)
{
    struct arena arena = arena_open();
    enum status status =
        status_refuse(STATUS_INVALID, "%s = %s: allowed is %s", row->name, text,
                      row_allowed(row, &arena));
    arena_close(&arena);
    return status;
}

/* Reads one number that ends at a separator; advances *text behind it. */
static bool read_number(const struct row *row, const char **text,
                        double *number)
{
    char *end;
    double read = strtod(*text, &end);
    if (end == *text || !isfinite(read))
        return false;
    if (read < row->minimum || read > row->maximum)
        return false;
    bool whole = row->type == ROW_COUNT || row->type == ROW_COUNTS;
    if (whole && (read != floor(read) || read < 0 || read > 0x1p53))
        return false;
    *number = read;
    *text = end;
    return true;
}

static const char *skip_spaces(const char *text)
{
    return text + strspn(text, " \t");
}

static bool read_list(const struct row *row, const char *text, double *list,
                      size_t *n)
{
    text = skip_spaces(text);
    if (*text++ != '[')
        return false;
    *n = 0;
    text = skip_spaces(text);
    while (*text != ']') {
        if (*n == KIND_LIST_MAX || !read_number(row, &text, &list[*n]))
            return false;
        ++*n;
        text = skip_spaces(text);
        if (*text == ',')
            text = skip_spaces(text + 1);
        else if (*text != ']')
            return false;
    }
    return *skip_spaces(text + 1) == '\0' && *n > 0;
}

static enum status set_number(const struct row *row, const char *text,
                              void *field)
{
    const char *rest = text;
    double number;
    if (!read_number(row, &rest, &number) || *skip_spaces(rest))
        return refuse(row, text);
    if (row->type == ROW_COUNT)
        *(size_t *)field = (size_t)number;
    else
        *(double *)field = number;
    return STATUS_OK;
}

static int compare_reals(const void *a, const void *b)
{
    const double *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

/* Sorts; false if two are equal. */
static bool make_set(double *list, size_t n)
{
    qsort(list, n, sizeof *list, compare_reals);
    for (size_t i = 1; i < n; i++)
        if (list[i - 1] == list[i])
            return false;
    return true;
}

static enum status set_list(const struct row *row, const char *text,
                            void *field)
{
    double list[KIND_LIST_MAX];
    size_t n;
    if (!read_list(row, text, list, &n) ||
        (row->is_set && !make_set(list, n)))
        return refuse(row, text);
    if (row->type == ROW_REALS) {
        struct reals *reals = field;
        reals->n = n;
        memcpy(reals->at, list, n * sizeof *list);
        return STATUS_OK;
    }
    struct counts *counts = field;
    counts->n = n;
    for (size_t i = 0; i < n; i++)
        counts->at[i] = (size_t)list[i];
    return STATUS_OK;
}

static enum status set_flag(const struct row *row, const char *text,
                            void *field)
{
    bool yes = !strcmp(text, "true");
    if (!yes && strcmp(text, "false") != 0)
        return refuse(row, text);
    *(bool *)field = yes;
    return STATUS_OK;
}

static enum status set_choice(const struct row *row, const char *text,
                              void *field)
{
    for (int i = 0; row->choices[i]; i++)
        if (!strcmp(row->choices[i], text)) {
            *(int *)field = i;
            return STATUS_OK;
        }
    return refuse(row, text);
}

/* A text is quoted; it cannot hold a quote, a backslash or a line's end. */
static enum status set_text(const struct row *row, const char *text,
                            void *field, struct arena *arena)
{
    size_t length = strlen(text);
    if (length < 2 || text[0] != '"' || text[length - 1] != '"' ||
        strcspn(text + 1, "\"\\\n\r") != length - 2)
        return refuse(row, text);
    *(const char **)field =
        arena_print(arena, "%.*s", (int)(length - 2), text + 1);
    return STATUS_OK;
}

enum status row_set(const struct row *row, const char *text, void *params,
                    struct arena *arena)
{
    void *field = field_of(row, params);
    switch (row->type) {
    case ROW_REAL:
    case ROW_COUNT:
        return set_number(row, text, field);
    case ROW_REALS:
    case ROW_COUNTS:
        return set_list(row, text, field);
    case ROW_FLAG:
        return set_flag(row, text, field);
    case ROW_CHOICE:
        return set_choice(row, text, field);
    case ROW_TEXT:
        return set_text(row, text, field, arena);
    }
    MUST(!"a row of unknown type");
    return STATUS_INVALID;
}

static const char *print_number(double number, char text[NUMBER_TEXT])
{
    /* 1000 rather than 1e+03. */
    if (fabs(number) < 1e9 && number == trunc(number)) {
        snprintf(text, NUMBER_TEXT, "%.0f", number + 0.0);
        return text;
    }
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, NUMBER_TEXT, "%.*g", digits, number + 0.0);
        if (strtod(text, NULL) == number)
            break;
    }
    return text;
}

static const char *print_list(size_t n, const double *list, struct arena *arena)
{
    char number[NUMBER_TEXT];
    const char *text = "[";
    for (size_t i = 0; i < n; i++)
        text = arena_print(arena, "%s%s%s", text, i ? ", " : "",
                           print_number(list[i], number));
    return arena_print(arena, "%s]", text);
}

static const char *print_counts(const struct counts *counts,
                                struct arena *arena)
{
    double list[KIND_LIST_MAX];
    for (size_t i = 0; i < counts->n; i++)
        list[i] = (double)counts->at[i];
    return print_list(counts->n, list, arena);
}

const char *row_print(const struct row *row, const void *params,
                      struct arena *arena)
{
    const void *field = field_in(row, params);
    const struct reals *reals = field;
    char number[NUMBER_TEXT];
    switch (row->type) {
    case ROW_REAL:
        print_number(*(const double *)field, number);
        return arena_copy_text(arena, number);
    case ROW_COUNT:
        return arena_print(arena, "%zu", *(const size_t *)field);
    case ROW_FLAG:
        return *(const bool *)field ? "true" : "false";
    case ROW_CHOICE:
        return row->choices[*(const int *)field];
    case ROW_TEXT:
        return arena_print(arena, "\"%s\"", *(const char *const *)field);
    case ROW_REALS:
        return print_list(reals->n, reals->at, arena);
    case ROW_COUNTS:
        return print_counts(field, arena);
    }
    MUST(!"a row of unknown type");
    return NULL;
}

static const char *print_range(const struct row *row, const char *what,
                               struct arena *arena)
{
    char low[NUMBER_TEXT], high[NUMBER_TEXT];
    return arena_print(arena, "%s from %s to %s", what,
                       print_number(row->minimum, low),
                       print_number(row->maximum, high));
}

static const char *print_choices(const struct row *row, struct arena *arena)
{
    const char *text = "one of";
    for (size_t i = 0; row->choices[i]; i++)
        text =
            arena_print(arena, "%s%s %s", text, i ? "," : "", row->choices[i]);
    return text;
}

const char *row_allowed(const struct row *row, struct arena *arena)
{
    switch (row->type) {
    case ROW_REAL:
        return print_range(row, "a number", arena);
    case ROW_COUNT:
        return print_range(row, "a whole number", arena);
    case ROW_REALS:
        return print_range(row,
                           row->is_set
                               ? "a list [..] of 1 to 32 different numbers"
                               : "a list [..] of 1 to 32 numbers",
                           arena);
    case ROW_COUNTS:
        return print_range(row, "a list [..] of 1 to 32 whole numbers", arena);
    case ROW_FLAG:
        return "true or false";
    case ROW_CHOICE:
        return print_choices(row, arena);
    case ROW_TEXT:
        return "a text without quotes, backslashes and line ends";
    }
    MUST(!"a row of unknown type");
    return NULL;
}

bool row_equal(const struct row *row, const void *a, const void *b)
{
    struct arena arena = arena_open();
    bool equal = !strcmp(row_print(row, a, &arena), row_print(row, b, &arena));
    arena_close(&arena);
    return equal;
}

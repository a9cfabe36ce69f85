#include "jobs/options.h"

#include "core/kind.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 32, NAME_SIZE = 64 };

static const struct option_row *find_letter(const struct option_row *rows,
                                            size_t n_rows, char letter)
{
    for (size_t i = 0; i < n_rows; i++)
        if (rows[i].letter && rows[i].letter == letter)
            return &rows[i];
    return NULL;
}

static const struct option_row *find_name(const struct option_row *rows,
                                          size_t n_rows, const char *name,
                                          size_t length)
{
    for (size_t i = 0; i < n_rows; i++)
        if (strlen(rows[i].name) == length &&
            strncmp(rows[i].name, name, length) == 0)
            return &rows[i];
    return NULL;
}

static enum status refuse_unknown(const struct option_row *rows, size_t n_rows,
                                  const char *given)
{
    const char *names[ROWS_MAX], *near = NULL;
    char name[NAME_SIZE];
    size_t length = strcspn(given, "="); /* without a value */
    for (size_t i = 0; i < n_rows; i++)
        names[i] = rows[i].name;
    snprintf(name, sizeof name, "%.*s", (int)length, given);
    if (name[1] == '-')
        near = kind_nearest_of(names, n_rows, name + 2);
    if (near)
        return status_refuse(STATUS_INVALID,
                             "no option %s; did you mean --%s?", name, near);
    return status_refuse(STATUS_INVALID,
                         "no option %s; --help lists those there are", name);
}

static enum status set_count(const char *name, const char *text, size_t *at)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno || !isdigit((unsigned char)*text) || *end)
        return status_refuse(STATUS_INVALID,
                             "--%s = %s: a whole number is allowed", name,
                             text);
    *at = (size_t)value;
    return STATUS_OK;
}

static double unit_of_time(const char *unit)
{
    static const struct {
        const char *name;
        double seconds;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    for (size_t i = 0; i < KIND_COUNT(units); i++)
        if (strcmp(unit, units[i].name) == 0)
            return units[i].seconds;
    return NAN;
}

static enum status set_time(const char *name, const char *text, double *at)
{
    char *end;
    double value = strtod(text, &end), unit = unit_of_time(end);
    if (end == text || isnan(unit) || !(value >= 0) || isinf(value))
        return status_refuse(STATUS_INVALID,
                             "--%s = %s: seconds are allowed, or a number "
                             "with s, m, h or d",
                             name, text);
    *at = value * unit;
    return STATUS_OK;
}

static bool is_time(const char *text)
{
    char *end;
    double value = text ? strtod(text, &end) : 0;
    return text && end != text && value >= 0 && !isnan(unit_of_time(end));
}

static enum status set_period(const struct option_row *row, const char *text)
{
    struct option_period *period = row->at;
    period->given = true;
    return text ? set_time(row->name, text, &period->seconds) : STATUS_OK;
}

static enum status refuse_missing(const struct option_row *row)
{
    return status_refuse(STATUS_INVALID, "--%s needs a value: %s", row->name,
                         row->value);
}

static enum status add_text(const struct option_row *row, const char *text)
{
    struct option_list *list = row->at;
    if (!*text)
        return refuse_missing(row);
    if (list->n == OPTION_LIST_MAX)
        return status_refuse(STATUS_INVALID, "--%s: at most %d are allowed",
                             row->name, OPTION_LIST_MAX);
    list->at[list->n++] = text;
    return STATUS_OK;
}

static enum status set(const struct option_row *row, const char *text)
{
    switch (row->type) {
    case OPTION_TEXT:
        if (!*text)
            return refuse_missing(row);
        *(const char **)row->at = text;
        return STATUS_OK;
    case OPTION_LIST:
        return add_text(row, text);
    case OPTION_COUNT:
        return set_count(row->name, text, row->at);
    case OPTION_TIME:
        return set_time(row->name, text, row->at);
    case OPTION_PERIOD:
        return set_period(row, text);
    case OPTION_FLAG:
        break;
    }
    return status_refuse(STATUS_INVALID, "--%s takes no value", row->name);
}

/* Reads the option at argv[*i]; *i moves on if its value is the next one. */
static enum status read_one(const struct option_row *rows, size_t n_rows,
                            int argc, char **argv, int *i)
{
    const char *given = argv[*i], *value = NULL;
    const struct option_row *row;
    if (given[1] == '-') {
        size_t length = strcspn(given + 2, "=");
        row = find_name(rows, n_rows, given + 2, length);
        value = given[2 + length] ? given + 3 + length : NULL;
    } else {
        row = find_letter(rows, n_rows, given[1]);
        value = given[2] ? given + 2 : NULL;
    }
    if (!row)
        return refuse_unknown(rows, n_rows, given);
    if (row->type == OPTION_FLAG && !value) {
        *(bool *)row->at = true;
        return STATUS_OK;
    }
    if (row->type == OPTION_PERIOD && !value)
        return set_period(row, *i + 1 < argc && is_time(argv[*i + 1])
                                   ? argv[++*i]
                                   : NULL);
    if (!value && *i + 1 >= argc)
        return refuse_missing(row);
    return set(row, value ? value : argv[++*i]);
}

enum status options_read(const struct option_row *rows, size_t n_rows,
                         int argc, char **argv, char **rest, size_t *n_rest)
{
    MUST(n_rows <= ROWS_MAX);
    size_t n = 0;
    bool options = true;
    for (int i = 0; i < argc; i++) {
        if (options && strcmp(argv[i], "--") == 0)
            options = false;
        else if (options && argv[i][0] == '-' && argv[i][1])
            TRY(read_one(rows, n_rows, argc, argv, &i));
        else
            rest[n++] = argv[i];
    }
    rest[n] = NULL;
    *n_rest = n;
    return STATUS_OK;
}

void options_print_help(const struct option_row *rows, size_t n_rows)
{
    for (size_t i = 0; i < n_rows; i++) {
        char left[64], letter[8] = "    ";
        if (rows[i].letter)
            snprintf(letter, sizeof letter, "-%c, ", rows[i].letter);
        snprintf(left, sizeof left, "%s--%s %s", letter, rows[i].name,
                 rows[i].value ? rows[i].value : "");
        printf("  %-28s %s\n", left, rows[i].doc);
    }
}

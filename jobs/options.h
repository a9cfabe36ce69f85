/*
 * Options of the command line, as rows: --name VALUE, --name=VALUE, -x VALUE.
 */
#ifndef JOBS_OPTIONS_H
#define JOBS_OPTIONS_H

#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>

enum option_type {
    OPTION_FLAG,  /* bool */
    OPTION_TEXT,  /* const char * */
    OPTION_LIST,  /* struct option_list: may be given several times */
    OPTION_COUNT, /* size_t */
    OPTION_TIME,  /* double, seconds; also 90m, 12h, 2d */
    OPTION_PERIOD /* struct option_period; the time may be left out, and is
                     taken from the next argument only if that is one */
};

struct option_period {
    bool given;
    double seconds; /* holds the default */
};

enum { OPTION_LIST_MAX = 32 };

struct option_list {
    size_t n;
    const char *at[OPTION_LIST_MAX];
};

struct option_row {
    const char *name;
    char letter; /* 0: none */
    const char *value, *doc; /* value: what to call it in --help */
    enum option_type type;
    void *at; /* holds the default */
};

/* Takes the options out of argv[0..argc), which begins after the subcommand;
 * what is left (at most argc) goes into `rest`, NULL-terminated. "--" ends
 * the options. Refuses unknown ones with the nearest known name. */
CHECKED enum status options_read(const struct option_row *rows, size_t n_rows,
                                 int argc, char **argv, char **rest,
                                 size_t *n_rest);

/* Prints a line per option. */
void options_print_help(const struct option_row *rows, size_t n_rows);

#endif

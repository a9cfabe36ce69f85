/*
 * What the program says of itself, from the commands' own rows and the rows
 * here: --help, and the manual page (jobs/manual.c).
 */
#ifndef JOBS_HELP_H
#define JOBS_HELP_H

#include "jobs/commands.h"

#include <stdio.h>

struct help_row {
    const char *name, *doc;
};

/* Exit statuses; environment variables that the program reads; files that it
 * reads and writes. */
extern const struct help_row help_statuses[], help_variables[], help_files[];
extern const size_t help_n_statuses, help_n_variables, help_n_files;

void help_print_usage(FILE *out); /* the commands */
void help_print_all(void);        /* and the rows above */
void help_print_command(const struct command *command);

#endif

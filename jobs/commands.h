/*
 * The program's subcommands: each in a file of its own, jobs/NAME.c, which
 * ends in its descriptor. Exit statuses are the same for all.
 */
#ifndef JOBS_COMMANDS_H
#define JOBS_COMMANDS_H

#include "jobs/options.h"

enum exit_status {
    EXIT_DONE = 0,
    EXIT_CELLS_FAILED = 1, /* all was tried, some cells have no result */
    EXIT_REFUSED = 2,      /* bad usage or input; nothing was changed */
    EXIT_INTERRUPTED = 75  /* stopped before the end: run again to go on */
};

struct command {
    const char *name, *arguments, *doc;
    const char *more; /* what --help says below the options, or NULL */
    const struct option_row *options;
    size_t n_options, n_arguments_min, n_arguments_max;
    bool hidden; /* for the program's own use */
    bool has_threads; /* works with threads in its own process */
    /* A refusal's reason is printed by the caller. `arguments` are those that
     * are no options, NULL-terminated. */
    CHECKED enum status (*run)(char *const *arguments, int *exit_status);
};

extern const struct command command_plan, command_run, command_trial,
    command_status, command_list, command_table, command_report, command_audit,
    command_matrix, command_tune, command_pack, command_submit, command_manual,
    command_doctor, command_verify;
extern const struct command command_query, command_curves, command_pareto;
extern const struct command command_export, command_import;
extern const struct command command_ablate, command_correlate;
extern const struct command command_compare, command_diff;
extern const struct command command_mpd, command_firing; /* jobs/layers.c */
extern const struct command command_evaluate, command_convert;
extern const struct command command_nurse, command_compact; /* hidden: see
    sweep/nursery.h and sweep/head.h */

/* All of them, in the order of the pages about them (jobs/main.c). */
extern const struct command *const commands[];
extern const size_t n_commands;

/* What main does with its arguments: the exit status. */
int command_serve(int argc, char **argv);

#endif

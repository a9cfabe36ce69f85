#include "jobs/commands.h"
#include "jobs/help.h"
#include "jobs/means.h"

#include "core/kind.h"
#include "io/provenance.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In the order of their use, as help shows them. */
const struct command *const commands[] = {
    &command_plan,     &command_run,    &command_submit,    &command_trial,
    &command_status,   &command_table,  &command_query,     &command_curves,
    &command_pareto,   &command_ablate, &command_correlate, &command_compare,
    &command_diff,     &command_mpd,    &command_firing,    &command_audit,
    &command_matrix,   &command_report, &command_export,    &command_import,
    &command_evaluate, &command_convert, &command_list,     &command_tune,
    &command_pack,     &command_verify, &command_doctor,    &command_manual,
    &command_nurse,    &command_compact,
};

const size_t n_commands = KIND_COUNT(commands);

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < KIND_COUNT(commands); i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static int refuse_command(const char *name)
{
    const char *names[KIND_COUNT(commands)];
    for (size_t i = 0; i < KIND_COUNT(commands); i++)
        names[i] = commands[i]->name;
    const char *near = kind_nearest_of(names, KIND_COUNT(commands), name);
    fprintf(stderr, "spikesweep: no command %s", name);
    fprintf(stderr, near ? "; did you mean %s?\n" : "\n", near);
    help_print_usage(stderr);
    return EXIT_REFUSED;
}

/* Of one command, or (NULL) of the program. */
static int help(const char *name)
{
    const struct command *command = name ? find(name) : NULL;
    if (name && !command)
        return refuse_command(name);
    if (command)
        help_print_command(command);
    else
        help_print_all();
    return EXIT_DONE;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

static enum status run(const struct command *command, int argc, char **argv,
                       char **arguments, int *exit_status)
{
    size_t n;
    TRY(options_read(command->options, command->n_options, argc, argv,
                     arguments, &n));
    if (n < command->n_arguments_min || n > command->n_arguments_max)
        return status_refuse(STATUS_INVALID,
                             "%zu arguments given; usage: spikesweep %s %s", n,
                             command->name, command->arguments);
    return command->run(arguments, exit_status);
}

int command_serve(int argc, char **argv)
{
    if (argc < 2) {
        help_print_usage(stderr);
        return EXIT_REFUSED;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("spikesweep %s, engine %s\n", provenance_version(),
               provenance_of_build().engine);
        return EXIT_DONE;
    }
    if (strcmp(argv[1], "help") == 0)
        return help(argv[2]);
    const struct command *command = find(argv[1]);
    if (!command && asks_for_help(1, argv + 1)) {
        help_print_all();
        return EXIT_DONE;
    }
    if (!command)
        return refuse_command(argv[1]);
    if (asks_for_help(argc - 2, argv + 2)) {
        help_print_command(command);
        return EXIT_DONE;
    }
    if (command->has_threads)
        means_wait_passively(argv);
    int exit_status = EXIT_DONE;
    char **arguments = calloc((size_t)argc, sizeof *arguments);
    MUST(arguments);
    enum status status =
        run(command, argc - 2, argv + 2, arguments, &exit_status);
    free(arguments);
    if (status == STATUS_OK)
        return exit_status;
    fprintf(stderr, "spikesweep %s: %s\n", command->name, status_reason());
    return EXIT_REFUSED;
}

/* What could not be printed must not look as if it had been. */
int main(int argc, char **argv)
{
    int exit_status = command_serve(argc, argv);
    if (fflush(stdout) == 0 && !ferror(stdout))
        return exit_status;
    fprintf(stderr, "spikesweep: standard output: %s\n", strerror(errno));
    return exit_status ? exit_status : EXIT_REFUSED;
}

#include "jobs/manual_bash.h"
#include "jobs/commands.h"

#include "core/kind.h"
#include "core/sampler.h"
#include "core/spec.h"

#include <stdio.h>
#include <string.h>

/* The words of a case: the names of all axes, or of an axis' kinds. */
static void print_axis(const struct axis *axis)
{
    printf("    %s) words=\"", axis->name);
    for (size_t i = 0; i < axis->n_kinds; i++)
        printf("%s%s", i ? " " : "", axis->kinds[i]->name);
    printf("\" ;;\n");
}

static void print_axes(void)
{
    printf("_spikesweep_kinds() { # AXIS\n    words=''\n    case $1 in\n");
    for (size_t a = 0; a < SPEC_N_AXES; a++)
        print_axis(spec_axes[a]);
    print_axis(&sampler_axis);
    printf("    esac\n}\n\n_spikesweep_axes='all figures");
    for (size_t a = 0; a < SPEC_N_AXES; a++)
        printf(" %s", spec_axes[a]->name);
    printf(" %s'\n\n", sampler_axis.name);
}

/* "FILE [CELL]" without its brackets. */
static void print_plain(const char *arguments)
{
    for (const char *at = arguments; *at; at++)
        if (!strchr("[]", *at))
            putchar(*at);
}

/* "[TIME]" may be left out: what stands behind it is as likely an argument. */
static bool needs_value(const struct option_row *row)
{
    return row->value && *row->value != '[';
}

/* The options of a command; each that needs a value again as NAME:VALUE. */
static void print_command(const struct command *command)
{
    printf("    %s)\n        options='--help", command->name);
    for (size_t i = 0; i < command->n_options; i++)
        printf(" --%s", command->options[i].name);
    printf("'\n        values='");
    for (size_t i = 0; i < command->n_options; i++) {
        const struct option_row *row = &command->options[i];
        if (needs_value(row))
            printf(" --%s:%s", row->name, row->value);
        if (needs_value(row) && row->letter)
            printf(" -%c:%s", row->letter, row->value);
    }
    printf(" '\n        arguments='");
    print_plain(command->arguments);
    printf("' ;;\n");
}

static void print_commands(void)
{
    printf("_spikesweep_commands='help");
    for (size_t i = 0; i < n_commands; i++)
        if (!commands[i]->hidden)
            printf(" %s", commands[i]->name);
    printf("'\n\n_spikesweep_rows() { # COMMAND\n"
           "    options='' values='' arguments=''\n    case $1 in\n"
           "    help) arguments=COMMAND ;;\n");
    for (size_t i = 0; i < n_commands; i++)
        if (!commands[i]->hidden)
            print_command(commands[i]);
    printf("    esac\n}\n\n");
}

/* What is the same for all commands. Made by make of jobs/completion.bash. */
static const char body[] =
#include "completion.inc"
    ;

void manual_print_bash(void)
{
    printf("# Completion of spikesweep's command line, for bash. Made by "
           "spikesweep manual bash.\n\n");
    print_axes();
    print_commands();
    fputs(body, stdout);
}

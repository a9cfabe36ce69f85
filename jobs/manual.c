/* The manual page and the shell's completion, from the commands' own rows. */
#include "jobs/commands.h"
#include "jobs/help.h"
#include "jobs/manual_bash.h"
#include "jobs/manual_science.h"

#include "core/kind.h"
#include "io/provenance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* roff ---------------------------------------------------------------- */

static void print_letter(char letter, bool is_first)
{
    if (is_first && (letter == '.' || letter == '\''))
        printf("\\&");
    if (letter == '\\')
        printf("\\e");
    else if (letter == '-')
        printf("\\-");
    else if (letter == '~')
        printf("\\(ti");
    else if (letter == '\'')
        printf("\\(aq");
    else
        putchar(letter);
}

/* A text in which roff means nothing, on a line of its own. */
static void print_text(const char *text, size_t n)
{
    bool is_first = true; /* of its line; spaces there would break the text */
    for (size_t i = 0; i < n; i++) {
        if (is_first && text[i] == ' ')
            continue;
        print_letter(text[i], is_first);
        is_first = text[i] == '\n';
    }
    if (!is_first)
        putchar('\n');
}

static void print_line(const char *text)
{
    print_text(text, strlen(text));
}

/* Running text, a paragraph of its own; lines that begin with a space stay as
 * they are, and an empty line ends a paragraph. */
static void print_prose(const char *text)
{
    bool as_is = false, begins = true;
    for (size_t n; *text; text += n + (text[n] == '\n')) {
        n = strcspn(text, "\n");
        if (n == 0) {
            begins = true;
            continue;
        }
        if (as_is && *text != ' ')
            printf(".EE\n");
        if (begins || as_is != (*text == ' '))
            printf(".PP\n");
        if (!as_is && *text == ' ')
            printf(".EX\n");
        as_is = *text == ' ';
        begins = false;
        for (size_t i = 0; as_is && text[i] == ' '; i++)
            putchar(' ');
        print_text(text, n);
    }
    if (as_is)
        printf(".EE\n");
}

/* parts --------------------------------------------------------------- */

static void print_option(const struct option_row *row)
{
    printf(".TP\n");
    if (row->letter)
        printf("\\fB\\-%c\\fR, ", row->letter);
    printf("\\fB\\-\\-");
    for (const char *at = row->name; *at; at++)
        print_letter(*at, false);
    printf(row->value ? "\\fR \\fI%s\\fR\n" : "\\fR\n", row->value);
    print_line(row->doc);
}

static void print_command(const struct command *command)
{
    printf(".SS spikesweep %s%s%s\n", command->name,
           *command->arguments ? " " : "", command->arguments);
    print_line(command->doc);
    for (size_t i = 0; i < command->n_options; i++)
        print_option(&command->options[i]);
    if (command->more)
        print_prose(command->more);
}

static void print_rows(const char *title, const struct help_row *rows,
                       size_t n_rows)
{
    printf(".SH %s\n", title);
    for (size_t i = 0; i < n_rows; i++) {
        printf(".TP\n.B ");
        print_line(rows[i].name);
        print_line(rows[i].doc);
    }
}

/* The day of SOURCE_DATE_EPOCH, if that is set, so that a build can be made
 * again to the byte; else today. */
static void print_head(void)
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    time_t now = epoch ? (time_t)strtoll(epoch, NULL, 10) : time(NULL);
    struct tm day;
    char date[16] = "1970-01-01";
    if (gmtime_r(&now, &day))
        strftime(date, sizeof date, "%Y-%m-%d", &day);
    printf(".TH SPIKESWEEP 1 %s \"spikesweep %s\" \"User Commands\"\n", date,
           provenance_version());
    printf(".SH NAME\nspikesweep \\- sweeps hyper\\-parameters and adversarial "
           "robustness of spiking neural networks\n"
           ".SH SYNOPSIS\n.B spikesweep\n.I COMMAND\n[\\fIARGUMENTS\\fR] "
           "[\\fIOPTIONS\\fR]\n"
           ".SH DESCRIPTION\n"
           "Trains every combination of surrogate function, encoding, "
           "regularizer and any other axis that\nan experiment file names, "
           "attacks each network, and leaves one HDF5 file with robustness\n"
           "curves, membrane\\-potential distributions and the evidence for "
           "them. It runs alone, under\n.BR mpirun (1)\nor under\n"
           ".BR srun (1);\nno crash and no kill costs more than what was "
           "computed since the last checkpoint.\n.PP\n"
           "An option's value follows after a space or after an equals sign "
           "(\\fB\\-\\-limit 15m\\fR,\n\\fB\\-\\-limit=15m\\fR); times are "
           "seconds, or numbers with s, m, h or d. \\fB\\-\\-\\fR ends the "
           "options.\n");
}

static void print_page(void)
{
    print_head();
    printf(".SH COMMANDS\n");
    for (size_t i = 0; i < n_commands; i++)
        if (!commands[i]->hidden)
            print_command(commands[i]);
    print_rows("EXIT STATUS", help_statuses, help_n_statuses);
    print_rows("ENVIRONMENT", help_variables, help_n_variables);
    print_rows("FILES", help_files, help_n_files);
    printf(".SH EXAMPLES\n.EX\n"
           "spikesweep plan study.cfg\n"
           "mpirun \\-n 8 spikesweep run study.cfg\n"
           "spikesweep status study.sweep\n"
           "spikesweep table study.sweep\n"
           "spikesweep submit study.cfg \\-\\-nodes 4 \\-\\-time 12:00:00\n"
           ".EE\n"
           ".SH SEE ALSO\n.BR mpirun (1),\n.BR srun (1),\n.BR sbatch (1),\n"
           ".BR h5dump (1)\n");
}

static enum status run(char *const *arguments, int *exit_status)
{
    *exit_status = EXIT_DONE;
    if (strcmp(arguments[0], "page") == 0)
        print_page();
    else if (strcmp(arguments[0], "bash") == 0)
        manual_print_bash();
    else if (strcmp(arguments[0], "science") == 0)
        manual_print_science();
    else
        return status_refuse(STATUS_INVALID,
                             "%s: page, bash or science is allowed",
                             arguments[0]);
    return STATUS_OK;
}

const struct command command_manual = {
    .name = "manual",
    .arguments = "WHAT",
    .doc = "the manual page (page), the shell's completion (bash), or the "
           "second half of docs/science.md (science)",
    .hidden = true,
    .n_arguments_min = 1,
    .n_arguments_max = 1,
    .run = run,
};

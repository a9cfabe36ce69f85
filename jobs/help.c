#include "jobs/help.h"
#include "core/kind.h"
#include "io/provenance.h"

#include <string.h>

const struct help_row help_statuses[] = {
    {"0", "done"},
    {"1", "all was tried, some cells have no result; or doctor or verify found something bad"},
    {"2", "refused: bad usage or input; nothing was changed"},
    {"12", "out of memory"},
    {"75", "interrupted before the end: run again to go on"},
};
const size_t help_n_statuses = KIND_COUNT(help_statuses);

const struct help_row help_variables[] = {
    {"SPIKESWEEP_ENGINE", "avx512, avx2 or plain (neon on aarch64): instructions to compute with; "
     "by default the best of the machine. The last bits of results depend on it"},
    {"SPIKESWEEP_CACHE", "folder for data sets that are kept in a form that is fast to read; "
     "before those of XDG_CACHE_HOME and HOME"},
    {"XDG_CACHE_HOME", "spikesweep/ in it keeps data sets and what tune has measured; by default "
     "~/.cache"},
    {"HOME", "the user's folder, for the same where XDG_CACHE_HOME is not set"},
    {"TMPDIR", "where results are collected of a folder that cannot be written to; by default "
     "/tmp"},
    {"BLIS_ARCH_TYPE", "another of BLIS' kernels than the machine's own; doctor warns of it"},
    {"OMP_WAIT_POLICY", "how threads wait; by default passive, asleep"},
    {"SLURM_JOB_END_TIME", "when the job ends, in seconds since 1970: shortly before, every task "
     "is left with a checkpoint"},
    {"SLURM_JOB_ID", "doctor is within a job, and tries srun, too"},
    {"SLURM_STEP_NUM_TASKS", "set by srun; a run that it started several times, each without "
     "knowledge of the others, is refused"},
    {"SOURCE_DATE_EPOCH", "the date of the manual page when it is made, in seconds since 1970"},
};
const size_t help_n_variables = KIND_COUNT(help_variables);

const struct help_row help_files[] = {
    {"DIR/sweep.h5", "all results of a sweep, a netCDF-4 file; made anew and renamed, never "
     "changed in place"},
    {"DIR/segments/", "the results as they came: what counts"},
    {"DIR/models/, DIR/checkpoints/", "trained networks; how far running tasks are"},
    {"DIR/experiment.cfg", "the experiment as it was run"},
    {"DIR/stop", "if there, the sweep stops in an orderly way; delete it to go on"},
    {"DIR/tuning.txt", "the measurements by which the sweep computes"},
    {"~/.cache/spikesweep/", "data sets in a form that is fast to read; tuning.txt of tune"},
};
const size_t help_n_files = KIND_COUNT(help_files);

/* The longest prefix of a text, up to a space, that fits into a line. */
static size_t line_of(const char *text, size_t width)
{
    size_t n = strlen(text);
    if (n <= width)
        return n;
    for (n = width; n > 0 && text[n] != ' '; n--)
        ;
    return n ? n : width;
}

static void print_rows(const struct help_row *rows, size_t n_rows, int n_name)
{
    for (size_t i = 0; i < n_rows; i++) {
        const char *text = rows[i].doc;
        printf("  %-*s ", n_name, rows[i].name);
        for (size_t n; *text; text += n + (text[n] == ' ')) {
            n = line_of(text, 78 - (size_t)n_name - 3);
            printf("%*s%.*s\n", text == rows[i].doc ? 0 : n_name + 3, "",
                   (int)n, text);
        }
    }
}

static void print_commands(FILE *out)
{
    size_t n_name = 0, n_arguments = 0;
    for (size_t i = 0; i < n_commands; i++)
        if (!commands[i]->hidden) {
            size_t n = strlen(commands[i]->name);
            size_t m = strlen(commands[i]->arguments);
            n_name = n > n_name ? n : n_name;
            n_arguments = m > n_arguments ? m : n_arguments;
        }
    for (size_t i = 0; i < n_commands; i++)
        if (!commands[i]->hidden)
            fprintf(out, "  %-*s  %-*s  %s\n", (int)n_name, commands[i]->name,
                    (int)n_arguments, commands[i]->arguments,
                    commands[i]->doc);
}

void help_print_usage(FILE *out)
{
    fprintf(out,
            "spikesweep %s: sweeps hyper-parameters and adversarial "
            "robustness of spiking networks\n\n"
            "usage: spikesweep COMMAND [ARGUMENTS] [OPTIONS]\n\n",
            provenance_version());
    print_commands(out);
    fprintf(out, "\nspikesweep help [COMMAND] tells more, spikesweep --version "
                 "which one this is.\n");
}

void help_print_all(void)
{
    help_print_usage(stdout);
    printf("\nExit status:\n");
    print_rows(help_statuses, help_n_statuses, 2);
    printf("Environment:\n");
    print_rows(help_variables, help_n_variables, 20);
}

void help_print_command(const struct command *command)
{
    printf("usage: spikesweep %s %s%s%s\n\n%s\n", command->name,
           command->arguments, *command->arguments ? " " : "",
           command->n_options ? "[OPTIONS]" : "", command->doc);
    if (command->n_options)
        printf("\n");
    options_print_help(command->options, command->n_options);
    if (command->more)
        printf("\n%s", command->more);
}

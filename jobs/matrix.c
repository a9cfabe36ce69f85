#include "jobs/commands.h"
#include "analysis/matrix.h"
#include "jobs/output.h"
#include "jobs/results_folder.h"

#include <stdint.h>

static struct output output;

static const struct option_row options[] = {
    OUTPUT_OPTIONS(output),
};

static enum status print(const struct results *results, struct arena *arena)
{
    enum sheet_format format;
    TRY(output_format(&output, &format));
    if (format == SHEET_TEXT)
        return matrix_print(results, stdout);
    struct sheet sheet = matrix_make_sheet(results, arena);
    return output_sheet(&output, &sheet);
}

static enum status run(char *const *arguments, int *exit_status)
{
    *exit_status = EXIT_DONE;
    return results_folders_show(arguments, print);
}

const struct command command_matrix = {
    .name = "matrix",
    .arguments = "DIR...",
    .doc = "each attack through several surrogates: accuracy by surrogate, "
           "worst case, spread",
    .more = "DIR is a sweep's folder or a sweep.h5; of several the trials "
            "count together, each once.\n--csv, --json and --latex have a "
            "row for each trial, attack and epsilon.\n",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .n_arguments_min = 1,
    .n_arguments_max = SIZE_MAX,
    .run = run,
};

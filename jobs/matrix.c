#include "jobs/commands.h"
#include "analysis/matrix.h"
#include "jobs/results_folder.h"

static bool as_csv;

static const struct option_row options[] = {
    {"csv", 0, NULL, "comma-separated values: a line for each trial, attack and epsilon",
     OPTION_FLAG, &as_csv},
};

static enum status run(char *const *arguments, int *exit_status)
{
    struct arena arena = arena_open();
    struct results results;
    *exit_status = EXIT_DONE;
    enum status status = results_folder_open(arguments[0], &arena, &results);
    if (status == STATUS_OK) {
        status = as_csv ? matrix_print_csv(&results, stdout)
                        : matrix_print(&results, stdout);
        results_close(&results);
    }
    arena_close(&arena);
    return status;
}

const struct command command_matrix = {
    .name = "matrix",
    .arguments = "DIR",
    .doc = "each attack through several surrogates: accuracy by surrogate, "
           "worst case, spread",
    .more = "DIR is a sweep's folder or a sweep.h5.\n",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .n_arguments_min = 1,
    .n_arguments_max = 1,
    .run = run,
};

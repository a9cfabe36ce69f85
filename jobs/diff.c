#include "analysis/diff.h"
#include "jobs/commands.h"
#include "jobs/output.h"
#include "jobs/results_folder.h"

#include "core/kind.h"

static struct output output;

static const struct option_row options[] = {
    OUTPUT_OPTIONS(output),
};

static enum status print(const struct results *first,
                         const struct results *second,
                         const char *first_cell, const char *second_cell,
                         struct arena *arena)
{
    enum sheet_format format;
    struct diff_side a = {first, 0}, b = {second, 0};
    struct sheet sheet;
    TRY(output_format(&output, &format));
    TRY(diff_find_trial(first, first_cell, &a.trial));
    TRY(diff_find_trial(second, second_cell, &b.trial));
    TRY(diff_make(&a, &b, arena, &sheet));
    return output_sheet(&output, &sheet);
}

/* DIR CELL CELL or DIR CELL DIR CELL. */
static enum status run(char *const *arguments, int *exit_status)
{
    struct arena arena = arena_open();
    struct results first, second;
    bool one = !arguments[3];
    *exit_status = EXIT_DONE;
    enum status status = results_folder_open(arguments[0], &arena, &first);
    if (status == STATUS_OK && one) {
        status = print(&first, &first, arguments[1], arguments[2], &arena);
        results_close(&first);
    } else if (status == STATUS_OK) {
        status = results_folder_open(arguments[2], &arena, &second);
        if (status == STATUS_OK) {
            status =
                print(&first, &second, arguments[1], arguments[3], &arena);
            results_close(&second);
        }
        results_close(&first);
    }
    arena_close(&arena);
    return status;
}

const struct command command_diff = {
    .name = "diff",
    .arguments = "DIR CELL [DIR] CELL",
    .doc = "why two cells differ: parameters, program and machine, figures",
    .more =
        "DIR is a sweep's folder or a sweep.h5; CELL the beginning of a trial's identity, or the\n"
        "cell as it is called there (`spikesweep query DIR --show id,cell`). Only what is not the\n"
        "same in both is shown.\n"
        "\n"
        "  spikesweep diff out 984428c4 5df35260\n"
        "  spikesweep diff out-before 984428c4 out-after 984428c4\n",
    .options = options,
    .n_options = KIND_COUNT(options),
    .n_arguments_min = 3,
    .n_arguments_max = 4,
    .run = run,
};

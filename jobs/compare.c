#include "analysis/compare.h"
#include "jobs/commands.h"
#include "jobs/output.h"
#include "jobs/results_folder.h"

#include "core/kind.h"

static struct option_list figures;
static bool all, exit_code;
static struct output output;

static const struct option_row options[] = {
    {"figure", 'f', "FIGURES", "what to show, with commas between; may be given again",
     OPTION_LIST, &figures},
    {"all", 0, NULL, "trials that are the same in both as well", OPTION_FLAG, &all},
    {"exit-code", 0, NULL, "end with status 1 unless trials and results of both are the same",
     OPTION_FLAG, &exit_code},
    OUTPUT_OPTIONS(output),
};

static enum status print(const struct results *first,
                         const struct results *second, struct arena *arena,
                         struct compared *compared)
{
    enum sheet_format format;
    struct figures asked = {0, NULL};
    struct sheet sheet;
    TRY(output_format(&output, &format));
    if (figures.n)
        TRY(figures_read_all(first, figures.at, figures.n, arena, &asked));
    TRY(compare_make(first, second, &asked, all, arena, &sheet, compared));
    return output_sheet(&output, &sheet);
}

static bool are_same(const struct compared *compared)
{
    return compared->n_first == 0 && compared->n_second == 0 &&
           compared->n_equal == compared->n_both;
}

static enum status run(char *const *arguments, int *exit_status)
{
    struct arena arena = arena_open();
    struct results first, second;
    struct compared compared;
    *exit_status = EXIT_DONE;
    enum status status = results_folder_open(arguments[0], &arena, &first);
    if (status == STATUS_OK) {
        status = results_folder_open(arguments[1], &arena, &second);
        if (status == STATUS_OK) {
            status = print(&first, &second, &arena, &compared);
            if (status == STATUS_OK && exit_code && !are_same(&compared))
                *exit_status = EXIT_CELLS_FAILED;
            results_close(&second);
        }
        results_close(&first);
    }
    arena_close(&arena);
    return status;
}

const struct command command_compare = {
    .name = "compare",
    .arguments = "DIR DIR",
    .doc = "two sweeps, trial by trial: who is in one only, whose results differ, and by how much",
    .more =
        "DIR is a sweep's folder or a sweep.h5. Trials are the same if all their parameters are.\n"
        "Shown are those that both have and whose weights or results are not the same bit for\n"
        "bit (times do not count); below, how many there are of each sort and which builds\n"
        "computed. What differs in two trials tells `spikesweep diff`.\n"
        "\n"
        "  spikesweep compare out-before out-after --figure clean,pgd@8/255\n"
        "  spikesweep compare out-before out-after --exit-code >changes || less changes\n",
    .options = options,
    .n_options = KIND_COUNT(options),
    .n_arguments_min = 2,
    .n_arguments_max = 2,
    .run = run,
};

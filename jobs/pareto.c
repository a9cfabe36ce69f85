#include "analysis/pareto.h"
#include "analysis/query.h"
#include "jobs/commands.h"
#include "jobs/output.h"
#include "jobs/results_folder.h"

#include "core/kind.h"

#include <stdint.h>

static const char *cells, *where;
static struct option_list figures;
static bool all;
static struct output output;
static struct output_picture picture;

static const struct option_row options[] = {
    {"figure", 'f', "FIGURES", "two or more (default: clean and the strongest attack)",
     OPTION_LIST, &figures},
    {"cells", 'c', "AXES", "what is a cell (default: all that varies but the seed)", OPTION_TEXT,
     &cells},
    {"where", 'w', "EXPRESSION", "only trials for which it holds, see query --help", OPTION_TEXT,
     &where},
    {"all", 0, NULL, "the other cells as well, behind the front", OPTION_FLAG, &all},
    OUTPUT_OPTIONS(output),
    PICTURE_OPTIONS(picture),
};

static enum status print(const struct results *whole, struct arena *arena)
{
    enum sheet_format format = SHEET_TEXT;
    struct results results;
    struct figures asked = {0, NULL};
    struct pareto pareto;
    TRY(output_format(&output, &format));
    TRY(query_select(whole, where, arena, &results));
    if (figures.n)
        TRY(figures_read_all(&results, figures.at, figures.n, arena, &asked));
    TRY(pareto_make(&results, cells, &asked, arena, &pareto));
    if (output_wants_picture(&picture)) {
        struct plot plot = pareto_plot(&pareto, arena);
        return output_draw(&picture, &plot);
    }
    struct sheet sheet = pareto_sheet(&pareto, all, arena);
    return output_sheet(&output, &sheet);
}

static enum status run(char *const *arguments, int *exit_status)
{
    *exit_status = EXIT_DONE;
    return results_folders_show(arguments, print);
}

const struct command command_pareto = {
    .name = "pareto",
    .arguments = "DIR...",
    .doc = "which cells are not beaten in both clean and robust accuracy, or in any figures",
    .more =
        "DIR is a sweep's folder or a sweep.h5; of several the trials count together, each once.\n"
        "A cell is on the front if no other is at least as good in all figures and better in one;\n"
        "whether large or small is better is the figure's (`spikesweep list figures`).\n"
        "The picture is of the first two figures.\n"
        "\n"
        "  spikesweep pareto out --figure clean,pgd@8/255,wall_time\n"
        "  spikesweep pareto out --cells 'regularizer.*,surrogate' --png front.png\n",
    .options = options,
    .n_options = KIND_COUNT(options),
    .n_arguments_min = 1,
    .n_arguments_max = SIZE_MAX,
    .run = run,
};

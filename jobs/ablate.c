#include "analysis/ablate.h"
#include "jobs/commands.h"
#include "jobs/output.h"
#include "jobs/results_folder.h"

#include "core/kind.h"

#include <stdint.h>

static const char *axes;
static struct option_list figures;
static struct output output;
static struct output_picture picture;

static const struct option_row options[] = {
    {"axes", 'x', "AXES", "axes to look at, with commas between (default: all that vary)",
     OPTION_TEXT, &axes},
    {"figure", 'f', "FIGURES", "what they are to explain, with commas between; may be given again",
     OPTION_LIST, &figures},
    OUTPUT_OPTIONS(output),
    PICTURE_OPTIONS(picture),
};

static enum status print(const struct results *results, struct arena *arena)
{
    struct ablation ablation = {.axes = axes};
    enum sheet_format format;
    struct sheet sheet;
    struct plot plot;
    TRY(output_format(&output, &format));
    TRY(figures_read_all(results, figures.at, figures.n, arena,
                         &ablation.figures));
    TRY(ablate_make(results, &ablation, arena, &sheet));
    TRY(output_sheet(&output, &sheet));
    if (!output_wants_picture(&picture))
        return STATUS_OK;
    TRY(ablate_draw(results, &ablation, arena, &plot));
    return output_draw(&picture, &plot);
}

static enum status run(char *const *arguments, int *exit_status)
{
    *exit_status = EXIT_DONE;
    return results_folders_show(arguments, print);
}

const struct command command_ablate = {
    .name = "ablate",
    .arguments = "DIR...",
    .doc = "what each axis does to a figure: means by level, main effects and interactions",
    .more =
        "DIR is a sweep's folder or a sweep.h5; of several the trials count together, each once.\n"
        "For every axis: the mean at each level with its 95 % interval, its distance from that of\n"
        "all trials, and the share of the variance that the axis explains (eta squared; omega\n"
        "squared, without bias); then the same of every pair of axes beyond what each does.\n"
        "Seeds are repeats. Designs need not be balanced: sums of squares are of type II, by\n"
        "least squares.\n"
        "\n"
        "AXES and FIGURES as `spikesweep table --help` tells. A kind that varies is one axis with\n"
        "its parameters (regularizer.*). Pictures show the first figure.\n"
        "\n"
        "  spikesweep ablate out --figure pgd@8/255\n"
        "  spikesweep ablate out -f clean,omega -x surrogate,encoding --png effects.png\n",
    .options = options,
    .n_options = KIND_COUNT(options),
    .n_arguments_min = 1,
    .n_arguments_max = SIZE_MAX,
    .run = run,
};

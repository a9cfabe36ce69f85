#include "analysis/correlate.h"
#include "jobs/commands.h"
#include "jobs/output.h"
#include "jobs/results_folder.h"

#include "core/kind.h"

#include <stdint.h>

static const char *predictor = "omega", *within;
static bool each_seed;
static struct option_list figures;
static struct output output;
static struct output_picture picture;

static const struct option_row options[] = {
    {"with", 'w', "FIGURE", "what may predict the others", OPTION_TEXT, &predictor},
    {"figure", 'f', "FIGURES", "what is predicted, with commas between; may be given again",
     OPTION_LIST, &figures},
    {"within", 'i', "AXES", "groups to look within (default: cells with other defences alone)",
     OPTION_TEXT, &within},
    {"each-seed", 0, NULL, "a point is a trial, not the mean of a cell's seeds", OPTION_FLAG,
     &each_seed},
    OUTPUT_OPTIONS(output),
    PICTURE_OPTIONS(picture),
};

/* Unless told otherwise the first attack: robustness is the question. */
static enum status draw(const struct results *results,
                        const struct correlate *correlate, struct arena *arena)
{
    struct correlate shown = *correlate;
    struct plot plot;
    if (figures.n == 0 && shown.figures.n > 1) {
        shown.figures.at++;
        shown.figures.n--;
    }
    TRY(correlate_draw(results, &shown, arena, &plot));
    return output_draw(&picture, &plot);
}

static enum status print(const struct results *results, struct arena *arena)
{
    struct correlate correlate = {.within = within, .each_seed = each_seed};
    enum sheet_format format;
    struct sheet sheet;
    TRY(output_format(&output, &format));
    TRY(figure_find(results, predictor, arena, &correlate.x));
    TRY(figures_read_all(results, figures.at, figures.n, arena,
                         &correlate.figures));
    TRY(correlate_make(results, &correlate, arena, &sheet));
    TRY(output_sheet(&output, &sheet));
    return output_wants_picture(&picture) ? draw(results, &correlate, arena)
                                          : STATUS_OK;
}

static enum status run(char *const *arguments, int *exit_status)
{
    *exit_status = EXIT_DONE;
    return results_folders_show(arguments, print);
}

const struct command command_correlate = {
    .name = "correlate",
    .arguments = "DIR...",
    .doc = "whether Omega, or any figure, predicts robust accuracy: Pearson, Spearman, intervals",
    .more =
        "DIR is a sweep's folder or a sweep.h5; of several the trials count together, each once.\n"
        "Over all cells, each the mean of its seeds; and within groups, each group's mean taken\n"
        "off: whether the defended of two networks that are the same else has both the smaller\n"
        "Omega and the more accuracy. Groups are cells that differ in nothing but their defences,\n"
        "or those that agree in the axes that --within names.\n"
        "\n"
        "FIGURES and AXES as `spikesweep table --help` tells. Pictures show the first figure,\n"
        "without --figure the first attack.\n"
        "\n"
        "  spikesweep correlate out --figure pgd@8/255\n"
        "  spikesweep correlate out -w inside -f 'pgd@*' -i encoding,surrogate --svg omega.svg\n",
    .options = options,
    .n_options = KIND_COUNT(options),
    .n_arguments_min = 1,
    .n_arguments_max = SIZE_MAX,
    .run = run,
};

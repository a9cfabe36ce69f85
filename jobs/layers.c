/* The commands of what spiking layers do: mpd and firing. */
#include "analysis/layers.h"
#include "analysis/query.h"
#include "core/kind.h"
#include "jobs/commands.h"
#include "jobs/output.h"
#include "jobs/results_folder.h"

#include <stdint.h>

static struct layers_request request;
static const char *where;
static struct output output;
static struct output_picture picture;

#define GROUP_OPTIONS                                                          \
    {"by", 'b', "AXES", "axes that make the groups (default: all that vary but seeds)",            \
     OPTION_TEXT, &request.by},                                                \
    {"where", 'w', "EXPRESSION", "only trials for which it holds, see query --help", OPTION_TEXT,  \
     &where}

static const struct option_row mpd_options[] = {
    GROUP_OPTIONS,
    {"steps", 0, NULL, "each time step by itself", OPTION_FLAG, &request.steps},
    {"epochs", 0, NULL, "the share in the surrogate's range after each epoch of training",
     OPTION_FLAG, &request.epochs},
    {"bins", 0, NULL, "the histogram itself, bin by bin, with the surrogate's gradient",
     OPTION_FLAG, &request.bins},
    OUTPUT_OPTIONS(output),
    PICTURE_OPTIONS(picture),
};

static const struct option_row firing_options[] = {
    GROUP_OPTIONS,
    {"steps", 0, NULL, "each time step by itself", OPTION_FLAG, &request.steps},
    OUTPUT_OPTIONS(output),
    PICTURE_OPTIONS(picture),
};

typedef enum status list_layers(const struct results *results,
                                const struct layers_request *request,
                                struct arena *arena, struct sheet *sheet);
typedef enum status draw_layers(const struct results *results,
                                const struct layers_request *request,
                                struct arena *arena, struct plot *plot);

/* Each is a listing of its own. */
static enum status check_request(void)
{
    if (request.epochs && (request.steps || request.bins))
        return status_refuse(STATUS_INVALID,
                             "--epochs goes with neither --steps nor --bins: "
                             "of each epoch the share alone is stored");
    if (request.bins && output_wants_picture(&picture))
        return status_refuse(STATUS_INVALID,
                             "--bins is a listing: pictures have them anyway");
    return STATUS_OK;
}

static list_layers *list; /* of the command that runs */
static draw_layers *draw;

static enum status show(const struct results *all, struct arena *arena)
{
    struct results results;
    enum sheet_format format;
    struct sheet sheet;
    struct plot plot;
    TRY(check_request());
    TRY(output_format(&output, &format));
    TRY(query_select(all, where, arena, &results));
    if (output_wants_picture(&picture)) {
        TRY(draw(&results, &request, arena, &plot));
        return output_draw(&picture, &plot);
    }
    request.sparks = format == SHEET_TEXT;
    TRY(list(&results, &request, arena, &sheet));
    return output_sheet(&output, &sheet);
}

static enum status run_mpd(char *const *arguments, int *exit_status)
{
    *exit_status = EXIT_DONE;
    list = layers_list_potentials;
    draw = layers_draw_potentials;
    return results_folders_show(arguments, show);
}

static enum status run_firing(char *const *arguments, int *exit_status)
{
    *exit_status = EXIT_DONE;
    list = layers_list_rates;
    draw = layers_draw_rates;
    return results_folders_show(arguments, show);
}

const struct command command_mpd = {
    .name = "mpd",
    .arguments = "DIR...",
    .doc = "distribution of the membrane potential per layer, the share in the surrogate's range "
           "and Omega",
    .more =
        "DIR is a sweep's folder or a sweep.h5; of several the trials count together, each once.\n"
        "The potential less the threshold, before reset, on clean test samples. Trials that\n"
        "differ in none of the AXES are pooled: histograms are added, other figures are means.\n"
        "As text a row has a small histogram. A picture has a panel a layer, a line a group (at\n"
        "most 8), or with --steps a line a step of one group; the surrogate's gradient is shaded\n"
        "behind, to the scale of its own maximum (not of surrogates that are fitted to their\n"
        "layers). With --epochs it is the share in the range over training, where\n"
        "test_each_epoch has kept it.\n"
        "\n"
        "  spikesweep mpd out --by 'regularizer.*' --where 'encoding = direct'\n"
        "  spikesweep mpd out -w 'encoding = direct and regularizer = none' --steps --svg u.svg\n"
        "  spikesweep mpd out --bins --csv > bins.csv\n",
    .options = mpd_options,
    .n_options = KIND_COUNT(mpd_options),
    .n_arguments_min = 1,
    .n_arguments_max = SIZE_MAX,
    .run = run_mpd,
};

const struct command command_firing = {
    .name = "firing",
    .arguments = "DIR...",
    .doc = "firing rates per layer and time step, and how often a layer is silent",
    .more =
        "DIR is a sweep's folder or a sweep.h5; of several the trials count together, each once.\n"
        "Spikes per neuron and time step on clean test samples, mean and deviation over the\n"
        "trials of a group. Silent is the share of steps and trials in which no neuron of the\n"
        "layer spikes; rates of single neurons are not stored. A picture has a panel a layer and\n"
        "a line a group (at most 8) over time steps.\n"
        "\n"
        "  spikesweep firing out --by encoding\n"
        "  spikesweep firing out --by encoding,surrogate --png rates.png\n",
    .options = firing_options,
    .n_options = KIND_COUNT(firing_options),
    .n_arguments_min = 1,
    .n_arguments_max = SIZE_MAX,
    .run = run_firing,
};

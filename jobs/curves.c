#include "analysis/curves.h"
#include "analysis/pivot.h"
#include "analysis/query.h"
#include "jobs/commands.h"
#include "jobs/output.h"
#include "jobs/results_folder.h"

#include "core/kind.h"

#include <stdint.h>
#include <string.h>

static struct curves_request request;
static const char *where, *over;
static struct output output;
static struct output_picture picture;

static const struct option_row options[] = {
    {"lines", 'l', "AXES", "a line for each combination of levels (default: of all that vary)",
     OPTION_TEXT, &request.lines},
    {"attack", 'a', "NAME", "only this attack, or all of this kind", OPTION_TEXT, &request.attack},
    {"over", 0, "WHAT", "epsilon (default) or steps, where attacks differ in these alone",
     OPTION_TEXT, &over},
    {"epsilon", 'e', "EPSILON", "over steps: at which (default: the largest)", OPTION_TEXT,
     &request.epsilon},
    {"where", 'w', "EXPRESSION", "only trials for which it holds, see query --help", OPTION_TEXT,
     &where},
    OUTPUT_OPTIONS(output),
    PICTURE_OPTIONS(picture),
};

static enum status read_over(void)
{
    if (over && strcmp(over, "epsilon") != 0 && strcmp(over, "steps") != 0)
        return status_refuse(STATUS_INVALID,
                             "--over %s: allowed are epsilon, steps", over);
    request.over_steps = over && !strcmp(over, "steps");
    return STATUS_OK;
}

/* For people a table of lines by places, for programs a row for each point. */
static enum status make_sheet(const struct curves *curves,
                              enum sheet_format format, struct arena *arena,
                              struct sheet *sheet)
{
    struct pivot pivot = {.rows = request.lines,
                          .figures = curves_figures(curves, arena)};
    if (format == SHEET_TEXT || format == SHEET_LATEX)
        return pivot_make(curves->results, &pivot, arena, sheet);
    *sheet = curves_sheet(curves, arena);
    return STATUS_OK;
}

static enum status print(const struct results *all, struct arena *arena)
{
    enum sheet_format format = SHEET_TEXT;
    struct results results;
    struct curves curves;
    struct sheet sheet;
    struct plot plot;
    TRY(output_format(&output, &format));
    TRY(read_over());
    TRY(query_select(all, where, arena, &results));
    TRY(curves_make(&results, &request, arena, &curves));
    if (output_wants_picture(&picture)) {
        TRY(curves_plot(&curves, arena, &plot));
        return output_draw(&picture, &plot);
    }
    TRY(make_sheet(&curves, format, arena, &sheet));
    return output_sheet(&output, &sheet);
}

static enum status run(char *const *arguments, int *exit_status)
{
    *exit_status = EXIT_DONE;
    return results_folders_show(arguments, print);
}

const struct command command_curves = {
    .name = "curves",
    .arguments = "DIR...",
    .doc = "accuracy over epsilon, or over the attack's steps: table, data or picture",
    .more =
        "DIR is a sweep's folder or a sweep.h5; of several the trials count together, each once.\n"
        "A line is the mean over seeds and over what else does not make lines; its band goes from\n"
        "the lowest to the highest value. With --svg, --png or --pdf the picture is drawn (by\n"
        "gnuplot) and no table printed; --csv and --json have a row for each point, with\n"
        "deviation, 95 % interval and range. AXES as for table.\n"
        "\n"
        "  spikesweep curves out --lines 'regularizer.*' --png curves.png\n"
        "  spikesweep curves out --lines regularizer --over steps --epsilon 8/255 --attack pgd\n",
    .options = options,
    .n_options = KIND_COUNT(options),
    .n_arguments_min = 1,
    .n_arguments_max = SIZE_MAX,
    .run = run,
};

#include "jobs/commands.h"
#include "analysis/report.h"
#include "core/kind.h"
#include "jobs/folder_state.h"
#include "jobs/results_folder.h"

#include <stdio.h>
#include <sys/stat.h>

static const char *output;

static const struct option_row options[] = {
    {"output", 'o', "DIR", "folder of the report (default: report/ in the sweep's folder)",
     OPTION_TEXT, &output},
};

/* Beside the results: DIR/report, or report/ where a bare file lies. */
static const char *folder_of(const char *path, struct arena *arena)
{
    struct stat about;
    if (output)
        return output;
    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode))
        return arena_print(arena, "%s/report", path);
    return arena_print(arena, "%s.report", path);
}

/* What is not in the table, for those that it concerns. */
static const char *notes_of(const struct folder_state *state,
                            struct arena *arena)
{
    const struct coverage *coverage = &state->coverage;
    const char *notes = "";
    for (size_t i = 0; i < state->presences.n; i++)
        notes = arena_print(arena, "%sA run goes on: %s\n", notes,
                            presence_describe(&state->presences.at[i], arena));
    if (coverage->n_gone + coverage->n_gone_attacks > 0)
        notes = arena_print(arena,
                            "%sNo longer in the experiment, and kept: %zu "
                            "results\n",
                            notes,
                            coverage->n_gone + coverage->n_gone_attacks);
    if (*coverage->damage)
        notes = arena_print(arena, "%sDamaged: %s", notes, coverage->damage);
    return notes;
}

/* Of a folder; a bare file knows only what it has. */
static const struct report_coverage *coverage_of(const char *path,
                                                 struct arena *arena)
{
    struct stat about;
    if (stat(path, &about) != 0 || !S_ISDIR(about.st_mode))
        return NULL;
    struct folder_state *state = ARENA_ARRAY(arena, struct folder_state, 1);
    if (folder_state_read(path, NULL, arena, state) != STATUS_OK) {
        fprintf(stderr, "%s; the report has no coverage of the experiment\n",
                status_reason());
        status_forget();
        return NULL;
    }
    struct report_coverage *coverage =
        ARENA_ARRAY(arena, struct report_coverage, 1);
    const char **names = ARENA_ARRAY(arena, const char *, COVERAGE_N);
    for (int i = 0; i < COVERAGE_N; i++)
        names[i] = coverage_name(i);
    *coverage = (struct report_coverage){.n_cells = state->coverage.n_cells,
                                         .n_tasks = state->coverage.n_tasks,
                                         .n_states = COVERAGE_N,
                                         .names = names,
                                         .trainings = state->coverage.trainings,
                                         .evaluations = state->coverage.attacks,
                                         .notes = notes_of(state, arena)};
    return coverage;
}

static enum status write_report(const char *path, struct arena *arena)
{
    struct results results;
    const char *folder = folder_of(path, arena);
    TRY(results_folder_open(path, arena, &results));
    enum status status =
        report_write(&results, coverage_of(path, arena), folder);
    results_close(&results);
    if (status == STATUS_OK)
        printf("%s/report.html\n", folder);
    return status;
}

static enum status run(char *const *arguments, int *exit_status)
{
    struct arena arena = arena_open();
    *exit_status = EXIT_DONE;
    enum status status = write_report(arguments[0], &arena);
    arena_close(&arena);
    return status;
}

const struct command command_report = {
    .name = "report",
    .arguments = "DIR",
    .doc = "one HTML page with curves, membrane histograms, table and checks; "
           "pictures beside it",
    .more = "DIR is a sweep's folder or a sweep.h5; the page is DIR/report/"
            "report.html, whose path\nis printed. It needs no other file and "
            "no network, and can be sent to others: what\nwas found in "
            "sentences; what the defences did; means by choice; robustness\n"
            "curves; the table of cells; histograms of the membrane "
            "potential; the checks of the\nattacks; how much is there; what "
            "failed and its last words; where it comes from.\n\n"
            "Beside the page lie its pictures, curves-NN and membrane-NN: "
            ".svg, .png, and .gp,\nwhich gnuplot draws them from. A page of "
            "hundreds of cells shows the first pictures\nand settings and "
            "says what it leaves out; long parts are folded on screens and "
            "open\nin print.\n",
    .options = options,
    .n_options = KIND_COUNT(options),
    .n_arguments_min = 1,
    .n_arguments_max = 1,
    .run = run,
};

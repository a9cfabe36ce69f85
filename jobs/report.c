#include "jobs/commands.h"
#include "analysis/report.h"
#include "core/kind.h"
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

static enum status write_report(const char *path, struct arena *arena)
{
    struct results results;
    const char *folder = folder_of(path, arena);
    TRY(results_folder_open(path, arena, &results));
    enum status status = report_write(&results, folder);
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
            "report.html.\n",
    .options = options,
    .n_options = KIND_COUNT(options),
    .n_arguments_min = 1,
    .n_arguments_max = 1,
    .run = run,
};

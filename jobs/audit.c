#include "analysis/audit.h"
#include "jobs/commands.h"
#include "jobs/output.h"
#include "jobs/results_folder.h"

#include <stdint.h>

enum { FEW = 10 };

static bool all;
static struct output output;

static const struct option_row options[] = {
    {"all", 'a', NULL, "every finding, not only the 10 largest of each rule",
     OPTION_FLAG, &all},
    OUTPUT_OPTIONS(output),
};

static enum status print(const struct results *results, struct arena *arena)
{
    enum sheet_format format;
    TRY(output_format(&output, &format));
    if (format == SHEET_TEXT) {
        audit_print(results, all ? SIZE_MAX : FEW, stdout);
        return STATUS_OK;
    }
    struct sheet sheet = all ? audit_make_verdicts(results, arena)
                             : audit_make_sheet(results, arena);
    return output_sheet(&output, &sheet);
}

static enum status run(char *const *arguments, int *exit_status)
{
    *exit_status = EXIT_DONE;
    return results_folders_show(arguments, print);
}

const struct command command_audit = {
    .name = "audit",
    .arguments = "DIR...",
    .doc = "how far to believe each attack: 24 rules, the evidence for them, "
           "and who breaks them",
    .more = "DIR is a sweep's folder or a sweep.h5; of several the trials "
            "count together, each once.\n--csv, --json and --latex have a "
            "row for each rule; with --all for each verdict.\n",
    .options = options,
    .n_options = KIND_COUNT(options),
    .n_arguments_min = 1,
    .n_arguments_max = SIZE_MAX,
    .run = run,
};

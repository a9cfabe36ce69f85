#include "analysis/audit.h"
#include "jobs/commands.h"
#include "jobs/results_folder.h"

#include <stdint.h>

enum { FEW = 10 };

static bool all;

static const struct option_row options[] = {
    {"all", 'a', NULL, "every finding, not only the 10 largest of each rule",
     OPTION_FLAG, &all},
};

static enum status run(char *const *arguments, int *exit_status)
{
    struct arena arena = arena_open();
    struct results results;
    *exit_status = EXIT_DONE;
    enum status status = results_folder_open(arguments[0], &arena, &results);
    if (status == STATUS_OK) {
        audit_print(&results, all ? SIZE_MAX : FEW, stdout);
        results_close(&results);
    }
    arena_close(&arena);
    return status;
}

const struct command command_audit = {
    .name = "audit",
    .arguments = "DIR",
    .doc = "how far to believe each attack: 24 rules, the evidence for them, "
           "and who breaks them",
    .more = "DIR is a sweep's folder or a sweep.h5.\n",
    .options = options,
    .n_options = KIND_COUNT(options),
    .n_arguments_min = 1,
    .n_arguments_max = 1,
    .run = run,
};

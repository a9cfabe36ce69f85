#include "jobs/commands.h"
#include "core/kind.h"
#include "io/dataset.h"
#include "sweep/nursery.h"

static size_t supervisor;

static const struct option_row options[] = {
    {"supervisor", 0, "PID", "whose trials it starts: its parent", OPTION_COUNT, &supervisor},
};

/* What one trial has found whole need not be read again by the next. */
static enum status run(char *const *arguments, int *exit_status)
{
    (void)arguments;
    dataset_trust_together();
    *exit_status = nursery_serve((long)supervisor, command_serve);
    return STATUS_OK;
}

const struct command command_nurse = {
    .name = "nurse",
    .arguments = "DIR",
    .doc = "for the program's own use: starts a rank's trials",
    .options = options,
    .n_options = KIND_COUNT(options),
    .n_arguments_min = 1,
    .n_arguments_max = 1,
    .hidden = true,
    .run = run,
};

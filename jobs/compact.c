#include "jobs/commands.h"
#include "core/kind.h"
#include "io/segment_merge.h"
#include "sweep/folder.h"
#include "sweep/spawn.h"

static size_t supervisor, generation, number;

static const struct option_row options[] = {
    {"supervisor", 0, "PID", "the run that it does this for: its parent", OPTION_COUNT,
     &supervisor},
    {"generation", 0, "N", "of that run", OPTION_COUNT, &generation},
    {"number", 0, "N", "from this one on the numbers of files are its own", OPTION_COUNT, &number},
};

/* After the run's end another run may do the same. */
static enum status run(char *const *arguments, int *exit_status)
{
    struct arena arena = arena_open();
    *exit_status = EXIT_DONE;
    if (spawn_die_with((pid_t)supervisor))
        segment_merge_reserved(folder_segments(arguments[0], &arena),
                               (uint32_t)generation, number);
    arena_close(&arena);
    return STATUS_OK;
}

const struct command command_compact = {
    .name = "compact",
    .arguments = "DIR",
    .doc = "for the program's own use: puts files of a run's results together",
    .options = options,
    .n_options = KIND_COUNT(options),
    .n_arguments_min = 1,
    .n_arguments_max = 1,
    .hidden = true,
    .run = run,
};

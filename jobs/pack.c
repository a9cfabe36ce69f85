#include "jobs/commands.h"
#include "io/store.h"
#include "sweep/folder.h"
#include "sweep/wire.h"

static enum status run(char *const *arguments, int *exit_status)
{
    char library[128];
    *exit_status = EXIT_DONE;
    TRY(folder_check(arguments[0]));
    wire_describe_library(library, sizeof library);
    return store_rebuild(arguments[0], library);
}

const struct command command_pack = {
    .name = "pack",
    .arguments = "DIR",
    .doc = "make DIR/sweep.h5 anew from DIR/segments (run does so by itself)",
    .n_arguments_min = 1,
    .n_arguments_max = 1,
    .run = run,
};

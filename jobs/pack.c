#include "jobs/commands.h"
#include "io/store.h"
#include "sweep/folder.h"
#include "sweep/wire.h"

#include <stdio.h>

static enum status run(char *const *arguments, int *exit_status)
{
    char library[128];
    struct arena arena = arena_open();
    const char *note = "";
    *exit_status = EXIT_DONE;
    TRY(folder_check(arguments[0]));
    wire_describe_library(library, sizeof library);
    enum status status = store_rebuild(arguments[0], library, &arena, &note);
    if (*note)
        fprintf(stderr, "%s\n", note);
    arena_close(&arena);
    return status;
}

const struct command command_pack = {
    .name = "pack",
    .arguments = "DIR",
    .doc = "make DIR/sweep.h5 anew from DIR/segments (run does so by itself)",
    .more = "A sweep.h5 that holds outcomes which no segment holds, or that is "
            "something else,\nis kept as DIR/sweep-N.h5.\n",
    .n_arguments_min = 1,
    .n_arguments_max = 1,
    .run = run,
};

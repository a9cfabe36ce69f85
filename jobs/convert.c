#include "io/events_file.h"
#include "jobs/commands.h"

#include "core/kind.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char *list = "", *part = "Train";

static const struct option_row options[] = {
    {"list", 0, "NAME", "the file in the folder IN that lists its recordings, as SLAYER has one "
     "(default: all .bin files below PART/0 to PART/9)", OPTION_TEXT, &list},
    {"part", 0, "PART", "Train (default) or Test", OPTION_TEXT, &part},
};

static bool is_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static enum status read_in(const char *path, struct arena *arena,
                           struct events_set *set)
{
    if (events_file_is_named(path))
        return events_file_open(path, arena, set);
    return is_folder(path)
               ? events_folder_gather(path, list, part, arena, set)
               : events_folder_take(path, arena, set);
}

static void tell(const struct events_set *set, const char *path)
{
    size_t n = 0;
    for (size_t i = 0; i < set->n; i++)
        n += set->at[i].n_bytes / EVENTS_EVENT_SIZE;
    printf("%s: %zu recording%s, %zu events\n", path, set->n,
           set->n == 1 ? "" : "s", n);
}

static enum status convert(const char *in, const char *out,
                           struct arena *arena)
{
    struct events_set set;
    if (events_file_is_named(in) == events_file_is_named(out))
        return status_refuse(STATUS_INVALID,
                             "%s and %s: allowed is that one of them ends in "
                             ".h5, the other is a recording or a folder of "
                             "such",
                             in, out);
    TRY(read_in(in, arena, &set));
    enum status status = events_file_is_named(out)
                             ? events_file_write(out, &set)
                             : events_folder_scatter(out, &set);
    events_set_close(&set);
    if (status == STATUS_OK)
        tell(&set, out);
    return status;
}

static enum status run(char *const *arguments, int *exit_status)
{
    struct arena arena = arena_open();
    enum status status = convert(arguments[0], arguments[1], &arena);
    arena_close(&arena);
    *exit_status = EXIT_DONE;
    return status;
}

const struct command command_convert = {
    .name = "convert",
    .arguments = "IN OUT",
    .doc = "recordings of events to HDF5, and back with the same bytes",
    .more = "IN is a recording of N-MNIST (.bin, .bs2) or a folder of such, "
            "and OUT a file *.h5 of\ndatasets x, y, t, p; or the other way "
            "round, into the folder OUT. Data sets of an\nexperiment can be "
            "such files: dataset = { kind = \"nmnist\"; folder = ...;\n"
            "train_list = \"train.h5\"; test_list = \"test.h5\"; }.\n",
    .options = options,
    .n_options = KIND_COUNT(options),
    .n_arguments_min = 2,
    .n_arguments_max = 2,
    .run = run,
};

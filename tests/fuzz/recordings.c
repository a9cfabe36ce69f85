/* Recordings of events in an HDF5 file, twisted; and all of them as files. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/twist.h"
#include "tests/recordings.h"

#include <string.h>

static void write_events(const char *path)
{
    static const unsigned char bytes[] = {3, 4, 128, 0, 1, 5, 6, 0, 2, 0,
                                          1, 1, 0,   0, 9};
    struct recordings three = {0};
    recordings_add(&three, "Train/1/a.bin", 1, bytes, 5);
    recordings_add(&three, "b.bs2", EVENTS_LABEL_UNKNOWN, bytes, 0);
    recordings_add(&three, "c.bs2", 9, bytes + 5, 10);
    struct events_set set = recordings_set(&three);
    MUST(events_file_write(path, &set) == STATUS_OK);
}

static bool stays_below(const char *name)
{
    return name[0] && name[0] != '/' && strncmp(name, "../", 3) != 0 &&
           !strstr(name, "/../");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena arena = arena_open();
    struct events_set set = {0};
    twist(write_events, "events.h5", data, n);
    enum status status =
        events_file_open(fuzz_path("events.h5"), &arena, &set);
    MUST(n >= 4 || status == STATUS_OK);
    for (size_t i = 0; status == STATUS_OK && i < set.n; i++) {
        MUST(stays_below(set.at[i].name));
        MUST(set.at[i].n_bytes % EVENTS_EVENT_SIZE == 0);
        MUST(set.at[i].n_bytes <= EVENTS_RECORDING_MOST);
    }
    if (status == STATUS_OK &&
        events_folder_scatter(fuzz_path("scattered"), &set) != STATUS_OK)
        status_forget();
    if (status == STATUS_OK)
        events_set_close(&set);
    else
        status_forget();
    arena_close(&arena);
    return 0;
}

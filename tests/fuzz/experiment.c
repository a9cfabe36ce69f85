/* An experiment file, and the cells that it stands for. A sampler may draw so
 * many points that it takes its minute with sanitizers: files that ask for that
 * are passed over. */
#include "io/experiment.h"
#include "sweep/space.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

/* Cells are many for few bytes: with more than these, few inputs a second. */
enum { CELLS_MAX = 12, POINTS_MAX = 5000 };

static bool draws_many(const uint8_t *data, size_t n, struct arena *arena)
{
    static const char name[] = "n_points";
    char *text = ARENA_ARRAY(arena, char, n + 1);
    memcpy(text, data, n);
    for (char *at = text; (at = strstr(at, name));) {
        at += sizeof name - 1;
        at += strspn(at, " \t\n=:");
        if (strtoull(at, NULL, 0) > POINTS_MAX)
            return true;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena arena = arena_open();
    struct experiment experiment;
    fuzz_write("experiment.cfg", data, n);
    if (!draws_many(data, n, &arena) &&
        experiment_read(fuzz_path("experiment.cfg"), &arena, &experiment) ==
            STATUS_OK &&
        space_count(&experiment) <= CELLS_MAX) {
        struct cells cells = space_enumerate(&experiment, &arena);
        size_t n_all = cells.n_pruned + cells.n_doubled + cells.n_outside +
                       cells.n_beyond;
        for (size_t i = 0; i < cells.n; i++)
            n_all += !cells.at[i].only_source;
        MUST(n_all == space_count(&experiment));
    }
    status_forget();
    arena_close(&arena);
    return 0;
}

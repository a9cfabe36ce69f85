/* An experiment file, and the cells that it stands for. */
#include "io/experiment.h"
#include "sweep/space.h"
#include "tests/fuzz/fuzz.h"

/* Cells are many for few bytes: with more than these, few inputs a second. */
enum { CELLS_MAX = 12 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena arena = arena_open();
    struct experiment experiment;
    fuzz_write("experiment.cfg", data, n);
    if (experiment_read(fuzz_path("experiment.cfg"), &arena, &experiment) ==
            STATUS_OK &&
        space_count(&experiment) <= CELLS_MAX) {
        struct cells cells = space_enumerate(&experiment, &arena);
        MUST(cells.n + cells.n_pruned + cells.n_doubled >=
             space_count(&experiment));
    }
    status_forget();
    arena_close(&arena);
    return 0;
}

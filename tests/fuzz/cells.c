/* A list of cells under a checksum that is right, beside its experiment. */
#include "io/cell_list.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char experiment[] = "seeds = 3;\n";
    struct arena arena = arena_open();
    struct bytes bytes = fuzz_seal(data, n);
    fuzz_write("experiment.cfg", experiment, sizeof experiment - 1);
    fuzz_write("cells.list", bytes.at, bytes.n);
    struct cell_list list = cell_list_read(fuzz_folder(), &arena);
    MUST(!list.known || list.n <= n / 16);
    cell_list_has(&list, (struct digest){1, 2});
    for (size_t i = 0; i < list.n; i++)
        MUST(cell_list_has(&list, list.at[i]));
    bytes_free(&bytes);
    arena_close(&arena);
    return 0;
}

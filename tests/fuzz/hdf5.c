/* A data set in HDF5 files, both of them the same. What the HDF5 library itself
 * makes of such bytes is its own affair, and it is known to stumble: this
 * program is not among those that `make fuzz` runs by itself. */
#include "io/dataset_parts.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char *const none[4];
    struct arena arena = arena_open();
    struct choice choice = fuzz_dataset("hdf5", &arena, none);
    fuzz_write("train.h5", data, n);
    fuzz_write("test.h5", data, n);
    fuzz_read_dataset(&dataset_reader_hdf5, &choice, &arena);
    arena_close(&arena);
    return 0;
}

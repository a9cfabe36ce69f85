/* A data set in HDF5 files, both of them the same, twisted. */
#include "io/dataset_parts.h"
#include "io/hdf5_put.h"
#include "io/hdf5_util.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/twist.h"

static void write_set(const char *path)
{
    static const unsigned char images[3 * 2 * 2 * 3] = {1, 2, 3},
                               labels[3] = {0, 1, 1};
    static const size_t extents[4] = {3, 2, 2, 3};
    hid_t file;
    MUST(hdf5_create(path, path, &file) == STATUS_OK);
    MUST(hdf5_put_bytes(file, "images", 4, extents, images) >= 0);
    MUST(hdf5_put_bytes(file, "labels", 1, extents, labels) >= 0);
    MUST(hdf5_close(file, path) == STATUS_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char *const none[4];
    struct arena arena = arena_open();
    struct choice choice = fuzz_dataset("hdf5", &arena, none);
    size_t n_train = n < 4 || data[0] & 0x80 ? n : 0;
    twist(write_set, "train.h5", data, n_train);
    twist(write_set, "test.h5", data, n);
    fuzz_read_dataset(&dataset_reader_hdf5, &choice, &arena);
    arena_close(&arena);
    return 0;
}

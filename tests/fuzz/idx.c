/* An IDX data set, plain or gzip: the first byte says which of its files the
 * others are; the rest of the set is a small whole one. */
#include "io/dataset_parts.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static const char *const names[4] = {
    "train-images-idx3-ubyte", "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};

static void write_whole(void)
{
    static const unsigned char images[16 + 12] = {
        0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4};
    static const unsigned char labels[8 + 3] = {0, 0, 8, 1, 0, 0,
                                                0, 3, 0, 1, 1};
    for (size_t i = 0; i < 4; i++)
        fuzz_write(names[i], i % 2 ? labels : images,
                   i % 2 ? sizeof labels : sizeof images);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char *const none[4];
    struct arena arena = arena_open();
    struct choice choice = fuzz_dataset("idx", &arena, none);
    if (n > 0) {
        write_whole();
        fuzz_write(names[data[0] % 4], data + 1, n - 1);
        fuzz_read_dataset(&dataset_reader_idx, &choice, &arena);
    }
    arena_close(&arena);
    return 0;
}

/* The header of a cache file under a checksum that is right, and images. */
#include "io/dataset_parts.h"
#include "tests/fuzz/fuzz.h"

/* As io/dataset_cache.c has it: magic and words, before their checksum. */
enum { HEADER_SIZE = 8 + 8 * (10 + 2 * DATA_CHANNELS_MAX) };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    size_t n_header = n < HEADER_SIZE ? n : HEADER_SIZE;
    struct bytes bytes = fuzz_seal(data, n_header);
    struct data_set set;
    bytes_append(&bytes, data + n_header, n - n_header);
    fuzz_write("set.data", bytes.at, bytes.n);
    if (dataset_cache_map(fuzz_path("set.data"), (struct digest){1, 2}, &set))
        MUST(set.n_classes <= DATASET_CLASSES_MAX && set.train.labels);
    bytes_free(&bytes);
    return 0;
}

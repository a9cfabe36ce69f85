/* A cache file of images: its header under a checksum that is right, and the
 * digest of the images in it as well. */
#include "io/dataset_parts.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include <sys/mman.h>

/* As io/dataset_cache.c has it: magic and words, before their checksum. */
enum {
    WORDS_AT = 8,
    N_SIZES = 6,
    FINGERPRINT_AT = WORDS_AT + 8 * (N_SIZES + 2),
    HEADER_SIZE = 8 + 8 * (10 + 2 * DATA_CHANNELS_MAX)
};

static void put_fingerprint(unsigned char *header, const uint8_t *content,
                            size_t n)
{
    uint64_t sizes[N_SIZES];
    memcpy(sizes, header + WORDS_AT, sizeof sizes);
    struct digest of_sizes = digest_of(sizes, sizeof sizes);
    struct digest digest = n ? digest_fold(of_sizes, content, n) : of_sizes;
    uint64_t words[] = {digest.high, digest.low};
    memcpy(header + FINGERPRINT_AT, words, sizeof words);
}

/* Every image and label can be had. */
static void use(const struct data_set *set, const struct split *split)
{
    size_t n_pixels = image_size(set->shape), sum = 0;
    for (size_t i = 0; i < split->n; i++) {
        MUST(split->labels[i] < set->n_classes);
        for (size_t p = 0; p < n_pixels; p++)
            sum += split->images[i * n_pixels + p];
    }
    MUST(sum <= 255 * split->n * n_pixels);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    unsigned char header[HEADER_SIZE] = {0};
    size_t n_header = n < HEADER_SIZE ? n : HEADER_SIZE;
    struct data_set set;
    memcpy(header, data, n_header);
    put_fingerprint(header, data + n_header, n - n_header);
    struct bytes bytes = fuzz_seal(header, n_header);
    bytes_append(&bytes, data + n_header, n - n_header);
    fuzz_write("set.data", bytes.at, bytes.n);
    if (dataset_cache_map(fuzz_path("set.data"), (struct digest){1, 2}, &set)) {
        MUST(set.shape.n_channels <= DATA_CHANNELS_MAX);
        use(&set, &set.train);
        use(&set, &set.test);
        munmap((void *)(uintptr_t)(set.train.images - HEADER_SIZE - 16),
               bytes.n);
    }
    bytes_free(&bytes);
    return 0;
}

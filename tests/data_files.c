#include "tests/data_files.h"
#include "core/dataset.h"
#include "core/rng.h"
#include "tests/scratch.h"

#include <endian.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

const struct idx_files idx_files_small = {.n_train = 30, .n_test = 20,
                                          .height = 5, .width = 4,
                                          .n_classes = 3};

const char *const idx_file_names[4] = {
    "train-images-idx3-ubyte", "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};

const char *const cifar10_file_names[6] = {
    "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
    "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"};

static void append_word(struct bytes *bytes, size_t word)
{
    uint32_t big = htobe32((uint32_t)word);
    bytes_append(bytes, &big, sizeof big);
}

static void append_random(struct bytes *bytes, uint64_t lane, size_t n)
{
    struct rng_stream stream = {3, RNG_NOISE, lane};
    for (size_t i = 0; i < n; i++) {
        unsigned char pixel = (unsigned char)rng_word(stream, i);
        bytes_append(bytes, &pixel, 1);
    }
}

struct bytes idx_file_bytes(const struct idx_files *set, size_t i)
{
    struct bytes bytes = {NULL, 0, 0};
    size_t n = i < 2 ? set->n_train : set->n_test;
    append_word(&bytes, i % 2 ? 0x801 : 0x803);
    append_word(&bytes, n);
    if (i % 2 == 0) {
        append_word(&bytes, set->height);
        append_word(&bytes, set->width);
        append_random(&bytes, i, n * set->height * set->width);
        return bytes;
    }
    for (size_t k = 0; k < n; k++) {
        unsigned char label = (unsigned char)(k / 2 % set->n_classes);
        bytes_append(&bytes, &label, 1);
    }
    return bytes;
}

void data_file_write(const char *folder, const char *name, bool gzip,
                     const struct bytes *bytes)
{
    char path[512];
    int length = snprintf(path, sizeof path, "%s/%s%s", folder, name,
                          gzip ? ".gz" : "");
    MUST(length > 0 && (size_t)length < sizeof path);
    if (!gzip) {
        scratch_write(path, bytes->at, bytes->n);
        return;
    }
    gzFile file = gzopen(path, "wb");
    MUST(file != NULL);
    MUST(gzwrite(file, bytes->at, (unsigned)bytes->n) == (int)bytes->n);
    MUST(gzclose(file) == Z_OK);
}

void idx_files_write(const char *folder, const struct idx_files *set)
{
    for (size_t i = 0; i < 4; i++) {
        struct bytes bytes = idx_file_bytes(set, i);
        data_file_write(folder, idx_file_names[i], set->gzip, &bytes);
        bytes_free(&bytes);
    }
}

struct bytes cifar10_batch_bytes(size_t batch, size_t n_records)
{
    struct bytes bytes = {NULL, 0, 0};
    for (size_t i = 0; i < n_records; i++) {
        unsigned char label = (unsigned char)((batch + i) % 10);
        bytes_append(&bytes, &label, 1);
        append_random(&bytes, 100 + batch * n_records + i, 3072);
    }
    return bytes;
}

void cifar10_files_write(const char *folder, size_t n_records)
{
    for (size_t b = 0; b < 6; b++) {
        struct bytes bytes = cifar10_batch_bytes(b, n_records);
        data_file_write(folder, cifar10_file_names[b], false, &bytes);
        bytes_free(&bytes);
    }
}

struct choice data_choice(struct arena *arena, const char *name, ...)
{
    const struct kind *kind = kind_find(&dataset_axis, name);
    MUST(kind != NULL);
    void *params = kind_defaults(kind, arena);
    const char *row;
    va_list list;
    va_start(list, name);
    while ((row = va_arg(list, const char *)))
        MUST(row_set(kind_find_row(kind, row), va_arg(list, const char *),
                     params, arena) == STATUS_OK);
    va_end(list);
    return (struct choice){kind, params};
}

struct choice data_choice_in(struct arena *arena, const char *kind,
                             const char *folder)
{
    return data_choice(arena, kind, "folder",
                       arena_print(arena, "\"%s\"", folder), NULL);
}

size_t data_find_image(const unsigned char *images, size_t n, size_t size,
                       const unsigned char *image)
{
    for (size_t i = 0; i < n; i++)
        if (!memcmp(images + i * size, image, size))
            return i;
    return n;
}

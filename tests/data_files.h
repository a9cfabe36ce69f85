/*
 * Small data sets as files, made for tests, and the choices that open them.
 * Pixels are random, so that every image is another one.
 */
#ifndef TESTS_DATA_FILES_H
#define TESTS_DATA_FILES_H

#include "core/data.h"
#include "core/spec.h"
#include "io/bytes.h"

/* Four IDX files. */
struct idx_files {
    size_t n_train, n_test, height, width, n_classes;
    bool gzip;
};

extern const struct idx_files idx_files_small; /* 30 + 20 of 5 x 4, 3 classes */

/* Their names without ".gz": images and labels of training, then of testing. */
extern const char *const idx_file_names[4];

/* What is in file i of the set, unpacked. Free it. */
struct bytes idx_file_bytes(const struct idx_files *set, size_t i);
void idx_files_write(const char *folder, const struct idx_files *set);

/* Writes a file, as gzip if asked to; `name` without ".gz". */
void data_file_write(const char *folder, const char *name, bool gzip,
                     const struct bytes *bytes);

/* Six batches of so many records each, the i-th record of batch b with the
 * label (b + i) % 10. */
void cifar10_files_write(const char *folder, size_t n_records);
struct bytes cifar10_batch_bytes(size_t batch, size_t n_records);
extern const char *const cifar10_file_names[6];

/* A choice of the kind with its defaults, in the arena; and its parameters
 * set, as rows and texts, up to a NULL. */
struct choice data_choice(struct arena *arena, const char *kind, ...)
    __attribute__((sentinel));

/* The same for a kind that reads a folder. */
struct choice data_choice_in(struct arena *arena, const char *kind,
                             const char *folder);

/* Index of an image among n, or n. */
size_t data_find_image(const unsigned char *images, size_t n, size_t size,
                       const unsigned char *image);

#endif

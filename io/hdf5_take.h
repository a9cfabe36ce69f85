/*
 * Arrays of numbers from HDF5 files that anybody may have written.
 */
#ifndef IO_HDF5_TAKE_H
#define IO_HDF5_TAKE_H

#include "core/arena.h"
#include "core/status.h"

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>

enum { HDF5_NUMBERS_RANK_MAX = 4 };

/* Numbers of any type, as doubles; a single number has rank 0. */
struct hdf5_numbers {
    size_t rank, n, extent[HDF5_NUMBERS_RANK_MAX];
    double *at;
};

/* An open file of so many bytes. */
struct hdf5_source {
    const char *path;
    size_t size;
    hid_t file;
};

/* Whether there is such an object, by a link that does not lead to another
 * file; a dataset, or a negative number. */
bool hdf5_has(hid_t file, const char *path);
hid_t hdf5_open_dataset(hid_t file, const char *path);

/* Refuses what is not there, no array of numbers, not finite, or more than the
 * file can hold. */
CHECKED enum status hdf5_take_numbers(const struct hdf5_source *source,
                                      const char *name, struct arena *arena,
                                      struct hdf5_numbers *array);

/* The same in parts: opens a vector, of which the caller reads `n` numbers from
 * `first` on, refused if they are not finite, and which it closes. */
struct hdf5_vector {
    const char *name;
    hid_t id;
    size_t n;
};

CHECKED enum status hdf5_open_vector(const struct hdf5_source *source,
                                     const char *name,
                                     struct hdf5_vector *vector);
CHECKED enum status hdf5_read_part(const struct hdf5_source *source,
                                   const struct hdf5_vector *vector,
                                   size_t first, size_t n, double *to);
void hdf5_close_vector(struct hdf5_vector *vector);

/* A dataset of n strings, of either kind; NULL if it is none. */
const char **hdf5_take_texts(hid_t dataset, size_t n, struct arena *arena);

#endif

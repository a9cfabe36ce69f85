/*
 * sweep.h5 while it is being written: netCDF-4 as libnetcdf and xarray read
 * it, every dimension with a scale, everything in the order of its creation.
 */
#ifndef IO_STORE_FILE_H
#define IO_STORE_FILE_H

#include "io/hdf5_util.h"
#include "io/store_schema.h"

struct store_file {
    const char *path; /* the temporary one */
    hid_t id;
    const struct store_index *index;
    struct store_schema schema;
    hid_t *datasets; /* [schema.n]; -1 where a dimension is empty: such a
                        variable is left out, as netCDF has no empty ones */
};

/* Makes the file with its groups, coordinates and variables, and writes the
 * values that the index knows. On refusal nothing is left open. */
CHECKED enum status store_file_make(const char *path,
                                    const struct store_index *index,
                                    struct arena *arena,
                                    struct store_file *file);

/* The second pass over the segments: writes the records. */
CHECKED enum status store_file_fill(struct store_file *file,
                                    const char *segments);

/* Computes from predictions already written which samples are correct, and
 * the checks; one trial at a time. */
CHECKED enum status store_file_check(struct store_file *file);

/* Attributes of the root: provenance, the experiment file, what was lost. */
CHECKED enum status store_file_annotate(const struct store_file *file,
                                        const char *folder,
                                        const char *libraries);

/* The part of a variable that begins at `start` and has `count` elements
 * along each dimension, to and from contiguous memory. */
CHECKED enum status store_file_write(const struct store_file *file,
                                     const struct store_variable *variable,
                                     const size_t *start, const size_t *count,
                                     const void *values);
CHECKED enum status store_file_read(const struct store_file *file,
                                    const struct store_variable *variable,
                                    const size_t *start, const size_t *count,
                                    void *values);

/* NULL if the file has no variable of that name in the group (or it is left
 * out). */
const struct store_variable *store_file_find(const struct store_file *file,
                                             enum store_group group,
                                             const char *name);

/* Of numbers, in memory. */
hid_t store_number_type(enum store_type type);
size_t store_type_size(enum store_type type);

/* Sets n values to what stands for "none". */
void store_fill_none(enum store_type type, size_t n, void *values);

#endif

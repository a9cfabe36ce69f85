/*
 * Variables of a result file, read and held against the extents that they must
 * have; private to io/results*.c.
 */
#ifndef IO_RESULTS_READ_H
#define IO_RESULTS_READ_H

#include "io/hdf5_util.h"
#include "io/results.h"

#include <stdbool.h>
#include <stddef.h>

enum { RESULTS_RANK_MAX = 4 };

struct results_file {
    const char *path;
    hid_t id;
    struct arena *arena; /* of what is read */
};

/* A variable and the part of it that is wanted: all, or (with `one`) one index
 * of the first dimension, or n from there on. */
struct results_variable {
    const char *name; /* "robustness/epsilon" */
    size_t rank, extent[RESULTS_RANK_MAX]; /* as the file must have it */
    bool one;
    size_t index, n; /* n 0: 1 */
};

/* What is stored of the membrane potential in some trials side by side: of
 * many trials each is read with its neighbours, since a file keeps many in one
 * piece, which is read whole in any case. */
struct results_block {
    struct arena arena; /* of what is below, if n is not 0 */
    size_t first, n;    /* trials */
    const double *edges;
    const uint64_t *counts;
    const double *columns[5]; /* mean, deviation, omega, inside, rate */
    const double *course; /* the share inside by epoch and layer; NULL: not
                             read yet */
};

/* Makes the block one that has the trial. */
CHECKED enum status results_find_block(const struct results *results,
                                       size_t trial,
                                       struct results_block *block);

void results_close_block(struct results_block *block);

/* The extent of a dimension by its coordinate; 0 where the file has none. */
CHECKED enum status results_extent(const struct results_file *file,
                                   const char *name, size_t *extent);

/* Files of earlier versions do not have all variables. */
bool results_has(const struct results_file *file, const char *name);

/* New arrays in the arena. A variable with no elements is not looked for: the
 * file leaves it out. */
CHECKED enum status results_read_f64(const struct results_file *file,
                                     const struct results_variable *variable,
                                     const double **values);
CHECKED enum status results_read_u64(const struct results_file *file,
                                     const struct results_variable *variable,
                                     const uint64_t **values);
CHECKED enum status results_read_u8(const struct results_file *file,
                                    const struct results_variable *variable,
                                    const uint8_t **values);
CHECKED enum status results_read_texts(const struct results_file *file,
                                       const struct results_variable *variable,
                                       const char *const **texts);

/* The trials, by the results' counts, which must be known. */
CHECKED enum status results_read_trials(struct results *results,
                                        const struct results_file *file);

#endif

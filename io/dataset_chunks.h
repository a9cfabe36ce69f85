/* Of HDF5 datasets in files that anybody may have written. */
#ifndef IO_DATASET_CHUNKS_H
#define IO_DATASET_CHUNKS_H

#include "io/hdf5_util.h"

/* Refuses a dataset whose chunks unpack to more or less than a chunk: HDF5 1.10
 * does not look and reads beyond its buffer. Filters must be shuffle, deflate
 * or Fletcher32. `claimed_most`: bytes that a file of this size may claim. */
CHECKED enum status dataset_check_chunks(const char *path, const char *name,
                                         hid_t dataset, hsize_t claimed_most);

#endif

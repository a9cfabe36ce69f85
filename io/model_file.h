/*
 * A trained network as an HDF5 file, DIR/models/<cell digest>.h5: one dataset
 * a tensor (named as in trial_places), the cell's canonical text as attribute.
 */
#ifndef IO_MODEL_FILE_H
#define IO_MODEL_FILE_H

#include "core/trial.h"

/* Durable (see io/durable.h). */
CHECKED enum status model_file_write(const char *path, const struct spec *spec,
                                     const struct data_set *data,
                                     const struct weights *weights);

/* Reads all tensors that the spec's network has on such data; refuses a file
 * that lacks one, has it in another shape, or holds what is not finite. */
CHECKED enum status model_file_read(const char *path, const struct spec *spec,
                                    const struct data_set *data,
                                    struct arena *arena,
                                    struct weights *weights);

#endif

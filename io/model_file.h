/*
 * A trained network as a file, DIR/models/<cell digest>.h5: HDF5 with one
 * dataset a tensor (named and shaped as in trial_places), the cell's canonical
 * text as the attribute "spec", what the network takes and gives as the
 * attributes "shape" (height, width, channels), "n_classes", "mean" and
 * "deviation" (of each channel, for encodings that normalize), and after the
 * end of HDF5's part a checksum of all before it (bytes_seal), which other
 * readers of HDF5 do not see. HDF5's library may crash on a damaged file, so
 * nothing is given to it unchecked.
 */
#ifndef IO_MODEL_FILE_H
#define IO_MODEL_FILE_H

#include "core/trial.h"

/* Durable (see io/durable.h). The same weights give the same bytes. */
CHECKED enum status model_file_write(const char *path, const struct spec *spec,
                                     const struct data_set *data,
                                     const struct weights *weights);

/* Reads all tensors that the spec's network has on such data, into `arena`;
 * refuses a file that is damaged, is another cell's, lacks a tensor, has it in
 * another shape, or holds what is not finite. */
CHECKED enum status model_file_read(const char *path, const struct spec *spec,
                                    const struct data_set *data,
                                    struct arena *arena,
                                    struct weights *weights);

/* Reads a file by itself: the cell's spec, the data that its network is for
 * (without samples or fingerprint), and all tensors, in `arena`. Refuses a
 * file of a program that did not write down the shape, too. */
CHECKED enum status model_file_load(const char *path, struct arena *arena,
                                    struct spec *spec, struct data_set *data,
                                    struct weights *weights);

#endif

/*
 * Weights from a PyTorch state written as HDF5: a dataset a tensor, named as in
 * state_dict ("features.0.weight"; groups count as dots), at the root or in a
 * group "weights" or "state_dict". Convolutions are [C_out][C_in][k][k], linear
 * maps [n][C H W]. A file of io/weights_file.h is one, too.
 *
 * Which tensor is which:
 *
 *   - by name, where the file has this program's (block0.weight);
 *   - else by order: the modules whose weight has two or four dimensions are
 *     the network's convolutions and linear maps, the last one the read-out;
 *     those with a running_mean are its normalizations. The order is that in
 *     which the file's names were written, if it says so, else that of the
 *     names, with numbers as numbers;
 *   - before both, by a map: lines "OURS = THEIRS", where OURS may also be
 *     block0.bias, of a layer that is normalized.
 *
 * A normalization's weight and bias are scale (else 1) and shift (else 0); the
 * bias of a layer before it is taken from its running mean.
 */
#ifndef IO_STATE_FILE_H
#define IO_STATE_FILE_H

#include "core/trial.h"

/* The weights of the spec's network, in `arena`; and what of the file was not
 * used, by names with commas between. map_path may be NULL. Refuses a tensor
 * that is missing or of another shape, another number of them, and a map that
 * names what is not there. */
CHECKED enum status state_file_read(const char *path, const char *map_path,
                                    const struct spec *spec,
                                    const struct data_set *data,
                                    struct arena *arena,
                                    struct weights *weights,
                                    const char **unused);

#endif

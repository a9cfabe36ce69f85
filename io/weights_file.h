/*
 * The numbers of a network as plain HDF5: one dataset a tensor in the group
 * "weights", in the order of PyTorch:
 *
 *     block0.weight             convolution  [C_out][C_in][k][k]  "OIHW"
 *     block1.weight             linear map   [n][C H W]           "OI"
 *     block0.shift, .scale      bias and weight of its normalization, or the
 *                               bias alone   [C] or [T][C]
 *     block0.running_mean, .running_variance
 *     shortcut3....             of a shortcut's convolution, likewise
 *     neuron0....               what neurons learn, [T or 1][H][W][C or 1]
 *     readout.weight, .bias     "OI", [K]
 *
 * Each dataset says its order in an attribute "layout"; the root has the cell's
 * canonical text as "spec".
 */
#ifndef IO_WEIGHTS_FILE_H
#define IO_WEIGHTS_FILE_H

#include "core/trial.h"

/* Durable. The same weights give the same bytes. */
CHECKED enum status weights_file_write(const char *path,
                                       const struct spec *spec,
                                       const struct data_set *data,
                                       const struct weights *weights);

#endif

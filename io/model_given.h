/* The weights of cells whose training is `given` (core/training.h). */
#ifndef IO_MODEL_GIVEN_H
#define IO_MODEL_GIVEN_H

#include "core/trial.h"

/* Reads them into `arena`; of other trainings n = 0. Refuses a file that
 * model_file_load refuses, weights of another digest, tensors that are not
 * those of the spec's network on such data, and images that the network would
 * see normalized by other means and deviations than it was trained with. */
CHECKED enum status model_given_read(const struct spec *spec,
                                     const struct data_set *data,
                                     struct arena *arena,
                                     struct weights *weights);

#endif

/* What the writers of exchange files share; private to io/. */
#ifndef IO_EXCHANGE_PARTS_H
#define IO_EXCHANGE_PARTS_H

#include "core/trial.h"
#include "io/nir.h"

#include <hdf5.h>

/* Into an open file; a negative number if HDF5 refuses. */
herr_t nir_put(hid_t file, const struct feedforward *net,
               const struct nir_notes *notes);
herr_t weights_put(hid_t file, const struct spec *spec,
                   const struct data_set *data, const struct weights *weights);

/* Makes a file of what `put` puts into it, durably. */
CHECKED enum status exchange_write(const char *path,
                                   herr_t (*put)(hid_t file, void *self),
                                   void *self);

#endif

/* What the writers of exchange files share; private to io/. */
#ifndef IO_EXCHANGE_PARTS_H
#define IO_EXCHANGE_PARTS_H

#include "core/trial.h"
#include "io/nir.h"

#include <hdf5.h>
#include <limits.h>

/* Into an open file; a negative number if HDF5 refuses. */
herr_t nir_put(hid_t file, const struct feedforward *net,
               const struct nir_notes *notes);
herr_t weights_put(hid_t file, const struct spec *spec,
                   const struct data_set *data, const struct weights *weights);

/* A file on the way, made under another name. Its end closes it and gives it
 * its name, durably, if `status` is good; else it is gone, and that is handed
 * on. */
struct exchange_file {
    const char *path;
    hid_t id;
    char temporary[PATH_MAX];
};

CHECKED enum status exchange_begin(const char *path,
                                   struct exchange_file *file);
CHECKED enum status exchange_end(struct exchange_file *file,
                                 enum status status);

/* Makes a file of what `put` puts into it, durably. */
CHECKED enum status exchange_write(const char *path,
                                   herr_t (*put)(hid_t file, void *self),
                                   void *self);

#endif

#include "io/durable.h"
#include "io/exchange_parts.h"
#include "io/hdf5_util.h"

enum status exchange_write(const char *path,
                           herr_t (*put)(hid_t file, void *self), void *self)
{
    struct bytes bytes = {NULL, 0, 0};
    hid_t file = -1;
    TRY(hdf5_create_image(path, &file));
    enum status status =
        hdf5_check(put(file, self), STATUS_SYSTEM, path, "write the file");
    if (status == STATUS_OK)
        status = hdf5_append_image(file, path, &bytes);
    H5Fclose(file);
    if (status == STATUS_OK)
        status = durable_write(path, bytes.at, bytes.n);
    bytes_free(&bytes);
    return status;
}

#include "io/durable.h"
#include "io/exchange_parts.h"
#include "io/hdf5_util.h"

enum status exchange_begin(const char *path, struct exchange_file *file)
{
    file->path = path;
    durable_temporary(path, file->temporary, sizeof file->temporary);
    return hdf5_create(file->temporary, path, &file->id);
}

enum status exchange_end(struct exchange_file *file, enum status status)
{
    if (status != STATUS_OK)
        H5Fclose(file->id);
    else
        status = hdf5_close(file->id, file->path);
    if (status == STATUS_OK)
        return durable_commit(file->temporary, file->path);
    durable_discard(file->temporary);
    return status;
}

enum status exchange_write(const char *path,
                           herr_t (*put)(hid_t file, void *self), void *self)
{
    struct exchange_file file;
    TRY(exchange_begin(path, &file));
    return exchange_end(&file, hdf5_check(put(file.id, self), STATUS_SYSTEM,
                                          path, "write the file"));
}

/*
 * The few HDF5 helpers that all files of io/ share: HDF5's own error text goes
 * into status_reason and is never printed; text is variable-length UTF-8;
 * links and attributes keep the order of their creation, as netCDF-4 asks.
 */
#ifndef IO_HDF5_UTIL_H
#define IO_HDF5_UTIL_H

#include "core/arena.h"
#include "core/status.h"
#include "io/bytes.h"

#include <hdf5.h>
#include <stdint.h>

/* Refuses with this sentence (printf style), followed by HDF5's innermost
 * reason for its latest failure. A reason of the operating system (disk full,
 * no permission) sets the status; `otherwise` is for all others. */
CHECKED enum status hdf5_refuse(enum status otherwise, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* STATUS_OK if `result` (herr_t or hid_t) is not negative; else hdf5_refuse
 * with "PATH: cannot DOING", and the reason of the last call that failed, also
 * if others have gone well since. */
CHECKED enum status hdf5_check(int64_t result, enum status otherwise,
                               const char *path, const char *doing);

/* A new file, which messages call `name`, or an existing one to read. No
 * locks are taken: some file systems have none, and no file is ever changed
 * after it got its name. Ends HDF5's own printing of errors. */
CHECKED enum status hdf5_create(const char *path, const char *name,
                                hid_t *file);
CHECKED enum status hdf5_open(const char *path, hid_t *file);

/* Closes a file with everything still open in it. After writing, this is
 * where a full disk shows. */
CHECKED enum status hdf5_close(hid_t file, const char *path);

/* The same for files that are only in memory: a new one; the bytes that it
 * would have on disk, appended; one to read, from such bytes (copied). `path`
 * is what messages name. */
CHECKED enum status hdf5_create_image(const char *path, hid_t *file);
CHECKED enum status hdf5_append_image(hid_t file, const char *path,
                                      struct bytes *bytes);
CHECKED enum status hdf5_open_image(const char *path, const void *at, size_t n,
                                    hid_t *file);

/* A group in which the order of creation is kept. */
hid_t hdf5_make_group(hid_t parent, const char *name);

/* The type of text in memory and in files. The caller closes it. */
hid_t hdf5_text_type(void);

/* `text` if it is UTF-8, else a copy in which bytes that are not are replaced
 * by '?'. */
const char *hdf5_clean_text(const char *text, struct arena *arena);

/* Attributes of an open object; negative results as of HDF5. */
herr_t hdf5_put_text(hid_t object, const char *name, const char *text);
herr_t hdf5_put_number(hid_t object, const char *name, hid_t type,
                       const void *value);

/* Reads a text attribute; refuses one that is not there or is no text. */
CHECKED enum status hdf5_get_text(hid_t object, const char *name,
                                  const char *path, struct arena *arena,
                                  const char **text);

/* Reads an attribute that is one whole number, not below 0. */
CHECKED enum status hdf5_get_count(hid_t object, const char *name,
                                   const char *path, uint64_t *count);

#endif

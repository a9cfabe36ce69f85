/*
 * Files that are there whole or not at all: temporary name in the same
 * folder, write, fsync, rename, fsync of the folder. Needs nothing but POSIX
 * rename; no locks. Leftovers "*.tmp" of a crash are deleted by the next run.
 */
#ifndef IO_DURABLE_H
#define IO_DURABLE_H

#include "core/status.h"
#include "io/bytes.h"

#include <stddef.h>

/* Writes a new file, replacing what has that name. On refusal that is still
 * there as it was, and no temporary file is left; only if the last step, the
 * flush of the folder, is refused, the new file is there already. */
CHECKED enum status durable_write(const char *path, const void *bytes,
                                  size_t n);

/* The two halves of it, for writers that need a path (HDF5): the temporary
 * name for `path` (PATH.HOST.PID.RANDOM.tmp, another one at each call; into
 * `temporary`, of `size` bytes), and making the finished temporary file
 * permanent under `path`. A commit that is refused deletes the temporary. */
void durable_temporary(const char *path, char *temporary, size_t size);
CHECKED enum status durable_commit(const char *temporary, const char *path);

/* Deletes a temporary that is not to be. Its room is free at once, also where
 * it cannot be closed, as HDF5 cannot on a full disk. */
void durable_discard(const char *temporary);

/* Appends all bytes of a file. STATUS_DAMAGED if it can be opened, but not be
 * read. */
CHECKED enum status durable_read(const char *path, struct bytes *bytes);

/* Makes a folder (0755 minus umask); one that is there already is fine. The
 * second does not follow a symbolic link: in a folder that somebody else has
 * made, it may lead anywhere. */
CHECKED enum status durable_make_folder(const char *path);
CHECKED enum status durable_make_own_folder(const char *path);

/* Deletes "*.tmp" left in a folder by earlier crashes: those of this machine's
 * processes that are no more, and those of unknown ones, which may run on other
 * machines, that were last written more than a day ago. */
CHECKED enum status durable_clean(const char *folder);

#endif

/*
 * Tries out what a sweep needs of the file system of a folder: that a file can
 * be replaced by rename under its readers' eyes, flushed, made by one only of
 * several that try at a time; and what it can do without: second names, locks.
 * Works in a folder of its own in it, which is gone afterwards.
 */
#ifndef IO_FOLDER_PROBE_H
#define IO_FOLDER_PROBE_H

#include "core/arena.h"

#include <stdint.h>

struct folder_probe {
    const char *type;       /* "ext4", "nfs4", "lustre"; "unknown" */
    uint64_t n_free_bytes;
    uint64_t n_free_files;  /* UINT64_MAX: not limited, or not known */
    double flush_s;         /* to make a small file durable, median of some */
    double clock_s;         /* the files' dates are so much ahead of ours */
    /* Each NULL, or the reason why not. If there is a reason in `write`, the
     * rest was not tried. */
    const char *write, *replace, *flush, *exclusive, *link, *dates, *locks;
};

/* Texts are in `arena`. */
struct folder_probe folder_probe(const char *folder, struct arena *arena);

#endif

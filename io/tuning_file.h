/*
 * A tuning (core/tuning.h) as a text: comments after '#', and a line each for
 * where it comes from and for the densities of a kind of operation and a use,
 * of classes by width:
 *
 *     origin = measured on node7, 2026-11-27, engine avx512
 *     linear.forward = 0.15 0.3 0.4 0.6
 *     ...
 *
 * `spikesweep tune` writes it for this user's machine; a sweep keeps the one
 * that all its cells go by.
 */
#ifndef IO_TUNING_FILE_H
#define IO_TUNING_FILE_H

#include "core/arena.h"
#include "core/tuning.h"

struct tuning_file {
    const char *origin;
    struct tuning tuning;
};

/* "built in"; tuning_builtin. */
struct tuning_file tuning_file_builtin(void);

/* "forward", "weights", "input" */
const char *tuning_file_use(enum tuning_use use);

const char *tuning_file_print(const struct tuning_file *file,
                              struct arena *arena);

/* Refuses what cannot be read, and what is not such a text, whole
 * (STATUS_DAMAGED), with its line. */
CHECKED enum status tuning_file_read(const char *path, struct arena *arena,
                                     struct tuning_file *file);

/* This user's: $XDG_CACHE_HOME/spikesweep/tuning.txt, or the same in ~/.cache;
 * NULL if neither variable is set. */
const char *tuning_file_path(struct arena *arena);

/* The one at `path`, or if there is nothing (or `path` is NULL) the one that is
 * built in. */
CHECKED enum status tuning_file_find(const char *path, struct arena *arena,
                                     struct tuning_file *file);

/* What is computed by where no sweep says it: the one at `path`, which has to
 * be there; if it is NULL, this user's, or the one that is built in. */
CHECKED enum status tuning_file_choose(const char *path, struct arena *arena,
                                       struct tuning_file *file);

/* True if the densities are the same. */
bool tuning_file_agrees(const struct tuning_file *file,
                        const struct tuning_file *other);

#endif

/*
 * What tests of files share: a scratch folder, whole files in memory, damage
 * by a seed, and work done in a child process.
 */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include "core/arena.h"
#include "io/bytes.h"

#include <stdbool.h>

struct scratch {
    char folder[64];
    struct arena arena; /* of the paths */
};

/* A new folder below $TMPDIR or /tmp; removed with all that is in it. */
struct scratch scratch_make(void);
void scratch_remove(struct scratch *scratch);

/* FOLDER/NAME, valid until the scratch is removed. */
const char *scratch_path(struct scratch *scratch, const char *name);

/* Whole files; a failure is a broken promise. */
struct bytes scratch_read(const char *path);
void scratch_write(const char *path, const void *bytes, size_t n);

/* The file was last written two days ago. */
void scratch_age(const char *path);

/* Entries of a folder whose names end so; "" counts all. */
size_t scratch_count(const char *folder, const char *ending);

/* How many seeds a test damages bytes by: n, or $FUZZ times as many. */
uint64_t scratch_n_seeds(uint64_t n);

/* Damages bytes in one of several ways: flips bits, writes extreme lengths,
 * cuts, repeats or removes a piece. The same seed does the same. */
void scratch_damage(struct bytes *bytes, uint64_t seed);

/* A copy of sealed bytes with 1 to 3 places damaged under a checksum that is
 * right again, so that a reader has to notice by itself. */
struct bytes scratch_damage_sealed(const struct bytes *whole, uint64_t seed);

/* Runs `work` in a child process; its result (0 to 255), or 256 plus the
 * signal that killed it. */
int scratch_fork(int (*work)(void *self), void *self);

/* In a child: makes `folder` a file system of so many bytes, or a read-only
 * view of itself. False where that is not allowed. */
bool scratch_mount_small(const char *folder, size_t n_bytes);
bool scratch_mount_read_only(const char *folder);

#endif

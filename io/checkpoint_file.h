/*
 * A checkpoint as a file: magic, key, number of regions, their sizes, digest of
 * all of them; then the regions. Whole or not there (io/durable.h). Written
 * from memory and read into it without a copy of it.
 */
#ifndef IO_CHECKPOINT_FILE_H
#define IO_CHECKPOINT_FILE_H

#include "core/checkpoint.h"
#include "core/digest.h"
#include "core/spec.h"

/* What checkpoints have to agree in for one to go on from the other: the stage,
 * its samples, and the program that computes (other instructions make other
 * last bits). */
struct digest checkpoint_file_key(const struct spec *spec, struct span span);

CHECKED enum status checkpoint_file_write(const char *path, struct digest key,
                                          const struct checkpoint *checkpoint);

/* Into the regions. Refuses, and leaves them as they are: a file that is not
 * there (STATUS_NOT_FOUND), of another key or other sizes (STATUS_INVALID), cut
 * short or changed (STATUS_DAMAGED). */
CHECKED enum status checkpoint_file_read(const char *path, struct digest key,
                                         const struct checkpoint *checkpoint);

#endif

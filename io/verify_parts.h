/*
 * What the files io/verify*.c share.
 */
#ifndef IO_VERIFY_PARTS_H
#define IO_VERIFY_PARTS_H

#include "core/spec_memo.h"
#include "io/results.h"
#include "io/results_read.h"
#include "io/store_file.h"
#include "io/verify.h"

/* Some rows of a variable, as they were read last. */
struct verify_block {
    size_t first, n; /* trials */
    struct arena arena;
    const unsigned char *values;
};

struct verifier {
    struct verify *verify;
    const char *path;
    hid_t id;
    struct results results;
    /* The file as the writer would see it: an index made of its rows, and its
     * variables, open to read (-1: it is not there). */
    struct store_index index;
    struct store_file file;
    struct verify_block *blocks; /* [file.schema.n] */
    struct spec_memo *specs;
};

/* What is wrong, counted; the first few are named. */
struct faults {
    size_t n, n_looked; /* of so many that were looked at */
    const char *names;
    struct arena *arena;
};

struct faults faults_open(const struct verifier *verifier);
void faults_note(struct faults *faults, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A line: holds with `figure` (printf style) if there is no fault, else fails
 * with how many and which. */
void faults_tell(const struct verifier *verifier, const struct faults *faults,
                 const char *name, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The lines, each by itself. */
void verify_root(struct verifier *verifier);
void verify_checksums(struct verifier *verifier);
void verify_structure(struct verifier *verifier);
void verify_identity(struct verifier *verifier);
void verify_digest(struct verifier *verifier);
void verify_order(struct verifier *verifier);
void verify_ranges(struct verifier *verifier);
void verify_flags(struct verifier *verifier);
void verify_verdicts(struct verifier *verifier);
void verify_histograms(struct verifier *verifier);

/* Opens the file of `path` with rows and variables; refuses as results_open. */
CHECKED enum status verify_open(struct verifier *verifier);
void verify_close(struct verifier *verifier);

/* The file was made by the very program that is running (by its revision): in
 * it nothing is missing for its age. */
bool verify_is_own(const struct verifier *verifier);

/* Extent of a dimension in this file. */
size_t verify_extent(const struct verifier *verifier,
                     enum store_dimension dimension);

/* One trial's values of a variable over trials, whole, of the variable's own
 * type in memory; NULL if the file does not have it or it cannot be read (the
 * checksums' line says so). Trials are asked for in ascending order: some more
 * are read at once, and last until others of this variable are asked for. */
const void *verify_row(const struct verifier *verifier,
                       const struct store_variable *variable, size_t trial);
const void *verify_read(const struct verifier *verifier,
                        enum store_group group, const char *name,
                        size_t trial);

#endif

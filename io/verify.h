/*
 * Whether a sweep.h5 is whole: a line for each thing that must hold, with its
 * figure. Nothing is changed, and no file is believed: what is said twice in it
 * is compared, what can be computed is computed again.
 */
#ifndef IO_VERIFY_H
#define IO_VERIFY_H

#include "core/arena.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>

enum verify_verdict {
    VERIFY_HOLDS,
    VERIFY_FAILS,
    VERIFY_OPEN /* cannot be told, and why; or not done yet */
};

struct verify_line {
    const char *name; /* "checksums" */
    enum verify_verdict verdict;
    const char *figure; /* a sentence without its end */
};

enum { VERIFY_LINES_MAX = 32 };

struct verify {
    size_t n, n_failed, n_open;
    struct verify_line lines[VERIFY_LINES_MAX];
    struct arena *arena; /* of the figures */
};

/* Adds a line; the figure is copied. */
void verify_add(struct verify *verify, const char *name,
                enum verify_verdict verdict, const char *figure);

/* Adds the lines of the file alone, VERIFY->arena being set:
 *
 *   file        it is HDF5, and how large
 *   root        schema version and attributes (store_root_rows)
 *   checksums   every chunk read and held against its Fletcher32
 *   rows        this program reads it (results_open)
 *   structure   groups, dimensions, variables of io/store_schema.h: types,
 *               extents, scales, attributes, filters; files of older programs
 *               lack variables, which are named
 *   identity    ids are the digests of the specs; parameters are the specs'
 *   digest      results_digest, computed again from all rows' values
 *   order       epsilons ascend, ids are there once
 *   ranges      shares in 0 to 1, durations and counts not negative
 *   flags       correct is: prediction equals label
 *   accuracies  clean and robust accuracy are the means of these flags
 *   worst case  is no larger than any accuracy that it is over
 *   verdicts    are what figures and thresholds say
 *   histograms  counts of each layer and step: the samples, times neurons
 *
 * Where a line fails on which others stand, these are left out. Refused only
 * what cannot be looked at: no such file, no permission. */
CHECKED enum status verify_file(const char *path, struct verify *verify);

/* Adds the lines of a sweep's folder besides:
 *
 *   segments    all are whole (their checksums) and were known to the file
 *   agreement   every variable equals the one made anew of the segments
 *
 * The new file is made in $TMPDIR or /tmp, and removed. A folder without
 * segments has VERIFY_OPEN lines. */
CHECKED enum status verify_folder(const char *folder, struct verify *verify);

#endif

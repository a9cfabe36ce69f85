/*
 * Numbered outcomes for the tests of segments, and an audience that sees all
 * that a folder of segments holds.
 */
#ifndef TESTS_AUDIENCE_H
#define TESTS_AUDIENCE_H

#include "io/segment.h"

enum { AUDIENCE_MAX = 4096 };

struct audience {
    uint64_t seen[AUDIENCE_MAX]; /* numbers of the outcomes, in order */
    size_t n_seen, n_damaged;
    size_t refuse_at; /* the visit that it refuses; 0: none */
    char reason[600]; /* of the last damage */
};

/* Outcome number i; what is in it depends on i alone. */
struct outcome audience_make_outcome(uint64_t i);

/* Appends the outcomes first .. first + n - 1. */
void audience_append(struct segment_writer *writer, uint64_t first, size_t n);

/* The same as one segment of a run of its own. */
void audience_write(const char *folder, uint64_t first, size_t n);

/* The status is segment_read_all's. Asserts that every outcome is what its
 * number says. */
enum status audience_try(const char *folder, struct audience *audience);

/* As above; asserts that nothing is refused. */
struct audience audience_read(const char *folder);

/* Asserts all of 0 .. n-1 in order, nothing damaged. */
void audience_assert_holds(const char *folder, size_t n);

#endif

/*
 * Evaluations in parts: the whole of them is bit for bit what an evaluation of
 * all samples at once makes. How a field's whole comes of its parts is in its
 * row.
 */
#ifndef CORE_RECORD_JOIN_H
#define CORE_RECORD_JOIN_H

#include "core/record.h"
#include "core/status.h"

/* Computes the derived fields of a part. */
void record_derive(const struct record *record);

/* The whole of parts that lie side by side from the first sample to the last,
 * in that order; in the arena. Refuses parts that do not go together. */
CHECKED enum status record_join(size_t n, const struct record *parts,
                                struct arena *arena, struct record *whole);

/* A part of all samples becomes the whole. */
void record_make_whole(struct record *record);

#endif

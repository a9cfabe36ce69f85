/*
 * A span: some of the samples that an evaluation attacks, side by side. Large
 * evaluations are computed in parts, each of one span.
 */
#ifndef CORE_SPAN_H
#define CORE_SPAN_H

#include "core/arena.h"
#include "core/digest.h"

#include <stdbool.h>
#include <stddef.h>

/* n samples from `first` on, of `total`. All zero: the whole, however many it
 * has. */
struct span {
    size_t first, n, total;
};

bool span_is_whole(struct span span);
bool span_equal(struct span a, struct span b);

/* What it must be: the whole, or not empty and within its total, which is at
 * most 2^24. */
bool span_is_sound(struct span span);

/* ", samples 1024 to 2047 of 10000", counted from 0; "" for the whole. */
const char *span_print(struct span span, struct arena *arena);

/* By first sample, then by length. */
int span_compare(struct span a, struct span b);

/* What tells the parts of a task: its own digest for the whole. */
struct digest span_digest(struct span span, struct digest task);

/* Of spans of one total, in any order, chooses those that do not overlap and
 * have the most samples between them; of several such choices always the same
 * one, whatever the order. Returns the number of these samples. */
size_t spans_choose(size_t n, const struct span *spans, bool *chosen);

#endif

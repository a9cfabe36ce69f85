/*
 * What each rank of a run computes at this moment, in a file that is there
 * when the run has died, to find out what it died with:
 *
 *     DIR/segments/GGGGGGGG.marks   a line for each rank: span_digest of its
 *                                   task, or blanks
 *
 * A line is written in place, by one call, before the rank is told; the file
 * goes when the run ends. It outlives processes; what a machine that dies takes
 * with it is known by the presence (sweep/presence.h), seconds old.
 */
#ifndef SWEEP_MARKS_H
#define SWEEP_MARKS_H

#include "core/arena.h"
#include "core/digest.h"
#include "core/status.h"

#include <limits.h>

struct marks {
    int file; /* -1: none; a disk that refuses is let have its way */
    char path[PATH_MAX];
};

void marks_begin(struct marks *marks, const char *segments,
                 uint32_t generation);

/* NULL: the rank has nothing to do. */
void marks_set(const struct marks *marks, size_t rank,
               const struct digest *task);

void marks_end(struct marks *marks);

/* The tasks that a run was at, in `arena`; returns their number, 0 also if
 * there is no such file. */
size_t marks_read(const char *segments, uint32_t generation,
                  struct arena *arena, const struct digest **tasks);

/* Deletes the file of a run that has died. */
void marks_drop(const char *segments, uint32_t generation);

#endif

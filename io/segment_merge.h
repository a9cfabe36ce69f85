/*
 * Keeps the number of a folder's files small, however many segments there are:
 * as soon as there are `fan` files of about as many segments each, they are put
 * together (io/segment_table.h), unless that made a file of more than
 * `most_bytes`. So there are fewer than `fan` files of each tier, of which a
 * hundred thousand segments make four, and those that are full: at least half
 * of most_bytes each.
 *
 * The new file is durable before those in it are deleted, and its name is
 * greater than theirs. No process deletes a file but for one of a greater name
 * that holds the same, so that two that do this at once take nothing from each
 * other, and what a kill leaves twice is found once and deleted by the next.
 */
#ifndef IO_SEGMENT_MERGE_H
#define IO_SEGMENT_MERGE_H

#include "io/segment.h"

enum { SEGMENT_FAN = 32, SEGMENT_MOST_BYTES = 32 << 20 };

/* Of this writer's files alone; does nothing until there may be enough of
 * them. What the disk refuses is left for the next time. */
void segment_merge_own(struct segment_writer *writer);

/* Of all runs' files but those of the n `live` generations, which go on. */
void segment_merge_all(struct segment_writer *writer, size_t n,
                       const uint32_t *live);

/* The same by another process, so that the writer never waits for that: of a
 * writer that is `apart` the files that there are now. If it is time, true, and
 * from `number` on so many numbers are the other one's. */
enum { SEGMENT_MERGE_NUMBERS = 64 };

bool segment_merge_reserve(struct segment_writer *writer, uint64_t *number);

/* What the other process does. */
void segment_merge_reserved(const char *folder, uint32_t generation,
                            uint64_t number);

#endif

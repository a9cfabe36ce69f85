/* Segments to be put together, for tests. Refusals abort. */
#ifndef TESTS_MERGE_STAGE_H
#define TESTS_MERGE_STAGE_H

#include "io/segment_merge.h"

enum { FAN = 4 };

/* SIZE_MAX: it puts nothing together. */
struct segment_writer merge_stage_open(const char *folder, size_t fan);

/* Outcomes first .. end - 1, one a segment; the second by a run of its own that
 * puts nothing together. */
void merge_stage_write_each(struct segment_writer *writer, uint64_t first,
                            uint64_t end);
void merge_stage_write(const char *folder, uint64_t first, uint64_t end);

/* A run that puts all files together, and ends. */
void merge_stage_merge(const char *folder, size_t fan);

#endif

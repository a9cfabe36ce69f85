/*
 * The result file: DIR/sweep.h5, made anew from DIR/segments and
 * DIR/experiment.cfg whenever there is more to show. Its schema is in
 * docs/format.md; what a task can find out comes from core/record_rows.c.
 */
#ifndef IO_STORE_H
#define IO_STORE_H

#include "core/status.h"

/* Written to the root attribute "schema_version"; raised when a name or a
 * meaning in the file changes. */
enum { STORE_SCHEMA_VERSION = 1 };

/* Makes DIR/sweep.h5: written under a temporary name, closed, then renamed
 * over the earlier one, so a reader finds the old or the new file whole. For
 * a task with several outcomes the last final one counts (done or diverged
 * before all others). Segments that are damaged are named in the file's root
 * attribute "damage"; what they lost is simply not there. Memory is bounded
 * by the number of trials, not by their data.
 *
 * Its time of change is that of DIR/segments when they were read: where the
 * two differ, the file is out of date.
 *
 * `libraries`: lines "NAME VERSION" on libraries that io/ does not know (the
 * MPI library, say), or NULL. On refusal the earlier sweep.h5 stays. */
CHECKED enum status store_rebuild(const char *folder, const char *libraries);

#endif

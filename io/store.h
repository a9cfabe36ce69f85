/*
 * The result file: DIR/sweep.h5, made anew from DIR/segments and
 * DIR/experiment.cfg whenever there is more to show. Its schema is in
 * docs/format.md; what a task can find out comes from core/record_rows.c.
 */
#ifndef IO_STORE_H
#define IO_STORE_H

#include "core/arena.h"
#include "core/status.h"

#include <stdbool.h>

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
 * An earlier file that holds outcomes which the segments do not, or that is
 * something else, is kept as DIR/sweep-N.h5; `note` is then a sentence (in
 * `arena`) that says so, else "".
 *
 * `libraries`: lines "NAME VERSION" on libraries that io/ does not know (the
 * MPI library, say), or NULL. On refusal the earlier sweep.h5 stays. */
CHECKED enum status store_rebuild(const char *folder, const char *libraries,
                                  struct arena *arena, const char **note);

/* The same for who only reads: such an earlier file is left as it is, and
 * `left` is true. */
CHECKED enum status store_refresh(const char *folder, const char *libraries,
                                  bool *left);

/* What DIR/sweep.h5 would be, as a file of any name; durable it is not. On
 * refusal there is none. */
CHECKED enum status store_write(const char *path, const char *folder,
                                const char *libraries);

#endif

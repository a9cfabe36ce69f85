/*
 * An earlier sweep.h5: how it stands to the segments, and how it is kept where
 * it holds what they do not.
 */
#ifndef IO_STORE_OLD_H
#define IO_STORE_OLD_H

#include "io/segment_list.h"

enum store_standing {
    STORE_MISSING, /* there is no such file */
    STORE_CURRENT, /* made from just these segments */
    STORE_BEHIND,  /* there are segments that it does not know */
    STORE_NEWER,   /* it knows segments that came after these */
    STORE_AHEAD,   /* it holds outcomes that no segment holds */
    STORE_UNKNOWN, /* it does not say what it was made from: older versions */
    STORE_FOREIGN  /* no result file of spikesweep, or a damaged one */
};

/* "holds outcomes that no segment holds": of those standings in which the file
 * must not be lost; NULL for all others. */
const char *store_standing_text(enum store_standing standing);

/* Of FOLDER/sweep.h5 to segments as they were read from FOLDER/segments, sorted
 * by name. Refused only if something may not be read. */
CHECKED enum status store_compare(const char *folder,
                                  const struct segment_list *segments,
                                  enum store_standing *standing);

/* Of FOLDER/sweep.h5 to what is in FOLDER/segments now, which is not read: a
 * damage that leaves a segment's length and end is not noticed. */
CHECKED enum status store_compare_now(const char *folder,
                                      enum store_standing *standing);

/* Where FOLDER/sweep.h5 must not be lost: gives it the first free name
 * FOLDER/sweep-N.h5 besides its own, unless it has one already. `note` is then
 * a sentence in `arena` that says so, else "". */
CHECKED enum status store_keep(const char *folder,
                               enum store_standing standing,
                               struct arena *arena, const char **note);

#endif

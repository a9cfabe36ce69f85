/*
 * What `spikesweep status --watch` shows: the sweep at one moment, as lines
 * for a terminal of any size, or as one line.
 */
#ifndef SWEEP_VIEW_H
#define SWEEP_VIEW_H

#include "sweep/activity.h"

#include <stdio.h>

struct view_rank {
    struct activity_rank at;
    const char *cell, *label; /* "cell 7"; by what varies */
};

struct view {
    const char *folder;
    double now_s; /* date */
    bool can_quit; /* by a key, which is said */
    size_t n_runs; /* that go on */
    struct display_counts counts; /* n_cells_finished: SIZE_MAX: not known */
    double gone_s, left_s;        /* NaN: not known */
    size_t n_ranks, n;
    const struct view_rank *ranks; /* [n], of n_ranks */
    size_t n_best, n_failures;
    const char *const *best;     /* "clean  82.4 %  direct, mpd_sgr" */
    const char *const *failures; /* a line each, the latest last */
};

/* At most `height` lines of at most `width` columns; control characters are
 * blanks. */
void view_print_frame(const struct view *view, size_t width,
                       size_t height, FILE *out);

/* One line, as long as it is. */
void view_print_line(const struct view *view, FILE *out);

#endif

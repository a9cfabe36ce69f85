/*
 * The report's pictures: what they show and gnuplot's words for it.
 *
 * A slice is what one picture has as its lines: the groups of a family, the
 * undefended one first; or, where no defence varies, any groups. Of large
 * families there are several slices, each with the undefended group.
 */
#ifndef ANALYSIS_PICTURES_H
#define ANALYSIS_PICTURES_H

#include "analysis/groups.h"
#include "analysis/plot.h"

#include <stdio.h>

enum { PICTURES_MAX = 30 }; /* of a sort; more nobody looks at */
enum { PICTURES_PANELS_MAX = 64 }; /* of a picture */

struct slice {
    const char *title;
    size_t n;
    const struct group *groups[PLOT_LINES_MAX];
    const char *names[PLOT_LINES_MAX]; /* of the lines */
};

struct slices {
    size_t n, n_left_out; /* left out: beyond PICTURES_MAX */
    const struct slice *at;
};

struct slices pictures_slice(const struct groups *groups,
                             struct arena *arena);

/* Accuracy over epsilon, a panel an attack; with several seeds the mean and
 * the range. NAME is "curves-NN" with NN from 1. */
struct plot pictures_curves(const struct results *results,
                            const struct slice *slice, size_t number,
                            struct arena *arena);

/* The membrane potential's distribution, a panel a layer, with the range that
 * Omega is taken over; `plot` stays without a script if no trial of the slice
 * has one. NAME is "membrane-NN". */
CHECKED enum status pictures_membrane(const struct results *results,
                                      const struct slice *slice,
                                      size_t number, struct arena *arena,
                                      struct plot *plot);

/* Panels side by side and under each other, a title above, a legend below; or
 * each in a file of its own without these, as plot_draw_apart asks for. */
struct panels {
    const struct slice *slice;
    size_t n, n_across, width, height; /* of the whole picture, pixels */
    const char *y_label;
    const char **words; /* [n]: what each shows, for who cannot see it */
    struct arena *arena;
    FILE *out; /* the script */
};

struct panels pictures_open(const struct slice *slice, size_t n_panels,
                            const char *y_label, struct arena *arena,
                            FILE *out);

/* Sets place, title and axis of panel i; its `plot` command is to follow. */
void pictures_panel(const struct panels *panels, size_t i, const char *title,
                    const char *x_label);

/* Adds to the words of panel i. */
void pictures_tell(const struct panels *panels, size_t i, const char *words);

/* Draws the legend and ends the script. */
void pictures_close(const struct panels *panels);

/* The plot of such a script, which is copied. */
struct plot pictures_plot(const struct panels *panels, const char *name,
                          const char *script);

#endif

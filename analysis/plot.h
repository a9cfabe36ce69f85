/*
 * Pictures by gnuplot, which is run as a process of its own, without a shell.
 */
#ifndef ANALYSIS_PLOT_H
#define ANALYSIS_PLOT_H

#include "core/arena.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>

struct plot {
    const char *name;     /* "curves-01"; of the files */
    const char *script;   /* gnuplot's commands and data; sets no terminal and
                             no output */
    size_t width, height; /* pixels */
    /* The same in parts: with apart_folder and apart_file set, the script draws
     * panel i into APART_FOLDER/i-APART_FILE, i from 0, each of this size. */
    size_t n_panels, panel_width, panel_height;
    const char *const *words; /* [n_panels]: what a panel shows */
};

/* A text as gnuplot's own constant, quotes included; in the arena. Line ends
 * and other control characters become blanks. */
const char *plot_quote(const char *text, struct arena *arena);

/* How line i of a picture looks, to follow `with lines` or the like: colours
 * that colour-blind people tell apart, and dashes and points besides. In the
 * arena. */
const char *plot_line(size_t i, struct arena *arena);
const char *plot_color(size_t i);
enum { PLOT_LINES_MAX = 8 }; /* so many look different */

/* A sample of that line as an svg element, to stand beside its name. */
const char *plot_sample(size_t i, struct arena *arena);

enum plot_format { PLOT_SVG, PLOT_PNG, PLOT_PDF, PLOT_N_FORMATS };

/* Draws into one file, written whole; `name` is not used. With `keeps`
 * FILE.gp beside it is the script with its data, which `gnuplot -e "set
 * terminal ..; set output .."` draws again. */
CHECKED enum status plot_draw_file(const struct plot *plot,
                                   enum plot_format format, const char *file,
                                   bool keeps);

/* Writes FOLDER/NAME.gp, .svg and .png, each one whole. `svg` is the svg
 * element as text, in the arena, its ids begun with NAME, to stand in HTML;
 * NULL: not wanted. */
CHECKED enum status plot_draw(const struct plot *plot, const char *folder,
                              struct arena *arena, const char **svg);

/* The panels alone, as svg elements for HTML, which the width of their place
 * makes small or large: `svg` has n_panels of them. No file is left. */
CHECKED enum status plot_draw_apart(const struct plot *plot,
                                    const char *folder, struct arena *arena,
                                    const char *const **svg);

#endif

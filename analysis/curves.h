/*
 * Curves: accuracy over epsilon, a panel an attack; or over the number of
 * steps, a panel for attacks that differ in nothing else. A line is a cell of
 * axes, its points are means over the trials of the cell (seeds, and what else
 * is pooled).
 */
#ifndef ANALYSIS_CURVES_H
#define ANALYSIS_CURVES_H

#include "analysis/axes.h"
#include "analysis/figure.h"
#include "analysis/plot.h"
#include "analysis/sheet.h"

struct curves_request {
    const char *lines;      /* axes; NULL: all that vary but the seed */
    const char *attack;     /* a name as of figures; NULL: all */
    bool over_steps;
    const char *epsilon;    /* over steps, "8/255"; NULL: the largest */
};

/* A place on the horizontal axis. */
struct curves_place {
    double x;
    const char *text; /* "8/255" */
    struct figure figure;
};

struct curves_panel {
    const char *title, *x_label;
    size_t n; /* at least one */
    const struct curves_place *at; /* x ascending */
};

struct curves {
    const struct results *results;
    struct axes axes;
    struct axes_cells lines;
    size_t n_panels;
    const struct curves_panel *panels;
};

/* Everything is in the arena. Refused where nothing was attacked, or no attacks
 * differ in their steps alone. */
CHECKED enum status curves_make(const struct results *results,
                                const struct curves_request *request,
                                struct arena *arena, struct curves *curves);

/* A row for each line and place, for programs. */
struct sheet curves_sheet(const struct curves *curves, struct arena *arena);

/* All figures of the panels, for a table of lines by places. */
struct figures curves_figures(const struct curves *curves,
                              struct arena *arena);

/* The mean of each line, and its band from the lowest to the highest value.
 * Refused if there are more lines than look different. */
CHECKED enum status curves_plot(const struct curves *curves,
                                struct arena *arena, struct plot *plot);

#endif

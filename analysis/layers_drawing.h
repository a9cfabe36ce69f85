/* A picture of layers on its way; private to analysis/layers*.c. */
#ifndef ANALYSIS_LAYERS_DRAWING_H
#define ANALYSIS_LAYERS_DRAWING_H

#include "analysis/layers_parts.h"
#include "analysis/pictures.h"

enum { CURVE_POINTS = 321 };

/* A line of each panel: a group, or a step of one. */
struct line {
    struct layers_pool pool;
    int step;
    const double *gradient; /* [CURVE_POINTS]; NULL: none, or as before */
    struct layers_course course; /* if epochs are asked for */
};

struct drawing {
    const struct results *results;
    const struct layers_request *request;
    struct layers_groups groups;
    struct slice slice;
    struct line lines[PLOT_LINES_MAX];
    size_t n_layers, n_steps; /* the largest */
    double low, high;         /* of potentials */
    struct arena *arena;
};

/* Finds the lines, and what is stored of them. */
CHECKED enum status layers_open_drawing(const struct results *results,
                                        const struct layers_request *request,
                                        const char *title, struct arena *arena,
                                        struct drawing *drawing);

#endif

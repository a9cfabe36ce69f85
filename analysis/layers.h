/*
 * What spiking layers do, as sheets and pictures: the distribution of the
 * membrane potential U - V_th on clean test data, with the surrogate's gradient
 * over it, the share in its range and Omega; and firing rates. Over groups of
 * trials, layers, time steps, and (of the share) epochs of training. Trials of
 * a group are pooled: histograms are added, other figures are means.
 */
#ifndef ANALYSIS_LAYERS_H
#define ANALYSIS_LAYERS_H

#include "analysis/axes.h"
#include "analysis/plot.h"
#include "analysis/sheet.h"

struct layers_request {
    const char *by; /* axes with commas; NULL: all that vary but seeds */
    bool steps;     /* each time step by itself */
    bool epochs;    /* the share in the range after each epoch */
    bool bins;      /* each bin of the histogram by itself */
    bool sparks;    /* small pictures made of letters, for people */
};

/* A row for each group and layer, and for each step, epoch or bin if asked.
 * Refused: axes that there are not, and where nothing of the sort is stored. */
CHECKED enum status layers_list_potentials(const struct results *results,
                                           const struct layers_request *request,
                                           struct arena *arena,
                                           struct sheet *sheet);
CHECKED enum status layers_list_rates(const struct results *results,
                                      const struct layers_request *request,
                                      struct arena *arena,
                                      struct sheet *sheet);

/* A panel for each layer. A line for each group, of which there may be
 * PLOT_LINES_MAX; with `steps` for each step of the one group there is. More
 * groups are refused, with what to do. */
CHECKED enum status layers_draw_potentials(const struct results *results,
                                           const struct layers_request *request,
                                           struct arena *arena,
                                           struct plot *plot);
CHECKED enum status layers_draw_rates(const struct results *results,
                                      const struct layers_request *request,
                                      struct arena *arena, struct plot *plot);

#endif

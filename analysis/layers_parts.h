/* What the files of analysis/layers*.c share. */
#ifndef ANALYSIS_LAYERS_PARTS_H
#define ANALYSIS_LAYERS_PARTS_H

#include "analysis/layers.h"

enum { LAYERS_ALL_STEPS = -1 };

/* Trials on one level of each axis. */
struct layers_groups {
    struct axes axes;
    struct axes_cells cells;
};

CHECKED enum status layers_group(const struct results *results,
                                 const struct layers_request *request,
                                 struct arena *arena,
                                 struct layers_groups *groups);

/* "direct, mpd_sgr"; "all trials" if there are no axes. */
const char *layers_label(const struct layers_groups *groups, size_t i,
                         struct arena *arena);

/* What is stored of a group, trials pooled that have as many layers, steps and
 * bins as its first; n_layers 0: nothing. */
struct layers_pool {
    size_t n_trials, n_layers, n_steps, n_bins;
    double gamma;          /* NaN: not the same for all */
    const double *edges;   /* [n_bins] of the first */
    double *counts;        /* [layer][step][bin], sums */
    double *figures[5];    /* [layer][step], sums: enum layers_figure */
};

enum layers_figure {
    LAYERS_MEAN,
    LAYERS_DEVIATION,
    LAYERS_OMEGA,
    LAYERS_INSIDE,
    LAYERS_RATE
};

CHECKED enum status layers_pool(const struct results *results,
                                const struct axes_cell *cell,
                                struct arena *arena, struct layers_pool *pool);

/* Mean over trials, at a step or over all. */
double layers_figure(const struct layers_pool *pool,
                     enum layers_figure figure, size_t layer, int step);

/* Sum over trials, at a step or over all. */
double layers_count(const struct layers_pool *pool, size_t layer, int step,
                    size_t bin);

/* The share in the range after each epoch, pooled likewise over trials that ran
 * the epoch. */
struct layers_course {
    size_t n_epochs, n_layers; /* of the file */
    double *sums, *n;          /* [layer][epoch]; n 0: not stored */
};

CHECKED enum status layers_course(const struct results *results,
                                  const struct axes_cell *cell,
                                  struct arena *arena,
                                  struct layers_course *course);

enum status layers_refuse_epochs(const struct results *results);

/* g'(x) of the surrogate that a trial was trained with, in 1/potential; NULL
 * if it is fitted to its layer, so that no one curve is it. [n] in the arena */
const double *layers_surrogate(const struct result_trial *trial, size_t n,
                               const double *x, struct arena *arena);

/* Sparks: bars of eight heights, the largest of the values the highest. */
const char *layers_sparks(size_t n, const double *values, struct arena *arena);

/* Heads of a sheet: the axes, then the layer. The next column's index. */
size_t layers_add_heads(struct sheet *sheet,
                        const struct layers_groups *groups);
/* A new row of a group and layer. */
size_t layers_add_row(struct sheet *sheet, const struct layers_groups *groups,
                      size_t group, size_t layer);

#endif

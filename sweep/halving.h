/*
 * Asynchronous successive halving (ASHA; Li et al., MLSys 2020, arXiv
 * 1810.05934, algorithm 2): of cells that are trained for a while, those that
 * look best go on. A lineage is a cell at several rungs, each trained longer
 * than the one below. Whoever is free takes the best of a rung's best
 * 1 / factor that has not gone on yet, from the highest rung down; where there
 * is none, another lineage begins at the lowest. Nothing waits for a rung to be
 * complete: who goes on depends on what is known by then, the result of a cell
 * does not.
 */
#ifndef SWEEP_HALVING_H
#define SWEEP_HALVING_H

#include "core/arena.h"

#include <stdbool.h>
#include <stdint.h>

/* Where a cell stands. */
struct halving_place {
    uint32_t lineage, rung; /* both from 0 on, rungs without gaps */
};

struct halving_heap {
    uint32_t *at; /* cells; the first is before all others */
    size_t n;
};

/* What is known at one rung; all of it in order of the figures. */
struct halving_rung {
    struct halving_heap best; /* 1 / factor of all, the worst first */
    struct halving_heap rest; /* the best first */
    struct halving_heap due;  /* of the best, the best first; and some that are
                                 among them no longer */
    size_t n;                 /* known */
};

struct halving {
    double factor;
    bool falls; /* a smaller figure is better */
    size_t n_cells, n_rungs;
    const struct halving_place *places;
    uint32_t *next; /* [n_cells]: the same lineage one rung up, or none */
    double *figure; /* [n_cells] */
    bool *known, *among_best, *begun, *due; /* [n_cells] */
    struct halving_rung *rungs; /* [n_rungs] */
};

#define HALVING_NONE UINT32_MAX

/* `places` [n_cells] is borrowed, all else in the arena. factor > 1. */
void halving_open(size_t n_cells, const struct halving_place *places,
                  double factor, bool falls, struct arena *arena,
                  struct halving *halving);

/* A cell's figure is known, once; NaN: it has none, and is worse than all. */
void halving_note(struct halving *halving, size_t cell, double figure);

/* A cell has begun, in whatever way. */
void halving_begin(struct halving *halving, size_t cell);

/* The cell that is to go on, now begun; HALVING_NONE: there is none yet. */
uint32_t halving_next(struct halving *halving);

#endif

/*
 * A study: an experiment file, read, checked, enumerated, its data sets
 * opened. What `plan`, `run` and `trial` begin with.
 */
#ifndef SWEEP_STUDY_H
#define SWEEP_STUDY_H

#include "core/trial.h"
#include "sweep/space.h"

/* A data set that some cells use. */
struct study_data {
    const void *params; /* of the first such choice, which stays there */
    const char *key; /* canonical text of the choice, asides included */
    struct data_set data;
};

/* A cell whose network does not fit its data. */
struct study_misfit {
    struct cell cell; /* cell.pruned says why */
};

struct study_memo;

struct study {
    struct experiment experiment;
    struct cells cells; /* those that are to run */
    struct trial_means means; /* by which; the caller may change them */
    size_t n_data, n_misfits;
    struct study_data *data;
    struct study_misfit *misfits;
    struct study_memo *memo; /* of memory: cells that differ in their seeds
                                alone need the same */
};

/* A training that is no real one needs none. */
bool study_needs_data(const struct spec *spec);
struct study_memo *study_memo_make(struct arena *arena);

/* Everything is in `arena`. Refuses what experiment_read and dataset_open
 * refuse, and an experiment of which no cell is left, with the reason. */
CHECKED enum status study_open(const char *path, struct arena *arena,
                               struct study *study);

/* A share of an experiment that several jobs run: the cells of which the digest
 * modulo n is i. n = 0: all. */
struct share {
    size_t i, n;
};

/* Refuses to divide an experiment with attacks on other cells' networks, or
 * with cells that compete: these might be of another share. The latter keeps
 * one share's cells only. */
CHECKED enum status study_check_shares(const struct study *study, size_t n);
CHECKED enum status study_keep_share(struct study *study, struct share share);

/* space_evaluation, pruned also if the cell that it is made on is a misfit. */
struct evaluation study_evaluation(const struct study *study,
                                   const struct cell *cell, size_t i_attack,
                                   struct arena *arena);

/* The data set of a spec of this study; NULL if its training needs none. */
const struct data_set *study_find_data(const struct study *study,
                                       const struct spec *spec);

/* Bytes that a task of this study will need besides its data set, by the
 * study's means; and if it recomputes. 0 if its training is no real one. */
size_t study_memory(const struct study *study, const struct spec *spec,
                    struct span span);
size_t study_least_memory(const struct study *study, const struct spec *spec,
                          struct span span);

/* The largest task of an evaluation of a cell: its first part, or the whole. */
struct span study_first_part(const struct cell *cell, const struct spec *spec);

#endif

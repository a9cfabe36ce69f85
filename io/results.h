/*
 * Reads sweep.h5 for analysis/. All small figures are read at once; what grows
 * with the network or the test split is read a trial at a time.
 */
#ifndef IO_RESULTS_H
#define IO_RESULTS_H

#include "core/checks.h"
#include "core/settings.h"
#include "core/status.h"

#include <stdbool.h>
#include <stdint.h>

struct results_block;

struct result_trial {
    const char *id, *cell, *spec; /* see docs/format.md */
    struct settings settings;     /* of spec */
    const char *state, *cause, *message, *host;
    const char *in_experiment; /* "yes", or "no" of a cell that was taken out of
                                  the experiment file; NULL: not known */
    const char *file; /* that it was read from, as the results' path */
    size_t source, row; /* of results that were joined: where it is there */
    double seed, attempts, started_s, wall_s, cpu_s, peak_bytes;
    double clean_accuracy, clean_loss, n_parameters;
    /* Means over layers and time steps; gamma is the range's half width. */
    double omega, inside, firing_rate, gamma;
};

struct result_attack {
    const char *name, *spec;
    struct settings settings;
};

struct result_evaluation {
    const char *state, *cause, *message;
    double n_samples, wall_s, cpu_s;
};

struct result_check {
    const char *name, *rule, *meaning, *unit;
    double warn_above, fail_above;
};

/* NaN is what has no value. */
struct results {
    const char *path;
    int64_t file; /* HDF5's; -1 of results that were joined */
    size_t n_sources; /* of results that were joined, else 0 */
    const struct results *sources;
    struct arena *arena;
    uint64_t schema_version;
    const char *builds; /* what computed the results, one a line; "": the file
                           does not say */
    size_t n_trials, n_attacks, n_epsilons, n_checks;
    size_t n_epochs, n_layers, n_steps, n_bins, n_samples;
    const struct result_trial *trials;
    const struct result_attack *attacks;
    const struct result_check *checks;
    const double *epsilons;                      /* ascending */
    const struct result_evaluation *evaluations; /* [trial][attack] */
    const double *accuracy;  /* [trial][attack][epsilon], in 0 to 1 */
    const uint8_t *verdicts; /* [trial][attack][check], enum check_verdict;
                                255: none */
    const double *worst;     /* [trial][attack][epsilon]; NULL: not known */
    const double *figures;   /* [trial][attack][check] */
    /* Over the surrogates that an attack was run through, as worst; NULL: not
     * known. */
    const double *surrogate_worst, *surrogate_spread;
    const uint64_t *n_surrogates;
    struct results_block *block; /* what results_membrane read last; NULL: it
                                    keeps nothing */
};

/* `path`: a sweep's folder or the file itself. Refuses what is not a result
 * file, is damaged, or has a schema of another version, and says which.
 * Everything is in `arena`, which must outlive the results. */
CHECKED enum status results_open(const char *path, struct arena *arena,
                                 struct results *results);
void results_close(struct results *results);

/* Several files' results as one. A trial that is in several is there once: its
 * training is that of the first file in which it is done, and so is each of its
 * evaluations. Attacks and cells are named anew by what varies in all. The
 * worst case is known where all evaluations of a trial are from one file.
 * Takes the sources over; `results` closes them. `n` is above 0. */
void results_join(const struct results *sources, size_t n,
                  struct arena *arena, struct results *results);

/* Those trials of results that are kept ([n_trials]), with all they have; the
 * results stay open as long as the part is used, which is not closed. */
void results_select(const struct results *results, const bool *keep,
                    struct arena *arena, struct results *part);

/* What the file is called from now on, to readers and in refusals. */
void results_rename(struct results *results, const char *path);

/* A text attribute of the root; of results that were joined the first's. */
CHECKED enum status results_attribute(const struct results *results,
                                      const char *name, struct arena *arena,
                                      const char **text);

/* A text variable over trials, "trials/engine", as it is in each trial's file;
 * "" where a file of an earlier version has none. [n_trials] in the arena. */
CHECKED enum status results_texts(const struct results *results,
                                  const char *name, struct arena *arena,
                                  const char *const **texts);

/* Trials of cells that were taken out of the experiment. */
size_t results_count_removed(const struct results *results);

const struct result_evaluation *
results_evaluation(const struct results *results, size_t trial, size_t attack);
double results_accuracy(const struct results *results, size_t trial,
                        size_t attack, size_t epsilon);
/* The same over all attacks of that norm, by sample; NaN if not known. */
double results_worst_case(const struct results *results, size_t trial,
                          size_t attack, size_t epsilon);
/* Over an attack's surrogates: how many those are (0 if not known), and NaN
 * likewise. */
struct result_surrogates {
    size_t n;
    double worst, spread;
};

struct result_surrogates results_surrogates(const struct results *results,
                                            size_t trial, size_t attack,
                                            size_t epsilon);
enum check_verdict results_verdict(const struct results *results, size_t trial,
                                   size_t attack, size_t check);
double results_figure(const struct results *results, size_t trial,
                      size_t attack, size_t check);

/* The membrane potential's distribution in one trial. */
struct result_membrane {
    size_t n_layers, n_steps, n_bins; /* of this trial; 0 if it has none */
    const double *edges;     /* [n_bins], lower edges; the first is -inf */
    const uint64_t *counts;  /* [layer][step][bin] */
    const double *mean, *deviation, *omega, *inside, *firing_rate; /* [layer]
                                                                      [step] */
    double gamma;
};

CHECKED enum status results_membrane(const struct results *results,
                                     size_t trial, struct arena *arena,
                                     struct result_membrane *membrane);

#endif

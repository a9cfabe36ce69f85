/*
 * The space of an experiment, enumerated: every combination of its axes is a
 * cell, unless a rule excludes it or its parts do not go together. Every cell
 * has one task of stage train and, per attack, one or (of many samples) several
 * of stage evaluate.
 */
#ifndef SWEEP_SPACE_H
#define SWEEP_SPACE_H

#include "io/experiment.h"

struct cell {
    struct spec spec; /* without an attack */
    struct digest digest;
    const char *pruned; /* NULL, or why it is not run: "excluded by FILE:LINE"
                           or the objection of a kind */
    bool outside;       /* pruned since an alternative's `when` does not hold */
    bool only_source; /* trained for attacks on others, not attacked itself */
    size_t n_test; /* samples of its test split; 0: not known, see study_open */
    double priority; /* of those that are to run; higher ones begin first */
};

/* An attack of a cell: task digest = spec_digest(spec). */
struct evaluation {
    struct spec spec; /* with the attack */
    struct digest digest;
    const char *pruned; /* as above, or "the same as attack N" of an attack
                           that the file lists twice */
    bool has_source; /* it is made on another cell's network */
    struct spec source;
    struct digest source_digest;
};

/* Number of combinations, pruned and doubled ones included. */
size_t space_count(const struct experiment *experiment);

/* The i-th combination, 0 <= i < space_count, in the arena. The last axis
 * (training, with the seed) runs fastest. */
struct cell space_cell(const struct experiment *experiment, size_t i,
                       struct arena *arena);

size_t space_count_attacks(const struct experiment *experiment);
struct evaluation space_evaluation(const struct experiment *experiment,
                                   const struct cell *cell, size_t i_attack,
                                   struct arena *arena);

/* NULL, or why a spec is not run: the first rule that excludes it, else the
 * first objection to it; in the arena. */
const char *space_prune(const struct experiment *experiment,
                        const struct spec *spec, struct arena *arena);

/* The same of a spec with the i-th attack, which may also be there for other
 * cells only. */
const char *space_prune_attack(const struct experiment *experiment, size_t i,
                               const struct spec *spec, struct arena *arena);

/* The number of the first attack that is the same task as the i-th. */
size_t space_first_equal(const struct experiment *experiment, size_t i);

/* All cells that are to run, each once (combinations with the same digest are
 * one cell; the first counts), the first in the order of priorities as far as
 * the budget of trials goes, in the arena. Behind them, only_source, those
 * that attacks are made on and that are none of these; rules do not exclude
 * them. */
struct cells {
    size_t n;
    struct cell *at;
    size_t n_pruned, n_doubled, n_outside; /* each is one of these */
    size_t n_beyond; /* or would be run, but for the budget of trials */
    const struct rules *unmet; /* a `when` that nothing fulfils, or NULL */
};

struct cells space_enumerate(const struct experiment *experiment,
                             struct arena *arena);

/* The cell that a text names: its number in `cells`, counted from 0, or the
 * first digits of its digest (at least 4, unambiguous). Refuses others. */
CHECKED enum status space_find(const struct cells *cells, const char *name,
                               size_t *index);

#endif

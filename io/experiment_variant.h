/*
 * What an experiment has on an axis: alternatives, each a kind with the values
 * that its parameters take, and the rules by which they go together. A part of
 * io/experiment.h.
 */
#ifndef IO_EXPERIMENT_VARIANT_H
#define IO_EXPERIMENT_VARIANT_H

#include "core/spec.h"

/* One alternative on an axis: a kind and, for each of its rows, the values
 * that it takes, as canonical text accepted by row_set. At least one each. */
struct values {
    size_t n;
    const char **texts;
    const struct experiment_range *range; /* while the file is read: to draw
                                             from, n = 0; else NULL */
};

/* Where something stands; file NULL: nowhere, it is a default. */
struct experiment_place {
    const char *file;
    int line;
};

/* The axes of what an attack goes back through and by. */
enum { EXPERIMENT_WAYS = SPEC_N_AXES - SPEC_ATTACK - 1 };

/* Alternatives of different axes that belong together have the same step of a
 * link: the zips of the file, and the sampler, whose steps are its points. */
enum { EXPERIMENT_LINKS = 8 };

/* A rule of `exclude` or `when`: holds for a spec if all its conditions do. One
 * on the attack holds for no spec without. */
struct condition {
    enum spec_axis axis;
    const char *row;      /* NULL: the kind itself is asked for */
    struct values values; /* any of these: of that row, or names of kinds */
};

struct rule {
    const char *file; /* where it stands */
    int line;
    size_t n;
    const struct condition *conditions;
};

struct rules {
    size_t n;
    const struct rule *at;
    size_t id; /* of `when`: among all of the experiment */
};

struct variant {
    const struct kind *kind;
    const struct values *rows; /* [kind->n_rows] */
    struct experiment_place place;
    const struct experiment_place *row_places; /* [kind->n_rows] */
    const struct variant *ways[EXPERIMENT_WAYS]; /* of an attack; else NULL */
    uint32_t steps[EXPERIMENT_LINKS]; /* of links, from 1; 0: any */
    size_t first; /* combinations of the alternatives before it */
    const struct rules *when; /* it is only where one holds; NULL: anywhere */
};

struct alternatives {
    size_t n;
    const struct variant *variants;
};

#endif

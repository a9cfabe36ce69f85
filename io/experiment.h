/*
 * The experiment file (libconfig): a section an axis, any parameter a value, a
 * list or a range.
 *
 *     dataset     = { kind = "fashion_mnist"; n_train = 6000; };
 *     encoding    = [ "direct", "poisson" ];            # kinds, all defaults
 *     network     = { kind = "csnn"; channels = [16, 32]; n_steps = 4; };
 *     regularizer = ( { kind = "none"; },               # alternatives, each
 *                     { kind = "mpd_sgr"; weight = [0.1, 1.0]; } );  # its own
 *     optimizer   = { kind = "sgd"; learning_rate =
 *                     { from = 0.01; to = 1.0; count = 3; scale = "log"; }; };
 *     training    = { n_epochs = 2; seed = [1, 2, 3]; };
 *     attacks     = ( { kind = "fgsm"; },
 *                     { kind = "pgd"; n_steps = [7, 20];
 *                       epsilons = [0, 4/255, 8/255]; } );
 *     exclude     = ( { encoding = "poisson"; surrogate = "rectangular"; },
 *                     { regularizer = { kind = "mpd_sgr"; weight = 1.0; };
 *                       encoding = "poisson"; } );
 *
 * A parameter that is a list by nature (channels, epsilons) takes one [..] as
 * its value and ( [..], [..] ) as an axis. Sections left out take the axis'
 * default kind, except attacks: then there are none. A group without `kind`
 * sets parameters of the default kind; with kind = ["a", "b"], those of all
 * that it names. A range's scale is "linear" unless it says "log".
 *
 * An alternative, also an attack, may be there for some cells only; several
 * rules ( {..}, {..} ) are a choice:
 *
 *     surrogate   = ( "atan", { kind = "atan"; slope = [1, 4];
 *                               when = { regularizer = "none"; }; } );
 *
 * In `exclude` the axis `attack` may be called by its section, attacks, too.
 *
 * Lists that advance together, a combination for each place in them, are named
 * by AXIS.PARAMETER, or by AXIS for its alternatives:
 *
 *     zip = [ "network.n_steps", "training.batch_size" ];
 *     zip = ( [ .. ], [ .. ] );                  # several such
 *
 *     seeds = 3;                # or [1, 2, 3]: short for training.seed
 *     @include "network.cfg"    # from the folder of this file
 */
#ifndef IO_EXPERIMENT_H
#define IO_EXPERIMENT_H

#include "core/spec.h"

/* Of cells and attacks; more are a mistake in the file. */
enum { EXPERIMENT_COMBINATIONS_MAX = 1000000 };

/* One alternative on an axis: a kind and, for each of its rows, the values
 * that it takes, as canonical text accepted by row_set. At least one each. */
struct values {
    size_t n;
    const char **texts;
};

/* Where something stands; file NULL: nowhere, it is a default. */
struct experiment_place {
    const char *file;
    int line;
};

/* The axes of what an attack goes back through and by. */
enum { EXPERIMENT_WAYS = SPEC_N_AXES - SPEC_ATTACK - 1 };

/* Alternatives of different axes that belong together have the same step of a
 * link: the zips of the file. */
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

struct experiment {
    const char *path;
    const char *text; /* the whole file, with what it includes in place */
    struct alternatives axes[SPEC_ATTACK]; /* all axes but the attack */
    struct alternatives attacks;           /* possibly none */
    struct alternatives ways[EXPERIMENT_WAYS]; /* of all attacks together */
    /* Where axes are linked, the combinations there are, of each axis but the
     * attack which of its own; NULL: each with each. */
    size_t n_points;
    const uint32_t (*points)[SPEC_ATTACK];
    struct rules exclude;
    const struct experiment_halving *halving; /* or NULL */
    size_t n_whens;
    /* For provenance: "axis.row" (and "axis.kind") that the file sets, and
     * that were left at their defaults, one a line; a key that only some
     * alternatives set is in both. */
    const char *keys_set, *keys_defaulted;
};

/* What there is on an axis. */
const struct alternatives *
experiment_alternatives(const struct experiment *experiment,
                        enum spec_axis axis);

/* A refusal of what was chosen on an axis, with the place in the experiment
 * file in front: of the parameter if the reason says "NAME is ..", else of the
 * alternative, else only the file. In the arena. */
const char *experiment_place_reason(const struct experiment *experiment,
                                    enum spec_axis axis,
                                    const struct choice *choice,
                                    const char *reason, struct arena *arena);

/* Reads and checks a file; everything is in `arena`. Every refusal names
 * file, line, key, value and what is allowed; an unknown key also the nearest
 * known one. */
CHECKED enum status experiment_read(const char *path, struct arena *arena,
                                    struct experiment *experiment);

#endif

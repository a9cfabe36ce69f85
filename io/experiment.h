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
 * In `exclude` the axis `attack` may be called by its section, attacks, too.
 *
 *     seeds = 3;                # or [1, 2, 3]: short for training.seed
 *     @include "network.cfg"    # from the folder of this file
 *
 * Lists that advance together (zip), alternatives for some cells only (when)
 * and points that are drawn (sampler), the cells' order (priority) and how many
 * are begun (budget): docs/spaces.md.
 */
#ifndef IO_EXPERIMENT_H
#define IO_EXPERIMENT_H

#include "io/experiment_variant.h"

/* Of cells and attacks; more are a mistake in the file. */
enum { EXPERIMENT_COMBINATIONS_MAX = 1000000 };

/* Cells for which a rule holds come earlier by so much. */
struct experiment_priority {
    struct rule rule;
    double value;
};

/* After which no more cells are begun; 0: no end. */
struct experiment_budget {
    size_t n_trials; /* the first so many cells in their order are all */
    double core_hours;
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
    size_t n_priorities;
    const struct experiment_priority *priorities; /* of a cell they add up */
    struct experiment_budget budget;
    const char *sampling; /* in words; NULL: all combinations */
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

/*
 * A spec: the full effective parameter set of a cell, one kind chosen on each
 * axis, with defaults filled in. Its canonical text is the cell; the digest of
 * that text is the cell's identity.
 */
#ifndef CORE_SPEC_H
#define CORE_SPEC_H

#include "core/digest.h"
#include "core/kind.h"

/* The order is that of the canonical text. The attack comes last, and what it
 * goes back through and by, and whose network it is made on: a spec without
 * describes the stage "train", with one the stage "evaluate". */
enum spec_axis {
    SPEC_DATASET,
    SPEC_ENCODING,
    SPEC_NETWORK,
    SPEC_NORMALIZATION,
    SPEC_ATTENTION,
    SPEC_NEURON,
    SPEC_SURROGATE,
    SPEC_GATE,
    SPEC_LOSS,
    SPEC_REGULARIZER,
    SPEC_DEFLATION,
    SPEC_OPTIMIZER,
    SPEC_RETRACTION,
    SPEC_SCHEDULE,
    SPEC_AUGMENTATION,
    SPEC_ADVERSARY,
    SPEC_CONVERSION,
    SPEC_TRAINING,
    SPEC_ATTACK,
    SPEC_ATTACK_SURROGATE, /* these only with an attack */
    SPEC_ATTACK_RULE,
    SPEC_ATTACK_SOURCE,
    SPEC_N_AXES
};

struct choice {
    const struct kind *kind; /* NULL: nothing chosen (attacks only) */
    const void *params;      /* as the kind's rows say */
};

struct spec {
    struct choice at[SPEC_N_AXES];
};

/* All axes in the order of enum spec_axis. */
extern const struct axis *const spec_axes[SPEC_N_AXES];

/* The axis of a name of n bytes, or SPEC_N_AXES. */
enum spec_axis spec_find_axis(const char *name, size_t n);

/* Every axis at its default kind and parameters; no attack. */
struct spec spec_defaults(struct arena *arena);

/* Canonical text: a line "axis = kind" and a line "axis.row = value" for each
 * row, in the order of the tables. With `with_asides`, also the rows that are
 * not part of the identity. In the arena. */
const char *spec_print(const struct spec *spec, bool with_asides,
                       struct arena *arena);

/* The text that makes the identity: as without asides, but also without rows
 * and axes that were added later and are at their defaults. So cells keep their
 * identity when the program learns more. An attack that is made on another
 * cell's network names that cell's digest besides. In the arena. */
const char *spec_print_identity(const struct spec *spec, struct arena *arena);

/* A choice's own part of that text: an axis stands in it by itself, but for the
 * digest of another network. */
const char *spec_print_axis(enum spec_axis axis, struct choice choice,
                            struct arena *arena);

/* Reads what spec_print(with_asides) wrote; rows left out keep defaults, and so
 * does what an attack goes back through, by, and is made on. */
CHECKED enum status spec_parse(const char *text, struct spec *spec,
                               struct arena *arena);

/* Changes a spec by such lines, "; " between them; parameters that it changes
 * are copied into the arena first. */
CHECKED enum status spec_change(struct spec *spec, const char *changes,
                                struct arena *arena);

/* The digest of spec_print_identity: of the stage "evaluate" if the spec has an
 * attack, else of the cell and its stage "train". */
struct digest spec_digest(const struct spec *spec);

/* The same spec without its attack. */
struct spec spec_without_attack(struct spec spec);

/* NULL if all chosen kinds go together, else the first objection, in the
 * arena: "regularizer mpd_sgr: needs a surrogate of bounded support ...". */
const char *spec_objection(const struct spec *spec, struct arena *arena);

#endif

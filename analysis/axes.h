/*
 * Axes: what trials differ in, as levels. An axis is a kind ("surrogate") or a
 * parameter ("regularizer.weight") of the trials' settings; "regularizer.*" is
 * a kind with all its parameters that vary, "mpd_sgr weight=0.1". Besides
 * these, "seed" is training.seed, and "file", "state", "cause", "host" and
 * "in_experiment" are where a trial was read from, how its training ended, why,
 * where it ran, and whether the experiment file still has it, "yes" or "no".
 */
#ifndef ANALYSIS_AXES_H
#define ANALYSIS_AXES_H

#include "io/results.h"

#include <stdbool.h>

enum { AXIS_NO_LEVEL = -1 }; /* of a trial that has no such parameter */

struct axis_of_trials {
    const char *key; /* as it was asked for */
    size_t n;        /* levels, in the order of settings_compare_values */
    const char *const *levels;
    const int32_t *of; /* [trial] its level, or AXIS_NO_LEVEL */
};

struct axes {
    size_t n;
    const struct axis_of_trials *at;
};

/* A name that is no axis of these trials is refused with the nearest and with
 * those that vary. Everything is in the arena. */
CHECKED enum status axes_find(const struct results *results, const char *name,
                              struct arena *arena, struct axis_of_trials *axis);

/* Names with commas between them; "" is none. */
CHECKED enum status axes_read(const struct results *results, const char *list,
                              struct arena *arena, struct axes *axes);

/* All kinds and parameters that vary, in canonical order; with or without the
 * seed. */
struct axes axes_varying(const struct results *results, bool with_seed,
                         struct arena *arena);

/* All that vary but the seed and those of `without` (NULL: none), a kind with
 * its parameters as one: what a table has as rows if nobody says. */
CHECKED enum status axes_usual(const struct results *results,
                               const struct axes *without,
                               struct arena *arena, struct axes *axes);

/* Those of the first that are not in the second; an axis "x.*" holds x and all
 * its parameters. What a grouping by the first pools. */
struct axes axes_without(const struct axes *axes, const struct axes *taken,
                         struct arena *arena);

/* The level's text of a trial; "" if it has none. */
const char *axis_text(const struct axis_of_trials *axis, size_t trial);

/* Trials that are on the same level of each axis. */
struct axes_cell {
    size_t n;
    const size_t *trials;  /* ascending */
    const int32_t *levels; /* [axes.n], as the trials' */
};

/* In the order of levels, axis by axis; those without a level last. */
struct axes_cells {
    size_t n;
    const struct axes_cell *at;
    const size_t *of; /* [trial] its cell */
};

struct axes_cells axes_group(const struct results *results,
                             const struct axes *axes, struct arena *arena);

/* "mpd_sgr, weight=0.1": levels with commas between them, parameters by their
 * names; "" for no axes. In the arena. */
const char *axes_label(const struct axes *axes, const struct axes_cell *cell,
                       struct arena *arena);

/* A setting "AXIS=VALUE" that picks trials. */
struct pick {
    const char *axis, *value;
};

/* Partners of trials for paired differences: of each trial the one that is as
 * picked, and the same in all axes that vary but those that are picked (a kind
 * takes its parameters along); itself if it is as picked. SIZE_MAX where there
 * is none. Refused: a pick that no trial is, or that leaves several partners
 * open, which says what to pick besides. [trial] in the arena. */
CHECKED enum status axes_pair(const struct results *results, size_t n_picks,
                              const struct pick *picks, struct arena *arena,
                              const size_t **partners);

/* "regularizer=none" into a pick; refused if it is not that. */
CHECKED enum status pick_read(const char *text, struct arena *arena,
                              struct pick *pick);

#endif

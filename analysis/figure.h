/*
 * Figures: what a trial has of results, one number each, as rows of a table;
 * and how users name them:
 *
 *     clean, omega, wall_time ...   of the trial
 *     pgd@8/255                     accuracy under an attack at an epsilon
 *     pgd                           its mean over the epsilons above 0
 *     worst@8/255                   a sample counts that withstands all attacks
 *     spread:pgd@8/255              another row of figure_rows at that point
 *     attack_time:pgd               another row of an attack
 *     twin:pgd                      what a check (core/checks.c) has measured
 *
 * An attack is called as in the file ("pgd n_steps=7"), or by its kind, which
 * means all of that kind; * means all attacks, or all epsilons above 0.
 */
#ifndef ANALYSIS_FIGURE_H
#define ANALYSIS_FIGURE_H

#include "io/results.h"

#include <stdbool.h>

enum quantity {
    QUANTITY_CLEAN,  /* accuracy in 0 to 1 */
    QUANTITY_ATTACK, /* likewise, under `attack` at `epsilon` */
    QUANTITY_WORST,  /* likewise, all attacks of that norm, each sample by its
                        worst */
    QUANTITY_SURROGATE_WORST,  /* likewise, the attack through all surrogates
                                  that it was run through */
    QUANTITY_SURROGATE_SPREAD, /* of accuracies, over these */
    QUANTITY_MEAN,   /* likewise, mean over the epsilons above 0 */
    QUANTITY_OMEGA,  /* means over layers and time steps */
    QUANTITY_INSIDE,
    QUANTITY_RATE,
    QUANTITY_GAMMA,
    QUANTITY_LOSS,
    QUANTITY_PARAMETERS,
    QUANTITY_WALL_TIME, /* of the training */
    QUANTITY_CPU_TIME,
    QUANTITY_MEMORY,
    QUANTITY_ATTEMPTS,
    QUANTITY_ATTACK_TIME, /* of the evaluation */
    QUANTITY_ATTACK_CPU,
    QUANTITY_SAMPLES,
    QUANTITY_CHECK, /* what a check has measured */
    QUANTITY_N
};

/* What a figure is of, and so which indices it has. */
enum figure_scope { OF_TRIAL, OF_ATTACK, OF_EPSILON };

/* How people read it. */
enum figure_form {
    FORM_PERCENT, /* stored in 0 to 1 */
    FORM_SHARE,
    FORM_COUNT,
    FORM_BYTES, /* in MB */
    FORM_SECONDS,
    FORM_REAL
};

enum figure_better { BETTER_SMALLER = -1, BETTER_NEITHER, BETTER_LARGER };

struct figure_row {
    const char *name, *unit, *doc; /* unit: as it is stored */
    enum figure_scope scope;
    enum figure_form form;
    enum figure_better better;
};

extern const struct figure_row figure_rows[QUANTITY_N];

/* A figure of these results; indices that its scope has not are 0. */
struct figure {
    enum quantity quantity;
    size_t attack, epsilon; /* indices into the results'; of QUANTITY_CHECK the
                               second is the check's */
};

/* NaN where the trial has no such value, or where it diverged: what it had by
 * then is in the file, but would only blur a comparison. */
double figure_value(const struct results *results, const struct figure *figure,
                    size_t trial);

/* As users name it, whole: "pgd n_steps=7@8/255"; in the arena. */
const char *figure_name(const struct results *results,
                        const struct figure *figure, struct arena *arena);

/* What it is, in a sentence; static or in the arena. */
const char *figure_doc(const struct results *results,
                       const struct figure *figure, struct arena *arena);

struct figures {
    size_t n;
    const struct figure *at;
};

/* All that a name means, in the order of the results; what is not known, or
 * was not run, is refused with what there is. In the arena. */
CHECKED enum status figures_find(const struct results *results,
                                 const char *name, struct arena *arena,
                                 struct figures *figures);

/* A list of names, with commas between them (a comma and a blank are part of a
 * name), in the order of the list, nothing twice. */
CHECKED enum status figures_read(const struct results *results,
                                 const char *list, struct arena *arena,
                                 struct figures *figures);

/* Several such lists, as an option gives them; of none the usual. */
CHECKED enum status figures_read_all(const struct results *results,
                                     const char *const *lists, size_t n,
                                     struct arena *arena,
                                     struct figures *figures);

/* Likewise a name that means one figure; several are refused by name. */
CHECKED enum status figure_find(const struct results *results,
                                const char *name, struct arena *arena,
                                struct figure *figure);

/* Clean accuracy, and of each attack the mean and the largest epsilon: what a
 * reader sees who asks for nothing. In the arena. */
struct figures figures_usual(const struct results *results,
                             struct arena *arena);

#endif

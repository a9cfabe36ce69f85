/*
 * The attacks of an experiment, made once for all its cells: what they choose
 * and its canonical texts, so that a task costs no printing of its own. And the
 * texts of cells, whose choices are shared by many: each is printed once and
 * found by the address of its parameters, as long as it is among the latest.
 */
#ifndef SWEEP_ATTACKS_H
#define SWEEP_ATTACKS_H

#include "sweep/space.h"

enum { ATTACKS_N_AXES = SPEC_N_AXES - SPEC_ATTACK };

struct attack_choice {
    struct choice at[ATTACKS_N_AXES]; /* of a spec's axes from SPEC_ATTACK on */
    const char *identity, *full;      /* their texts: see spec_print; the former
                                         NULL if made on another cell */
    size_t first; /* the first attack that is the same task; its own number if
                     there is none before it */
};

/* One of spec_print(.., true), of an axis of a cell. */
struct attacks_text {
    const void *params; /* whose; NULL: nobody's */
    char *at;
    size_t n, capacity;
};

enum { ATTACKS_N_TEXTS = 64 };

struct attacks {
    const struct experiment *experiment; /* borrowed */
    struct arena *arena;                 /* borrowed */
    size_t n;
    const struct attack_choice *at;
    struct attacks_text (*texts)[ATTACKS_N_TEXTS]; /* [SPEC_ATTACK] */
};

/* Everything is in `arena`. */
struct attacks attacks_open(const struct experiment *experiment,
                            const struct cells *cells, struct arena *arena);

/* A cell's spec with the attack. */
struct spec attacks_spec(const struct attacks *attacks,
                         const struct cell *cell, size_t i_attack);

/* As space_evaluation, of a cell whose spec_print_identity is `identity`. What
 * is pruned is in `arena`. */
struct evaluation attacks_evaluate(const struct attacks *attacks,
                                   const struct cell *cell,
                                   const char *identity, size_t i_attack,
                                   struct arena *arena);

/* spec_print(.., true) of the cell's spec, with the attack if that is
 * one; in `arena`. The cells' parameters must stay where they are. */
const char *attacks_print(struct attacks *attacks, const struct cell *cell,
                          size_t i_attack, struct arena *arena);

#endif

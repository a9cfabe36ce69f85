/*
 * The records of a fake sweep: made-up numbers that depend on the spec alone.
 */
#ifndef TESTS_FAKE_RECORD_H
#define TESTS_FAKE_RECORD_H

#include "core/record.h"
#include "tests/fake_sweep.h"

struct fake_attack {
    const char *kind, *steps;
    double strength; /* how much of epsilon it makes use of */
};

extern const struct fake_attack fake_attacks[FAKE_ATTACKS];

/* Everything is in the arena. */
struct record fake_record_train(const struct fake_sweep *sweep,
                                const struct spec *spec, struct arena *arena);
struct record fake_record_attack(const struct fake_sweep *sweep,
                                 const struct spec *spec, struct arena *arena);

#endif

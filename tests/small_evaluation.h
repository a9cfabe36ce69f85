/* A small trial's network under attack. */
#ifndef TESTS_SMALL_EVALUATION_H
#define TESTS_SMALL_EVALUATION_H

#include "tests/small_trial.h"

struct evaluation {
    struct arena arena;
    struct spec spec;
    struct small_watch watch;
    struct record record;
    size_t n_bytes; /* that the evaluation took */
};

/* `attack` is the text of a spec after "attack = ": a kind, then its rows. */
enum status evaluate(const struct small_trial *trial, const char *text,
                     const char *attack, struct evaluation *evaluation);
void evaluate_well(const struct small_trial *trial, const char *text,
                   const char *attack, struct evaluation *evaluation);

#endif

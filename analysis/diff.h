/*
 * Why two trials differ: parameters, program and machine, figures; only what is
 * not the same in both.
 */
#ifndef ANALYSIS_DIFF_H
#define ANALYSIS_DIFF_H

#include "analysis/sheet.h"
#include "io/results.h"

/* A trial by the beginning of its identity, or by its cell as `table` and the
 * file call it. Refused: none, several (which are named). */
CHECKED enum status diff_find_trial(const struct results *results,
                                    const char *name, size_t *trial);

/* A trial of results, which may be the same results twice. */
struct diff_side {
    const struct results *results;
    size_t trial;
};

/* Rows "parameter", "program", "figure"; columns: what, name, both values, and
 * of numbers the second less the first. Everything is in the arena. */
CHECKED enum status diff_make(const struct diff_side *first,
                              const struct diff_side *second,
                              struct arena *arena, struct sheet *sheet);

#endif

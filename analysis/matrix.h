/*
 * The matrix of `spikesweep matrix`: what each cell keeps of its accuracy under
 * an attack that goes back through one surrogate after the other, and by other
 * rules; the worst case over them, sample by sample, and their spread. Of cells
 * that differ in their seed alone the mean, and the deviation where seeds vary.
 */
#ifndef ANALYSIS_MATRIX_H
#define ANALYSIS_MATRIX_H

#include "analysis/sheet.h"
#include "io/results.h"

#include <stdio.h>

/* Writes text of at most 120 columns (long labels may exceed them): all attacks
 * that were run through several surrogates; a sentence if there is none.
 * Refuses only what `out` refuses (a full disk). */
CHECKED enum status matrix_print(const struct results *results, FILE *out);

/* The same for programs: a row for each trial, attack and epsilon, that of 0
 * included; names are those of docs/format.md, "surrogate" has the rows above.
 * Texts are in `arena` or the results'. */
struct sheet matrix_make_sheet(const struct results *results,
                               struct arena *arena);

#endif

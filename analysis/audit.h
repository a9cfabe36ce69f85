/*
 * The audit: what is known of each attack's result, rule by rule, as text.
 */
#ifndef ANALYSIS_AUDIT_H
#define ANALYSIS_AUDIT_H

#include "analysis/sheet.h"
#include "io/results.h"

#include <stdio.h>

/* All rules with the numbers of evaluations that pass, are warned of, fail or
 * are not asked; then what failed and what was warned of, the largest figures
 * first: at most `n_most` of each rule. */
void audit_print(const struct results *results, size_t n_most, FILE *out);

/* The same for programs: a row for each rule, with the numbers; or, of all
 * evaluations, a row for each verdict. Texts are the results' or in `arena`. */
struct sheet audit_make_sheet(const struct results *results,
                              struct arena *arena);
struct sheet audit_make_verdicts(const struct results *results,
                                 struct arena *arena);

#endif

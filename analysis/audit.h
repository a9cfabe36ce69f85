/*
 * The audit: what is known of each attack's result, rule by rule, as text.
 */
#ifndef ANALYSIS_AUDIT_H
#define ANALYSIS_AUDIT_H

#include "io/results.h"

#include <stdio.h>

/* All rules with the numbers of evaluations that pass, are warned of, fail or
 * are not asked; then what failed and what was warned of, the largest figures
 * first: at most `n_most` of each rule. */
void audit_print(const struct results *results, size_t n_most, FILE *out);

#endif

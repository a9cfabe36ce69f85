/*
 * The summary of a sweep.h5 by itself: how many trainings and evaluations are
 * in which state, and what failed, with the causes. What no run has begun is
 * not in the file, so it is not counted here: see sweep/coverage.h.
 */
#ifndef ANALYSIS_SUMMARY_H
#define ANALYSIS_SUMMARY_H

#include "io/results.h"

#include <stdio.h>

/* Writes text. Refuses only what `out` refuses (a full disk). */
CHECKED enum status summary_print(const struct results *results, FILE *out);

/* The part of it that tells that several builds or engines of the program
 * computed; nothing if it was one. Also closes the table. */
void summary_print_builds(const struct results *results, FILE *out);

/* The part of it that names evaluations that lack parts, and what failed,
 * diverged, timed out or was set aside, a cause each; nothing if there is none.
 * Also closes the table. */
void summary_print_failures(const struct results *results, FILE *out);

#endif

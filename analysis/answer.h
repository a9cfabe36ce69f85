/*
 * What a sweep found, in a few sentences, as one would say it to a colleague:
 * which settings stand the attacks best and at what price, and what the best
 * defence did.
 */
#ifndef ANALYSIS_ANSWER_H
#define ANALYSIS_ANSWER_H

#include "analysis/effects.h"

/* Everything is in the arena; no sentence where nothing is finished. */
struct sentences answer_of(const struct results *results,
                           const struct groups *groups, struct arena *arena);

#endif

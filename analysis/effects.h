/*
 * What the defences did, in sentences: clean accuracy and accuracy under
 * each attack against the undefended twins, and how far to believe it.
 */
#ifndef ANALYSIS_EFFECTS_H
#define ANALYSIS_EFFECTS_H

#include "analysis/groups.h"

struct sentences {
    size_t n;
    const char *const *at; /* each perhaps longer than a line */
};

/* The labels of defences that have twins, each once, in order. */
struct sentences effects_defences(const struct groups *groups,
                                      struct arena *arena);

/* What this defence did; everything is in the arena. */
struct sentences effects_describe(const struct results *results,
                                  const struct groups *groups,
                                  const char *defence,
                                  struct arena *arena);

/* What failing checks mean for that; "" if none fails. */
const char *effects_caution(const struct results *results);

/* How many samples the attacks are on, by the smallest number, and how sure an
 * accuracy is for that; "" if nothing was attacked. */
const char *effects_uncertainty(const struct results *results,
                                struct arena *arena);

#endif

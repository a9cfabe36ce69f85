/*
 * What attacks are called beside each other: "pgd", or "pgd n_steps=7" where
 * that varies. Their epsilons are named only where nothing else tells them
 * apart.
 */
#ifndef IO_ATTACK_NAMES_H
#define IO_ATTACK_NAMES_H

#include "core/settings.h"

/* [n] in the arena, of as many attacks' settings. The name has the kind also
 * where that does not vary. */
const char **attack_names_make(size_t n, const struct settings *attacks,
                               struct arena *arena);

#endif

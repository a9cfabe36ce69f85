/*
 * The undefended twin of each trial: the one that differs from it in nothing
 * but what defends it. Defences are the axes regularizer, adversary,
 * retraction, gate and deflation; one that is the same in all trials is taken
 * as given, as all else that does not vary.
 */
#ifndef IO_TWINS_H
#define IO_TWINS_H

#include "core/settings.h"

#include <stdint.h>

#define TWINS_NONE SIZE_MAX

/* Whether a key is a defence's: "regularizer", "gate.share". */
bool twins_is_of_defence(const char *key);

/* Whether any defence is on. */
bool twins_is_defended(const struct settings *trial);

/* The same of those whose kind varies, and of all where none does. */
bool twins_is_defended_by(const struct variation *variation,
                          const struct settings *trial);

/* [n] in the arena: the twin's place among the n trials, none of whose varying
 * defences is on; TWINS_NONE where there is no such trial, or where this one is
 * that itself. */
const size_t *twins_find(size_t n, const struct settings *trials,
                         struct arena *arena);

#endif

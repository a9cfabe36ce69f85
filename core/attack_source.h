/*
 * The axis "attack_source": whose network an attack is made on. What comes out
 * is judged on the cell's own in any case: on another's it is a transfer, or
 * surrogate-model, attack, which asks the network under attack nothing.
 *
 * Kinds: own (white box), cell (another trained cell).
 */
#ifndef CORE_ATTACK_SOURCE_H
#define CORE_ATTACK_SOURCE_H

#include "core/kind.h"

extern const struct axis attack_source_axis;

/* Whether a spec has an attack that is made on another cell's network; and if
 * it is the analog one that this cell was converted from. */
bool attack_source_is_other(const struct spec *spec);
bool attack_source_is_analog(const struct spec *spec);

/* Of a cell with such an attack that cell, with the attack made on itself;
 * parameters are in the arena or shared. Refuses changes that the cell under
 * attack cannot have. */
CHECKED enum status attack_source_find(const struct spec *spec,
                                       struct spec *source,
                                       struct arena *arena);

#endif

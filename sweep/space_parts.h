/* What the files of the space share; private to sweep/space*.c. */
#ifndef SWEEP_SPACE_PARTS_H
#define SWEEP_SPACE_PARTS_H

#include "sweep/space.h"

/* One of a variant's combinations: which value each row takes. */
struct pick {
    const struct variant *variant;
    size_t i; /* among the variant's combinations; the last row runs fastest */
};

/* Combinations of an axis' own. */
size_t space_count_alternatives(const struct alternatives *alternatives);
struct pick space_pick(const struct alternatives *alternatives, size_t i);
struct choice space_pick_choice(const struct pick *pick, struct arena *arena);

/* An attack's way back, or source. */
struct pick space_pick_way(const struct pick *pick, size_t way);

/* Whether two attacks are the same task. */
bool space_attacks_equal(const struct pick *a, const struct pick *b);

/* Which combination of each axis' own, of which there are `counts`, is in the
 * i-th of all: the last axis runs fastest. */
void space_find_point(const struct experiment *experiment, size_t i,
                      const size_t counts[SPEC_ATTACK],
                      size_t at[SPEC_ATTACK]);

/* NULL if an alternative is there when the rest is so, else words for it. */
const char *space_find_outside(const struct variant *variant,
                               const struct spec *spec, struct arena *arena);

bool space_rule_holds(const struct rule *rule, const struct spec *spec,
                      struct arena *arena);

/* Puts the cells in the order of their priorities, those of one as they are,
 * and leaves those beyond the budget out. True if anything may have changed. */
bool space_order(const struct experiment *experiment, struct cells *cells);

#endif

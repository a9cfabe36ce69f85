/*
 * What attacks share that look for the smallest perturbation by following
 * gradients; private to core/attack*.c.
 */
#ifndef CORE_ATTACK_MINIMAL_H
#define CORE_ATTACK_MINIMAL_H

#include "core/attack_parts.h"

/* What the state of a sample begins with. */
struct minimal_state {
    bool is_won;
    double distance; /* of the best image, in the attack's norm; of none yet
                        the sample's epsilon */
};

/* Opens the assault with a query about the clean images, which are kept and
 * whose classes are ranked; samples that are misclassified as they are, in
 * every draw, leave with them. */
struct assault minimal_open(const struct attack *attack,
                            const struct attack_common *common,
                            const struct victim *victim,
                            struct attack_batch *batch);

/* Whether the iterate was misclassified in every draw of the last query. */
bool minimal_is_wrong(const struct assault *assault, size_t i);

/* After a query: the iterate of a sample becomes its best image if it is
 * misclassified and nearer than the last one, and within epsilon. */
void minimal_keep_nearer(const struct attack *attack, struct assault *assault,
                         size_t i);

/* min(n, the classes but the label): how many can be aimed at. */
size_t minimal_count_targets(const struct assault *assault, size_t n);

#endif

/*
 * The axis "augmentation": what training draws anew of every image in every
 * epoch, before all else. A sample's numbers depend on (seed, epoch, sample)
 * alone: not on the order of samples, the batch or the number of threads.
 *
 * Kinds: none, standard (crop, flip, cutout).
 */
#ifndef CORE_AUGMENTATION_H
#define CORE_AUGMENTATION_H

#include "core/data.h"
#include "core/kind.h"

struct augmentation_batch {
    const struct data_set *data;
    size_t n;
    const uint32_t *ids; /* [n] in the training split */
    uint64_t seed;
    uint32_t epoch;
    float *images;       /* [n][H][W][C] in [0, 1], out */
};

struct augmentation {
    struct kind kind;
    /* NULL: images are learned as they are. */
    void (*draw)(const void *params, const struct augmentation_batch *batch);
};

extern const struct axis augmentation_axis;
const struct augmentation *augmentation_of(const struct kind *kind);

#endif

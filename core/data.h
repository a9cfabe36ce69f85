/*
 * A data set in memory, as io/ maps it: images and labels, read only. Shapes
 * use the letters of the engine: H height, W width, C channels, K classes.
 */
#ifndef CORE_DATA_H
#define CORE_DATA_H

#include "core/digest.h"

#include <stddef.h>
#include <stdint.h>

enum { DATA_CHANNELS_MAX = 64 };

struct image_shape {
    size_t height, width, n_channels;
};

static inline size_t image_size(struct image_shape shape)
{
    return shape.height * shape.width * shape.n_channels;
}

struct split {
    size_t n;
    const uint8_t *images; /* [n][H][W][C], 0..255 stands for 0..1 */
    const uint8_t *labels; /* [n], below n_classes */
    const uint32_t *index; /* [n] where a sample lies in both; NULL: sample i
                              lies at i */
};

/* Where sample i of the split lies. */
static inline size_t split_place(const struct split *split, size_t i)
{
    return split->index ? split->index[i] : i;
}

struct data_set {
    struct image_shape shape;
    size_t n_classes;
    struct split train, test;
    /* Of the training images in [0, 1], per channel; a deviation that would
     * be 0 is 1. */
    float mean[DATA_CHANNELS_MAX], deviation[DATA_CHANNELS_MAX];
    struct digest fingerprint; /* of both whole splits, for provenance */
};

/* out[i] = images[ids[i]] / 255, i below n: floats in [0, 1], [n][H*W*C]. */
void data_gather(const struct data_set *data, const struct split *split,
                 size_t n, const uint32_t *ids, float *images,
                 uint8_t *labels);

#endif

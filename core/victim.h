/*
 * A network as an attacker sees it: he may ask it about images, and for the
 * gradient of an objective of its answer by them.
 */
#ifndef CORE_VICTIM_H
#define CORE_VICTIM_H

#include "core/data.h"
#include "core/objective.h"

#include <stdbool.h>

/* One question about n samples at once. Randomness of the encoding, of neurons
 * and of gates is a function of (id, draw): the same draw gives the same
 * numbers. An answer about a sample does not depend on the others. */
struct query {
    size_t n;
    const float *images;    /* [n][n_pixels] in [0, 1] */
    const uint8_t *labels;  /* [n] */
    const uint8_t *targets; /* [n], for objectives that have one, else NULL */
    const uint32_t *ids;    /* [n] of the samples in their split */
    uint32_t draw;
    bool repeats; /* the images of the last query, perhaps another draw */
    const struct objective *objective;
    float *loss;        /* [n], out: the objective */
    uint8_t *predicted; /* [n], out */
    float *logits;      /* [n][n_classes], out; may be NULL */
    float *d_images;    /* [n][n_pixels], out: of each sample's own objective;
                           NULL: one pass forward and none back */
};

struct victim {
    void *self;
    struct image_shape shape;
    size_t n_pixels, n_classes, n_max; /* n_max: samples a query may have */
    bool random;                       /* draws differ */
    void (*ask)(void *self, const struct query *query);
    /* Both NULL, unless the way back depends on what a sample was asked about
     * before, for a gradient, repeats apart: the next query is about samples
     * kept[0] < kept[1] < ... of the last; its samples first to first + n are
     * new ones, or begin anew. */
    void (*keep)(void *self, size_t n, const uint32_t *kept);
    void (*forget)(void *self, size_t first, size_t n);
};

#endif

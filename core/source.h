/*
 * What a layer takes as its input: B images over T time steps, either floats
 * (an encoding's output) or spike counts of a byte each (the layer before,
 * after pooling), times the value of one count.
 */
#ifndef CORE_SOURCE_H
#define CORE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct source {
    const float *floats; /* exactly one of floats and counts is not NULL */
    const uint8_t *counts;
    float scale;         /* of counts: 1 for spikes, 1/4 for averages of 4;
                            of levels (core/conversion.h) as much less */
    size_t stride_image; /* in entries */
    size_t stride_step;  /* 0: the input is the same at every step */
};

struct image_range {
    size_t first, n; /* images of the batch */
};

/* out[i] = entry first + i of image b at step t, i below n. */
void source_load(const struct source *source, size_t b, size_t t, size_t first,
                 size_t n, float *out);

#endif

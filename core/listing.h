/*
 * Lists of the numbers that are not zero, in the order of their places: what
 * the products of spikes, and of gradients that are mostly zero, go by. A line
 * of a source (core/source.h) becomes its entries; -0 is a zero, NaN is not.
 */
#ifndef CORE_LISTING_H
#define CORE_LISTING_H

#include "core/source.h"

/* So many entries beyond the last are written over: lists have to have room. */
enum { LISTING_SLACK = 16 };

struct listing {
    uint32_t *place;
    float *value;
};

/* Lists n numbers of the source from entry `at` on; they are at places `first`
 * and after. Returns how many entries there are. */
size_t listing_load(const struct source *source, size_t at, size_t n,
                    uint32_t first, struct listing to);

/* How many of them are not zero. */
size_t listing_count(const struct source *source, size_t at, size_t n);

#endif

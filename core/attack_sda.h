/*
 * The sparse dynamic attack under way; private to core/attack_sda*.c.
 */
#ifndef CORE_ATTACK_SDA_H
#define CORE_ATTACK_SDA_H

#include "core/attack_parts.h"

struct sda {
    struct attack_common common;
    size_t k_init, n_iterations;
};

/* Of a sample, beside own[0]: by how much the loss rose when an entry was
 * flipped alone, infinite if it is not flipped; and own[1]: places, as numbers.
 * Flipping back, `left` flips are known to be of no use, not more than `right`
 * are. */
struct sda_state {
    size_t n_places, n_flips, left, right;
    double loss;
    bool is_won, is_lost;
};

struct sda_place {
    float size;
    uint32_t at;
};

struct sparse {
    const struct sda *sda;
    struct assault assault;
    float *won; /* [n of the batch][n_pixels], own[0] of samples when won */
    bool *skip; /* [n of the batch], not won */
    struct sda_place *places; /* [n_pixels] scratch */
};

struct sda_state *sda_state_of(const struct assault *assault, size_t i);
uint32_t *sda_places_of(const struct assault *assault, size_t i);
void sda_flip(struct assault *assault, size_t i, size_t place);
bool sda_is_wrong(const struct assault *assault, size_t i);

/* The largest first, then the first. */
void sda_sort_places(size_t n, struct sda_place *places);

/* Of samples that are won: flips back what is not needed. */
void sda_flip_back(struct sparse *sparse);

#endif

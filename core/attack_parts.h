/* What attacks share; private to core/attack*.c. */
#ifndef CORE_ATTACK_PARTS_H
#define CORE_ATTACK_PARTS_H

#include "core/attack.h"

#define ATTACK_COMMON_ROWS                                                     \
    {.name = "epsilons", .unit = "1",                                          \
     .doc = "sizes of the perturbation, in pixels from 0 to 1; in any order",  \
     .type = ROW_REALS, .is_set = true,                                        \
     .fallback = "[0, 0.00784313725490196, 0.01568627450980392, "              \
                 "0.03137254901960784, 0.06274509803921569]",                  \
     .minimum = 0, .maximum = 1,                                               \
     .offset = offsetof(struct attack_common, epsilons)},                      \
    {.name = "n_samples", .unit = "1",                                         \
     .doc = "of the test split, from its first; 0: all", .type = ROW_COUNT,    \
     .fallback = "0", .minimum = 0, .maximum = 0x1p32,                         \
     .offset = offsetof(struct attack_common, n_samples)},                     \
    {.name = "batch_size", .unit = "1",                                        \
     .doc = "samples attacked side by side; no result depends on it",          \
     .type = ROW_COUNT, .fallback = "64", .minimum = 1, .maximum = 65536,      \
     .aside = true, .offset = offsetof(struct attack_common, batch_size)},     \
    {.name = "n_draws", .unit = "1",                                           \
     .doc = "expectation over transformation: draws of a random encoding or "  \
            "of random gates that a query averages; without such, 1",          \
     .type = ROW_COUNT, .fallback = "10", .minimum = 1, .maximum = 10000,      \
     .offset = offsetof(struct attack_common, n_draws)}

/* Of every attack: there must be a trained network. */
const char *attack_applies(const struct spec *spec);

/* How far an image has come: over the draws of its query, how often it was
 * misclassified and its mean loss. */
struct attack_score {
    size_t n_wrong;
    double loss;
};

/* An attack on one batch under way. The attacker knows what the victim answers
 * to his queries and nothing else; each query takes draws that no other has
 * taken. */
struct assault {
    const struct victim *victim;
    struct attack_batch *batch;
    size_t n_draws;      /* of a query */
    uint32_t next_draw;
    float *images;       /* [n][n_pixels] the iterate */
    float *gradient;     /* [n][n_pixels] mean of the last query's draws */
    float *one_gradient; /* [n][n_pixels] of one draw */
    struct attack_score *score, *best; /* [n] of images, of adversarial */
    float *loss;         /* [n] of one draw */
    uint8_t *predicted;  /* [n] */
};

/* Arrays come from the batch's scratch; images are the clean ones. With
 * `gradient` false there is no room for gradients. */
struct assault assault_open(const struct attack_common *common,
                            const struct victim *victim,
                            struct attack_batch *batch, bool gradient);

/* Asks the victim about `images`: fills score, and gradient. */
void assault_query(struct assault *assault);
void assault_query_gradient(struct assault *assault);

/* Makes the iterate the best one, for all samples or where it is better. */
void assault_keep_all(struct assault *assault);
void assault_keep_better(struct assault *assault);

extern const struct attack attack_fgsm, attack_bim, attack_pgd,
    attack_gaussian;

#endif

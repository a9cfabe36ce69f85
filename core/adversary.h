/*
 * The axis "adversary": what training does to the images before they are
 * learned. With x a clean image and x' what becomes of it, the loss is
 *
 *     clean L(x) + adversarial L(x') + divergence KL(p(x) || p(x')),
 *
 * L that of the axis "loss", p the softmax of the logits (their mean over
 * time). A regularizer is added to it once, of the clean images where these are
 * learned. Attacks make the plain cross-entropy large, and see the network as
 * it is when tested (running statistics).
 *
 * Kinds: none, gaussian, fgsm, bim, pgd (adversarial training with these
 * attacks), trades.
 */
#ifndef CORE_ADVERSARY_H
#define CORE_ADVERSARY_H

#include "core/attack.h"
#include "core/kind.h"

/* Weights of the loss' parts. */
struct adversary_mix {
    double clean, adversarial, divergence;
};

/* A batch on its way to the network. `attack` is that of a test's, whose size
 * and seed are the adversary's own business. */
struct adversary_batch {
    const struct victim *victim; /* its loss: the cross-entropy, or with a
                                    divergence KL(p(clean) || p(images)) */
    size_t n, n_pixels;
    const float *clean;    /* [n][n_pixels] in [0, 1] */
    const uint8_t *labels; /* [n] */
    const uint32_t *ids;   /* [n] in the training split */
    uint64_t seed;         /* of this epoch */
    float *images;         /* [n][n_pixels], out */
};

struct adversary {
    struct kind kind;
    const struct attack *attack; /* that makes the images, or NULL */
    /* Both NULL: clean images are learned, and nothing else. */
    struct adversary_mix (*mix)(const void *params);
    void (*perturb)(const struct adversary *adversary, const void *params,
                    struct adversary_batch *batch);
};

extern const struct axis adversary_axis;
const struct adversary *adversary_of(const struct kind *kind);

/* Bytes that `perturb` takes for itself; 0 if there is no attack. */
size_t adversary_memory(const struct adversary *adversary, const void *params,
                        const struct victim *victim);

#endif

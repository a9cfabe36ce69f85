/*
 * The axis "attack": from clean images to adversarial ones, within a ball of
 * size epsilon and the box [0, 1] of pixels.
 *
 * Kinds: fgsm, bim, pgd, gaussian.
 */
#ifndef CORE_ATTACK_H
#define CORE_ATTACK_H

#include "core/arena.h"
#include "core/kind.h"

/* Parameters that all attacks begin with. */
struct attack_common {
    struct reals epsilons; /* in units of pixels, 0 to 1 */
    size_t n_samples;      /* of the test split, from its first; 0: all */
    size_t batch_size;     /* aside: results do not depend on it */
    size_t n_draws;        /* EOT: gradients averaged over so many draws of a
                              random encoding or gates; without such, 1 */
};

/* The network as an attacker sees it: n images in [0, 1] of n_pixels in, loss
 * (cross-entropy), prediction and gradient out. Randomness of the encoding and
 * of gates is a function of (id, draw): the same draw gives the same numbers.
 */
struct victim {
    void *self;
    size_t n_pixels, n_max; /* n_max: images a call may have */
    bool random;            /* draws differ */
    /* d_images: [n][n_pixels], dL_i/dimage_i of each sample's own loss. */
    void (*gradient)(void *self, size_t n, const float *images,
                     const uint8_t *labels, const uint32_t *ids,
                     uint32_t draw, float *loss, uint8_t *predicted,
                     float *d_images);
    void (*predict)(void *self, size_t n, const float *images,
                    const uint8_t *labels, const uint32_t *ids, uint32_t draw,
                    float *loss, uint8_t *predicted);
};

/* One batch under attack. The caller owns all arrays. */
struct attack_batch {
    size_t n, n_pixels;
    const float *clean;    /* [n][n_pixels] in [0, 1] */
    const uint8_t *labels; /* [n] */
    const uint32_t *ids;   /* [n] index of the sample in the test split: its
                              random start depends on (seed, id) alone */
    uint64_t seed;
    float epsilon;
    float *adversarial;      /* [n][n_pixels], out */
    uint32_t *n_zero_pixels; /* [n], out: exact zeros in the gradient at the
                                clean image; 0 for attacks without one */
    bool only_last; /* in training, where a query less counts more: an attack
                       that follows the gradient gives its last iterate, best
                       or not, and counts no zeros */
    size_t n_forward, n_backward; /* out: passes per sample, added up */
    struct arena *scratch;
};

struct attack {
    struct kind kind;
    bool in_ball;   /* L-infinity distance at most epsilon; false for noise,
                       whose deviation is epsilon */
    bool gradient;  /* needs the victim's gradient */
    bool single_step; /* takes one gradient step: an iterative attack in the
                         same ball should be at least as strong */
    /* At epsilon 0 the output equals the input bit for bit. The best iterate
     * is kept: misclassified before correct, then the larger loss. Where the
     * victim is not random, an attack in the ball that follows the gradient is
     * at least as strong on every sample as single_step ones. */
    void (*run)(const void *params, const struct victim *victim,
                struct attack_batch *batch);
};

/* Bytes that `run` takes from its scratch for a batch of victim->n_max. */
size_t attack_memory(const struct attack *attack, const void *params,
                     const struct victim *victim);

extern const struct axis attack_axis;
const struct attack *attack_of(const struct kind *kind);

#endif

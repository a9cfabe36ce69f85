/*
 * What an attack does to the first samples of the test split, as its paper has
 * it: every sample takes every step, and the last iterate is what counts. (In a
 * sweep an attack keeps the best iterate and ends where it has won, see
 * core/attack.h.) For other programs to be tested against.
 */
#ifndef CORE_REFERENCE_H
#define CORE_REFERENCE_H

#include "core/trial.h"

struct reference {
    size_t n, n_pixels, n_classes, n_epsilons;
    const double *epsilons;
    const float *images;   /* [n][H W C] in [0, 1] */
    const uint8_t *labels; /* [n] */
    /* On these: logits [n][K], cross-entropy [n], its gradient by the image, of
     * each sample's own, [n][H W C]. */
    const float *logits, *loss, *gradient;
    /* Of each epsilon: where the first step is made from, where the last one
     * ends, and the logits there: [E][n][H W C], [E][n][K]. */
    const float *start, *adversarial, *logits_after;
};

/* Of the spec's attack on n samples, at all its epsilons, in `arena`. Refuses
 * an attack that does not follow the gradient step by step in one ball, a
 * network whose answers are drawn, and weights of another network. */
CHECKED enum status reference_make(const struct spec *spec,
                                   const struct data_set *data,
                                   const struct weights *weights, size_t n,
                                   struct trial_means means,
                                   struct arena *arena,
                                   struct reference *reference);

#endif

/*
 * The axis "loss": what training makes small, and the functions it is made of.
 *
 * With p = softmax(logits), y the label and K classes, the cross-entropy under
 * label smoothing e (Szegedy et al., CVPR 2016, section 7, as PyTorch's) is
 *
 *     CE = - sum_k q_k log p_k,   q_k = (1 - e) [k == y] + e / K.
 *
 * Kinds: cross_entropy, of the mean over time of the read-out; tet, of the
 * logits o_t of each of T steps (Deng et al., ICLR 2022, L_TOTAL):
 *
 *     (1 - lambda) 1/T sum_t CE(o_t) + lambda 1/(T K) sum_tk (o_tk - phi)^2.
 *
 * What is measured of a trained network, and what attacks make large, is the
 * cross-entropy of the mean without smoothing.
 */
#ifndef CORE_LOSS_H
#define CORE_LOSS_H

#include "core/kind.h"

#include <stddef.h>
#include <stdint.h>

/* For B samples of K classes, with p = softmax(logits):
 *
 *     loss[b] = -log p[b][labels[b]]          (not scaled)
 *     predicted[b] = the class of the largest logit, the lowest if several
 *     d_logits[b][k] = scale (p[b][k] - [k == labels[b]])
 *
 * logits and d_logits, [B][K], are not the same array; predicted and d_logits
 * may be NULL; labels are below K. Finite for logits within +-1e38; a NaN among
 * the logits makes the loss NaN. */
void loss_cross_entropy(size_t n_samples, size_t n_classes,
                        const float *logits, const uint8_t *labels,
                        float scale, float *loss, uint8_t *predicted,
                        float *d_logits);

/* The class of the largest logit, as there. */
void loss_predict(size_t n_samples, size_t n_classes, const float *logits,
                  uint8_t *predicted);

/* The divergence of two predictions, p = softmax(a) and q = softmax(b), both
 * [B][K]:
 *
 *     loss[b] = KL(p || q) = sum_k p_k (log p_k - log q_k)     (not scaled)
 *     d_a[b][k] = scale p_k (log p_k - log q_k - loss[b])
 *     d_b[b][k] = scale (q_k - p_k)
 *
 * Either gradient may be NULL. */
void loss_divergence(size_t n_samples, size_t n_classes, const float *a,
                     const float *b, float scale, float *loss, float *d_a,
                     float *d_b);

/* The class of the largest logit but the label's, the lowest if several; the
 * label itself if there is no other class. */
void loss_find_rivals(size_t n_samples, size_t n_classes, const float *logits,
                      const uint8_t *labels, uint8_t *rivals);

/* The label's share against its rival alone:
 *
 *     share[b] = f = e^z_y / (e^z_y + e^z_m),  y = labels[b], m = rivals[b]
 *     d_logits[b][y] = factors[b] f (1 - f), d_logits[b][m] = minus that,
 *
 * other entries 0; factors may be NULL: 1. share or d_logits may be NULL. */
void loss_share(size_t n_samples, size_t n_classes, const float *logits,
                const uint8_t *labels, const uint8_t *rivals,
                const float *factors, float *share, float *d_logits);

/* What a loss is of. */
struct loss_batch {
    size_t n_samples, n_readings, n_classes; /* B; T or 1; K */
    const float *logits;   /* [B][n_readings][K] */
    const uint8_t *labels; /* [B] */
    float scale;           /* of the gradient */
    float *loss;           /* [B], not scaled */
    uint8_t *predicted;    /* [B] by the mean of the readings */
    float *d_logits;       /* as logits */
};

struct loss {
    struct kind kind;
    bool each_step; /* of the logits of each time step, not of their mean */
    void (*find)(const void *params, const struct loss_batch *batch);
};

extern const struct axis loss_axis;
const struct loss *loss_of(const struct kind *kind);

#endif

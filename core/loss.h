/*
 * The loss of a classifier: cross-entropy of the softmax of its logits.
 */
#ifndef CORE_LOSS_H
#define CORE_LOSS_H

#include <stddef.h>
#include <stdint.h>

/* For B samples of K classes, with p = softmax(logits):
 *
 *     loss[b] = -log p[b][labels[b]]          (not scaled)
 *     predicted[b] = the class of the largest logit, the lowest if several
 *     d_logits[b][k] = scale (p[b][k] - [k == labels[b]])
 *
 * logits and d_logits, [B][K], are not the same array; d_logits may be NULL;
 * labels are below K. Finite for logits within +-1e38; a NaN among the logits
 * makes the loss NaN. */
void loss_cross_entropy(size_t n_samples, size_t n_classes,
                        const float *logits, const uint8_t *labels,
                        float scale, float *loss, uint8_t *predicted,
                        float *d_logits);

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

#endif

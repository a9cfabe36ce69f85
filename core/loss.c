#include "core/loss.h"

#include <math.h>

/* NaN is never larger, so a sample of nothing but NaN is called class 0; its
 * loss is NaN. */
static size_t find_largest(size_t n, const float *logits)
{
    size_t largest = 0;
    for (size_t k = 1; k < n; k++)
        if (logits[k] > logits[largest])
            largest = k;
    return largest;
}

/* log sum_k exp(logit_k - top), in double. The largest logit's own term is 1
 * and is kept apart, so that even the loss of a sample that the network is sure
 * of is not rounded to 0: an attack needs its gradient. */
static double log_sum(size_t n, const float *logits, size_t largest)
{
    double others = 0.0, top = (double)logits[largest];
    for (size_t k = 0; k < n; k++)
        if (k != largest)
            others += exp((double)logits[k] - top);
    return log1p(others);
}

void loss_cross_entropy(size_t n_samples, size_t n_classes,
                        const float *logits, const uint8_t *labels,
                        float scale, float *loss, uint8_t *predicted,
                        float *d_logits)
{
    for (size_t b = 0; b < n_samples; b++) {
        const float *own = logits + b * n_classes;
        size_t largest = find_largest(n_classes, own), label = labels[b];
        double top = (double)own[largest];
        double rest = log_sum(n_classes, own, largest);
        loss[b] = (float)(rest - ((double)own[label] - top));
        predicted[b] = (uint8_t)largest;
        for (size_t k = 0; d_logits && k < n_classes; k++) {
            double log_p = (double)own[k] - top - rest;
            d_logits[b * n_classes + k] =
                scale * (float)(k == label ? expm1(log_p) : exp(log_p));
        }
    }
}

/* log softmax of class k is logits[k] - this, and finite where a softmax itself
 * would be 0. */
static double log_whole(size_t n, const float *logits)
{
    size_t largest = find_largest(n, logits);
    return (double)logits[largest] + log_sum(n, logits, largest);
}

void loss_divergence(size_t n_samples, size_t n_classes, const float *a,
                     const float *b, float scale, float *loss, float *d_a,
                     float *d_b)
{
    for (size_t i = 0; i < n_samples * n_classes; i += n_classes) {
        double whole_a = log_whole(n_classes, a + i);
        double whole_b = log_whole(n_classes, b + i), sum = 0;
        for (size_t k = i; k < i + n_classes; k++) {
            double log_p = (double)a[k] - whole_a;
            sum += exp(log_p) * (log_p - ((double)b[k] - whole_b));
        }
        loss[i / n_classes] = (float)sum;
        for (size_t k = i; k < i + n_classes; k++) {
            double log_p = (double)a[k] - whole_a;
            double log_q = (double)b[k] - whole_b;
            if (d_a)
                d_a[k] = scale * (float)(exp(log_p) * (log_p - log_q - sum));
            if (d_b)
                d_b[k] = scale * (float)(exp(log_q) - exp(log_p));
        }
    }
}

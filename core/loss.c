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

void loss_predict(size_t n_samples, size_t n_classes, const float *logits,
                  uint8_t *predicted)
{
    for (size_t b = 0; b < n_samples; b++)
        predicted[b] =
            (uint8_t)find_largest(n_classes, logits + b * n_classes);
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
        if (predicted)
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

void loss_find_rivals(size_t n_samples, size_t n_classes, const float *logits,
                      const uint8_t *labels, uint8_t *rivals)
{
    for (size_t b = 0; b < n_samples; b++) {
        const float *own = logits + b * n_classes;
        size_t rival = labels[b];
        for (size_t k = 0; k < n_classes; k++)
            if (k != labels[b] && (rival == labels[b] || own[k] > own[rival]))
                rival = k;
        rivals[b] = (uint8_t)rival;
    }
}

void loss_share(size_t n_samples, size_t n_classes, const float *logits,
                const uint8_t *labels, const uint8_t *rivals,
                const float *factors, float *share, float *d_logits)
{
    for (size_t b = 0; b < n_samples; b++) {
        const float *own = logits + b * n_classes;
        double above = (double)own[labels[b]] - (double)own[rivals[b]];
        double f = 1.0 / (1.0 + exp(-above)), rest = 1.0 / (1.0 + exp(above));
        double factor = factors ? (double)factors[b] : 1.0;
        if (share)
            share[b] = (float)f;
        for (size_t k = 0; d_logits && k < n_classes; k++)
            d_logits[b * n_classes + k] = 0.0f;
        if (!d_logits || rivals[b] == labels[b])
            continue;
        d_logits[b * n_classes + labels[b]] = (float)(factor * f * rest);
        d_logits[b * n_classes + rivals[b]] = (float)(-factor * f * rest);
    }
}

/* cross_entropy ------------------------------------------------------- */

struct smoothing {
    double share;
};

#define SMOOTHING_ROW                                                          \
    {                                                                          \
        .name = "label_smoothing", .unit = "1",                                \
        .doc = "share of the label that is spread over all classes",           \
        .type = ROW_REAL, .fallback = "0", .minimum = 0, .maximum = 0.99,      \
        .offset = offsetof(struct smoothing, share)                            \
    }

/* One reading's cross-entropy; its gradient times `factor`. */
static double find_smoothed(const struct smoothing *smoothing, size_t n,
                            const float *logits, size_t label, double factor,
                            float *d_logits)
{
    double whole = log_whole(n, logits), loss = 0.0;
    double spread = smoothing->share / (double)n;
    for (size_t k = 0; k < n; k++) {
        double log_p = (double)logits[k] - whole;
        double q = k == label ? 1.0 - smoothing->share + spread : spread;
        loss -= q * log_p;
        d_logits[k] = (float)(factor * (k == label ? expm1(log_p) + (1.0 - q)
                                                   : exp(log_p) - q));
    }
    return loss;
}

static void cross_entropy_find(const void *params,
                               const struct loss_batch *batch)
{
    const struct smoothing *smoothing = params;
    size_t n = batch->n_classes;
    loss_cross_entropy(batch->n_samples, n, batch->logits, batch->labels,
                       batch->scale, batch->loss, batch->predicted,
                       batch->d_logits);
    if (smoothing->share == 0.0)
        return;
    for (size_t b = 0; b < batch->n_samples; b++)
        batch->loss[b] = (float)find_smoothed(
            smoothing, n, batch->logits + b * n, batch->labels[b],
            (double)batch->scale, batch->d_logits + b * n);
}

static const struct row cross_entropy_rows[] = {SMOOTHING_ROW};

static const struct loss cross_entropy = {
    .kind = {.name = "cross_entropy",
             .doc = "cross-entropy of the mean over time of the read-out",
             .cite = "standard; label smoothing: Szegedy et al., CVPR 2016 (arXiv 1512.00567), "
                     "section 7",
             .rows = cross_entropy_rows,
             .n_rows = KIND_COUNT(cross_entropy_rows),
             .params_size = sizeof(struct smoothing),
             .later = true},
    .find = cross_entropy_find,
};

/* tet ----------------------------------------------------------------- */

struct tet {
    struct smoothing smoothing;
    double lambda, phi;
};

static size_t predict_mean(const struct loss_batch *batch, const float *logits)
{
    size_t n = batch->n_classes, largest = 0;
    double most = (double)-INFINITY;
    for (size_t k = 0; k < n; k++) {
        double sum = 0.0;
        for (size_t t = 0; t < batch->n_readings; t++)
            sum += (double)logits[t * n + k];
        if (sum > most)
            largest = k;
        most = sum > most ? sum : most;
    }
    return largest;
}

/* Adds the squares' part to the gradient; returns it. */
static double add_squares(const struct tet *tet, size_t n, const float *logits,
                          double factor, float *d_logits)
{
    double sum = 0.0;
    for (size_t k = 0; k < n; k++) {
        double away = (double)logits[k] - tet->phi;
        sum += away * away;
        d_logits[k] += (float)(factor * 2.0 * away);
    }
    return sum;
}

static void tet_find(const void *params, const struct loss_batch *batch)
{
    const struct tet *tet = params;
    size_t n = batch->n_classes, n_sample = batch->n_readings * n;
    double share = (1.0 - tet->lambda) / (double)batch->n_readings;
    double rest = tet->lambda / (double)n_sample;
    double scale = (double)batch->scale;
    for (size_t b = 0; b < batch->n_samples; b++) {
        double loss = 0.0;
        for (size_t i = b * n_sample; i < (b + 1) * n_sample; i += n) {
            loss += share * find_smoothed(&tet->smoothing, n,
                                          batch->logits + i, batch->labels[b],
                                          scale * share, batch->d_logits + i);
            loss += rest * add_squares(tet, n, batch->logits + i, scale * rest,
                                       batch->d_logits + i);
        }
        batch->loss[b] = (float)loss;
        batch->predicted[b] =
            (uint8_t)predict_mean(batch, batch->logits + b * n_sample);
    }
}

static const struct row tet_rows[] = {
    {.name = "lambda", .unit = "1",
     .doc = "weight of the squares; the paper has 0.05 for CIFAR, 0.001 for ImageNet",
     .type = ROW_REAL, .fallback = "0.05", .minimum = 0, .maximum = 1,
     .offset = offsetof(struct tet, lambda)},
    {.name = "phi", .unit = "1", .doc = "what the squares draw all logits to",
     .type = ROW_REAL, .fallback = "1", .minimum = -1000, .maximum = 1000,
     .offset = offsetof(struct tet, phi)},
    SMOOTHING_ROW,
};

static const struct loss tet = {
    .kind = {.name = "tet",
             .doc = "temporal efficient training: the mean over time of each step's "
                    "cross-entropy, and squares that keep logits near phi",
             .cite = "Deng et al., ICLR 2022 (arXiv 2202.11946), L_TOTAL; lambda and phi as in "
                     "their code",
             .rows = tet_rows,
             .n_rows = KIND_COUNT(tet_rows),
             .params_size = sizeof(struct tet)},
    .each_step = true,
    .find = tet_find,
};

/* table of contents --------------------------------------------------- */

static const struct kind *const kinds[] = {&cross_entropy.kind, &tet.kind};

const struct axis loss_axis = {"loss", "what training makes small", kinds,
                               KIND_COUNT(kinds), "cross_entropy"};

const struct loss *loss_of(const struct kind *kind)
{
    return (const struct loss *)kind;
}

#include "core/attention.h"

#include <math.h>
#include <string.h>

/* maps ---------------------------------------------------------------- */

/* to = weights from, rows of the weights one after the other. */
static void apply(size_t n_in, size_t n_out, const float *restrict weights,
                  const float *restrict from, float *restrict to)
{
    memset(to, 0, n_out * sizeof *to);
    for (size_t i = 0; i < n_in; i++)
        for (size_t k = 0; k < n_out; k++)
            to[k] += from[i] * weights[i * n_out + k];
}

/* Eight sums side by side, so that none waits for the one before. */
static float dot(size_t n, const float *restrict a, const float *restrict b)
{
    float sum[8] = {0};
    size_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (size_t k = 0; k < 8; k++)
            sum[k] += a[i + k] * b[i + k];
    for (size_t k = 0; i + k < n; k++)
        sum[k] += a[i + k] * b[i + k];
    return ((sum[0] + sum[1]) + (sum[2] + sum[3])) +
           ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

void attention_forward(const struct attention_maps *maps, const float *q,
                       float *hidden, float *a)
{
    apply(maps->n, maps->n_hidden, maps->squeeze, q, hidden);
    for (size_t k = 0; k < maps->n_hidden; k++)
        hidden[k] = fmaxf(hidden[k], 0.0f);
    apply(maps->n_hidden, maps->n, maps->excite, hidden, a);
    for (size_t i = 0; i < maps->n; i++)
        a[i] = 1.0f / (1.0f + expf(-a[i]));
}

void attention_backward(const struct attention_maps *maps, const float *hidden,
                        const float *a, const float *d_a, float *d_logits,
                        float *d_hidden, float *d_q)
{
    size_t n = maps->n, n_hidden = maps->n_hidden;
    for (size_t i = 0; i < n; i++)
        d_logits[i] = d_a[i] * a[i] * (1.0f - a[i]);
    for (size_t k = 0; k < n_hidden; k++)
        d_hidden[k] = hidden[k] > 0.0f
                          ? dot(n, maps->excite + k * n, d_logits)
                          : 0.0f;
    for (size_t i = 0; i < n; i++)
        d_q[i] = dot(n_hidden, maps->squeeze + i * n_hidden, d_hidden);
}

/* none ---------------------------------------------------------------- */

static const struct attention none = {
    .kind = {.name = "none", .doc = "currents stay as they are",
             .cite = "standard", .later = true},
};

/* temporal_channel ---------------------------------------------------- */

struct temporal_channel {
    size_t reduction;
};

static size_t temporal_channel_n_hidden(const void *params, size_t n)
{
    size_t reduction = ((const struct temporal_channel *)params)->reduction;
    return n > reduction ? n / reduction : 1;
}

static const struct row temporal_channel_rows[] = {
    {.name = "reduction", .unit = "1",
     .doc = "r: the hidden layer has T C / r values, at least one; 16 is usual, SpikeSR's is not "
            "known here",
     .type = ROW_COUNT, .scale = SCALE_LOG, .fallback = "16", .minimum = 1,
     .maximum = 65536, .offset = offsetof(struct temporal_channel, reduction)},
};

static const struct attention temporal_channel = {
    .kind = {.name = "temporal_channel",
             .doc = "each step and channel of a layer's currents, a shortcut's included, is times "
                    "a = sigmoid(W_2 max(0, W_1 q)), q their means over pixels at all steps and "
                    "channels; a reconstruction: of SpikeSR's block it is known that weights of "
                    "steps and channels jointly rescale membrane potentials, the rest is that of "
                    "squeeze and excitation",
             .cite = "SpikeSR (arXiv 2503.04223, NeurIPS 2025), spiking attention block; Hu et "
                     "al., CVPR 2018 (squeeze and excitation), eq. 2 to 4",
             .rows = temporal_channel_rows,
             .n_rows = KIND_COUNT(temporal_channel_rows),
             .params_size = sizeof(struct temporal_channel)},
    .n_hidden = temporal_channel_n_hidden,
};

/* table of contents --------------------------------------------------- */

static const struct kind *const kinds[] = {&none.kind, &temporal_channel.kind};

const struct axis attention_axis = {"attention",
                                    "what rescales the currents of a layer",
                                    kinds, KIND_COUNT(kinds), "none"};

const struct attention *attention_of(const struct kind *kind)
{
    return (const struct attention *)kind;
}

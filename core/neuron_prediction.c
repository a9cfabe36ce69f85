/* A kind of neuron that predicts its own input. */
#include "core/neuron_parts.h"

/* slif ---------------------------------------------------------------- */

struct slif {
    struct neuron_common common;
    double leak, rate, spike_weight;
};

/* The recurrence of lif, and the prediction's own. */
struct prediction {
    struct recurrence by;
    float rate, by_spike; /* P_t = leak P_{t-1} + rate z_t - by_spike s_t */
};

static struct prediction prediction_of(const struct slif *slif,
                                       const struct neuron_tile *tile)
{
    float rate = tile->own[0][0];
    return (struct prediction){
        .by = neuron_recurrence(&slif->common, slif->leak),
        .rate = rate,
        .by_spike =
            rate * (float)(slif->spike_weight * slif->common.threshold),
    };
}

static void step_forward(struct prediction with, size_t n,
                         const float *restrict z, float *restrict v,
                         float *restrict p, float *restrict x,
                         float *restrict s)
{
    struct recurrence by = with.by;
    float take_threshold = by.by_threshold * by.threshold;
    for (size_t i = 0; i < n; i++) {
        float u = by.leak * v[i] + z[i] + p[i];
        float above = u - by.threshold;
        float spike = above >= 0.0f ? 1.0f : 0.0f;
        x[i] = above;
        s[i] = spike;
        v[i] = u - spike * (by.by_potential * u + take_threshold);
        p[i] = by.leak * p[i] + (with.rate * z[i] - with.by_spike * spike);
    }
}

static void slif_forward(const void *params, const struct neuron_tile *tile)
{
    struct prediction with = prediction_of(params, tile);
    for (size_t i = 0; i < tile->n; i += NEURON_LANES) {
        float v[NEURON_LANES] = {0}, p[NEURON_LANES] = {0};
        for (size_t t = 0; t < tile->n_steps; t++) {
            size_t at = t * tile->n + i;
            step_forward(with, neuron_lanes_left(tile->n, i), tile->z + at, v,
                         p, tile->x + at, tile->s + at);
        }
    }
}

/* What goes back from step to step: dL/dV and dL/dP. */
struct carried {
    float v[NEURON_LANES], p[NEURON_LANES];
};

/* dL/dU of a step, from dL/dV_t and dL/dP_t. */
static void step_backward(struct prediction with, size_t n,
                          const float *restrict x, const float *restrict s,
                          const float *restrict g, const float *restrict d_s,
                          const struct carried *restrict d,
                          float *restrict d_u)
{
    struct recurrence by = with.by;
    float by_x = -by.attached * by.by_potential;
    float by_one = -by.attached * by.threshold;
    for (size_t i = 0; i < n; i++) {
        float d_spike = d_s[i] + d->v[i] * (by_x * x[i] + by_one) -
                        with.by_spike * d->p[i];
        d_u[i] = d_spike * g[i] + d->v[i] * (1.0f - by.by_potential * s[i]);
    }
}

/* The gradient by the rate, if it is wanted. */
static void put_rate(size_t n, float by_spike, const float *restrict z,
                     const float *restrict s, const float *restrict d_p,
                     float *restrict d_rate)
{
    for (size_t i = 0; d_rate && i < n; i++)
        d_rate[i] = d_p[i] * (z[i] - by_spike * s[i]);
}

/* Hands the gradient on to z and to the step before; d_z may be d_s. */
static void carry_back(struct prediction with, size_t n,
                       const float *restrict d_u, struct carried *restrict d,
                       float *restrict d_z)
{
    for (size_t i = 0; i < n; i++) {
        d_z[i] = d_u[i] + with.rate * d->p[i];
        d->v[i] = with.by.leak * d_u[i];
        d->p[i] = with.by.leak * d->p[i] + d_u[i];
    }
}

static void backward_lanes(const struct slif *slif,
                           const struct neuron_tile *tile,
                           const struct neuron_gradients *gradients,
                           size_t first)
{
    size_t n = neuron_lanes_left(tile->n, first);
    struct prediction with = prediction_of(slif, tile);
    float by_spike = (float)(slif->spike_weight * slif->common.threshold);
    float *d_rate = gradients->d_own[0], d_u[NEURON_LANES];
    struct carried d = {{0}, {0}};
    for (size_t t = tile->n_steps; t-- > 0;) {
        size_t at = t * tile->n + first;
        step_backward(with, n, tile->x + at, tile->s + at, gradients->g + at,
                      gradients->d_s + at, &d, d_u);
        for (size_t i = 0; gradients->d_x && i < n; i++)
            d_u[i] += gradients->d_x[at + i];
        put_rate(n, by_spike, tile->z + at, tile->s + at, d.p,
                 d_rate ? d_rate + at : NULL);
        carry_back(with, n, d_u, &d, gradients->d_z + at);
    }
}

static void slif_backward(const void *params, const struct neuron_tile *tile,
                          const struct neuron_gradients *gradients)
{
    for (size_t i = 0; i < tile->n; i += NEURON_LANES)
        backward_lanes(params, tile, gradients, i);
}

static double slif_begin(const void *params)
{
    return ((const struct slif *)params)->rate;
}

static const struct neuron_tensor slif_tensors[] = {
    {.name = "rate", .begin = slif_begin},
};

static const struct row slif_rows[] = {
    {.name = "leak", .unit = "1", .doc = "of the potential and of the prediction",
     .type = ROW_REAL, .fallback = "0.5", .minimum = 0, .maximum = 1,
     .offset = offsetof(struct slif, leak)},
    {.name = "rate", .unit = "1", .doc = "r at first; nothing bounds what is learned",
     .type = ROW_REAL, .fallback = "0.1", .minimum = -10, .maximum = 10,
     .offset = offsetof(struct slif, rate)},
    {.name = "spike_weight", .unit = "1",
     .doc = "w: how much a spike takes from the prediction, in thresholds; below 0 it adds",
     .type = ROW_REAL, .fallback = "1", .minimum = -10, .maximum = 10,
     .offset = offsetof(struct slif, spike_weight)},
    NEURON_COMMON_ROWS,
};

const struct neuron neuron_slif = {
    .kind = {.name = "slif",
             .doc = "lif that predicts its input from what came in and went "
                    "out: U_t = leak V_{t-1} + z_t + P_{t-1}, P_t = leak "
                    "P_{t-1} + r (z_t - w V_th s_t), one r a layer, learned; a "
                    "reconstruction: the paper's own equation is not known",
             .cite = "after General Self-Prediction Enhancement (arXiv "
                     "2601.21823), S-LIF: a leaky prediction current from "
                     "input and spikes with a learned rate",
             .rows = slif_rows,
             .n_rows = KIND_COUNT(slif_rows),
             .params_size = sizeof(struct slif)},
    .tensors = slif_tensors,
    .n_tensors = KIND_COUNT(slif_tensors),
    .threshold = neuron_threshold,
    .forward = slif_forward,
    .backward = slif_backward,
};

/* A kind of neuron whose threshold rises where its potential is above what is
 * typical of clean images. */
#include "core/neuron_parts.h"

/* talif --------------------------------------------------------------- */

struct talif {
    struct neuron_common common;
    double leak, rate, momentum;
    bool delayed;
};

static void step_forward(struct recurrence by, bool delayed, size_t n,
                         const float *restrict typical,
                         const float *restrict rate, const float *restrict z,
                         float *restrict v, float *restrict theta,
                         float *restrict u, float *restrict x,
                         float *restrict s)
{
    for (size_t i = 0; i < n; i++) {
        float now = by.leak * v[i] + z[i];
        float next = theta[i] + rate[i] * (now - typical[i]);
        float threshold = delayed ? theta[i] : next;
        float above = now - threshold;
        float spike = above >= 0.0f ? 1.0f : 0.0f;
        u[i] = now;
        x[i] = above;
        s[i] = spike;
        theta[i] = next;
        v[i] = now - spike * (by.by_potential * now +
                              by.by_threshold * threshold);
    }
}

static void talif_forward(const void *params, const struct neuron_tile *tile)
{
    const struct talif *talif = params;
    struct recurrence by = neuron_recurrence(&talif->common, talif->leak);
    for (size_t first = 0; first < tile->n; first += NEURON_LANES) {
        size_t n = neuron_lanes_left(tile->n, first);
        float v[NEURON_LANES] = {0}, theta[NEURON_LANES];
        for (size_t i = 0; i < n; i++)
            theta[i] = by.threshold;
        for (size_t t = 0; t < tile->n_steps; t++) {
            size_t at = t * tile->n + first;
            step_forward(by, talif->delayed, n, tile->own[0] + at,
                         tile->own[1] + first, tile->z + at, v, theta,
                         tile->u + at, tile->x + at, tile->s + at);
        }
    }
}

/* What goes back from step to step: dL/dV and dL/dtheta, of what is left after
 * the step before. */
struct carried {
    float v[NEURON_LANES], theta[NEURON_LANES];
};

/* A step's part of the gradient by the rate is put into d_rate; d_u is dL/dU.
 * The threshold that is compared with is U - x. */
static void step_backward(struct recurrence by, bool delayed, size_t n,
                          const float *restrict typical,
                          const float *restrict rate, const float *restrict u,
                          const float *restrict x, const float *restrict s,
                          const float *restrict g, const float *restrict d_s,
                          const float *restrict d_x, struct carried *restrict d,
                          float *restrict d_rate, float *restrict d_u)
{
    for (size_t i = 0; i < n; i++) {
        float reset = by.by_potential * u[i] + by.by_threshold * (u[i] - x[i]);
        float d_spike = d_s[i] - by.attached * d->v[i] * reset;
        float d_above = d_spike * g[i] + (d_x ? d_x[i] : 0.0f);
        float by_compared = -d_above - d->v[i] * by.by_threshold * s[i];
        float by_next = d->theta[i] + (delayed ? 0.0f : by_compared);
        d_rate[i] = by_next * (u[i] - typical[i]);
        d_u[i] = d_above + d->v[i] * (1.0f - by.by_potential * s[i]) +
                 rate[i] * by_next;
        d->v[i] = by.leak * d_u[i];
        d->theta[i] = d->theta[i] + by_compared;
    }
}

static void backward_lanes(const struct talif *talif,
                           const struct neuron_tile *tile,
                           const struct neuron_gradients *gradients,
                           size_t first)
{
    struct recurrence by = neuron_recurrence(&talif->common, talif->leak);
    size_t n = neuron_lanes_left(tile->n, first);
    float *d_rate = gradients->d_own[1], room[NEURON_LANES];
    float d_u[NEURON_LANES];
    struct carried d = {{0}, {0}};
    for (size_t t = tile->n_steps; t-- > 0;) {
        size_t at = t * tile->n + first;
        step_backward(by, talif->delayed, n, tile->own[0] + at,
                      tile->own[1] + first, tile->u + at, tile->x + at,
                      tile->s + at, gradients->g + at, gradients->d_s + at,
                      gradients->d_x ? gradients->d_x + at : NULL, &d,
                      d_rate ? d_rate + at : room, d_u);
        for (size_t i = 0; i < n; i++)
            gradients->d_z[at + i] = d_u[i];
    }
}

static void talif_backward(const void *params, const struct neuron_tile *tile,
                           const struct neuron_gradients *gradients)
{
    for (size_t first = 0; first < tile->n; first += NEURON_LANES)
        backward_lanes(params, tile, gradients, first);
}

static double begin_typical(const void *params)
{
    (void)params;
    return 0.0;
}

static double begin_rate(const void *params)
{
    return ((const struct talif *)params)->rate;
}

static double talif_momentum(const void *params)
{
    return ((const struct talif *)params)->momentum;
}

static const struct neuron_tensor talif_tensors[] = {
    {.name = "typical_potential", .by_step = true, .by_neuron = true,
     .running = true, .begin = begin_typical},
    {.name = "threshold_rate", .by_neuron = true, .begin = begin_rate},
};

static const struct row talif_rows[] = {
    {.name = "leak", .unit = "1",
     .doc = "what is left of the potential after a step: 1 - 1/tau_m, with the source's tau_m = 5",
     .type = ROW_REAL, .fallback = "0.8", .minimum = 0, .maximum = 1,
     .offset = offsetof(struct talif, leak)},
    {.name = "rate", .unit = "1",
     .doc = "theta_v of every neuron at first, 1/tau_v, with the source's tau_v = 5; nothing "
            "bounds what is learned (the source keeps it at 0 or above)",
     .type = ROW_REAL, .fallback = "0.2", .minimum = 0, .maximum = 10,
     .offset = offsetof(struct talif, rate)},
    {.name = "delayed", .unit = "1",
     .doc = "compare with the threshold of the step before; false: with that which this step's "
            "potential has moved, as the source does",
     .type = ROW_FLAG, .fallback = "false",
     .offset = offsetof(struct talif, delayed)},
    {.name = "momentum", .unit = "1",
     .doc = "weight of a batch in the running mean of clean potentials",
     .type = ROW_REAL, .fallback = "0.1", .minimum = 0, .maximum = 1,
     .offset = offsetof(struct talif, momentum)},
    NEURON_COMMON_ROWS,
};

const struct neuron neuron_talif = {
    .kind = {.name = "talif",
             .doc = "lif whose threshold follows the difference from what is "
                    "typical: theta_t = theta_{t-1} + theta_v (U_t - N_t), "
                    "theta_v learned by each neuron; N_t, of each neuron and "
                    "step, is the running mean of U_t over the training's "
                    "clean batches (the source takes it from a network that "
                    "was trained before: a reconstruction); gradients go "
                    "through the threshold; the row threshold is theta at "
                    "first",
             .cite = "HoSNN (arXiv 2308.10373), TA-LIF, and its code; without "
                     "the synapses' filter tau_s",
             .rows = talif_rows,
             .n_rows = KIND_COUNT(talif_rows),
             .params_size = sizeof(struct talif)},
    .tensors = talif_tensors,
    .n_tensors = KIND_COUNT(talif_tensors),
    .threshold = neuron_threshold,
    .gathers = true,
    .momentum = talif_momentum,
    .forward = talif_forward,
    .backward = talif_backward,
};

/* Kinds of neurons whose leak or input gain is learned. */
#include "core/neuron_parts.h"

#include <math.h>

/* A number that may differ from step to step, and from neuron to neuron. */
struct coefficient {
    const float *at;
    size_t stride_step; /* 0: the same at all steps */
    bool by_neuron;     /* false: the same for all neurons */
};

/* The recurrence U = leak V + gain z with such numbers. */
struct learned {
    struct recurrence by;
    struct coefficient leak, gain;
    /* dL/d_value = slope dL/dU (V - mix z) of a value that the leak follows
     * from: mix = -d_gain/d_leak, slope = d_leak/d_value. */
    float slope, mix;
};

/* n of the numbers, from neuron `first` on; in `room` if they are one. */
static const float *take(struct coefficient of, size_t t, size_t first,
                         size_t n, float room[NEURON_LANES])
{
    const float *at = of.at + t * of.stride_step;
    if (of.by_neuron)
        return at + first;
    for (size_t i = 0; i < n; i++)
        room[i] = *at;
    return room;
}

static inline void step_forward(struct recurrence by, size_t n,
                                const float *restrict leak,
                                const float *restrict gain,
                                const float *restrict z, float *restrict v,
                                float *restrict x, float *restrict s)
{
    float take_threshold = by.by_threshold * by.threshold;
    for (size_t i = 0; i < n; i++) {
        float u = leak[i] * v[i] + gain[i] * z[i];
        float above = u - by.threshold;
        float spike = above >= 0.0f ? 1.0f : 0.0f;
        x[i] = above;
        s[i] = spike;
        v[i] = u - spike * (by.by_potential * u + take_threshold);
    }
}

static void run_forward(const struct learned *learned,
                        const struct neuron_tile *tile)
{
    float leak[NEURON_LANES], gain[NEURON_LANES];
    for (size_t i = 0; i < tile->n; i += NEURON_LANES) {
        size_t n = neuron_lanes_left(tile->n, i);
        float v[NEURON_LANES] = {0};
        for (size_t t = 0; t < tile->n_steps; t++) {
            size_t at = t * tile->n + i;
            step_forward(learned->by, n, take(learned->leak, t, i, n, leak),
                         take(learned->gain, t, i, n, gain), tile->z + at, v,
                         tile->x + at, tile->s + at);
        }
    }
}

/* V after a step of the forward pass, from what it left. */
static void potential_after(struct recurrence by, size_t n,
                            const float *restrict x, const float *restrict s,
                            float *restrict v)
{
    float take_threshold = by.by_threshold * by.threshold;
    for (size_t i = 0; i < n; i++) {
        float u = x[i] + by.threshold;
        v[i] = u - s[i] * (by.by_potential * u + take_threshold);
    }
}

static void scale(size_t n, const float *restrict factor,
                  const float *restrict from, float *restrict to)
{
    for (size_t i = 0; i < n; i++)
        to[i] = factor[i] * from[i];
}

static void scale_in_place(size_t n, const float *restrict factor,
                           float *restrict at)
{
    for (size_t i = 0; i < n; i++)
        at[i] *= factor[i];
}

static void put_leak(const struct learned *learned, size_t n,
                     const float *restrict d_u, const float *restrict v,
                     const float *restrict z, float *restrict d_leak)
{
    for (size_t i = 0; i < n; i++)
        d_leak[i] = learned->slope * d_u[i] * (v[i] - learned->mix * z[i]);
}

/* Up to NEURON_LANES neurons, from `first` on. d_leak, d_gain: [T][n] of the
 * tile, or NULL. */
static void backward_lanes(const struct learned *learned,
                           const struct neuron_tile *tile,
                           const struct neuron_gradients *gradients,
                           size_t first, float *d_leak, float *d_gain)
{
    size_t n = neuron_lanes_left(tile->n, first);
    float d_v[NEURON_LANES] = {0}, v[NEURON_LANES];
    float leak[NEURON_LANES], gain[NEURON_LANES];
    for (size_t t = tile->n_steps; t-- > 0;) {
        size_t at = t * tile->n + first, before = at - tile->n;
        const float *d_x = gradients->d_x ? gradients->d_x + at : NULL;
        neuron_step_backward(learned->by, n, tile->x + at, tile->s + at,
                             gradients->g + at, gradients->d_s + at, d_x, d_v);
        if (d_gain)
            scale(n, tile->z + at, d_v, d_gain + at);
        if (d_leak && t > 0)
            potential_after(learned->by, n, tile->x + before,
                            tile->s + before, v);
        for (size_t i = 0; d_leak && t == 0 && i < n; i++)
            v[i] = 0.0f;
        if (d_leak)
            put_leak(learned, n, d_v, v, tile->z + at, d_leak + at);
        scale(n, take(learned->gain, t, first, n, gain), d_v,
              gradients->d_z + at);
        scale_in_place(n, take(learned->leak, t, first, n, leak), d_v);
    }
}

static void run_backward(const struct learned *learned,
                         const struct neuron_tile *tile,
                         const struct neuron_gradients *gradients,
                         float *d_leak, float *d_gain)
{
    for (size_t i = 0; i < tile->n; i += NEURON_LANES)
        backward_lanes(learned, tile, gradients, i, d_leak, d_gain);
}

static const float one = 1.0f;

/* plif ---------------------------------------------------------------- */

struct plif {
    struct neuron_common common;
    double leak;
    bool scale_input;
};

/* `room` is what a number is put into. */
static struct learned learn_plif(const struct plif *plif,
                                 const struct neuron_tile *tile, float room[2])
{
    float leak = 1.0f / (1.0f + expf(-tile->own[0][0]));
    room[0] = leak;
    room[1] = plif->scale_input ? 1.0f - leak : 1.0f;
    return (struct learned){
        .by = neuron_recurrence(&plif->common, 0.0),
        .leak = {.at = &room[0]},
        .gain = {.at = &room[1]},
        .slope = leak * (1.0f - leak),
        .mix = plif->scale_input ? 1.0f : 0.0f,
    };
}

static void plif_forward(const void *params, const struct neuron_tile *tile)
{
    float room[2];
    struct learned learned = learn_plif(params, tile, room);
    run_forward(&learned, tile);
}

static void plif_backward(const void *params, const struct neuron_tile *tile,
                          const struct neuron_gradients *gradients)
{
    float room[2];
    struct learned learned = learn_plif(params, tile, room);
    run_backward(&learned, tile, gradients, gradients->d_own[0], NULL);
}

static double plif_begin(const void *params)
{
    double leak = ((const struct plif *)params)->leak;
    return log(leak / (1.0 - leak));
}

static struct neuron_constants plif_constants(const void *params, double value)
{
    double leak = 1.0 / (1.0 + exp(-value)), slope = leak * (1.0 - leak);
    if (((const struct plif *)params)->scale_input)
        return (struct neuron_constants){leak, 1.0 - leak, slope, -slope};
    return (struct neuron_constants){leak, 1.0, slope, 0.0};
}

static struct neuron_constants plif_linear(const void *params,
                                           const float *own)
{
    struct neuron_constants by = plif_constants(params, (double)*own);
    return (struct neuron_constants){.leak = by.leak, .gain = by.gain};
}

static const struct neuron_tensor plif_tensors[] = {
    {.name = "leak_logit", .begin = plif_begin},
};

static const struct row plif_rows[] = {
    {.name = "leak", .unit = "1",
     .doc = "the leak at first, sigmoid(w); Fang et al.'s tau is 1 / (1 - leak)",
     .type = ROW_REAL, .fallback = "0.5", .minimum = 0.0001, .maximum = 0.9999,
     .offset = offsetof(struct plif, leak)},
    {.name = "scale_input", .unit = "1",
     .doc = "U = leak V + (1 - leak) z, as Fang et al. have it; without, U = leak V + z, as "
            "MPD-AGL and DS-ATGO have it",
     .type = ROW_FLAG, .fallback = "false",
     .offset = offsetof(struct plif, scale_input)},
    NEURON_COMMON_ROWS,
};

const struct neuron neuron_plif = {
    .kind = {.name = "plif",
             .doc = "lif with a leak that each layer learns: leak = "
                    "sigmoid(w), one w a layer",
             .cite = "Fang et al., ICCV 2021 (arXiv 2007.05785), PLIF, whose "
                     "sigmoid is 1/tau = 1 - leak",
             .rows = plif_rows,
             .n_rows = KIND_COUNT(plif_rows),
             .params_size = sizeof(struct plif)},
    .tensors = plif_tensors,
    .n_tensors = KIND_COUNT(plif_tensors),
    .threshold = neuron_threshold,
    .constants = plif_constants,
    .linear = plif_linear,
    .forward = plif_forward,
    .backward = plif_backward,
};

/* dlif ---------------------------------------------------------------- */

struct dlif {
    struct neuron_common common;
    double leak, gain;
};

static struct learned learn_dlif(const struct dlif *dlif,
                                 const struct neuron_tile *tile, float *room)
{
    *room = (float)dlif->leak;
    return (struct learned){
        .by = neuron_recurrence(&dlif->common, 0.0),
        .leak = {.at = room},
        .gain = {.at = tile->own[0], .stride_step = 1},
    };
}

static void dlif_forward(const void *params, const struct neuron_tile *tile)
{
    float room;
    struct learned learned = learn_dlif(params, tile, &room);
    run_forward(&learned, tile);
}

static void dlif_backward(const void *params, const struct neuron_tile *tile,
                          const struct neuron_gradients *gradients)
{
    float room;
    struct learned learned = learn_dlif(params, tile, &room);
    run_backward(&learned, tile, gradients, NULL, gradients->d_own[0]);
}

static double dlif_begin(const void *params)
{
    return ((const struct dlif *)params)->gain;
}

static const struct neuron_tensor dlif_tensors[] = {
    {.name = "gain", .by_step = true, .begin = dlif_begin},
};

static const struct row dlif_rows[] = {
    {.name = "leak", .unit = "1", .doc = "what is left of the potential after a step; fixed",
     .type = ROW_REAL, .fallback = "0.99", .minimum = 0, .maximum = 1,
     .offset = offsetof(struct dlif, leak)},
    {.name = "gain", .unit = "1", .doc = "p_t of every step at first",
     .type = ROW_REAL, .fallback = "1", .minimum = -1000, .maximum = 1000,
     .offset = offsetof(struct dlif, gain)},
    NEURON_COMMON_ROWS,
};

const struct neuron neuron_dlif = {
    .kind = {.name = "dlif",
             .doc = "lif with a gain of its input that each layer learns for "
                    "each step: U = leak V + p_t z",
             .cite = "Ding et al., ICML 2024 (Robust Stable SNN), DLIF, as in "
                     "its code",
             .rows = dlif_rows,
             .n_rows = KIND_COUNT(dlif_rows),
             .params_size = sizeof(struct dlif)},
    .tensors = dlif_tensors,
    .n_tensors = KIND_COUNT(dlif_tensors),
    .threshold = neuron_threshold,
    .forward = dlif_forward,
    .backward = dlif_backward,
};

/* feel ---------------------------------------------------------------- */

struct feel {
    struct neuron_common common;
    double leak;
};

static struct learned learn_feel(const struct feel *feel,
                                 const struct neuron_tile *tile)
{
    return (struct learned){
        .by = neuron_recurrence(&feel->common, 0.0),
        .leak = {tile->own[0], tile->n, true},
        .gain = {.at = &one},
        .slope = 1.0f,
    };
}

static void feel_forward(const void *params, const struct neuron_tile *tile)
{
    struct learned learned = learn_feel(params, tile);
    run_forward(&learned, tile);
}

static void feel_backward(const void *params, const struct neuron_tile *tile,
                          const struct neuron_gradients *gradients)
{
    struct learned learned = learn_feel(params, tile);
    run_backward(&learned, tile, gradients, gradients->d_own[0], NULL);
}

static double feel_begin(const void *params)
{
    return ((const struct feel *)params)->leak;
}

static const struct neuron_tensor feel_tensors[] = {
    {.name = "leak", .by_step = true, .by_neuron = true, .begin = feel_begin},
};

static const struct row feel_rows[] = {
    {.name = "leak", .unit = "1",
     .doc = "the leak of every neuron and step at first; nothing bounds what is learned",
     .type = ROW_REAL, .fallback = "1", .minimum = 0, .maximum = 1,
     .offset = offsetof(struct feel, leak)},
    NEURON_COMMON_ROWS,
};

const struct neuron neuron_feel = {
    .kind = {.name = "feel",
             .doc = "lif with an evolutionary leak: each neuron learns a leak "
                    "for each step; that of step 0 has nothing to act on",
             .cite = "Xu et al., NeurIPS 2024 (FEEL-SNN), EL, as in its code",
             .rows = feel_rows,
             .n_rows = KIND_COUNT(feel_rows),
             .params_size = sizeof(struct feel)},
    .tensors = feel_tensors,
    .n_tensors = KIND_COUNT(feel_tensors),
    .threshold = neuron_threshold,
    .forward = feel_forward,
    .backward = feel_backward,
};

/*
 * What the kinds of neurons share; private to core/neuron*.c. They are one
 * recurrence. A spike takes
 *
 *     r(U) = by_potential U + by_threshold V_th
 *
 * from the potential: U itself for a hard reset, V_th for a soft one. So the
 * kind of reset is two numbers instead of branches in the inner loop, and
 * dV/dU = 1 - by_potential s, dV/ds = -r(U) (left out if detached).
 */
#ifndef CORE_NEURON_PARTS_H
#define CORE_NEURON_PARTS_H

#include "core/neuron.h"

struct recurrence {
    float leak, threshold;
    float by_potential, by_threshold; /* 0 or 1; they add up to 1 */
    float attached;                   /* 0 or 1 */
};

/* Neurons are taken some at a time, so that what is carried from step to step
 * stays in a few registers or lines of cache. */
enum { NEURON_LANES = 128 };

static inline size_t neuron_lanes_left(size_t n, size_t first)
{
    return n - first < NEURON_LANES ? n - first : NEURON_LANES;
}

/* One step of n neurons; v is what is carried on. */
static inline void neuron_step_forward(struct recurrence by, size_t n,
                                       const float *restrict z,
                                       float *restrict v, float *restrict x,
                                       float *restrict s)
{
    float take_threshold = by.by_threshold * by.threshold;
    for (size_t i = 0; i < n; i++) {
        float u = by.leak * v[i] + z[i];
        float above = u - by.threshold;
        float spike = above >= 0.0f ? 1.0f : 0.0f;
        x[i] = above;
        s[i] = spike;
        v[i] = u - spike * (by.by_potential * u + take_threshold);
    }
}

/* One step back of n neurons; d_v comes in as dL/dV_t and leaves as dL/dU_t.
 * d_x may be NULL. */
static inline void neuron_step_backward(struct recurrence by, size_t n,
                                        const float *restrict x,
                                        const float *restrict s,
                                        const float *restrict g,
                                        const float *restrict d_s,
                                        const float *restrict d_x,
                                        float *restrict d_v)
{
    float by_x = -by.attached * by.by_potential;
    float by_one = -by.attached * by.threshold;
    for (size_t i = 0; i < n; i++) {
        float d_spike = d_s[i] + d_v[i] * (by_x * x[i] + by_one);
        d_v[i] = d_spike * g[i] + d_v[i] * (1.0f - by.by_potential * s[i]);
    }
    for (size_t i = 0; d_x && i < n; i++)
        d_v[i] += d_x[i];
}

/* Parameters that all kinds begin with. */
struct neuron_common {
    double threshold;
    int reset; /* enum neuron_reset */
    bool detach_reset;
};

extern const char *const neuron_reset_names[];

#define NEURON_COMMON_ROWS                                                     \
    {.name = "threshold", .unit = "1", .doc = "V_th, the potential of a spike", \
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "1", .minimum = 0.001,  \
     .maximum = 1000, .offset = offsetof(struct neuron_common, threshold)},    \
    NEURON_RESET_ROWS

#define NEURON_RESET_ROWS                                                      \
    {.name = "reset", .unit = "1",                                             \
     .doc = "after a spike: hard to 0, or soft by subtracting the threshold",  \
     .type = ROW_CHOICE, .fallback = "hard", .choices = neuron_reset_names,    \
     .offset = offsetof(struct neuron_common, reset)},                         \
    {.name = "detach_reset", .unit = "1",                                      \
     .doc = "leave the path from a spike through the reset out of gradients",  \
     .type = ROW_FLAG, .fallback = "false",                                    \
     .offset = offsetof(struct neuron_common, detach_reset)}

struct recurrence neuron_recurrence(const struct neuron_common *common,
                                    double leak);
double neuron_threshold(const void *params);

/* Kinds of other files. */
extern const struct neuron neuron_plif, neuron_pif, neuron_dlif, neuron_feel,
    neuron_slif, neuron_adaptive, neuron_talif, neuron_cuba;

#endif

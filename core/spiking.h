/*
 * What follows a layer's operation: normalization (as an affine map per
 * channel), a shortcut's current, the neurons' recurrence over T, gates and
 * pooling of their spikes; and all of it backward. Fused over tiles [T][lanes]
 * that stay in the first-level cache; membrane potentials and surrogates are
 * never stored but recomputed.
 *
 * Shapes: currents y [B][S][P][C] with P = H*W pixels and S = T, or 1 if y is
 * constant in time; spike counts after pooling [B][T][P'][C], a byte each.
 */
#ifndef CORE_SPIKING_H
#define CORE_SPIKING_H

#include "core/backward_rule.h"
#include "core/gate.h"
#include "core/network.h"
#include "core/operation.h"
#include "core/rng.h"
#include "core/source.h"
#include "core/surrogate.h"

/* A pass' random numbers, by sample and draw, not by place in the batch: number
 * (t P + p) C' + c of a layer's, C' the even number next to C. */
struct spiking_numbers {
    uint64_t seed;
    enum rng_use use;
    uint32_t draw;
    const uint32_t *ids; /* [B] */
    uint64_t first;      /* even: of the layer's numbers among the sample's */
};

struct spiking_noise {
    float deviation; /* 0: no noise */
    struct spiking_numbers numbers;
};

/* Between spikes and pooling; pooled values are `scale` times the counts. */
struct spiking_gate {
    const struct gate_law *law; /* NULL: every spike goes through */
    const float *keep; /* [P][C], or NULL: all neurons have that of the law */
    float scale;       /* 1 / p or 1; 1 without a law */
    struct spiking_numbers numbers; /* those of step 0 for all, or of each */
};

struct spiking {
    const struct neuron *neuron;
    const void *neuron_params;
    const struct surrogate *surrogate; /* that the way back goes through */
    const void *surrogate_params;
    double sharpness;   /* s of its s g'(s x); 1 in training */
    bool foreign;       /* an attacker's, not that of training */
    bool learns_width;  /* that of training does, foreign or not */
    struct backward_use rule; /* of the way back; bptt in training */
    const float *inverse, *center; /* [T][C] if fitted or s != 1; else NULL */
    struct surrogate_sharpness adaptive;
    size_t n_steps, n_levels; /* T; 0: they spike, else T = 1, and counts are of
                                 an activation's levels (core/neuron.h) */
    bool constant;  /* S = 1 */
    size_t height, width, n_channels;
    enum block_pool pool;
    const float *scale, *shift; /* [C] or [T][C]: z = scale y + shift */
    size_t stride_norm;         /* from step to step of these: 0 or C */
    /* A second current [B][T][P][C], or neither floats nor counts: none. Added
     * to z as it is, or given a scale as added_scale y + added_shift. */
    struct source added;
    const float *added_scale, *added_shift; /* as scale; floats only */
    /* Counts [B][T][P][C] that join the spikes, which are not pooled then, and
     * where their gradient goes; or a join that joins none. */
    enum block_join join;
    struct source joined;
    float *d_joined;
    const float *factors; /* [B][T][C] of all this current; or NULL */
    const float *own[NEURON_TENSORS_MAX]; /* what the neurons have */
    struct spiking_noise noise;
    struct spiking_gate gate;
};

size_t spiking_pooled_height(const struct spiking *spiking);
size_t spiking_pooled_width(const struct spiking *spiking);

/* Numbers that a sample may take, of one use. */
uint64_t spiking_count_numbers(const struct spiking *spiking);

/* Values of the neurons' tensor k. */
size_t spiking_count_own(const struct spiking *spiking, size_t k);

/* A function r of single potentials x = U - V_th, for n of them: r(x); r'(x).
 * Without `value` there is none. */
struct potential_term {
    const void *params;
    void (*value)(const void *params, size_t n, const float *x, float *r);
    void (*slope)(const void *params, size_t n, const float *x, float *d_x);
};

/* Sums over (B, P) of d = x - pivot (the first x: a channel may hardly vary)
 * and d^2, per (t, c), with x = U - V_th; of spikes and a term if wanted. */
struct moments {
    bool has_pivot;            /* false before the first image */
    float *pivot;              /* [T][C] */
    double *sum, *sum_squares; /* [T][C] */
    double *n_spikes;          /* [T][C], or NULL: not wanted */
    struct potential_term term;
    double sum_terms;          /* over (T, B, P, C) */
    float *partial;            /* [3][T][C], scratch; [2][T][C] w/o spikes */
};

/* Optional observers of a forward pass. */
struct spiking_watch {
    struct moments *moments; /* NULL: not wanted */
    void *self;
    double *gathered; /* NULL, or sums of U over images are added, [T][P][C] */
    /* NULL, or called with every tile: x and spikes s, [T][n]. */
    void (*tile)(void *self, size_t n_steps, size_t n, const float *x,
                 const float *s);
};

/* From currents to counts, for a range of images. */
void spiking_forward(const struct spiking *spiking, struct image_range range,
                     const float *y, const struct spiking_watch *watch,
                     uint8_t *counts);

/* z [C] of a pixel at step t of image b, without factors and noise. */
void spiking_take_currents(const struct spiking *spiking, size_t b, size_t t,
                           size_t pixel, const float *y, float *z);

/* What a regularizer of the membrane adds to dL/dx: offset + slope (x - pivot),
 * each [T][C] or NULL; factor r'(x) of a term; and to dL/ds of every spike. */
struct membrane_gradient {
    const float *offset, *slope, *pivot;
    struct potential_term term;
    float factor, by_spike;
};

/* Where that of the currents goes, [B][S'][P][C]: S' = T, or 1 with the sum
 * over t if `summed`; by z, or by y (scale dL/dz) if `by_y`. */
struct current_gradient {
    float *d;
    bool summed, by_y;
};

/* From d_counts, the gradient by the pooled spikes (values, not counts), to
 * that by the currents. Unless NULL (as with any rule but bptt), those of the
 * neurons' tensors, of a learned log_width and of learned (relaxed) gates are
 * added to d_own. */
void spiking_backward(const struct spiking *spiking, struct image_range range,
                      const float *y, const struct source *d_counts,
                      const struct membrane_gradient *membrane,
                      const struct current_gradient *to, double *d_own);

#endif

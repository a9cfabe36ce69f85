/*
 * Normalization of currents per channel, over rows [n][C]: the statistics, the
 * affine map that they make of it (z = scale y + shift, which the neurons'
 * kernel applies), the running averages, and the gradient.
 *
 *     z = weight gain (y - mean) / sqrt(variance + epsilon) + bias
 *
 * Ioffe & Szegedy 2015; gain = alpha V_th makes it tdBN (Zheng et al. 2021).
 * Without statistics z = y + bias. Every step can have tensors and statistics
 * of its own (BNTT): arrays of [C] are [n_steps][C] then. Sums are taken in
 * parts, by any worker, and added up in double in the order in which the parts
 * are settled.
 */
#ifndef CORE_BATCH_NORM_H
#define CORE_BATCH_NORM_H

#include "core/arena.h"

/* What a worker adds up of one part of a batch. */
struct norm_sums {
    size_t n_rows;
    float *pivot;   /* [C] the part's first row; forward only */
    double *a, *b;  /* [C] of rows, of their products */
    float *partial; /* [2][C] scratch */
};

struct batch_norm {
    bool active; /* false: a bias only */
    bool no_bias;
    size_t n_channels;
    size_t n_steps;  /* that have their own of everything; 0 or 1: they share */
    size_t spread;   /* above 1: T, where a row of y stands for all steps and
                        d_z has rows of each */
    size_t n_pixels; /* rows of a step, with either; images [.][S][n_pixels] */
    double gain, momentum, epsilon;
    const float *weight, *bias; /* [C]; weight if active, bias unless no_bias */
    float *running_mean, *running_variance; /* [C]; if active */
    float *scale, *shift;                   /* [C], out: z = scale y + shift */
    float *mean, *inverse;                  /* [C] of the batch; 1/deviation */
    bool has_pivot; /* while rows are added: mean holds the first of them */
    double *sum_a, *sum_b;                  /* [C] of the settled parts */
    float *slope, *offset;                  /* [C] of the gradient */
    struct norm_sums *parts;                /* [n_workers] */
};

/* Takes the [C] arrays; active and sizes must be set. */
void batch_norm_lay_out(struct batch_norm *norm, size_t n_workers,
                        struct arena *arena);

/* Training, forward: begin, sum and settle each part of the batch, end. Workers
 * may sum at the same time, but settle one by one. `n` rows were added; the
 * running variance is unbiased over n * repeats (rows that stand for `repeats`
 * equal time steps), or over those of its own step. */
void batch_norm_begin(struct batch_norm *norm);
void batch_norm_sum(const struct batch_norm *norm, size_t worker,
                    size_t n_rows, const float *y);
void batch_norm_settle(struct batch_norm *norm, size_t worker);
void batch_norm_end(struct batch_norm *norm, size_t n, size_t repeats);

/* Test: the affine map from the running statistics. */
void batch_norm_use_running(struct batch_norm *norm);

/* Training, backward: begin, sum and settle each part, then the gradients of
 * weight and bias; then d_z becomes d_y in place, rows in any order. Where a
 * row stands for `repeats` time steps its d_z is the sum over them. */
void batch_norm_backward_begin(struct batch_norm *norm);
void batch_norm_backward_sum(const struct batch_norm *norm, size_t worker,
                             size_t n_rows, const float *y, const float *d_z);
void batch_norm_backward_settle(struct batch_norm *norm, size_t worker);
void batch_norm_backward_end(struct batch_norm *norm, size_t n,
                             float *d_weight, float *d_bias);
void batch_norm_backward_apply(const struct batch_norm *norm, size_t n_rows,
                               const float *y, float *d_z);

/* Test, backward: d_y = scale d_z in place. */
void batch_norm_backward_fixed(const struct batch_norm *norm, size_t n_rows,
                               float *d_z);

/* Both for a d_z that others still need: d_y has a place of its own. */
void batch_norm_backward_apply_to(const struct batch_norm *norm,
                                  size_t n_rows, const float *y,
                                  const float *d_z, float *d_y);
void batch_norm_backward_fixed_to(const struct batch_norm *norm, size_t n_rows,
                                  const float *d_z, float *d_y);

#endif

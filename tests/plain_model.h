/*
 * The plain twin of core/model: the same network in double precision, one
 * loop after the other, nothing fused, nothing skipped. It can be smooth: the
 * spike is then the surrogate's primitive, whose derivative is the surrogate,
 * so that its gradient can be held against central differences.
 */
#ifndef TESTS_PLAIN_MODEL_H
#define TESTS_PLAIN_MODEL_H

#include "core/data.h"
#include "core/gate.h"
#include "core/spec.h"
#include "core/trial.h"

struct plain_layer {
    bool linear, normalized;
    int pool; /* enum block_pool */
    size_t size, stride;                   /* of the kernel */
    size_t height, width, n_in, n_out;     /* of the operation */
    size_t out_height, out_width, pooled_height, pooled_width;
    double gain;                           /* of normalization */
    size_t weight, scale, shift;           /* offsets */
    size_t running_mean, running_variance; /* offsets */
    size_t logit, gains, leaks, rate, lambda; /* of neurons; SIZE_MAX: none */
    size_t log_width; /* of a learned surrogate; SIZE_MAX: none */
    size_t keeps;     /* of learned gates; SIZE_MAX: none */
    size_t follow;     /* likewise, of thresholds that follow potentials */
    double *threshold; /* [T] */
    /* Of homeostatic neurons, or SIZE_MAX; [B][T][...] U, thresholds. */
    size_t typical, threshold_rate;
    double *u, *theta;
    /* [B][T][...]: input, currents, normalized currents, x = U - V_th,
     * spikes, those that come through gates, pooled spikes; of an activation
     * x = z / lambda - 1 and s from 0 to 1 */
    double *input, *y, *z, *x, *s, *through, *pooled;
    /* Attention: its maps, means over pixels, hidden values, factors, and z
     * times these, or z itself. */
    size_t squeeze, excite, n_hidden; /* offsets; SIZE_MAX: none */
    double *q, *hidden, *a, *rescaled;
    double *sharpness; /* alpha of neurons; NULL: all have the surrogate's */
    double *rates; /* [T][C] that a regularizer takes; NULL: its own */
    double *held; /* spikes that a detached reset takes; NULL: its own */
    size_t n_own;            /* steps with a norm of their own: 1 or T */
    double *mean, *variance; /* [n_own][C] of the batch */
    /* What the shortcut takes from, or NULL; its operation and normalization,
     * or NULL: itself. Of `way` nothing after z is there. With JOIN_CURRENTS y
     * is the sum, and what is taken is from->y or way->y; z is the sum else,
     * and with JOIN_MEMBRANE what is taken is from->z. */
    struct plain_layer *from, *way;
    int join;       /* enum block_join */
    size_t i_input; /* of the layer that hands its input on, plus 1 */
    double *joined; /* pooled spikes, joined with others; what is handed on */
    double *d_y, *d_z; /* what shortcuts that took y or z add to their
                          gradients */
};

struct plain_model {
    const struct spec *spec;
    size_t n_layers, n_steps, n_images, n_classes;
    size_t n_features, n_averaged; /* of the read-out; pixels in each */
    size_t readout_weight, readout_bias, n_parameters;
    struct plain_layer *layers;
    bool smooth, train; /* train: batch statistics, else running ones */
    double leak, threshold, spike_weight, initial, synaptic_leak;
    size_t n_levels; /* of an analog network, in training; or 0 */
    double noise; /* of training; that of image b goes by (seed, b, draw) */
    bool has_gates;
    struct gate_law gate; /* if it has; numbers as the noise's */
    uint64_t noise_seed;
    uint32_t noise_draw;
    bool soft_reset, detach_reset, scale_input, delayed;
    double epsilon;
    double regularizer_weight, gamma;
    double *terms; /* [n_parameters] of norms' scales and trained leaks: the sum
                      of the magnitudes that the gradient is the sum of */
    double *features, *logits; /* [B][..] */
    /* Gradients to begin with: by the logits instead of the cross-entropy's;
     * by the last layer's z, [B][T][P][C], besides. NULL: none. */
    const double *d_logits, *d_currents;
    double (*shape)(double x); /* h of layers whose g' is alpha h(alpha x) */
    struct arena *arena;
};

struct plain_model *plain_lay_out(const struct spec *spec,
                                  const struct data_set *data, size_t n_images,
                                  struct arena *arena);

/* From now on it is the analog network that is trained in place of the spec's
 * (core/conversion.h), if there is one; smooth, its activations have no levels.
 */
void plain_make_analog(struct plain_model *plain);

/* Mean cross-entropy plus weight times R (in training). `encoded` is
 * [T][B][pixels]. */
double plain_loss(struct plain_model *plain, const double *values,
                  const double *encoded, const uint8_t *labels);

/* After plain_loss: from now on what takes spikes without a gradient, detached
 * resets and a regularizer, takes those of that pass, which no small change of
 * anything moves. Only so is its gradient one of differences. */
void plain_hold_spikes(struct plain_model *plain);

/* After plain_loss: the gradient by the parameters, and by `encoded`. */
void plain_gradient(struct plain_model *plain, const double *values,
                    const uint8_t *labels, double *gradient,
                    double *d_encoded);

#endif

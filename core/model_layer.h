/*
 * A layer of a model: a way from spikes to currents, perhaps a shortcut beside
 * it, and spiking neurons. Part of core/model.h.
 */
#ifndef CORE_MODEL_LAYER_H
#define CORE_MODEL_LAYER_H

#include "core/attention.h"
#include "core/batch_norm.h"
#include "core/spiking.h"

/* Where a branch's tensors begin in the flat vector; scale, mean and variance
 * only if it is normalized. */
struct branch_places {
    size_t weight, scale, shift, mean, variance;
};

/* A way from spikes to normalized currents. */
struct branch {
    struct operation operation, reversed;
    struct batch_norm norm;
    struct branch_places at;
    size_t n_weights; /* of the operation; 0: there is no such branch */
};

/* Its maps in the flat vector, and of each image what core/attention.h has. */
struct layer_attention {
    size_t n, n_hidden; /* T C, or 0: none */
    size_t squeeze, excite;
    float *q, *a, *d_logits;  /* [B][n] */
    float *hidden, *d_hidden; /* [B][n_hidden] */
};

/* What a surrogate that follows moments is fitted to: each pass forward; not
 * yet anything, while moments of clean images are taken; those of before. */
enum model_fit { FIT_PASS, FIT_LATER, FIT_KEPT };

struct layer {
    struct branch main;
    enum block_shortcut has_shortcut;
    size_t input;            /* 0, or its input is what the layer before this
                                one hands on; the layer's own number, mostly */
    enum block_join join;    /* JOIN_CURRENTS: y is the sum with the shortcut's
                                currents */
    bool shares_y;           /* y is model->shared */
    size_t from;             /* the layer that the shortcut takes from */
    struct branch shortcut;  /* if it is a convolution; its norm has channels
                                unless it is of JOIN_CURRENTS */
    struct layer_attention attention;
    struct spiking spiking;
    size_t own[NEURON_TENSORS_MAX]; /* the neurons' in the flat vector */
    size_t log_width; /* behind them, if the surrogate learns its width */
    bool gated;      /* gates may be closed */
    size_t n_gates;  /* P C, if they are learned, else 0 */
    size_t gates;    /* where these begin, behind all that is trained */
    size_t trained;   /* where those that are trained begin */
    float *followed; /* tensor 0 as the batch has it, if it is running */
    size_t n_pixels, n_out;  /* P; P' C: entries of pooled output a step */
    size_t chunk;            /* images that are worked on together */
    float *y;                /* [B][S][P][C] currents */
    float *d_z, *d_input;    /* gradients on the way back; these and the next
                                two share their places with later layers */
    float *taken;            /* the shortcut's currents; on the way back the
                                gradient by what it takes */
    float *d_taken;          /* the gradient by currents of a shortcut with a
                                norm of its own */
    float *carried;          /* likewise what the neurons take of them, if a
                                shortcut of JOIN_MEMBRANE takes that, too */
    uint8_t *counts;         /* [B][T][P'][C] spikes after pooling */
    struct moments moments;  /* of x = U - V_th, if somebody wants them */
    float *mu, *sigma, *offset, *slope, *inverse, *center; /* [T][C] */
    struct membrane_gradient membrane; /* of the regularizer, in training */
};

#endif

/*
 * A trained network as other programs know networks: a chain of layers, each a
 * convolution or a linear map with a bias and then neurons
 *
 *     I_t = synaptic_leak I_{t-1} + z_t,   I_{-1} = 0
 *     U_t = leak V_{t-1} + gain I_t,   V_{-1} = 0,   s_t = 1 if U_t >= V_th
 *
 * and perhaps a 2x2 average of their spikes, and last a linear read-out of the
 * mean of these over time. A normalization by running statistics is in the
 * weights: W' = W s and b' = b with z = s (W x) + b of each channel.
 *
 * Arrays are laid out as in a model: [k][k][C_in][C_out] and [H W C][n].
 */
#ifndef CORE_FEEDFORWARD_H
#define CORE_FEEDFORWARD_H

#include "core/network.h"
#include "core/trial.h"

struct feedforward_layer {
    enum block_operation operation;
    size_t size, stride; /* of a convolution's kernel, padded by size / 2 */
    struct image_shape in, out; /* a linear map's out is 1 x 1 x n; `out` is
                                   before the pooling */
    bool pooled;
    bool folded; /* the weights are not those that were trained, but with a
                    normalization in them */
    float *weights, *bias; /* bias [C_out] */
    double leak, gain;
    double synaptic_leak; /* 0: the current is z */
    bool has_logit; /* the leak is sigmoid(logit), as trained */
    float logit;
    float log_width; /* of a surrogate that learns its width; else 0 */
};

struct feedforward {
    struct image_shape shape; /* of what comes in at each step */
    size_t n_steps, n_classes, n_layers;
    double threshold;
    bool soft_reset; /* by the threshold, else to 0 */
    struct feedforward_layer layers[NETWORK_BLOCKS_MAX];
    struct image_shape last; /* what comes out of the last layer, pooled */
    bool averages; /* the read-out takes each channel's mean over the image */
    float *readout_weights, *readout_bias; /* [H W C or C][K], [K] */
};

size_t feedforward_fan_in(const struct feedforward_layer *layer);
size_t feedforward_count_features(const struct feedforward *net);

/* What a layer's pooling makes of its shape; 0 x 0 where nothing is left. */
struct image_shape feedforward_pooled(const struct feedforward_layer *layer);

/* The plain form of a spec's network, in `arena`. Refuses, naming the layer and
 * what is allowed, a network that has none: with shortcuts, attention, gates
 * that are drawn in tests, a maximum as pooling, statistics of each step, or
 * neurons of another kind. */
CHECKED enum status feedforward_take(const struct spec *spec,
                                     const struct data_set *data,
                                     const struct weights *weights,
                                     struct arena *arena,
                                     struct feedforward *net);

/* The converse: changes the axes network (to `layers`), normalization,
 * attention, gate and neuron of `spec` to the net's, and makes its weights, all
 * in `arena`. The net must be a chain that feedforward_take could give, but
 * that gains are 1, or all 1 - leak. */
CHECKED enum status feedforward_make(const struct feedforward *net,
                                     struct arena *arena, struct spec *spec,
                                     struct weights *weights);

#endif

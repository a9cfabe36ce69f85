/*
 * The axis "network": which layers, as a list of blocks.
 *
 * A block is: an operation with weights (linear, or a convolution, zero padded
 * so that stride 1 keeps the image's size), normalization, neurons, and
 * optionally 2x2 pooling of the spikes. A shortcut adds a second current before
 * the neurons, to the normalized one or before normalization. After the last
 * block comes the read-out: the mean over time (and over the image, with a
 * global average), then a linear layer to the K classes (the same as the mean
 * of the linear layer's outputs, and T times cheaper).
 *
 * Kinds: mlp, csnn, layers (written out), vgg9, vgg11, vgg11_rat, vgg16,
 * vgg16_rat, wrn16, resnet18, resnet19.
 */
#ifndef CORE_NETWORK_H
#define CORE_NETWORK_H

#include "core/kind.h"

enum block_operation { BLOCK_LINEAR, BLOCK_CONVOLUTION };
enum block_pool { POOL_NONE, POOL_AVERAGE, POOL_MAX };

/* A shortcut takes the spikes of an earlier block as a current, or a 1x1
 * convolution of them with normalization of its own. If it is added before
 * normalization, it takes the earlier block's currents (before their
 * normalization), or a bare 1x1 convolution of its spikes. */
enum block_shortcut { SHORTCUT_NONE, SHORTCUT_IDENTITY, SHORTCUT_CONVOLUTION };

struct block {
    enum block_operation operation;
    size_t size, stride; /* of a convolution's kernel: 3 or 1; 1 or 2 */
    size_t n_out;        /* features or channels */
    enum block_pool pool;
    bool normalized; /* by the axis "normalization"; else a bias only */
    enum block_shortcut shortcut;
    bool sums_first;        /* the shortcut is added before normalization */
    size_t from;            /* the earlier block; no other shortcut begins or
                               ends between */
    size_t shortcut_stride; /* of its convolution */
};

enum { NETWORK_BLOCKS_MAX = 64 };

/* Parameters that all networks begin with. */
struct network_common {
    size_t n_steps; /* T */
    int precision;  /* enum network_precision */
};

/* Of the products that take the gradient from a layer's currents to its
 * input. */
enum network_precision { PRECISION_FP32, PRECISION_BF16 };

struct network {
    struct kind kind;
    /* Writes the blocks, returns their number. */
    size_t (*describe)(const void *params,
                       struct block blocks[NETWORK_BLOCKS_MAX]);
    bool global_average; /* the read-out takes each channel's mean */
};

extern const struct axis network_axis;
const struct network *network_of(const struct kind *kind);

#endif

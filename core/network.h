/*
 * The axis "network": which layers, as a list of blocks.
 *
 * A block is: an operation with weights (linear, or a convolution, zero padded
 * so that stride 1 keeps the image's size), normalization, neurons, and
 * optionally 2x2 pooling of the spikes. A shortcut adds a second current to the
 * normalized one before the neurons. After the last block comes the read-out:
 * the mean over time (and over the image, with a global average), then a linear
 * layer to the K classes (the same as the mean of the linear layer's outputs,
 * and T times cheaper).
 *
 * Kinds: mlp, csnn, vgg11, wrn16.
 */
#ifndef CORE_NETWORK_H
#define CORE_NETWORK_H

#include "core/kind.h"

enum block_operation { BLOCK_LINEAR, BLOCK_CONVOLUTION };
enum block_pool { POOL_NONE, POOL_AVERAGE, POOL_MAX };

/* What a shortcut makes of the spikes that it takes: themselves as a current,
 * or a 1x1 convolution with normalization of its own. */
enum block_shortcut { SHORTCUT_NONE, SHORTCUT_IDENTITY, SHORTCUT_CONVOLUTION };

struct block {
    enum block_operation operation;
    size_t size, stride; /* of a convolution's kernel: 3 or 1; 1 or 2 */
    size_t n_out;        /* features or channels */
    enum block_pool pool;
    bool normalized; /* by the axis "normalization"; else a bias only */
    enum block_shortcut shortcut;
    size_t from;            /* the earlier block whose (pooled) spikes it takes;
                               no other shortcut begins or ends between */
    size_t shortcut_stride; /* of its convolution */
};

enum { NETWORK_BLOCKS_MAX = 64 };

/* Parameters that all networks begin with. */
struct network_common {
    size_t n_steps; /* T */
};

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

/*
 * The axis "network": which layers, as a list of blocks.
 *
 * A block is: an operation with weights (linear, or a 3x3 convolution with
 * zero padding 1), normalization, neurons, and optionally 2x2 pooling of the
 * spikes. After the last block comes the read-out: the mean over time, then a
 * linear layer to the K classes (the same as the mean of the linear layer's
 * outputs, and T times cheaper).
 *
 * Kinds: mlp, csnn.
 */
#ifndef CORE_NETWORK_H
#define CORE_NETWORK_H

#include "core/kind.h"

enum block_operation { BLOCK_LINEAR, BLOCK_CONVOLUTION };
enum block_pool { POOL_NONE, POOL_AVERAGE, POOL_MAX };

struct block {
    enum block_operation operation;
    size_t n_out; /* features or channels */
    enum block_pool pool;
    bool normalized; /* by the axis "normalization"; else a bias only */
};

enum { NETWORK_BLOCKS_MAX = 64 };

/* Parameters that all networks begin with. */
struct network_common {
    size_t n_steps;        /* T */
    bool normalize_linear; /* normalize linear blocks, too */
};

struct network {
    struct kind kind;
    /* Writes the blocks, returns their number. */
    size_t (*describe)(const void *params,
                       struct block blocks[NETWORK_BLOCKS_MAX]);
};

extern const struct axis network_axis;
const struct network *network_of(const struct kind *kind);

#endif

/*
 * The axis "network": which layers, as a list of blocks.
 *
 * A block is: an operation with weights (linear, or a convolution, zero padded
 * so that stride 1 keeps the image's size), normalization, neurons, and
 * optionally 2x2 pooling of the spikes. A shortcut adds a second current before
 * the neurons, to the normalized one or before normalization, or joins spikes
 * to theirs. After the last block comes the read-out: the mean over time (and
 * over the image, with a global average), then a linear layer to the K classes
 * (the same as the mean of the linear layer's outputs, and T times cheaper).
 *
 * Kinds: mlp, csnn, layers (written out), vgg9, vgg11, vgg11_rat, vgg16,
 * vgg16_rat, wrn16, resnet18, resnet19.
 */
#ifndef CORE_NETWORK_H
#define CORE_NETWORK_H

#include "core/kind.h"

enum block_operation { BLOCK_LINEAR, BLOCK_CONVOLUTION };
enum block_pool { POOL_NONE, POOL_AVERAGE, POOL_MAX };

/* What a shortcut takes of an earlier block, as it is or by a 1x1 convolution.
 */
enum block_shortcut { SHORTCUT_NONE, SHORTCUT_IDENTITY, SHORTCUT_CONVOLUTION };

/* What a shortcut joins, and of which kind what it takes is. With a convolution
 * it takes spikes, but for JOIN_MEMBRANE, and is normalized by itself, but for
 * JOIN_CURRENTS. */
enum block_join {
    JOIN_NORMALIZED, /* spikes are added to normalized currents */
    JOIN_CURRENTS,   /* currents before normalization are added to such */
    JOIN_MEMBRANE,   /* what the earlier neurons take, a shortcut's part
                        included, is added to normalized currents */
    /* Spikes are joined with the neurons' s, and that is handed on; identities
     * without pooling only: */
    JOIN_ADD,  /* s + spikes: no longer ones and zeros */
    JOIN_AND,  /* s spikes */
    JOIN_IAND, /* (1 - s) spikes */
};

struct block {
    enum block_operation operation;
    size_t size, stride; /* of a convolution's kernel: 3 or 1; 1 or 2 */
    size_t n_out;        /* features or channels */
    enum block_pool pool;
    bool normalized; /* by the axis "normalization"; else a bias only */
    enum block_shortcut shortcut;
    enum block_join join;
    size_t from;            /* the earlier block; no other shortcut begins or
                               ends between */
    size_t shortcut_stride; /* of its convolution */
    size_t skips; /* 1: its input is not of the block before but of the one
                     before that, and the next joins the spikes of the former */
};

static inline bool network_joins_spikes(enum block_join join)
{
    return join >= JOIN_ADD;
}

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

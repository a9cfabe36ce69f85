#include "core/network.h"

#define COMMON_ROWS                                                            \
    {.name = "n_steps", .unit = "1", .doc = "time steps T",                    \
     .type = ROW_COUNT, .fallback = "4", .minimum = 1, .maximum = 32,          \
     .offset = offsetof(struct network_common, n_steps)},                      \
    {.name = "normalize_linear", .unit = "1",                                  \
     .doc = "normalize linear layers of neurons, too",                         \
     .type = ROW_FLAG, .fallback = "false",                                    \
     .offset = offsetof(struct network_common, normalize_linear)}

/* mlp ----------------------------------------------------------------- */

struct mlp {
    struct network_common common;
    struct counts hidden;
};

static const struct row mlp_rows[] = {
    COMMON_ROWS,
    {.name = "hidden", .unit = "1", .doc = "neurons of each hidden layer",
     .type = ROW_COUNTS, .fallback = "[800]", .minimum = 1, .maximum = 65536,
     .offset = offsetof(struct mlp, hidden)},
};

static size_t mlp_describe(const void *params,
                           struct block blocks[NETWORK_BLOCKS_MAX])
{
    const struct mlp *mlp = params;
    for (size_t i = 0; i < mlp->hidden.n; i++)
        blocks[i] = (struct block){BLOCK_LINEAR, mlp->hidden.at[i], POOL_NONE,
                                   mlp->common.normalize_linear};
    return mlp->hidden.n;
}

static const struct network mlp = {
    .kind = {.name = "mlp",
             .doc = "multi-layer perceptron of spiking neurons",
             .cite = "standard; the defaults are the 784-800-10 network of "
                     "SpikingJelly's tutorials",
             .rows = mlp_rows,
             .n_rows = KIND_COUNT(mlp_rows),
             .params_size = sizeof(struct mlp)},
    .describe = mlp_describe,
};

/* csnn ---------------------------------------------------------------- */

struct csnn {
    struct network_common common;
    struct counts channels, hidden;
    int pool;
};

static const char *const pool_names[] = {"average", "max", NULL};

static const struct row csnn_rows[] = {
    COMMON_ROWS,
    {.name = "channels", .unit = "1",
     .doc = "channels of each 3x3 convolution; every one is pooled by 2",
     .type = ROW_COUNTS, .fallback = "[32, 64]", .minimum = 1,
     .maximum = 4096, .offset = offsetof(struct csnn, channels)},
    {.name = "hidden", .unit = "1",
     .doc = "neurons of each linear layer after the convolutions",
     .type = ROW_COUNTS, .fallback = "[128]", .minimum = 1, .maximum = 65536,
     .offset = offsetof(struct csnn, hidden)},
    {.name = "pool", .unit = "1", .doc = "2x2 pooling of the spikes",
     .type = ROW_CHOICE, .fallback = "average", .choices = pool_names,
     .offset = offsetof(struct csnn, pool)},
};

static size_t csnn_describe(const void *params,
                            struct block blocks[NETWORK_BLOCKS_MAX])
{
    const struct csnn *csnn = params;
    enum block_pool pool = csnn->pool == 0 ? POOL_AVERAGE : POOL_MAX;
    size_t n = 0;
    for (size_t i = 0; i < csnn->channels.n; i++)
        blocks[n++] =
            (struct block){BLOCK_CONVOLUTION, csnn->channels.at[i], pool, true};
    for (size_t i = 0; i < csnn->hidden.n; i++)
        blocks[n++] =
            (struct block){BLOCK_LINEAR, csnn->hidden.at[i], POOL_NONE,
                           csnn->common.normalize_linear};
    return n;
}

static const struct network csnn = {
    .kind = {.name = "csnn",
             .doc = "convolutional network: [conv 3x3, norm, neurons, pool 2] "
                    "for each of channels, then linear layers of neurons",
             .cite =
                 "standard; the defaults are a common Fashion-MNIST network",
             .rows = csnn_rows,
             .n_rows = KIND_COUNT(csnn_rows),
             .params_size = sizeof(struct csnn)},
    .describe = csnn_describe,
};

/* table of contents --------------------------------------------------- */

static const struct kind *const kinds[] = {&mlp.kind, &csnn.kind};

const struct axis network_axis = {"network", "the layers of the network", kinds,
                                  KIND_COUNT(kinds), "csnn"};

const struct network *network_of(const struct kind *kind)
{
    return (const struct network *)kind;
}

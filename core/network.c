#include "core/network.h"

static const char *const precision_names[] = {
    [PRECISION_FP32] = "fp32", [PRECISION_BF16] = "bf16", NULL};

#define COMMON_ROWS                                                            \
    {.name = "n_steps", .unit = "1", .doc = "time steps T",                    \
     .type = ROW_COUNT, .fallback = "4", .minimum = 1, .maximum = 32,          \
     .offset = offsetof(struct network_common, n_steps)},                      \
    {.name = "gradient_precision", .unit = "1",                                \
     .doc = "factors of the dense products that take gradients back through a layer's "         \
            "weights, in training and attacks (lists of what is not zero are always fp32); "    \
            "bf16 needs a machine with AVX512-BF16 or AMX",               \
     .type = ROW_CHOICE, .fallback = "fp32", .choices = precision_names,       \
     .offset = offsetof(struct network_common, precision)}
#define NORMALIZE_LINEAR_ROW(kind)                                             \
    {.name = "normalize_linear", .unit = "1",                                  \
     .doc = "normalize linear layers of neurons, too",                         \
     .type = ROW_FLAG, .fallback = "false",                                    \
     .offset = offsetof(struct kind, normalize_linear)}

static const char *const pool_names[] = {"average", "max", NULL};

static enum block_pool pool_of(int choice)
{
    return choice == 0 ? POOL_AVERAGE : POOL_MAX;
}

static struct block linear_block(size_t n_out, bool normalized)
{
    return (struct block){.operation = BLOCK_LINEAR,
                          .n_out = n_out,
                          .pool = POOL_NONE,
                          .normalized = normalized};
}

static struct block convolution_block(size_t n_out, size_t stride,
                                      enum block_pool pool)
{
    return (struct block){.operation = BLOCK_CONVOLUTION,
                          .size = 3,
                          .stride = stride,
                          .n_out = n_out,
                          .pool = pool,
                          .normalized = true};
}

/* mlp ----------------------------------------------------------------- */

struct mlp {
    struct network_common common;
    bool normalize_linear;
    struct counts hidden;
};

static const struct row mlp_rows[] = {
    COMMON_ROWS,
    NORMALIZE_LINEAR_ROW(mlp),
    {.name = "hidden", .unit = "1", .doc = "neurons of each hidden layer",
     .type = ROW_COUNTS, .fallback = "[800]", .minimum = 1, .maximum = 65536,
     .offset = offsetof(struct mlp, hidden)},
};

static size_t mlp_describe(const void *params,
                           struct block blocks[NETWORK_BLOCKS_MAX])
{
    const struct mlp *mlp = params;
    for (size_t i = 0; i < mlp->hidden.n; i++)
        blocks[i] = linear_block(mlp->hidden.at[i], mlp->normalize_linear);
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
    bool normalize_linear;
    struct counts channels, hidden;
    int pool;
};

static const struct row csnn_rows[] = {
    COMMON_ROWS,
    NORMALIZE_LINEAR_ROW(csnn),
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
    size_t n = 0;
    for (size_t i = 0; i < csnn->channels.n; i++)
        blocks[n++] = convolution_block(csnn->channels.at[i], 1,
                                        pool_of(csnn->pool));
    for (size_t i = 0; i < csnn->hidden.n; i++)
        blocks[n++] = linear_block(csnn->hidden.at[i], csnn->normalize_linear);
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

/* vgg11 --------------------------------------------------------------- */

struct vgg11 {
    struct network_common common;
    size_t width;
    int pool;
};

static const struct row vgg11_rows[] = {
    COMMON_ROWS,
    {.name = "width", .unit = "1",
     .doc = "channels of the first convolution; the others have 2, 4 and 8 times as many",
     .type = ROW_COUNT, .scale = SCALE_LOG, .fallback = "64", .minimum = 1,
     .maximum = 512, .offset = offsetof(struct vgg11, width)},
    {.name = "pool", .unit = "1", .doc = "2x2 pooling of the spikes",
     .type = ROW_CHOICE, .fallback = "average", .choices = pool_names,
     .offset = offsetof(struct vgg11, pool)},
};

static size_t vgg11_describe(const void *params,
                             struct block blocks[NETWORK_BLOCKS_MAX])
{
    static const struct {
        size_t factor;
        bool pooled;
    } layers[] = {{1, true}, {2, true}, {4, false}, {4, true},
                  {8, false}, {8, true}, {8, false}, {8, true}};
    const struct vgg11 *vgg11 = params;
    for (size_t i = 0; i < KIND_COUNT(layers); i++)
        blocks[i] = convolution_block(
            layers[i].factor * vgg11->width, 1,
            layers[i].pooled ? pool_of(vgg11->pool) : POOL_NONE);
    return KIND_COUNT(layers);
}

static const struct network vgg11 = {
    .kind = {.name = "vgg11",
             .doc = "VGG-11 with one linear layer: convolutions 3x3 of 64 P 128 P 256 256 P "
                    "512 512 P 512 512 P channels, each with norm and neurons; P pools by 2",
             .cite = "Simonyan and Zisserman, ICLR 2015, table 1, column A, without its "
                     "hidden linear layers; batch-normalized",
             .rows = vgg11_rows,
             .n_rows = KIND_COUNT(vgg11_rows),
             .params_size = sizeof(struct vgg11)},
    .describe = vgg11_describe,
};

/* wrn16 --------------------------------------------------------------- */

struct wrn16 {
    struct network_common common;
    size_t width, widening;
    int order;
};

enum { ORDER_POST, ORDER_PRE };
static const char *const order_names[] = {"post", "pre", NULL};

static const struct row wrn16_rows[] = {
    COMMON_ROWS,
    {.name = "width", .unit = "1",
     .doc = "channels of the first convolution; the groups have 1, 2 and 4 times "
            "`widening` as many",
     .type = ROW_COUNT, .scale = SCALE_LOG, .fallback = "16", .minimum = 1,
     .maximum = 64, .offset = offsetof(struct wrn16, width)},
    {.name = "widening", .unit = "1", .doc = "the k of WRN-16-k",
     .type = ROW_COUNT, .scale = SCALE_LOG, .fallback = "4", .minimum = 1,
     .maximum = 16, .offset = offsetof(struct wrn16, widening)},
    {.name = "order", .unit = "1",
     .doc = "post: a block is [conv, norm, neurons, conv, norm, + shortcut, neurons] and the "
            "shortcut takes spikes, itself normalized where it is a convolution; pre: it is "
            "[norm, neurons, conv, norm, neurons, conv, + shortcut] and the shortcut takes "
            "currents, or a convolution of the block's first spikes",
     .type = ROW_CHOICE, .fallback = "post", .choices = order_names,
     .offset = offsetof(struct wrn16, order)},
};

/* The last of the n blocks before has n_before channels. With order "pre" norm
 * and neurons that a residual block begins with end the one before. */
static void describe_residual(const struct wrn16 *wrn16, size_t n_before,
                              size_t n_out, size_t stride,
                              struct block *blocks, size_t n)
{
    blocks[n] = convolution_block(n_out, stride, POOL_NONE);
    blocks[n + 1] = convolution_block(n_out, 1, POOL_NONE);
    blocks[n + 1].from = n - 1;
    blocks[n + 1].sums_first = wrn16->order == ORDER_PRE;
    blocks[n + 1].shortcut = n_before == n_out && stride == 1
                                 ? SHORTCUT_IDENTITY
                                 : SHORTCUT_CONVOLUTION;
    blocks[n + 1].shortcut_stride = stride;
}

static size_t wrn16_describe(const void *params,
                             struct block blocks[NETWORK_BLOCKS_MAX])
{
    const struct wrn16 *wrn16 = params;
    size_t n_before = wrn16->width, n = 1;
    blocks[0] = convolution_block(n_before, 1, POOL_NONE);
    for (size_t i = 0; i < 6; i++, n += 2) { /* 3 groups of 2 */
        size_t n_out = (wrn16->width * wrn16->widening) << i / 2;
        size_t stride = i == 2 || i == 4 ? 2 : 1;
        describe_residual(wrn16, n_before, n_out, stride, blocks, n);
        n_before = n_out;
    }
    return n;
}

static const struct network wrn16 = {
    .kind = {.name = "wrn16",
             .doc = "wide residual network WRN-16-k: a convolution, then 3 groups of 2 blocks of "
                    "two 3x3 convolutions and a shortcut; the second and third group begin with "
                    "stride 2; the shortcut is a 1x1 convolution where the shape changes; global "
                    "average",
             .cite = "Zagoruyko and Komodakis, BMVC 2016, table 1 (order pre); order post, "
                     "currents added before the neurons: Zheng et al., AAAI 2021 (arXiv "
                     "2011.05280), section on residual networks",
             .rows = wrn16_rows,
             .n_rows = KIND_COUNT(wrn16_rows),
             .params_size = sizeof(struct wrn16)},
    .describe = wrn16_describe,
    .global_average = true,
};

/* table of contents --------------------------------------------------- */

static const struct kind *const kinds[] = {&mlp.kind, &csnn.kind, &vgg11.kind,
                                           &wrn16.kind};

const struct axis network_axis = {"network", "the layers of the network", kinds,
                                  KIND_COUNT(kinds), "csnn"};

const struct network *network_of(const struct kind *kind)
{
    return (const struct network *)kind;
}

/* Residual networks: a convolution, then groups of blocks of two 3x3
 * convolutions and a shortcut. */
#include "core/network_parts.h"

/* what they share ----------------------------------------------------- */

enum { ORDER_POST, ORDER_PRE };
static const char *const order_names[] = {"post", "pre", NULL};

#define ORDER_ROW(kind)                                                        \
    {.name = "order", .unit = "1",                                             \
     .doc = "post: a block is [conv, norm, neurons, conv, norm, + shortcut, neurons] and the "  \
            "shortcut takes spikes, itself normalized where it is a convolution; pre: it is "   \
            "[norm, neurons, conv, norm, neurons, conv, + shortcut] and the shortcut takes "    \
            "currents, or a convolution of the block's first spikes",          \
     .type = ROW_CHOICE, .fallback = "post", .choices = order_names,           \
     .offset = offsetof(struct kind, order)}

/* Blocks that follow the n before, all of n_out channels; the first of them
 * has the stride. */
struct group {
    size_t n_blocks, n_out, stride;
};

/* The last of the n blocks before has n_before channels. With order "pre" norm
 * and neurons that a residual block begins with end the one before. */
static void describe_block(int order, size_t n_before, size_t n_out,
                           size_t stride, struct block *blocks, size_t n)
{
    blocks[n] = network_convolution_block(n_out, stride, POOL_NONE);
    blocks[n + 1] = network_convolution_block(n_out, 1, POOL_NONE);
    blocks[n + 1].from = n - 1;
    blocks[n + 1].sums_first = order == ORDER_PRE;
    blocks[n + 1].shortcut = n_before == n_out && stride == 1
                                 ? SHORTCUT_IDENTITY
                                 : SHORTCUT_CONVOLUTION;
    blocks[n + 1].shortcut_stride = stride;
}

static size_t describe_groups(int order, size_t width, size_t n_groups,
                              const struct group *groups, struct block *blocks)
{
    size_t n_before = width, n = 1;
    blocks[0] = network_convolution_block(width, 1, POOL_NONE);
    for (size_t g = 0; g < n_groups; g++)
        for (size_t i = 0; i < groups[g].n_blocks; i++, n += 2) {
            describe_block(order, n_before, groups[g].n_out,
                           i == 0 ? groups[g].stride : 1, blocks, n);
            n_before = groups[g].n_out;
        }
    return n;
}

/* wrn16 --------------------------------------------------------------- */

struct wrn16 {
    struct network_common common;
    size_t width, widening;
    int order;
};

static const struct row wrn16_rows[] = {
    NETWORK_COMMON_ROWS,
    {.name = "width", .unit = "1",
     .doc = "channels of the first convolution; the groups have 1, 2 and 4 times "
            "`widening` as many",
     .type = ROW_COUNT, .scale = SCALE_LOG, .fallback = "16", .minimum = 1,
     .maximum = 64, .offset = offsetof(struct wrn16, width)},
    {.name = "widening", .unit = "1", .doc = "the k of WRN-16-k",
     .type = ROW_COUNT, .scale = SCALE_LOG, .fallback = "4", .minimum = 1,
     .maximum = 16, .offset = offsetof(struct wrn16, widening)},
    ORDER_ROW(wrn16),
};

static size_t wrn16_describe(const void *params,
                             struct block blocks[NETWORK_BLOCKS_MAX])
{
    const struct wrn16 *wrn16 = params;
    size_t wide = wrn16->width * wrn16->widening;
    struct group groups[] = {{2, wide, 1}, {2, 2 * wide, 2}, {2, 4 * wide, 2}};
    return describe_groups(wrn16->order, wrn16->width, KIND_COUNT(groups),
                           groups, blocks);
}

const struct network network_wrn16 = {
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

/* resnet18, resnet19 -------------------------------------------------- */

struct resnet {
    struct network_common common;
    size_t width;
    int order;
};

#define RESNET_ROWS(channels, factors)                                         \
    NETWORK_COMMON_ROWS,                                                       \
    {.name = "width", .unit = "1",                                             \
     .doc = "channels of the first convolution; the groups have " factors      \
            " times as many",                                                  \
     .type = ROW_COUNT, .scale = SCALE_LOG, .fallback = channels, .minimum = 1, \
     .maximum = 512, .offset = offsetof(struct resnet, width)},                \
    ORDER_ROW(resnet)

static const struct row resnet18_rows[] = {RESNET_ROWS("64", "1, 2, 4 and 8")};

static size_t resnet18_describe(const void *params,
                                struct block blocks[NETWORK_BLOCKS_MAX])
{
    const struct resnet *resnet = params;
    size_t n = resnet->width;
    struct group groups[] = {{2, n, 1}, {2, 2 * n, 2}, {2, 4 * n, 2},
                             {2, 8 * n, 2}};
    return describe_groups(resnet->order, n, KIND_COUNT(groups), groups,
                           blocks);
}

const struct network network_resnet18 = {
    .kind = {.name = "resnet18",
             .doc = "ResNet-18 for small images: a 3x3 convolution of 64 channels, not pooled, "
                    "then groups of 2 blocks of 64, 128, 256 and 512, all but the first with "
                    "stride 2; global average",
             .cite = "He et al., CVPR 2016, table 1, with the first layers of their CIFAR "
                     "networks; order post: Zheng et al., AAAI 2021 (arXiv 2011.05280)",
             .rows = resnet18_rows,
             .n_rows = KIND_COUNT(resnet18_rows),
             .params_size = sizeof(struct resnet)},
    .describe = resnet18_describe,
    .global_average = true,
};

static const struct row resnet19_rows[] = {RESNET_ROWS("128", "1, 2 and 4")};

static size_t resnet19_describe(const void *params,
                                struct block blocks[NETWORK_BLOCKS_MAX])
{
    const struct resnet *resnet = params;
    size_t n = resnet->width;
    struct group groups[] = {{3, n, 1}, {3, 2 * n, 2}, {2, 4 * n, 2}};
    return describe_groups(resnet->order, n, KIND_COUNT(groups), groups,
                           blocks);
}

const struct network network_resnet19 = {
    .kind = {.name = "resnet19",
             .doc = "ResNet-19: a 3x3 convolution of 128 channels, then groups of 3, 3 and 2 "
                    "blocks of 128, 256 and 512, the latter two with stride 2; global average, "
                    "and the read-out without the hidden layer of 256 neurons that some put "
                    "before it",
             .cite = "Zheng et al., AAAI 2021 (arXiv 2011.05280), table of "
                     "the network",
             .rows = resnet19_rows,
             .n_rows = KIND_COUNT(resnet19_rows),
             .params_size = sizeof(struct resnet)},
    .describe = resnet19_describe,
    .global_average = true,
};

/* Residual networks: a convolution, then groups of blocks of two 3x3
 * convolutions and a shortcut. */
#include "core/network_parts.h"
#include "core/spec.h"

/* what they share ----------------------------------------------------- */

/* How a network's blocks are joined. */
struct residual {
    int order, shortcut;
};

enum { ORDER_POST, ORDER_PRE };
static const char *const order_names[] = {"post", "pre", NULL};
static const char *const shortcut_names[] = {"current",  "sew_add",  "sew_and",
                                             "sew_iand", "membrane", NULL};
static const enum block_join joins[] = {JOIN_NORMALIZED, JOIN_ADD, JOIN_AND,
                                        JOIN_IAND, JOIN_MEMBRANE};

#define RESIDUAL_ROWS(kind)                                                    \
    {.name = "order", .unit = "1",                                             \
     .doc = "post: a block is [conv, norm, neurons, conv, norm, + shortcut, neurons] and the "  \
            "shortcut takes spikes, itself normalized where it is a convolution; pre: it is "   \
            "[norm, neurons, conv, norm, neurons, conv, + shortcut] and the shortcut takes "    \
            "currents, or a convolution of the block's first spikes",          \
     .type = ROW_CHOICE, .fallback = "post", .choices = order_names,           \
     .offset = offsetof(struct kind, residual.order)},                         \
    {.name = "shortcut", .unit = "1",                                          \
     .doc = "of order post: current: spikes, as a current, as said there; sew_add, sew_and, "   \
            "sew_iand: a block is [conv, norm, neurons, conv, norm, neurons], whose spikes A "  \
            "and the shortcut's S are joined to A + S, A S or (1 - A) S, and the shortcut has " \
            "norm and neurons where it is a convolution; membrane: what the neurons before the " \
            "block take is added, or a normalized convolution of it",          \
     .type = ROW_CHOICE, .fallback = "current", .choices = shortcut_names,     \
     .later = true, .offset = offsetof(struct kind, residual.shortcut)}

static enum block_join join_of(const struct residual *residual)
{
    return residual->order == ORDER_PRE ? JOIN_CURRENTS
                                        : joins[residual->shortcut];
}

static const char *object(const struct residual *residual)
{
    return residual->order == ORDER_PRE && residual->shortcut != 0
               ? "`shortcut` is of order post; order pre has a shortcut of its "
                 "own"
               : NULL;
}

#define SHORTCUT_CITE                                                          \
    "; shortcut sew: Fang et al., NeurIPS 2021 (arXiv 2102.04159), table 1 and "  \
    "section 4; membrane: MS-ResNet, Hu et al., IEEE TNNLS 2024 (arXiv "       \
    "2112.08954)"

/* Blocks that follow the n before, all of n_out channels; the first of them
 * has the stride. */
struct group {
    size_t n_blocks, n_out, stride;
};

/* The last of the n blocks before has n_before channels. With order "pre" norm
 * and neurons that a residual block begins with end the one before. A shortcut
 * with neurons of its own is a block beside the others. Returns how many there
 * are then. */
static size_t describe_block(enum block_join join, size_t n_before,
                             size_t n_out, size_t stride, struct block *blocks,
                             size_t n)
{
    bool same = n_before == n_out && stride == 1;
    bool beside = !same && network_joins_spikes(join);
    size_t from = n - 1;
    if (beside) {
        from = n;
        blocks[n] = network_convolution_block(n_out, stride, POOL_NONE);
        blocks[n++].size = 1;
    }
    blocks[n] = network_convolution_block(n_out, stride, POOL_NONE);
    blocks[n++].skips = beside ? 1 : 0;
    blocks[n] = network_convolution_block(n_out, 1, POOL_NONE);
    blocks[n].from = from;
    blocks[n].join = join;
    blocks[n].shortcut =
        same || beside ? SHORTCUT_IDENTITY : SHORTCUT_CONVOLUTION;
    blocks[n++].shortcut_stride = beside ? 1 : stride;
    return n;
}

static size_t describe_groups(const struct residual *residual, size_t width,
                              size_t n_groups, const struct group *groups,
                              struct block *blocks)
{
    size_t n_before = width, n = 1;
    blocks[0] = network_convolution_block(width, 1, POOL_NONE);
    for (size_t g = 0; g < n_groups; g++)
        for (size_t i = 0; i < groups[g].n_blocks; i++) {
            n = describe_block(join_of(residual), n_before, groups[g].n_out,
                               i == 0 ? groups[g].stride : 1, blocks, n);
            n_before = groups[g].n_out;
        }
    return n;
}

/* wrn16 --------------------------------------------------------------- */

struct wrn16 {
    struct network_common common;
    size_t width, widening;
    struct residual residual;
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
    RESIDUAL_ROWS(wrn16),
};

static size_t wrn16_describe(const void *params,
                             struct block blocks[NETWORK_BLOCKS_MAX])
{
    const struct wrn16 *wrn16 = params;
    size_t wide = wrn16->width * wrn16->widening;
    struct group groups[] = {{2, wide, 1}, {2, 2 * wide, 2}, {2, 4 * wide, 2}};
    return describe_groups(&wrn16->residual, wrn16->width,
                           KIND_COUNT(groups), groups, blocks);
}

static const char *wrn16_applies(const struct spec *spec)
{
    const struct wrn16 *wrn16 = spec->at[SPEC_NETWORK].params;
    return object(&wrn16->residual);
}

const struct network network_wrn16 = {
    .kind = {.name = "wrn16",
             .doc = "wide residual network WRN-16-k: a convolution, then 3 groups of 2 blocks of "
                    "two 3x3 convolutions and a shortcut; the second and third group begin with "
                    "stride 2; the shortcut is a 1x1 convolution where the shape changes; global "
                    "average",
             .cite = "Zagoruyko and Komodakis, BMVC 2016, table 1 (order pre); order post, "
                     "currents added before the neurons: Zheng et al., AAAI 2021 (arXiv "
                     "2011.05280), section on residual networks" SHORTCUT_CITE,
             .rows = wrn16_rows,
             .n_rows = KIND_COUNT(wrn16_rows),
             .params_size = sizeof(struct wrn16),
             .applies = wrn16_applies},
    .describe = wrn16_describe,
    .global_average = true,
};

/* resnet18, resnet19 -------------------------------------------------- */

struct resnet {
    struct network_common common;
    size_t width;
    struct residual residual;
};

#define RESNET_ROWS(channels, factors)                                         \
    NETWORK_COMMON_ROWS,                                                       \
    {.name = "width", .unit = "1",                                             \
     .doc = "channels of the first convolution; the groups have " factors      \
            " times as many",                                                  \
     .type = ROW_COUNT, .scale = SCALE_LOG, .fallback = channels, .minimum = 1, \
     .maximum = 512, .offset = offsetof(struct resnet, width)},                \
    RESIDUAL_ROWS(resnet)

static const char *resnet_applies(const struct spec *spec)
{
    const struct resnet *resnet = spec->at[SPEC_NETWORK].params;
    return object(&resnet->residual);
}

static const struct row resnet18_rows[] = {RESNET_ROWS("64", "1, 2, 4 and 8")};

static size_t resnet18_describe(const void *params,
                                struct block blocks[NETWORK_BLOCKS_MAX])
{
    const struct resnet *resnet = params;
    size_t n = resnet->width;
    struct group groups[] = {{2, n, 1}, {2, 2 * n, 2}, {2, 4 * n, 2},
                             {2, 8 * n, 2}};
    return describe_groups(&resnet->residual, n, KIND_COUNT(groups), groups,
                           blocks);
}

const struct network network_resnet18 = {
    .kind = {.name = "resnet18",
             .doc = "ResNet-18 for small images: a 3x3 convolution of 64 channels, not pooled, "
                    "then groups of 2 blocks of 64, 128, 256 and 512, all but the first with "
                    "stride 2; global average",
             .cite = "He et al., CVPR 2016, table 1, with the first layers of their CIFAR "
                     "networks; order post: Zheng et al., AAAI 2021 (arXiv 2011.05280)"
                     SHORTCUT_CITE,
             .rows = resnet18_rows,
             .n_rows = KIND_COUNT(resnet18_rows),
             .params_size = sizeof(struct resnet),
             .applies = resnet_applies},
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
    return describe_groups(&resnet->residual, n, KIND_COUNT(groups), groups,
                           blocks);
}

const struct network network_resnet19 = {
    .kind = {.name = "resnet19",
             .doc = "ResNet-19: a 3x3 convolution of 128 channels, then groups of 3, 3 and 2 "
                    "blocks of 128, 256 and 512, the latter two with stride 2; global average, "
                    "and the read-out without the hidden layer of 256 neurons that some put "
                    "before it",
             .cite = "Zheng et al., AAAI 2021 (arXiv 2011.05280), table of "
                     "the network" SHORTCUT_CITE,
             .rows = resnet19_rows,
             .n_rows = KIND_COUNT(resnet19_rows),
             .params_size = sizeof(struct resnet),
             .applies = resnet_applies},
    .describe = resnet19_describe,
    .global_average = true,
};

/* Networks of the VGG family: 3x3 convolutions, some of them pooled. */
#include "core/network_parts.h"

/* channels ------------------------------------------------------------ */

struct vgg {
    struct network_common common;
    size_t width, n_hidden, hidden_width;
    int pool;
};

#define VGG_ROWS(n_linear)                                                     \
    NETWORK_COMMON_ROWS,                                                       \
    {.name = "width", .unit = "1",                                             \
     .doc = "channels of the first convolution; the others have 1, 2, 4 and 8 times as many",   \
     .type = ROW_COUNT, .scale = SCALE_LOG, .fallback = "64", .minimum = 1,    \
     .maximum = 512, .offset = offsetof(struct vgg, width)},                   \
    NETWORK_POOL_ROW(vgg),                                                     \
    {.name = "n_hidden", .unit = "1",                                          \
     .doc = "linear layers of neurons between convolutions and read-out, which are not "        \
            "normalized",                                                      \
     .type = ROW_COUNT, .fallback = n_linear, .minimum = 0, .maximum = 8,      \
     .later = true, .offset = offsetof(struct vgg, n_hidden)},                 \
    {.name = "hidden_width", .unit = "1", .doc = "neurons of each of them",    \
     .type = ROW_COUNT, .scale = SCALE_LOG, .fallback = "4096", .minimum = 1,  \
     .maximum = 65536, .later = true,                                          \
     .offset = offsetof(struct vgg, hidden_width)}

/* A digit is a convolution, that many times as wide as the first. */
static size_t describe(const struct vgg *vgg, const char *layers,
                       struct block blocks[NETWORK_BLOCKS_MAX])
{
    size_t n = 0;
    for (; *layers; layers++)
        if (*layers == 'P')
            blocks[n - 1].pool = network_pool_of(vgg->pool);
        else
            blocks[n++] = network_convolution_block(
                (size_t)(*layers - '0') * vgg->width, 1, POOL_NONE);
    for (size_t i = 0; i < vgg->n_hidden; i++)
        blocks[n++] = network_linear_block(vgg->hidden_width, false);
    return n;
}

/* vgg9 ---------------------------------------------------------------- */

static const struct row vgg9_rows[] = {VGG_ROWS("1")};

static size_t vgg9_describe(const void *params,
                             struct block blocks[NETWORK_BLOCKS_MAX])
{
    return describe(params, "11P22P444P", blocks);
}

const struct network network_vgg9 = {
    .kind = {.name = "vgg9",
             .doc = "VGG-9: convolutions of 64 64 P 128 128 P 256 256 256 P channels, each with "
                    "norm and neurons, and a linear layer; P pools by 2; papers differ in its "
                    "size",
             .cite = "Simonyan and Zisserman, ICLR 2015, cut to nine layers as usual "
                     "for spiking networks: Rathi and Roy, IEEE TNNLS 2023 "
                     "(DIET-SNN)",
             .rows = vgg9_rows,
             .n_rows = KIND_COUNT(vgg9_rows),
             .params_size = sizeof(struct vgg)},
    .describe = vgg9_describe,
};

/* vgg11 --------------------------------------------------------------- */

static const struct row vgg11_rows[] = {VGG_ROWS("0")};

static size_t vgg11_describe(const void *params,
                             struct block blocks[NETWORK_BLOCKS_MAX])
{
    return describe(params, "1P2P44P88P88P", blocks);
}

const struct network network_vgg11 = {
    .kind = {.name = "vgg11",
             .doc = "VGG-11 with one linear layer: convolutions 3x3 of 64 P 128 P 256 256 P "
                    "512 512 P 512 512 P channels, each with norm and neurons; P pools by 2",
             .cite = "Simonyan and Zisserman, ICLR 2015, table 1, column A, without its "
                     "hidden linear layers; batch-normalized",
             .rows = vgg11_rows,
             .n_rows = KIND_COUNT(vgg11_rows),
             .params_size = sizeof(struct vgg)},
    .describe = vgg11_describe,
};

/* vgg11_rat ----------------------------------------------------------- */

static const struct row vgg11_rat_rows[] = {VGG_ROWS("2")};

static size_t vgg11_rat_describe(const void *params,
                             struct block blocks[NETWORK_BLOCKS_MAX])
{
    return describe(params, "1P24P888P88", blocks);
}

const struct network network_vgg11_rat = {
    .kind = {.name = "vgg11_rat",
             .doc = "the VGG-11 of SNN-RAT: convolutions of 64 P 128 256 P 512 512 512 P 512 512 "
                    "channels, then linear layers of 4096 4096 neurons; P pools by 2",
             .cite = "Ding et al., NeurIPS 2022 (SNN-RAT), the authors' program",
             .rows = vgg11_rat_rows,
             .n_rows = KIND_COUNT(vgg11_rat_rows),
             .params_size = sizeof(struct vgg)},
    .describe = vgg11_rat_describe,
};

/* vgg16 --------------------------------------------------------------- */

static const struct row vgg16_rows[] = {VGG_ROWS("0")};

static size_t vgg16_describe(const void *params,
                             struct block blocks[NETWORK_BLOCKS_MAX])
{
    return describe(params, "11P22P444P888P888P", blocks);
}

const struct network network_vgg16 = {
    .kind = {.name = "vgg16",
             .doc = "VGG-16 with one linear layer: convolutions of 64 64 P 128 128 P 256 256 256 "
                    "P 512 512 512 P 512 512 512 P channels, each with norm and neurons; P pools "
                    "by 2",
             .cite = "Simonyan and Zisserman, ICLR 2015, table 1, column D, without its "
                     "hidden linear layers (n_hidden 2 adds them); "
                     "batch-normalized",
             .rows = vgg16_rows,
             .n_rows = KIND_COUNT(vgg16_rows),
             .params_size = sizeof(struct vgg)},
    .describe = vgg16_describe,
};

/* vgg16_rat ----------------------------------------------------------- */

static const struct row vgg16_rat_rows[] = {VGG_ROWS("2")};

const struct network network_vgg16_rat = {
    .kind = {.name = "vgg16_rat",
             .doc = "the VGG-16 of SNN-RAT: the convolutions and poolings of vgg16, then linear "
                    "layers of 4096 4096 neurons",
             .cite = "Ding et al., NeurIPS 2022 (SNN-RAT), the authors' program",
             .rows = vgg16_rat_rows,
             .n_rows = KIND_COUNT(vgg16_rat_rows),
             .params_size = sizeof(struct vgg)},
    .describe = vgg16_describe,
};

/* Networks that are lists of layers. */
#include "core/network_parts.h"
#include "core/spec.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define NORMALIZE_LINEAR_ROW(kind)                                             \
    {.name = "normalize_linear", .unit = "1",                                  \
     .doc = "normalize linear layers of neurons, too",                         \
     .type = ROW_FLAG, .fallback = "false",                                    \
     .offset = offsetof(struct kind, normalize_linear)}

/* mlp ----------------------------------------------------------------- */

struct mlp {
    struct network_common common;
    bool normalize_linear;
    struct counts hidden;
};

static const struct row mlp_rows[] = {
    NETWORK_COMMON_ROWS,
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
        blocks[i] =
            network_linear_block(mlp->hidden.at[i], mlp->normalize_linear);
    return mlp->hidden.n;
}

const struct network network_mlp = {
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
    NETWORK_COMMON_ROWS,
    NORMALIZE_LINEAR_ROW(csnn),
    {.name = "channels", .unit = "1",
     .doc = "channels of each 3x3 convolution; every one is pooled by 2",
     .type = ROW_COUNTS, .fallback = "[32, 64]", .minimum = 1,
     .maximum = 4096, .offset = offsetof(struct csnn, channels)},
    {.name = "hidden", .unit = "1",
     .doc = "neurons of each linear layer after the convolutions",
     .type = ROW_COUNTS, .fallback = "[128]", .minimum = 1, .maximum = 65536,
     .offset = offsetof(struct csnn, hidden)},
    NETWORK_POOL_ROW(csnn),
};

static size_t csnn_describe(const void *params,
                            struct block blocks[NETWORK_BLOCKS_MAX])
{
    const struct csnn *csnn = params;
    size_t n = 0;
    for (size_t i = 0; i < csnn->channels.n; i++)
        blocks[n++] = network_convolution_block(csnn->channels.at[i], 1,
                                                network_pool_of(csnn->pool));
    for (size_t i = 0; i < csnn->hidden.n; i++)
        blocks[n++] = network_linear_block(csnn->hidden.at[i],
                                           csnn->normalize_linear);
    return n;
}

const struct network network_csnn = {
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

/* layers -------------------------------------------------------------- */

struct layers {
    struct network_common common;
    bool normalize_linear;
    const char *layers;
};

static const struct row layers_rows[] = {
    NETWORK_COMMON_ROWS,
    NORMALIZE_LINEAR_ROW(layers),
    {.name = "layers", .unit = "1",
     .doc = "the layers, joined by -: nC3 and nC1 are convolutions of n channels, 3x3 and 1x1, "
            "nC3S2 and nC1S2 such with stride 2; AP2 and MP2 pool the spikes of the convolution "
            "before; nFC are n neurons on all outputs before, after the convolutions",
     .type = ROW_TEXT, .fallback = "\"32C3-AP2-64C3-AP2-128FC\"",
     .offset = offsetof(struct layers, layers)},
};

/* "C3", "C3S2", "C1", "C1S2" or "FC" after the number of outputs. */
static bool read_layer(const char *text, size_t n_text, bool normalize_linear,
                       struct block *block)
{
    static const struct {
        const char *name;
        size_t size, stride;
    } convolutions[] = {{"C3", 3, 1}, {"C3S2", 3, 2}, {"C1", 1, 1},
                        {"C1S2", 1, 2}};
    enum { OUTPUTS_MAX = 65536 };
    char *end = NULL;
    if (!isdigit((unsigned char)*text))
        return false;
    unsigned long n = strtoul(text, &end, 10);
    size_t n_name = n_text - (size_t)(end - text);
    if (n < 1 || n > OUTPUTS_MAX)
        return false;
    if (n_name == 2 && memcmp(end, "FC", 2) == 0) {
        *block = network_linear_block(n, normalize_linear);
        return true;
    }
    for (size_t i = 0; i < KIND_COUNT(convolutions); i++) {
        const char *name = convolutions[i].name;
        if (n_name != strlen(name) || memcmp(end, name, n_name) != 0)
            continue;
        *block =
            network_convolution_block(n, convolutions[i].stride, POOL_NONE);
        block->size = convolutions[i].size;
        return true;
    }
    return false;
}

/* Pools the block before; false if there is none to be pooled. */
static bool read_pool(const char *text, size_t n_text, struct block *before)
{
    bool is_average = n_text == 3 && memcmp(text, "AP2", 3) == 0;
    bool is_max = n_text == 3 && memcmp(text, "MP2", 3) == 0;
    if ((!is_average && !is_max) || !before ||
        before->operation != BLOCK_CONVOLUTION || before->pool != POOL_NONE)
        return false;
    before->pool = is_average ? POOL_AVERAGE : POOL_MAX;
    return true;
}

/* The number of blocks; 0 if the text is not understood. */
static size_t read_layers(const struct layers *layers,
                          struct block blocks[NETWORK_BLOCKS_MAX])
{
    size_t n = 0;
    for (const char *text = layers->layers; true;) {
        size_t n_text = strcspn(text, "-");
        struct block block = {0};
        bool follows_linear =
            n > 0 && blocks[n - 1].operation == BLOCK_LINEAR;
        if (read_layer(text, n_text, layers->normalize_linear, &block)) {
            if (n == NETWORK_BLOCKS_MAX ||
                (follows_linear && block.operation != BLOCK_LINEAR))
                return 0;
            blocks[n++] = block;
        } else if (!read_pool(text, n_text, n > 0 ? &blocks[n - 1] : NULL)) {
            return 0;
        }
        if (text[n_text] == '\0')
            return n;
        text += n_text + 1;
    }
}

static size_t layers_describe(const void *params,
                              struct block blocks[NETWORK_BLOCKS_MAX])
{
    return read_layers(params, blocks);
}

static const char *layers_applies(const struct spec *spec)
{
    struct block blocks[NETWORK_BLOCKS_MAX] = {{0}};
    return read_layers(spec->at[SPEC_NETWORK].params, blocks) > 0
               ? NULL
               : "`layers` has to read like 64C3-AP2-128C3S2-64C1-MP2-256FC-"
                 "10FC: convolutions, each with a pooling or none, then "
                 "linear layers, 64 in all at most";
}

const struct network network_layers = {
    .kind = {.name = "layers",
             .doc = "a network that is written out layer by layer, each with norm and neurons",
             .cite = "the notation is usual in papers on spiking networks",
             .rows = layers_rows,
             .n_rows = KIND_COUNT(layers_rows),
             .params_size = sizeof(struct layers),
             .applies = layers_applies},
    .describe = layers_describe,
};

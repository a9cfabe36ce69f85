/* The nodes of a NIR file that become layers. */
#include "io/nir_parts.h"
#include "io/tensor_order.h"

#include <string.h>

enum status nir_refuse_node(const struct nir_chain *chain,
                               const struct nir_node *node, const char *what,
                               const char *allowed)
{
    return status_refuse(STATUS_INVALID, "%s: node %s (%s) %s; allowed is %s",
                            chain->file->path, node->name, node->type, what,
                            allowed);
}

/* Two numbers, or one for both, that must be these. */
static enum status check_pair(const struct nir_chain *chain,
                              const struct nir_node *node, const char *name,
                              size_t a, size_t b, const char *allowed)
{
    struct hdf5_numbers pair;
    TRY(nir_file_get(chain->file, node, name, 0, 1, &pair));
    double first = pair.at[0], second = pair.n > 1 ? pair.at[1] : first;
    if (pair.n > 2 || first != (double)a || second != (double)b)
        return nir_refuse_node(chain, node,
                               arena_print(chain->file->arena,
                                       "has a %s of %g, %g",
                                       name, first, second),
                               allowed);
    return STATUS_OK;
}

/* operations ---------------------------------------------------------- */

static enum status check_place(const struct nir_chain *chain,
                               const struct nir_node *node)
{
    if (chain->waits)
        return nir_refuse_node(chain, node, "follows weights without neurons",
                               "IF or LIF between them");
    return chain->net->n_layers < NETWORK_BLOCKS_MAX - 1
               ? STATUS_OK
               : nir_refuse_node(chain, node, "is one layer too many",
                                 "63, the read-out among them");
}

static struct feedforward_layer *begin_layer(struct nir_chain *chain)
{
    struct feedforward *net = chain->net;
    struct feedforward_layer *layer = &net->layers[net->n_layers];
    *layer = (struct feedforward_layer){.in = chain->shape};
    chain->waits = true;
    return layer;
}

/* What sums have more than averages is in the weights. */
static void to_floats(const struct hdf5_numbers *from, double factor, float *to)
{
    for (size_t i = 0; i < from->n; i++)
        to[i] = (float)(from->at[i] * factor);
}

static enum status read_bias(const struct nir_chain *chain,
                             const struct nir_node *node, size_t n,
                             float **bias)
{
    struct hdf5_numbers array;
    *bias = ARENA_ARRAY(chain->file->arena, float, n);
    if (strcmp(node->type, "Linear") == 0 ||
        (strcmp(node->type, "Conv2d") == 0 &&
         !nir_file_has(chain->file, node, "bias")))
        return STATUS_OK;
    TRY(nir_file_get(chain->file, node, "bias", 0, 1, &array));
    if (array.n != n && array.n != 1)
        return nir_refuse_node(chain, node, "has a bias of another length",
                               "one for each row of the weight");
    for (size_t i = 0; i < n; i++)
        (*bias)[i] = (float)array.at[array.n == 1 ? 0 : i];
    return STATUS_OK;
}

static enum status read_linear(struct nir_chain *chain,
                               const struct nir_node *node)
{
    struct hdf5_numbers weight;
    struct arena *arena = chain->file->arena;
    TRY(check_place(chain, node));
    TRY(nir_file_get(chain->file, node, "weight", 2, 2, &weight));
    size_t n_out = weight.extent[0], n_in = weight.extent[1];
    bool is_image =
        !chain->flat && chain->shape.height * chain->shape.width > 1;
    if (is_image)
        return nir_refuse_node(chain, node, "takes an image",
                               "Flatten before it");
    if (n_in != image_size(chain->shape))
        return nir_refuse_node(
            chain, node,
            arena_print(arena, "takes %zu numbers, and %zu come in", n_in,
                        image_size(chain->shape)),
            "a weight of as many columns");
    struct feedforward_layer *layer = begin_layer(chain);
    layer->operation = BLOCK_LINEAR;
    layer->size = layer->stride = 1;
    layer->out = (struct image_shape){1, 1, n_out};
    float *theirs = ARENA_ARRAY(arena, float, weight.n);
    layer->weights = ARENA_ARRAY(arena, float, weight.n);
    to_floats(&weight, chain->factor, theirs);
    tensor_reorder_linear(chain->shape, n_out, theirs, layer->weights);
    TRY(read_bias(chain, node, n_out, &layer->bias));
    chain->shape = layer->out;
    chain->flat = true;
    chain->factor = 1.0;
    return STATUS_OK;
}

/* 3 x 3 with a padding of 1, 1 x 1 with none; a stride of 1 or 2. */
static enum status check_convolution(const struct nir_chain *chain,
                                     const struct nir_node *node,
                                     const struct hdf5_numbers *weight,
                                     size_t *stride)
{
    static const char sizes[] = "3 x 3 with padding 1, or 1 x 1 with padding 0";
    static const char ones[] = "1";
    struct hdf5_numbers strides;
    size_t size = weight->extent[2];
    if ((size != 1 && size != 3) || weight->extent[3] != size)
        return nir_refuse_node(chain, node,
                               arena_print(chain->file->arena,
                                       "has a kernel of %zu x %zu", size,
                                       weight->extent[3]),
                               sizes);
    TRY(check_pair(chain, node, "padding", size / 2, size / 2, sizes));
    TRY(check_pair(chain, node, "dilation", 1, 1, ones));
    TRY(check_pair(chain, node, "groups", 1, 1, ones));
    TRY(nir_file_get(chain->file, node, "stride", 0, 1, &strides));
    *stride = strides.at[0] == 2.0 ? 2 : 1;
    return check_pair(chain, node, "stride", *stride, *stride,
                      "1, or 2 in both directions");
}

static enum status read_convolution(struct nir_chain *chain,
                                    const struct nir_node *node)
{
    struct hdf5_numbers weight;
    struct arena *arena = chain->file->arena;
    size_t stride = 1;
    TRY(check_place(chain, node));
    TRY(nir_file_get(chain->file, node, "weight", 4, 4, &weight));
    if (chain->flat || chain->averaged)
        return nir_refuse_node(chain, node, "takes a vector",
                               "a convolution of images, before any Flatten");
    if (weight.extent[1] != chain->shape.n_channels)
        return nir_refuse_node(
            chain, node,
            arena_print(arena, "takes %zu channels, and %zu come in",
                        weight.extent[1], chain->shape.n_channels),
            "a weight of as many");
    TRY(check_convolution(chain, node, &weight, &stride));
    struct feedforward_layer *layer = begin_layer(chain);
    layer->operation = BLOCK_CONVOLUTION;
    layer->size = weight.extent[2];
    layer->stride = stride;
    layer->out = (struct image_shape){
        (chain->shape.height + stride - 1) / stride,
        (chain->shape.width + stride - 1) / stride, weight.extent[0]};
    float *theirs = ARENA_ARRAY(arena, float, weight.n);
    layer->weights = ARENA_ARRAY(arena, float, weight.n);
    to_floats(&weight, chain->factor, theirs);
    tensor_reorder_kernel(layer->size, weight.extent[1], weight.extent[0],
                          theirs, layer->weights);
    TRY(read_bias(chain, node, weight.extent[0], &layer->bias));
    chain->shape = layer->out;
    chain->factor = 1.0;
    return STATUS_OK;
}

/* what follows weights ------------------------------------------------ */

static enum status read_neurons(struct nir_chain *chain,
                                const struct nir_node *node)
{
    struct feedforward *net = chain->net;
    if (!chain->waits)
        return nir_refuse_node(chain, node, "has no weights before it",
                               "Conv2d, Affine or Linear before each");
    if (chain->averaged)
        return nir_refuse_node(chain, node,
                               "follows an average of whole images",
                               "such an average before the last Affine only");
    TRY(nir_read_neurons(chain->file, node, chain->dt, &chain->threshold,
                         &net->layers[net->n_layers]));
    net->n_layers++;
    chain->waits = false;
    return STATUS_OK;
}

/* An average of all that there is, which the read-out takes. */
static bool covers_all(const struct nir_chain *chain,
                       const struct hdf5_numbers *size)
{
    return size->n == 2 && size->at[0] == (double)chain->shape.height &&
           size->at[1] == (double)chain->shape.width;
}

static enum status read_pool(struct nir_chain *chain,
                             const struct nir_node *node)
{
    static const char sizes[] =
        "2 x 2 with stride 2 and padding 0 after neurons, or of the whole "
        "image before the last Affine";
    struct hdf5_numbers size;
    struct feedforward *net = chain->net;
    struct image_shape shape = chain->shape;
    bool sums = strcmp(node->type, "SumPool2d") == 0;
    if (net->n_layers == 0 || chain->waits || chain->flat || chain->averaged)
        return nir_refuse_node(chain, node,
                               "does not follow an image of neurons", sizes);
    struct feedforward_layer *layer = &net->layers[net->n_layers - 1];
    TRY(nir_file_get(chain->file, node, "kernel_size", 0, 1, &size));
    TRY(check_pair(chain, node, "padding", 0, 0, sizes));
    if (covers_all(chain, &size) &&
        (layer->pooled || shape.height != 2 || shape.width != 2)) {
        net->last = shape;
        chain->averaged = true;
        chain->factor = sums ? (double)(shape.height * shape.width) : 1.0;
        chain->shape.height = chain->shape.width = 1;
        return STATUS_OK;
    }
    TRY(check_pair(chain, node, "kernel_size", 2, 2, sizes));
    TRY(check_pair(chain, node, "stride", 2, 2, sizes));
    if (layer->pooled)
        return nir_refuse_node(chain, node, "pools what is pooled", sizes);
    layer->pooled = true;
    chain->shape = feedforward_pooled(layer);
    chain->factor = sums ? 4.0 : 1.0;
    return chain->shape.height * chain->shape.width > 0
               ? STATUS_OK
               : nir_refuse_node(chain, node, "leaves nothing of the image",
                                 "an image of at least 2 x 2");
}

static enum status read_flatten(struct nir_chain *chain,
                                const struct nir_node *node)
{
    (void)node;
    chain->flat = true;
    return STATUS_OK;
}

/* all of them --------------------------------------------------------- */

static const struct reader_of {
    const char *type;
    enum status (*read)(struct nir_chain *chain, const struct nir_node *node);
} readers[] = {
    {"Affine", read_linear},    {"Linear", read_linear},
    {"Conv2d", read_convolution}, {"LIF", read_neurons},
    {"IF", read_neurons},       {"CubaLIF", read_neurons},
    {"AvgPool2d", read_pool},
    {"SumPool2d", read_pool},   {"Flatten", read_flatten},
};

enum status nir_read_node(struct nir_chain *chain, const struct nir_node *node)
{
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
        if (strcmp(readers[i].type, node->type) == 0)
            return readers[i].read(chain, node);
    return nir_refuse_node(chain, node, "has no counterpart here",
                       "Affine, Linear, Conv2d, LIF, IF, AvgPool2d, SumPool2d "
                           "and Flatten between one Input and one Output");
}

#include "core/network.h"
#include "core/network_parts.h"

const char *const network_precision_names[] = {
    [PRECISION_FP32] = "fp32", [PRECISION_BF16] = "bf16", NULL};

const char *const network_pool_names[] = {"average", "max", NULL};

enum block_pool network_pool_of(int choice)
{
    return choice == 0 ? POOL_AVERAGE : POOL_MAX;
}

struct block network_linear_block(size_t n_out, bool normalized)
{
    return (struct block){.operation = BLOCK_LINEAR,
                          .n_out = n_out,
                          .pool = POOL_NONE,
                          .normalized = normalized};
}

struct block network_convolution_block(size_t n_out, size_t stride,
                                       enum block_pool pool)
{
    return (struct block){.operation = BLOCK_CONVOLUTION,
                          .size = 3,
                          .stride = stride,
                          .n_out = n_out,
                          .pool = pool,
                          .normalized = true};
}

/* table of contents --------------------------------------------------- */

static const struct kind *const kinds[] = {
    &network_mlp.kind,       &network_csnn.kind,     &network_layers.kind,
    &network_vgg9.kind,      &network_vgg11.kind,    &network_vgg11_rat.kind,
    &network_vgg16.kind,     &network_vgg16_rat.kind, &network_wrn16.kind,
    &network_resnet18.kind,  &network_resnet19.kind};

const struct axis network_axis = {"network", "the layers of the network", kinds,
                                  KIND_COUNT(kinds), "csnn"};

const struct network *network_of(const struct kind *kind)
{
    return (const struct network *)kind;
}

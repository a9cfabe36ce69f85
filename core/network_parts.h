/* What the families of networks share; private to core/network*.c. */
#ifndef CORE_NETWORK_PARTS_H
#define CORE_NETWORK_PARTS_H

#include "core/network.h"

extern const char *const network_precision_names[];

#define NETWORK_COMMON_ROWS                                                    \
    {.name = "n_steps", .unit = "1", .doc = "time steps T",                    \
     .type = ROW_COUNT, .fallback = "4", .minimum = 1, .maximum = 32,          \
     .offset = offsetof(struct network_common, n_steps)},                      \
    {.name = "gradient_precision", .unit = "1",                                \
     .doc = "factors of the dense products that take gradients back through a layer's "         \
            "weights, in training and attacks (lists of what is not zero are always fp32); "    \
            "bf16 needs a machine with AVX512-BF16 or AMX",                    \
     .type = ROW_CHOICE, .fallback = "fp32", .choices = network_precision_names, \
     .offset = offsetof(struct network_common, precision)}

#define NETWORK_POOL_ROW(struct_name)                                          \
    {.name = "pool", .unit = "1", .doc = "2x2 pooling of the spikes",          \
     .type = ROW_CHOICE, .fallback = "average", .choices = network_pool_names, \
     .offset = offsetof(struct struct_name, pool)}

extern const char *const network_pool_names[];
enum block_pool network_pool_of(int choice);

struct block network_linear_block(size_t n_out, bool normalized);
struct block network_convolution_block(size_t n_out, size_t stride,
                                       enum block_pool pool);

extern const struct network network_mlp, network_csnn, network_layers;
extern const struct network network_vgg9, network_vgg11, network_vgg11_rat,
    network_vgg16, network_vgg16_rat;
extern const struct network network_wrn16, network_resnet18, network_resnet19;

#endif

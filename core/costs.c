#include "core/costs.h"
#include "core/lanes.h"

const struct costs costs_builtin = {{
    [BLOCK_LINEAR] = {[COSTS_FORWARD] = {0.15, 0.3, 0.4, 0.6},
                      [COSTS_WEIGHTS] = {0.3, 0.3, 0.3, 0.4},
                      [COSTS_INPUT] = {0.1, 0.25, 0.35, 0.5}},
    [BLOCK_CONVOLUTION] = {[COSTS_FORWARD] = {0.3, 0.45, 0.45, 0.4},
                           [COSTS_WEIGHTS] = {0.45, 0.5, 0.5, 0.5},
                           [COSTS_INPUT] = {0.3, 0.35, 0.3, 0.2}},
}};

double costs_densest(const struct costs *costs, enum block_operation kind,
                     enum costs_use use, size_t n_out)
{
    size_t width = 0;
    while (width + 1 < COSTS_WIDTHS && n_out >= (size_t)LANES << (width + 1))
        width++;
    return costs->densest[kind][use][width];
}

#include "core/tuning.h"
#include "core/lanes.h"

const struct tuning tuning_builtin = {{
    [BLOCK_LINEAR] = {[TUNING_FORWARD] = {0.15, 0.2, 0.4, 0.5},
                      [TUNING_WEIGHTS] = {0.25, 0.3, 0.45, 0.5},
                      [TUNING_INPUT] = {0.1, 0.15, 0.35, 0.5}},
    [BLOCK_CONVOLUTION] = {[TUNING_FORWARD] = {0.55, 0.55, 0.6, 0.4},
                           [TUNING_WEIGHTS] = {0.75, 0.65, 0.7, 0.6},
                           [TUNING_INPUT] = {0.55, 0.4, 0.35, 0.3}},
}};

size_t tuning_outputs(size_t width)
{
    return (size_t)LANES << width;
}

double tuning_densest(const struct tuning *tuning, enum block_operation kind,
                     enum tuning_use use, size_t n_out)
{
    size_t width = 0;
    while (width + 1 < TUNING_WIDTHS && n_out >= tuning_outputs(width + 1))
        width++;
    return tuning->densest[kind][use][width];
}

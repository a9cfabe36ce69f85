#include "core/tuning.h"
#include "core/lanes.h"

const struct tuning tuning_builtin = {{
    [BLOCK_LINEAR] = {[TUNING_FORWARD] = {0.1, 0.2, 0.4, 0.5, 0.5, 0.55},
                      [TUNING_WEIGHTS] = {0.25, 0.25, 0.35, 0.45, 0.45, 0.45},
                      [TUNING_INPUT] = {0.05, 0.1, 0.3, 0.45, 0.5, 0.55}},
    [BLOCK_CONVOLUTION] = {[TUNING_FORWARD] = {0.5, 0.5, 0.4, 0.15, 0.1, 0.1},
                           [TUNING_WEIGHTS] = {0.75, 0.65, 0.65, 0.5, 0.4, 0.4},
                           [TUNING_INPUT] = {0.5, 0.45, 0.4, 0.15, 0.1, 0.1}},
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

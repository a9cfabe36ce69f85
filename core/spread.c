#include "core/spread.h"
#include "core/lanes.h"
#include "core/operation_parts.h"
#include "core/status.h"

#include <string.h>

size_t spread_fan_out(const struct operation *operation)
{
    return operation->size * operation->size * operation->n_out;
}

size_t spread_stride(const struct operation *operation)
{
    return (spread_fan_out(operation) + LANES - 1) / LANES * LANES;
}

/* One line of the kernel at one pixel: the taps that are inside the image lie
 * side by side, here and there. */
static void spread_taps(const struct operation *operation, size_t w,
                        const float *products, float *line)
{
    size_t n_out = operation->n_out, border = operation->size / 2;
    size_t at = w * operation->stride, right = operation->out_width + border;
    size_t first = at < border ? border - at : 0;
    size_t end = at + operation->size < right ? operation->size : right - at;
    const float *from = products + first * n_out;
    float *sum = line + (at + first - border) * n_out;
    for (size_t i = 0; i < (end - first) * n_out; i++)
        sum[i] += from[i];
}

/* Line h of a source, with its products [W][stride]. */
static void spread_line(const struct operation *operation, size_t h,
                        const float *products, float *image)
{
    size_t size = operation->size, n_taps = size * operation->n_out;
    size_t stride = spread_stride(operation);
    size_t n_line = operation->out_width * operation->n_out;
    for (size_t w = 0; w < operation->width; w++)
        for (size_t k = 0; k < size; k++) {
            size_t to = h * operation->stride + k - size / 2;
            if (to < operation->out_height)
                spread_taps(operation, w, products + w * stride + k * n_taps,
                            image + to * n_line);
        }
}

void spread_forward(const struct operation *operation,
                    const struct source *source, const float *weights,
                    struct image_range range, float *out)
{
    size_t height = operation->height, n_fan = spread_stride(operation);
    size_t n_line = operation->width * operation->n_in;
    size_t n_image =
        operation->out_height * operation->out_width * operation->n_out;
    size_t n_images = range.n * operation->n_steps;
    const float *from = source->floats + range.first * source->stride_image;
    float *to = out + range.first * operation->n_steps * n_image;
    MUST(source->floats && source->stride_step == height * n_line &&
         source->stride_image == operation->n_steps * source->stride_step);
    memset(to, 0, n_images * n_image * sizeof *to);
    for (size_t l = 0; l < n_images * height; l += operation->tile_lines) {
        size_t left = n_images * height - l;
        size_t n = left < operation->tile_lines ? left : operation->tile_lines;
        operation_multiply(
            operation, n * operation->width, n_fan, operation->n_in,
            (struct matrix){from + l * n_line, operation->n_in},
            (struct matrix){weights, n_fan}, operation->columns);
        for (size_t i = l; i < l + n; i++)
            spread_line(operation, i % height,
                        operation->columns +
                            (i - l) * operation->width * n_fan,
                        to + i / height * n_image);
    }
}

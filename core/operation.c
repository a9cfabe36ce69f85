#include "core/direct.h"
#include "core/lanes.h"
#include "core/operation_parts.h"
#include "core/spread.h"
#include "core/status.h"

#include <string.h>

size_t operation_fan_in(const struct operation *operation)
{
    return operation->size * operation->size * operation->n_in;
}

size_t operation_strided(size_t n, size_t stride)
{
    return (n + stride - 1) / stride;
}

/* What core/sparse.h is for and, with stride 1, core/direct.h. */
static bool is_3x3(const struct operation *operation)
{
    return operation->kind == BLOCK_CONVOLUTION && operation->size == 3;
}

void operation_lay_out(struct operation *operation, struct arena *arena)
{
    size_t border = operation->size - 1;
    if (operation->transformed)
        return;
    if (operation->spreads) {
        operation_take_columns(operation, operation->width,
                               spread_fan_out(operation), arena);
        return;
    }
    operation_take_columns(operation, operation->out_width,
                           operation_fan_in(operation), arena);
    if (operation->kind != BLOCK_CONVOLUTION)
        return;
    operation->padded = ARENA_ARRAY(arena, float,
                                    (operation->height + border) *
                                        (operation->width + border) *
                                        operation->n_in);
    if (!is_3x3(operation))
        return;
    operation->sparse = (struct sparse){.height = operation->height,
                                        .width = operation->width,
                                        .n_in = operation->n_in,
                                        .n_out = operation->n_out,
                                        .stride = operation->stride};
    sparse_lay_out(&operation->sparse, arena);
}

/* Without columns: the padded image itself is enough. */
static void forward_directly(const struct operation *operation,
                             const struct source *source, const float *weights,
                             size_t b, size_t t, float *out)
{
    struct direct direct = {operation->height, operation->width,
                            operation->n_in, operation->n_out};
    operation_load_padded(operation, source, b, t);
    direct_forward(&direct, operation->padded, weights, out);
}

static bool is_in_lanes(const struct operation *operation)
{
    return is_3x3(operation) && operation->n_out % LANES == 0;
}

/* Each image goes its own way, whatever the others of the batch are like. */
void operation_forward(const struct operation *operation,
                       const struct source *source, const float *weights,
                       struct image_range range, float *out)
{
    size_t height = operation->out_height, n_steps = operation->n_steps;
    struct lines all = operation_lines(operation, range);
    if (operation->transformed) {
        winograd_forward(&operation->winograd, source, weights, range, n_steps,
                         out);
        return;
    }
    if (operation->spreads) {
        spread_forward(operation, source, weights, range, out);
        return;
    }
    if (!is_in_lanes(operation) ||
        (operation->stride > 1 && !source->counts)) {
        operation_forward_dense(operation, source, weights, range, all, out);
        return;
    }
    for (size_t i = 0; i < range.n * n_steps; i++) {
        size_t b = range.first + i / n_steps, t = i % n_steps;
        float *image = out + operation_output_at(operation, range, i * height);
        if (source->counts &&
            sparse_load(&operation->sparse, source, SPARSE_FORWARD, b, t))
            sparse_forward(&operation->sparse, weights, image);
        else if (operation->stride > 1)
            operation_forward_dense(operation, source, weights, range,
                                    (struct lines){i * height, height}, out);
        else
            forward_directly(operation, source, weights, b, t, image);
    }
}

static void backward_lists(const struct operation *operation,
                           const struct source *source, const float *d_out,
                           struct image_range range, float *d_weights)
{
    size_t height = operation->out_height, n_steps = operation->n_steps;
    for (size_t i = 0; i < range.n * n_steps; i++) {
        size_t b = range.first + i / n_steps, t = i % n_steps;
        if (sparse_load(&operation->sparse, source, SPARSE_BACKWARD, b, t))
            sparse_backward_weights(
                &operation->sparse,
                d_out + operation_output_at(operation, range, i * height),
                d_weights);
        else
            operation_backward_dense(operation, source, d_out, range,
                                     (struct lines){i * height, height},
                                     d_weights);
    }
}

void operation_backward_weights(const struct operation *operation,
                                const struct source *source,
                                const float *d_out, struct image_range range,
                                float *d_weights)
{
    struct lines all = operation_lines(operation, range);
    if (source->counts && is_in_lanes(operation))
        backward_lists(operation, source, d_out, range, d_weights);
    else
        operation_backward_dense(operation, source, d_out, range, all,
                                 d_weights);
}

struct operation operation_reversed(const struct operation *operation)
{
    struct operation reversed = *operation;
    reversed.n_in = operation->n_out;
    reversed.n_out = operation->n_in;
    reversed.height = operation->out_height;
    reversed.width = operation->out_width;
    reversed.out_height = operation->height;
    reversed.out_width = operation->width;
    reversed.spreads = operation->stride > 1;
    reversed.columns = reversed.padded = NULL;
    reversed.winograd = (struct winograd){.height = reversed.height,
                                          .width = reversed.width,
                                          .n_in = reversed.n_in,
                                          .n_out = reversed.n_out};
    reversed.transformed = is_3x3(&reversed) && !reversed.spreads &&
                           winograd_serves(reversed.n_in, reversed.n_out);
    return reversed;
}

size_t operation_count_reversed(const struct operation *reversed)
{
    return reversed->transformed
               ? winograd_count_weights(reversed->n_in, reversed->n_out)
               : operation_fan_in(reversed) * reversed->n_out;
}

/* In squares, so that neither side leaves the first-level cache. */
static void transpose(size_t n_rows, size_t n_columns, const float *from,
                      float *to)
{
    enum { SIDE = 16 };
    for (size_t i = 0; i < n_rows; i += SIDE)
        for (size_t k = 0; k < n_columns; k += SIDE) {
            size_t i_end = i + SIDE < n_rows ? i + SIDE : n_rows;
            size_t k_end = k + SIDE < n_columns ? k + SIDE : n_columns;
            for (size_t row = i; row < i_end; row++)
                for (size_t column = k; column < k_end; column++)
                    to[column * n_rows + row] =
                        from[row * n_columns + column];
        }
}

void operation_reverse_weights(const struct operation *operation,
                               const float *weights, float *reversed)
{
    size_t n_taps = operation->size * operation->size;
    size_t n_tap = operation->n_in * operation->n_out;
    if (operation->stride > 1) {
        transpose(operation_fan_in(operation), operation->n_out, weights,
                  reversed);
        return;
    }
    bool transformed = operation_reversed(operation).transformed;
    float *to = transformed ? winograd_place_weights(
                                  operation->n_out, operation->n_in, reversed)
                            : reversed;
    for (size_t tap = 0; tap < n_taps; tap++)
        transpose(operation->n_in, operation->n_out, weights + tap * n_tap,
                  to + (n_taps - 1 - tap) * n_tap);
    if (transformed)
        winograd_transform_weights(operation->n_out, operation->n_in,
                                   reversed);
}

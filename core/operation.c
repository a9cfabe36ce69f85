#include "core/operation.h"
#include "core/direct.h"
#include "core/lanes.h"
#include "core/linalg.h"
#include "core/spread.h"
#include "core/status.h"

#include <string.h>

enum {
    TILE_ROWS = 256,       /* of a product: BLIS likes 64 to 512 */
    TILE_ENTRIES = 1 << 17 /* of the columns: half a megabyte */
};

size_t operation_fan_in(const struct operation *operation)
{
    return operation->size * operation->size * operation->n_in;
}

size_t operation_strided(size_t n, size_t stride)
{
    return (n + stride - 1) / stride;
}

static size_t at_least_one(size_t n)
{
    return n > 0 ? n : 1;
}

/* What core/sparse.h is for and, with stride 1, core/direct.h. */
static bool is_3x3(const struct operation *operation)
{
    return operation->kind == BLOCK_CONVOLUTION && operation->size == 3;
}

/* Columns of a tile [width][fan_in], rows of products if they are spread. */
static void take_columns(struct operation *operation, size_t width,
                         size_t fan_in, struct arena *arena)
{
    size_t rows = TILE_ENTRIES / fan_in;
    rows = rows > TILE_ROWS ? TILE_ROWS : rows < 64 ? 64 : rows;
    operation->tile_lines = at_least_one(rows / width);
    operation->columns =
        ARENA_ARRAY(arena, float, operation->tile_lines * width * fan_in);
}

void operation_lay_out(struct operation *operation, struct arena *arena)
{
    size_t border = operation->size - 1;
    if (operation->transformed)
        return;
    if (operation->spreads) {
        take_columns(operation, operation->width, spread_fan_out(operation),
                     arena);
        return;
    }
    take_columns(operation, operation->out_width, operation_fan_in(operation),
                 arena);
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

/* A range of images as lines of outputs: line l is line l % H' of image l / H',
 * where the images of the range are counted over all their steps. */
struct lines {
    size_t first, n;
};

static size_t count_lines(const struct operation *operation,
                          struct image_range range)
{
    return range.n * operation->n_steps * operation->out_height;
}

static void load_padded(const struct operation *operation,
                        const struct source *source, size_t b, size_t t)
{
    size_t n_line = operation->width * operation->n_in;
    size_t n_padded = n_line + (operation->size - 1) * operation->n_in;
    size_t first = operation->size / 2 * (n_padded + operation->n_in);
    for (size_t h = 0; h < operation->height; h++)
        source_load(source, b, t, h * n_line, n_line,
                    operation->padded + first + h * n_padded);
}

/* The taps of a kernel's line lie side by side in [H][W][C]. */
static void fill_line(const struct operation *operation, size_t h,
                      float *columns)
{
    size_t size = operation->size, n_taps = size * operation->n_in;
    size_t n_padded = (operation->width + size - 1) * operation->n_in;
    size_t stride = operation->stride;
    for (size_t w = 0; w < operation->out_width; w++)
        for (size_t k = 0; k < size; k++) {
            const float *from = operation->padded +
                                (h * stride + k) * n_padded +
                                w * stride * operation->n_in;
            float *restrict to = columns + (size * w + k) * n_taps;
            for (size_t i = 0; i < n_taps; i++)
                to[i] = from[i];
        }
}

static void fill_convolution(const struct operation *operation,
                             const struct source *source,
                             struct image_range range, struct lines lines)
{
    size_t height = operation->out_height, n_steps = operation->n_steps;
    size_t n_line = operation->out_width * operation_fan_in(operation);
    for (size_t i = 0; i < lines.n; i++) {
        size_t image = (lines.first + i) / height;
        size_t h = (lines.first + i) % height;
        if (h == 0)
            load_padded(operation, source, range.first + image / n_steps,
                        image % n_steps);
        fill_line(operation, h, operation->columns + i * n_line);
    }
}

static void fill_linear(const struct operation *operation,
                        const struct source *source, struct image_range range,
                        struct lines lines)
{
    size_t n_in = operation->n_in, n_steps = operation->n_steps;
    for (size_t i = 0; i < lines.n; i++) {
        size_t image = lines.first + i;
        source_load(source, range.first + image / n_steps, image % n_steps, 0,
                    n_in, operation->columns + i * n_in);
    }
}

/* Inputs of a linear map that lie there as a matrix already. */
static bool is_matrix(const struct operation *operation,
                      const struct source *source)
{
    return operation->kind == BLOCK_LINEAR && source->floats &&
           (operation->n_steps == 1 ||
            source->stride_image == operation->n_steps * source->stride_step);
}

static struct matrix find_matrix(const struct operation *operation,
                                 const struct source *source,
                                 struct image_range range, struct lines lines)
{
    size_t stride = operation->n_steps == 1 ? source->stride_image
                                            : source->stride_step;
    size_t first = range.first * operation->n_steps + lines.first;
    return (struct matrix){source->floats + first * stride, stride};
}

/* The matrix of the tile's inputs, a row for each output pixel. */
static struct matrix fill(const struct operation *operation,
                          const struct source *source,
                          struct image_range range, struct lines lines)
{
    if (is_matrix(operation, source))
        return find_matrix(operation, source, range, lines);
    if (operation->kind == BLOCK_CONVOLUTION)
        fill_convolution(operation, source, range, lines);
    else
        fill_linear(operation, source, range, lines);
    return (struct matrix){operation->columns, operation_fan_in(operation)};
}

static struct lines tile_at(const struct operation *operation, size_t first,
                            size_t n_lines)
{
    size_t n = operation->tile_lines;
    return (struct lines){first, first + n <= n_lines ? n : n_lines - first};
}

/* Where the outputs of a line begin in [B][S][H'][W'][C_out]. */
static size_t output_at(const struct operation *operation,
                        struct image_range range, size_t line)
{
    size_t first = count_lines(operation, (struct image_range){0, range.first});
    return (first + line) * operation->out_width * operation->n_out;
}

static void forward_dense(const struct operation *operation,
                          const struct source *source, const float *weights,
                          struct image_range range, struct lines lines,
                          float *out)
{
    size_t fan_in = operation_fan_in(operation), n_out = operation->n_out;
    size_t end = lines.first + lines.n;
    for (size_t l = lines.first; l < end; l += operation->tile_lines) {
        struct lines tile = tile_at(operation, l, end);
        struct matrix columns = fill(operation, source, range, tile);
        linalg_product(tile.n * operation->out_width, n_out, fan_in, columns,
                       (struct matrix){weights, n_out}, 0.0f,
                       out + output_at(operation, range, l), n_out);
    }
}

/* Without columns: the padded image itself is enough. */
static void forward_directly(const struct operation *operation,
                             const struct source *source, const float *weights,
                             size_t b, size_t t, float *out)
{
    struct direct direct = {operation->height, operation->width,
                            operation->n_in, operation->n_out};
    load_padded(operation, source, b, t);
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
    struct lines all = {0, count_lines(operation, range)};
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
        forward_dense(operation, source, weights, range, all, out);
        return;
    }
    for (size_t i = 0; i < range.n * n_steps; i++) {
        size_t b = range.first + i / n_steps, t = i % n_steps;
        float *image = out + output_at(operation, range, i * height);
        if (source->counts &&
            sparse_load(&operation->sparse, source, SPARSE_FORWARD, b, t))
            sparse_forward(&operation->sparse, weights, image);
        else if (operation->stride > 1)
            forward_dense(operation, source, weights, range,
                          (struct lines){i * height, height}, out);
        else
            forward_directly(operation, source, weights, b, t, image);
    }
}

static void backward_dense(const struct operation *operation,
                           const struct source *source, const float *d_out,
                           struct image_range range, struct lines lines,
                           float *d_weights)
{
    size_t fan_in = operation_fan_in(operation), n_out = operation->n_out;
    size_t end = lines.first + lines.n;
    for (size_t l = lines.first; l < end; l += operation->tile_lines) {
        struct lines tile = tile_at(operation, l, end);
        struct matrix columns = fill(operation, source, range, tile);
        struct matrix d_tile = {d_out + output_at(operation, range, l), n_out};
        linalg_product_left_transposed(fan_in, n_out,
                                       tile.n * operation->out_width, columns,
                                       d_tile, 1.0f, d_weights, n_out);
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
                d_out + output_at(operation, range, i * height), d_weights);
        else
            backward_dense(operation, source, d_out, range,
                           (struct lines){i * height, height}, d_weights);
    }
}

void operation_backward_weights(const struct operation *operation,
                                const struct source *source,
                                const float *d_out, struct image_range range,
                                float *d_weights)
{
    struct lines all = {0, count_lines(operation, range)};
    if (source->counts && is_in_lanes(operation))
        backward_lists(operation, source, d_out, range, d_weights);
    else
        backward_dense(operation, source, d_out, range, all, d_weights);
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

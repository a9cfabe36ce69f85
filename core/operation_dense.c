#include "core/operation_parts.h"

enum {
    TILE_ROWS = 256,       /* of a product: BLIS likes 64 to 512 */
    TILE_ENTRIES = 1 << 17 /* of the columns: half a megabyte */
};

static size_t at_least_one(size_t n)
{
    return n > 0 ? n : 1;
}

void operation_take_columns(struct operation *operation, size_t width,
                            size_t fan_in, struct arena *arena)
{
    size_t rows = TILE_ENTRIES / fan_in;
    rows = rows > TILE_ROWS ? TILE_ROWS : rows < 64 ? 64 : rows;
    operation->tile_lines = at_least_one(rows / width);
    operation->columns =
        ARENA_ARRAY(arena, float, operation->tile_lines * width * fan_in);
}

struct lines operation_lines(const struct operation *operation,
                             struct image_range range)
{
    return (struct lines){0, range.n * operation->n_steps *
                                 operation->out_height};
}

size_t operation_output_at(const struct operation *operation,
                           struct image_range range, size_t line)
{
    struct image_range before = {0, range.first};
    return (operation_lines(operation, before).n + line) *
           operation->out_width * operation->n_out;
}

void operation_load_padded(const struct operation *operation,
                           const struct source *source, size_t b, size_t t)
{
    size_t n_line = operation->width * operation->n_in;
    size_t n_padded = n_line + (operation->size - 1) * operation->n_in;
    size_t first = operation->size / 2 * (n_padded + operation->n_in);
    for (size_t h = 0; h < operation->height; h++)
        source_load(source, b, t, h * n_line, n_line,
                    operation->padded + first + h * n_padded);
}

/* What [first, first + n) has of `share`. */
static struct team_share overlap(struct team_share share, size_t first,
                                 size_t n)
{
    size_t end = share.first + share.n;
    end = end < first + n ? end : first + n;
    first = first > share.first ? first : share.first;
    return (struct team_share){first, end > first ? end - first : 0};
}

/* The taps of a kernel's line lie side by side in [H][W][C]; some of them. */
static void fill_line(const struct operation *operation, size_t h,
                      struct team_share some, float *columns)
{
    size_t size = operation->size, n_taps = size * operation->n_in;
    size_t n_padded = (operation->width + size - 1) * operation->n_in;
    size_t n_step = operation->stride * operation->n_in;
    for (size_t k = 0; k < size; k++) {
        struct team_share taps = overlap(some, k * n_taps, n_taps);
        const float *from = operation->padded +
                            (h * operation->stride + k) * n_padded +
                            taps.first - k * n_taps;
        float *restrict to = columns + taps.first - some.first;
        for (size_t w = 0; w < operation->out_width && taps.n > 0; w++)
            for (size_t i = 0; i < taps.n; i++)
                to[w * some.n + i] = from[w * n_step + i];
    }
}

static void fill_convolution(const struct operation *operation,
                             const struct source *source,
                             struct image_range range, struct lines lines,
                             struct team_share some)
{
    size_t height = operation->out_height, n_steps = operation->n_steps;
    size_t n_line = operation->out_width * some.n;
    for (size_t i = 0; i < lines.n; i++) {
        size_t image = (lines.first + i) / height;
        size_t h = (lines.first + i) % height;
        if (h == 0)
            operation_load_padded(operation, source,
                                  range.first + image / n_steps,
                                  image % n_steps);
        fill_line(operation, h, some, operation->columns + i * n_line);
    }
}

static void fill_linear(const struct operation *operation,
                        const struct source *source, struct image_range range,
                        struct lines lines, struct team_share some)
{
    size_t n_steps = operation->n_steps;
    for (size_t i = 0; i < lines.n; i++) {
        size_t image = lines.first + i;
        source_load(source, range.first + image / n_steps, image % n_steps,
                    some.first, some.n, operation->columns + i * some.n);
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
                                 struct image_range range, struct lines lines,
                                 struct team_share some)
{
    size_t stride = operation->n_steps == 1 ? source->stride_image
                                            : source->stride_step;
    size_t first = range.first * operation->n_steps + lines.first;
    return (struct matrix){source->floats + first * stride + some.first,
                           stride};
}

/* The matrix of the tile's inputs, a row for each output pixel; some of its
 * columns. */
static struct matrix fill(const struct operation *operation,
                          const struct source *source,
                          struct image_range range, struct lines lines,
                          struct team_share some)
{
    if (is_matrix(operation, source))
        return find_matrix(operation, source, range, lines, some);
    if (operation->kind == BLOCK_CONVOLUTION)
        fill_convolution(operation, source, range, lines, some);
    else
        fill_linear(operation, source, range, lines, some);
    return (struct matrix){operation->columns, some.n};
}

static struct lines tile_at(const struct operation *operation, size_t first,
                            size_t n_lines)
{
    size_t n = operation->tile_lines;
    return (struct lines){first, first + n <= n_lines ? n : n_lines - first};
}

void operation_multiply(const struct operation *operation, size_t m, size_t n,
                        size_t k, struct matrix a, struct matrix b, float *c)
{
    if (operation->bf16)
        linalg_product_bf16(m, n, k, a, b, c, n);
    else
        linalg_product(m, n, k, a, b, 0.0f, c, n);
}

void operation_forward_dense(const struct operation *operation,
                             const struct source *source, const float *weights,
                             struct image_range range, struct lines lines,
                             float *out)
{
    size_t fan_in = operation_fan_in(operation), n_out = operation->n_out;
    size_t end = lines.first + lines.n;
    struct team_share all = {0, fan_in};
    for (size_t l = lines.first; l < end; l += operation->tile_lines) {
        struct lines tile = tile_at(operation, l, end);
        struct matrix columns = fill(operation, source, range, tile, all);
        operation_multiply(operation, tile.n * operation->out_width, n_out,
                           fan_in, columns, (struct matrix){weights, n_out},
                           out + operation_output_at(operation, range, l));
    }
}

void operation_backward_dense(const struct operation *operation,
                              const struct source *source, const float *d_out,
                              struct image_range range, struct lines lines,
                              struct team_share rows, float *d_weights)
{
    size_t n_out = operation->n_out, end = lines.first + lines.n;
    for (size_t l = lines.first; l < end; l += operation->tile_lines) {
        struct lines tile = tile_at(operation, l, end);
        struct matrix columns = fill(operation, source, range, tile, rows);
        struct matrix d_tile = {
            d_out + operation_output_at(operation, range, l), n_out};
        linalg_product_left_transposed(
            rows.n, n_out, tile.n * operation->out_width, columns, d_tile,
            1.0f, d_weights + rows.first * n_out, n_out);
    }
}

#include "core/sparse_linear.h"
#include "core/lanes.h"

#include <string.h>

enum {
    ROWS = 256,  /* that pass over a block of weights together */
    INPUTS = 64, /* in a block, */
    WIDE = 8     /* vectors of outputs in a block: so many sums in registers */
};

void sparse_linear_lay_out(struct sparse_linear *linear, struct arena *arena)
{
    size_t n = ROWS * INPUTS + LISTING_SLACK;
    linear->start = ARENA_ARRAY(arena, uint32_t, ROWS + 1);
    linear->lists.place = ARENA_ARRAY(arena, uint32_t, n);
    linear->lists.value = ARENA_ARRAY(arena, float, n);
    linear->block = ARENA_ARRAY(arena, float, INPUTS * WIDE * LANES);
}

/* lists --------------------------------------------------------------- */

static size_t row_at(const struct source *source, size_t n_steps, size_t row)
{
    return row / n_steps * source->stride_image +
           row % n_steps * source->stride_step;
}

double sparse_linear_density(const struct sparse_linear *linear,
                             const struct source *source, size_t n_steps,
                             size_t row)
{
    size_t at = row_at(source, n_steps, row);
    return (double)listing_count(source, at, linear->n_in) /
           (double)linear->n_in;
}

/* Some inputs, some outputs; of a tile of rows. */
struct part {
    size_t first_in, n_in, first_out, n_lanes;
};

static void list_block(const struct sparse_linear *linear,
                       const struct sparse_rows *rows, const struct part *part)
{
    uint32_t n = 0;
    for (size_t r = 0; r < rows->n; r++) {
        size_t at = row_at(rows->source, rows->n_steps, rows->first + r);
        struct listing to = {linear->lists.place + n, linear->lists.value + n};
        linear->start[r] = n;
        n += (uint32_t)listing_load(rows->source, at + part->first_in,
                                    part->n_in, 0, to);
    }
    linear->start[rows->n] = n;
}

/* blocks of weights --------------------------------------------------- */

/* Rows of weights that are far apart share few lines of the cache: they are
 * moved together. */
static bool is_moved(const struct sparse_linear *linear)
{
    return linear->n_out > WIDE * LANES;
}

static size_t weights_at(const struct sparse_linear *linear,
                         const struct part *part)
{
    return part->first_in * linear->n_out + part->first_out;
}

static struct listing entries_of(const struct sparse_linear *linear, size_t row,
                                 size_t *n)
{
    uint32_t first = linear->start[row];
    *n = linear->start[row + 1] - first;
    return (struct listing){linear->lists.place + first,
                            linear->lists.value + first};
}

static void move_rows(const struct part *part, const float *from,
                      size_t stride_from, float *to, size_t stride_to)
{
    size_t n = part->n_lanes * LANES;
    for (size_t i = 0; i < part->n_in; i++)
        memcpy(to + i * stride_to, from + i * stride_from, n * sizeof *to);
}

/* forward ------------------------------------------------------------- */

/* Inlined with n_lanes constant: the sums stay in registers. */
static inline __attribute__((always_inline)) void
add_entries(struct listing entries, size_t n, size_t n_lanes,
            const float *weights, size_t stride, float *out)
{
    struct lanes sum[WIDE], row;
#pragma GCC unroll 8 /* WIDE */
    for (size_t k = 0; k < n_lanes; k++)
        memcpy(&sum[k], out + k * LANES, sizeof *sum);
    for (size_t i = 0; i < n; i++) {
        const float *from = weights + entries.place[i] * stride;
        float value = entries.value[i];
#pragma GCC unroll 8 /* WIDE */
        for (size_t k = 0; k < n_lanes; k++) {
            memcpy(&row, from + k * LANES, sizeof row);
            sum[k].at += value * row.at;
        }
    }
#pragma GCC unroll 8 /* WIDE */
    for (size_t k = 0; k < n_lanes; k++)
        memcpy(out + k * LANES, &sum[k], sizeof *sum);
}

static inline __attribute__((always_inline)) void
forward_rows(const struct sparse_linear *linear, size_t n_rows, size_t n_lanes,
             const float *weights, size_t stride, float *out)
{
    for (size_t r = 0; r < n_rows; r++) {
        size_t n;
        struct listing entries = entries_of(linear, r, &n);
        add_entries(entries, n, n_lanes, weights, stride,
                    out + r * linear->n_out);
    }
}

static void forward_part(const struct sparse_linear *linear, size_t n_rows,
                         const struct part *part, const float *weights,
                         float *out)
{
    size_t stride = linear->n_out;
    const float *from = weights + weights_at(linear, part);
    if (is_moved(linear)) {
        move_rows(part, from, stride, linear->block, WIDE * LANES);
        from = linear->block;
        stride = WIDE * LANES;
    }
    out += part->first_out;
    switch (part->n_lanes) {
    case 8: forward_rows(linear, n_rows, 8, from, stride, out); return;
    case 4: forward_rows(linear, n_rows, 4, from, stride, out); return;
    case 2: forward_rows(linear, n_rows, 2, from, stride, out); return;
    default: forward_rows(linear, n_rows, 1, from, stride, out); return;
    }
}

/* As many vectors as are left, in one, two, four or eight. */
static size_t count_lanes(size_t n_left)
{
    size_t n = WIDE;
    while (n * LANES > n_left)
        n /= 2;
    return n;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void forward_tile(const struct sparse_linear *linear,
                         const struct sparse_rows *rows, const float *weights,
                         float *out)
{
    struct part part = {0, 0, 0, 0};
    memset(out, 0, rows->n * linear->n_out * sizeof *out);
    for (; part.first_in < linear->n_in; part.first_in += part.n_in) {
        part.n_in = least(INPUTS, linear->n_in - part.first_in);
        list_block(linear, rows, &part);
        for (size_t c = 0; c < linear->n_out; c += part.n_lanes * LANES) {
            part.first_out = c;
            part.n_lanes = count_lanes(linear->n_out - c);
            forward_part(linear, rows->n, &part, weights, out);
        }
    }
}

void sparse_linear_forward(const struct sparse_linear *linear,
                           const struct sparse_rows *rows,
                           const float *weights, float *out)
{
    struct sparse_rows tile = *rows;
    for (size_t r = 0; r < rows->n; r += ROWS) {
        tile.first = rows->first + r;
        tile.n = least(ROWS, rows->n - r);
        forward_tile(linear, &tile, weights, out + r * linear->n_out);
    }
}

/* gradient of the weights --------------------------------------------- */

/* A row's gradient stays in registers while it is added, times each of the
 * row's entries, to the gradients of those entries' weights. */
static inline __attribute__((always_inline)) void
spread_gradient(struct listing entries, size_t n, size_t n_lanes,
                const float *d_out, size_t stride, float *d_weights)
{
    struct lanes gradient[WIDE], sum;
#pragma GCC unroll 8 /* WIDE */
    for (size_t k = 0; k < n_lanes; k++)
        memcpy(&gradient[k], d_out + k * LANES, sizeof *gradient);
    for (size_t i = 0; i < n; i++) {
        float *to = d_weights + entries.place[i] * stride;
        float value = entries.value[i];
#pragma GCC unroll 8 /* WIDE */
        for (size_t k = 0; k < n_lanes; k++) {
            memcpy(&sum, to + k * LANES, sizeof sum);
            sum.at += value * gradient[k].at;
            memcpy(to + k * LANES, &sum, sizeof sum);
        }
    }
}

static inline __attribute__((always_inline)) void
backward_rows(const struct sparse_linear *linear, size_t n_rows,
              size_t n_lanes, const float *d_out, size_t stride,
              float *d_weights)
{
    for (size_t r = 0; r < n_rows; r++) {
        size_t n;
        struct listing entries = entries_of(linear, r, &n);
        spread_gradient(entries, n, n_lanes, d_out + r * linear->n_out, stride,
                        d_weights);
    }
}

static void backward_part(const struct sparse_linear *linear, size_t n_rows,
                          const struct part *part, const float *d_out,
                          float *d_weights)
{
    size_t stride = linear->n_out;
    float *whole = d_weights + weights_at(linear, part), *to = whole;
    if (is_moved(linear)) {
        move_rows(part, whole, stride, linear->block, WIDE * LANES);
        to = linear->block;
        stride = WIDE * LANES;
    }
    d_out += part->first_out;
    switch (part->n_lanes) {
    case 8: backward_rows(linear, n_rows, 8, d_out, stride, to); break;
    case 4: backward_rows(linear, n_rows, 4, d_out, stride, to); break;
    case 2: backward_rows(linear, n_rows, 2, d_out, stride, to); break;
    default: backward_rows(linear, n_rows, 1, d_out, stride, to); break;
    }
    if (is_moved(linear))
        move_rows(part, linear->block, WIDE * LANES, whole, linear->n_out);
}

static void backward_tile(const struct sparse_linear *linear,
                          const struct sparse_rows *rows,
                          struct team_share inputs, const float *d_out,
                          float *d_weights)
{
    size_t end = inputs.first + inputs.n;
    struct part part = {inputs.first, 0, 0, 0};
    for (; part.first_in < end; part.first_in += part.n_in) {
        part.n_in = least(INPUTS, end - part.first_in);
        list_block(linear, rows, &part);
        for (size_t c = 0; c < linear->n_out; c += part.n_lanes * LANES) {
            part.first_out = c;
            part.n_lanes = count_lanes(linear->n_out - c);
            backward_part(linear, rows->n, &part, d_out, d_weights);
        }
    }
}

void sparse_linear_backward_weights(const struct sparse_linear *linear,
                                    const struct sparse_rows *rows,
                                    struct team_share inputs,
                                    const float *d_out, float *d_weights)
{
    struct sparse_rows tile = *rows;
    for (size_t r = 0; r < rows->n; r += ROWS) {
        tile.first = rows->first + r;
        tile.n = least(ROWS, rows->n - r);
        backward_tile(linear, &tile, inputs, d_out + r * linear->n_out,
                      d_weights);
    }
}

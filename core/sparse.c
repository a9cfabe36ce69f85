#include "core/sparse.h"
#include "core/lanes.h"

#include <string.h>

/* Measured; few outputs wait for each sum before they take the next. What a
 * stride leaves out is spared by the dense product, but not when entries are
 * gone through by channel. */
double sparse_densest(const struct sparse *sparse, enum sparse_use use)
{
    bool forward = use == SPARSE_FORWARD;
    double spared = forward ? 1.0 : (double)(sparse->stride * sparse->stride);
    if (sparse->n_out >= 4 * LANES)
        return (forward ? 0.45 : 0.5) / spared;
    if (sparse->n_out >= 2 * LANES)
        return (forward ? 0.28 : 0.35) / spared;
    return (forward ? 0.16 : 0.2) / spared;
}

void sparse_lay_out(struct sparse *sparse, struct arena *arena)
{
    size_t n = sparse->height * sparse->width * sparse->n_in;
    sparse->start = ARENA_ARRAY(arena, uint32_t,
                                (sparse->height + 2) * (sparse->width + 3));
    /* A place is written before it is known whether it is needed. */
    sparse->place = ARENA_ARRAY(arena, uint32_t, n + 1);
    sparse->value = ARENA_ARRAY(arena, float, n + 1);
    sparse->n_before =
        ARENA_ARRAY(arena, uint32_t, (sparse->height + 1) * sparse->n_in);
    sparse->channel_place = ARENA_ARRAY(arena, uint32_t, n);
    sparse->channel_value = ARENA_ARRAY(arena, float, n);
    sparse->padded = ARENA_ARRAY(arena, float,
                                 (sparse->height + 2) * (sparse->width + 2) *
                                     sparse->n_out);
}

/* listing ------------------------------------------------------------- */

static size_t count_entries(size_t n, const uint8_t *counts)
{
    size_t n_entries = 0;
    for (size_t i = 0; i < n; i++)
        n_entries += counts[i] != 0;
    return n_entries;
}

static uint32_t list_pixel(const struct sparse *sparse, size_t w,
                           const uint8_t *counts, float scale, uint32_t n)
{
    uint32_t *restrict place = sparse->place;
    float *restrict value = sparse->value;
    uint32_t first = (uint32_t)(w * sparse->n_in);
    for (uint32_t c = 0; c < sparse->n_in; c++) {
        place[n] = first + c;
        value[n] = scale * (float)counts[c];
        n += counts[c] != 0;
    }
    return n;
}

/* The padding has no entries. */
bool sparse_load(const struct sparse *sparse, const struct source *source,
                 enum sparse_use use, size_t b, size_t t)
{
    size_t height = sparse->height, width = sparse->width;
    size_t n_all = height * width * sparse->n_in;
    const uint8_t *counts = source->counts + b * source->stride_image +
                            t * source->stride_step;
    if ((double)count_entries(n_all, counts) >
        sparse_densest(sparse, use) * (double)n_all)
        return false;
    uint32_t n = 0, *start = sparse->start;
    for (size_t h = 0; h < height + 2; h++) {
        bool inside = h > 0 && h <= height;
        *start++ = n;
        for (size_t w = 1; w <= width; w++) {
            *start++ = n;
            if (!inside)
                continue;
            n = list_pixel(sparse, w, counts, source->scale, n);
            counts += sparse->n_in;
        }
        *start++ = n;
        *start++ = n;
    }
    return true;
}

/* convolving ---------------------------------------------------------- */

enum { BLOCK = 4 }; /* vectors of outputs that are worked on together */

struct entries {
    uint32_t first, end;
    size_t shift; /* place of an entry minus its row of weights */
};

/* out[n_lanes * LANES] += entries times their rows of weights. Inlined
 * with n_lanes constant: the sums stay in registers. */
static inline __attribute__((always_inline)) void
add_entries(const struct sparse *sparse, size_t n_lanes, struct entries entries,
            const float *weights, float *out)
{
    size_t n_out = sparse->n_out;
    struct lanes sum[BLOCK], row[BLOCK];
#pragma GCC unroll 4 /* BLOCK */
    for (size_t k = 0; k < n_lanes; k++)
        memcpy(&sum[k], out + k * LANES, sizeof *sum);
    for (uint32_t i = entries.first; i < entries.end; i++) {
        const float *from =
            weights + (sparse->place[i] - entries.shift) * n_out;
        float value = sparse->value[i];
#pragma GCC unroll 4 /* BLOCK */
        for (size_t k = 0; k < n_lanes; k++) {
            memcpy(&row[k], from + k * LANES, sizeof *row);
            sum[k].at += value * row[k].at;
        }
    }
#pragma GCC unroll 4 /* BLOCK */
    for (size_t k = 0; k < n_lanes; k++)
        memcpy(out + k * LANES, &sum[k], sizeof *sum);
}

/* One line of the kernel over the whole image: its weights stay in the
 * first-level cache. The entries of three neighbouring pixels, which a line of
 * the kernel sees, follow each other. */
static inline __attribute__((always_inline)) void
add_kernel_line(const struct sparse *sparse, size_t line, size_t n_lanes,
                const float *weights, float *out)
{
    size_t width = sparse->width, n_in = sparse->n_in, n_out = sparse->n_out;
    size_t stride = sparse->stride;
    for (size_t h = 0; h < sparse->height; h += stride) {
        const uint32_t *start = sparse->start + (h + line) * (width + 3);
        for (size_t w = 0; w < width; w += stride, out += n_out) {
            struct entries entries = {start[w], start[w + 3], w * n_in};
            add_entries(sparse, n_lanes, entries, weights,
                        out);
        }
    }
}

static inline __attribute__((always_inline)) void
add_kernel(const struct sparse *sparse, size_t n_lanes, const float *weights,
           float *out)
{
    size_t n_line = 3 * sparse->n_in * sparse->n_out;
    for (size_t line = 0; line < 3; line++)
        add_kernel_line(sparse, line, n_lanes, weights + line * n_line, out);
}

static size_t count_outputs(const struct sparse *sparse)
{
    size_t stride = sparse->stride;
    return (sparse->height + stride - 1) / stride *
           ((sparse->width + stride - 1) / stride);
}

void sparse_forward(const struct sparse *sparse, const float *weights,
                    float *out)
{
    size_t n_out = sparse->n_out;
    memset(out, 0, count_outputs(sparse) * n_out * sizeof *out);
    size_t c = 0;
    for (; c + BLOCK * LANES <= n_out; c += BLOCK * LANES)
        add_kernel(sparse, BLOCK, weights + c, out + c);
    for (; c + 2 * LANES <= n_out; c += 2 * LANES)
        add_kernel(sparse, 2, weights + c, out + c);
    if (c < n_out)
        add_kernel(sparse, 1, weights + c, out + c);
}

/* gradient of the weights --------------------------------------------- */

/* A weight's gradient is the sum over its channel's entries times the gradient
 * of the output there, which is taken line by line of the image, some at a
 * time, so that it stays in the first-level cache. */
enum { BAND_ENTRIES = 9216 };

static void list_channels(const struct sparse *sparse)
{
    size_t width = sparse->width, n_in = sparse->n_in;
    size_t n_pixels = sparse->height * width;
    uint32_t *n = sparse->n_before;
    memset(n, 0, n_in * sizeof *n);
    for (size_t h = 0; h < sparse->height; h++, n += n_in) {
        const uint32_t *start = sparse->start + (h + 1) * (width + 3);
        uint32_t *restrict after = n + n_in;
        memcpy(after, n, n_in * sizeof *n);
        for (uint32_t w = 1; w <= width; w++)
            for (uint32_t i = start[w]; i < start[w + 1]; i++) {
                uint32_t c = sparse->place[i] - w * (uint32_t)n_in;
                size_t at = c * n_pixels + after[c]++;
                sparse->channel_place[at] =
                    (uint32_t)(h * (width + 2)) + w - 1;
                sparse->channel_value[at] = sparse->value[i];
            }
    }
}

/* Between the pixels that a stride leaves out there always are zeros. */
static void pad(const struct sparse *sparse, const float *d_out)
{
    size_t stride = sparse->stride, n = stride == 1 ? sparse->width : 1;
    size_t n_padded = (sparse->width + 2) * sparse->n_out;
    size_t n_copied = n * sparse->n_out;
    for (size_t h = 0; h < sparse->height; h += stride) {
        float *to = sparse->padded + (h + 1) * n_padded + sparse->n_out;
        for (size_t w = 0; w < sparse->width; w += n * stride) {
            memcpy(to + w * sparse->n_out, d_out, n_copied * sizeof *to);
            d_out += n_copied;
        }
    }
}

/* out[n_lanes * LANES] += n entries of a channel times the gradients at
 * their places. */
static inline __attribute__((always_inline)) void
add_gradients(const struct sparse *sparse, size_t n_lanes,
              const uint32_t *place, const float *value, size_t n,
              const float *d_out, float *out)
{
    struct lanes sum[BLOCK], row[BLOCK];
#pragma GCC unroll 4 /* BLOCK */
    for (size_t k = 0; k < n_lanes; k++)
        sum[k] = (struct lanes){{0}};
    for (size_t i = 0; i < n; i++) {
        const float *from = d_out + place[i] * sparse->n_out;
#pragma GCC unroll 4 /* BLOCK */
        for (size_t k = 0; k < n_lanes; k++) {
            memcpy(&row[k], from + k * LANES, sizeof *row);
            sum[k].at += value[i] * row[k].at;
        }
    }
#pragma GCC unroll 4 /* BLOCK */
    for (size_t k = 0; k < n_lanes; k++) {
        memcpy(&row[k], out + k * LANES, sizeof *row);
        row[k].at += sum[k].at;
        memcpy(out + k * LANES, &row[k], sizeof *row);
    }
}

static inline __attribute__((always_inline)) void
add_band(const struct sparse *sparse, size_t n_lanes, size_t first, size_t end,
         size_t c_out, float *d_weights)
{
    size_t n_in = sparse->n_in, n_out = sparse->n_out;
    size_t n_pixels = sparse->height * sparse->width;
    const uint32_t *before = sparse->n_before + first * n_in;
    const uint32_t *after = sparse->n_before + end * n_in;
    for (size_t tap = 0; tap < 9; tap++) {
        size_t shift = (2 - tap / 3) * (sparse->width + 2) + 2 - tap % 3;
        const float *d_out = sparse->padded + shift * n_out + c_out;
        for (size_t c = 0; c < n_in; c++) {
            size_t at = c * n_pixels + before[c];
            add_gradients(sparse, n_lanes, sparse->channel_place + at,
                          sparse->channel_value + at, after[c] - before[c],
                          d_out, d_weights + (tap * n_in + c) * n_out + c_out);
        }
    }
}

void sparse_backward_weights(const struct sparse *sparse, const float *d_out,
                             float *d_weights)
{
    size_t n_out = sparse->n_out, wide = BLOCK * LANES;
    size_t n_lines = BAND_ENTRIES / ((sparse->width + 2) * wide);
    n_lines = n_lines > 2 ? n_lines - 2 : 1;
    list_channels(sparse);
    pad(sparse, d_out);
    for (size_t h = 0; h < sparse->height; h += n_lines) {
        size_t end = h + n_lines;
        end = end < sparse->height ? end : sparse->height;
        size_t c = 0;
        for (; c + wide <= n_out; c += wide)
            add_band(sparse, BLOCK, h, end, c, d_weights);
        for (; c + 2 * LANES <= n_out; c += 2 * LANES)
            add_band(sparse, 2, h, end, c, d_weights);
        if (c < n_out)
            add_band(sparse, 1, h, end, c, d_weights);
    }
}

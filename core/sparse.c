#include "core/sparse.h"
#include "core/lanes.h"

#include <string.h>

/* So that each channel of small images has some entries, too, before the
 * gradients of its weights are taken from memory and put back. */
enum { PIXELS_GATHERED = 512 };

static size_t count_slots(size_t n_pixels)
{
    return n_pixels < PIXELS_GATHERED ? PIXELS_GATHERED / n_pixels : 1;
}

void sparse_lay_out(struct sparse *sparse, bool of_weights,
                    struct arena *arena)
{
    size_t n_pixels = sparse->height * sparse->width;
    size_t n = n_pixels * sparse->n_in;
    sparse->start = ARENA_ARRAY(arena, uint32_t,
                                (sparse->height + 2) * (sparse->width + 3));
    sparse->lists.place = ARENA_ARRAY(arena, uint32_t, n + LISTING_SLACK);
    sparse->lists.value = ARENA_ARRAY(arena, float, n + LISTING_SLACK);
    if (!of_weights)
        return;
    size_t n_slots = sparse->n_slots = count_slots(n_pixels);
    sparse->n_before = ARENA_ARRAY(
        arena, uint32_t, (n_slots * sparse->height + 1) * sparse->n_in);
    sparse->channel_place = ARENA_ARRAY(arena, uint32_t, n_slots * n);
    sparse->channel_value = ARENA_ARRAY(arena, float, n_slots * n);
    sparse->padded =
        ARENA_ARRAY(arena, float,
                    n_slots * (sparse->height + 2) * (sparse->width + 2) *
                        sparse->n_out);
}

/* listing ------------------------------------------------------------- */

/* The padding has no entries. */
void sparse_load(const struct sparse *sparse, const struct source *source,
                 size_t b, size_t t)
{
    size_t height = sparse->height, width = sparse->width;
    size_t n_in = sparse->n_in;
    size_t at = b * source->stride_image + t * source->stride_step;
    uint32_t n = 0, *start = sparse->start;
    for (size_t h = 0; h < height + 2; h++) {
        bool inside = h > 0 && h <= height;
        *start++ = n;
        for (size_t w = 1; w <= width; w++) {
            *start++ = n;
            if (!inside)
                continue;
            struct listing to = {sparse->lists.place + n,
                                 sparse->lists.value + n};
            n += (uint32_t)listing_load(source, at, n_in,
                                        (uint32_t)(w * n_in), to);
            at += n_in;
        }
        *start++ = n;
        *start++ = n;
    }
}

/* convolving ---------------------------------------------------------- */

static size_t count_strided(const struct sparse *sparse, size_t n)
{
    return (n + sparse->stride - 1) / sparse->stride;
}

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
            weights + (sparse->lists.place[i] - entries.shift) * n_out;
        float value = sparse->lists.value[i];
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

/* A pixel's entries times the three taps of a line of the kernel, for the three
 * outputs of a line that see it. Their sums stay in registers, side by side, so
 * that none waits for itself, and slide on with the pixels. */
struct slide {
    struct lanes left[BLOCK], middle[BLOCK], right[BLOCK];
};

static inline __attribute__((always_inline)) void
add_pixel(const struct sparse *sparse, size_t n_lanes, struct entries entries,
          const float *weights, struct slide *sum)
{
    size_t n_out = sparse->n_out, n_tap = sparse->n_in * n_out;
    struct lanes row;
    for (uint32_t i = entries.first; i < entries.end; i++) {
        const float *from =
            weights + (sparse->lists.place[i] - entries.shift) * n_out;
        float value = sparse->lists.value[i];
#pragma GCC unroll 4 /* BLOCK */
        for (size_t k = 0; k < n_lanes; k++) {
            memcpy(&row, from + k * LANES, sizeof row);
            sum->right[k].at += value * row.at;
            memcpy(&row, from + n_tap + k * LANES, sizeof row);
            sum->middle[k].at += value * row.at;
            memcpy(&row, from + 2 * n_tap + k * LANES, sizeof row);
            sum->left[k].at += value * row.at;
        }
    }
}

/* To the next pixel: the leftmost output has all of this line of the kernel,
 * and one comes in from the right, if there is one. */
static inline __attribute__((always_inline)) void
slide_on(const struct sparse *sparse, size_t n_lanes, size_t w, float *out,
         struct slide *sum)
{
    size_t n_out = sparse->n_out;
#pragma GCC unroll 4 /* BLOCK */
    for (size_t k = 0; k < n_lanes; k++) {
        if (w > 0)
            memcpy(out + (w - 1) * n_out + k * LANES, &sum->left[k],
                   sizeof *sum->left);
        sum->left[k] = sum->middle[k];
        sum->middle[k] = sum->right[k];
        if (w + 2 < sparse->width)
            memcpy(&sum->right[k], out + (w + 2) * n_out + k * LANES,
                   sizeof *sum->right);
    }
}

static inline __attribute__((always_inline)) void
slide_over_line(const struct sparse *sparse, const uint32_t *start,
                size_t n_lanes, const float *weights, float *out)
{
    size_t width = sparse->width, n_out = sparse->n_out;
    struct slide sum;
#pragma GCC unroll 4 /* BLOCK */
    for (size_t k = 0; k < n_lanes; k++) {
        sum.left[k] = sum.right[k] = (struct lanes){{0}};
        memcpy(&sum.middle[k], out + k * LANES, sizeof *sum.middle);
        if (width > 1)
            memcpy(&sum.right[k], out + n_out + k * LANES, sizeof *sum.right);
    }
    for (size_t w = 0; w < width; w++) {
        struct entries entries = {start[w + 1], start[w + 2],
                                  (w + 1) * sparse->n_in};
        add_pixel(sparse, n_lanes, entries, weights, &sum);
        slide_on(sparse, n_lanes, w, out, &sum);
    }
#pragma GCC unroll 4 /* BLOCK */
    for (size_t k = 0; k < n_lanes; k++)
        memcpy(out + (width - 1) * n_out + k * LANES, &sum.left[k],
               sizeof *sum.left);
}

/* The three pixels that a line of the kernel sees follow each other. */
static inline __attribute__((always_inline)) void
stride_over_line(const struct sparse *sparse, const uint32_t *start,
                 size_t n_lanes, const float *weights, float *out)
{
    for (size_t w = 0; w < sparse->width; w += sparse->stride) {
        struct entries entries = {start[w], start[w + 3], w * sparse->n_in};
        add_entries(sparse, n_lanes, entries, weights, out);
        out += sparse->n_out;
    }
}

/* One line of the kernel over the whole image: its weights stay in the
 * first-level cache. */
static inline __attribute__((always_inline)) void
add_kernel_line(const struct sparse *sparse, size_t line, size_t n_lanes,
                const float *weights, float *out)
{
    size_t width = sparse->width;
    size_t n_line = count_strided(sparse, sparse->width) * sparse->n_out;
    for (size_t h = 0; h < sparse->height; h += sparse->stride, out += n_line) {
        const uint32_t *start = sparse->start + (h + line) * (width + 3);
        if (start[0] == start[width + 2])
            continue;
        if (sparse->stride == 1)
            slide_over_line(sparse, start, n_lanes, weights, out);
        else
            stride_over_line(sparse, start, n_lanes, weights, out);
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

void sparse_forward(const struct sparse *sparse, const float *weights,
                    float *out)
{
    size_t n_out = sparse->n_out;
    memset(out, 0, count_strided(sparse, sparse->height) *
                       count_strided(sparse, sparse->width) * n_out *
                       sizeof *out);
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
 * of the output there, which is taken line by line of the gathered images, some
 * at a time, so that it stays in the first-level cache. */
enum { BAND_ENTRIES = 9216 };

static void list_channels(const struct sparse *sparse, size_t slot)
{
    size_t height = sparse->height, width = sparse->width;
    size_t n_in = sparse->n_in, n_all = sparse->n_slots * height * width;
    size_t first = slot * (height + 2) * (width + 2);
    uint32_t *n = sparse->n_before + slot * height * n_in;
    if (slot == 0)
        memset(n, 0, n_in * sizeof *n);
    for (size_t h = 0; h < height; h++, n += n_in) {
        const uint32_t *start = sparse->start + (h + 1) * (width + 3);
        uint32_t *restrict after = n + n_in;
        memcpy(after, n, n_in * sizeof *n);
        for (uint32_t w = 1; w <= width; w++)
            for (uint32_t i = start[w]; i < start[w + 1]; i++) {
                uint32_t c = sparse->lists.place[i] - w * (uint32_t)n_in;
                size_t at = c * n_all + after[c]++;
                sparse->channel_place[at] =
                    (uint32_t)(first + h * (width + 2)) + w - 1;
                sparse->channel_value[at] = sparse->lists.value[i];
            }
    }
}

/* Between the pixels that a stride leaves out there always are zeros. */
static void pad(const struct sparse *sparse, size_t slot, const float *d_out)
{
    size_t stride = sparse->stride, n = stride == 1 ? sparse->width : 1;
    size_t n_padded = (sparse->width + 2) * sparse->n_out;
    size_t n_copied = n * sparse->n_out;
    float *padded = sparse->padded + slot * (sparse->height + 2) * n_padded;
    for (size_t h = 0; h < sparse->height; h += stride) {
        float *to = padded + (h + 1) * n_padded + sparse->n_out;
        for (size_t w = 0; w < sparse->width; w += n * stride) {
            memcpy(to + w * sparse->n_out, d_out, n_copied * sizeof *to);
            d_out += n_copied;
        }
    }
}

void sparse_gather(const struct sparse *sparse, size_t slot,
                   const float *d_out)
{
    list_channels(sparse, slot);
    pad(sparse, slot, d_out);
}

/* Gradients of the weights of one channel at the three taps of a line of the
 * kernel: an entry goes with the gradients of three outputs side by side, of
 * which the last belongs to the first tap. */
struct channel {
    const uint32_t *place;
    const float *value;
    size_t n;
};

static inline __attribute__((always_inline)) void
add_taps(const struct sparse *sparse, size_t n_lanes, struct channel channel,
         const float *d_out, float *d_weights)
{
    size_t n_out = sparse->n_out, n_tap = sparse->n_in * n_out;
    struct lanes sum[3][BLOCK], row;
#pragma GCC unroll 3
    for (size_t tap = 0; tap < 3; tap++)
#pragma GCC unroll 4 /* BLOCK */
        for (size_t k = 0; k < n_lanes; k++)
            sum[tap][k] = (struct lanes){{0}};
    for (size_t i = 0; i < channel.n; i++) {
        const float *from = d_out + channel.place[i] * n_out;
        float value = channel.value[i];
#pragma GCC unroll 3
        for (size_t tap = 0; tap < 3; tap++)
#pragma GCC unroll 4 /* BLOCK */
            for (size_t k = 0; k < n_lanes; k++) {
                memcpy(&row, from + (2 - tap) * n_out + k * LANES, sizeof row);
                sum[tap][k].at += value * row.at;
            }
    }
#pragma GCC unroll 3
    for (size_t tap = 0; tap < 3; tap++)
#pragma GCC unroll 4 /* BLOCK */
        for (size_t k = 0; k < n_lanes; k++) {
            float *to = d_weights + tap * n_tap + k * LANES;
            memcpy(&row, to, sizeof row);
            row.at += sum[tap][k].at;
            memcpy(to, &row, sizeof row);
        }
}

/* Some lines and input channels. */
struct part {
    size_t line, line_end;
    struct team_share channels;
};

static inline __attribute__((always_inline)) void
add_part(const struct sparse *sparse, size_t n_lanes, struct part part,
         size_t c_out, float *d_weights)
{
    size_t n_in = sparse->n_in, n_out = sparse->n_out;
    size_t n_pixels = sparse->n_slots * sparse->height * sparse->width;
    const uint32_t *before = sparse->n_before + part.line * n_in;
    const uint32_t *after = sparse->n_before + part.line_end * n_in;
    for (size_t line = 0; line < 3; line++) {
        size_t shift = (2 - line) * (sparse->width + 2);
        const float *d_out = sparse->padded + shift * n_out + c_out;
        for (size_t i = 0; i < part.channels.n; i++) {
            size_t c = part.channels.first + i;
            size_t at = c * n_pixels + before[c];
            struct channel channel = {sparse->channel_place + at,
                                      sparse->channel_value + at,
                                      after[c] - before[c]};
            if (channel.n > 0)
                add_taps(sparse, n_lanes, channel, d_out,
                         d_weights + (3 * line * n_in + c) * n_out + c_out);
        }
    }
}

/* Lines of images whose padded ones are within the band: whole images, or some
 * lines of one. */
static size_t count_band(const struct sparse *sparse)
{
    size_t height = sparse->height;
    size_t n = BAND_ENTRIES / ((sparse->width + 2) * BLOCK * LANES);
    if (n >= height + 2)
        return n / (height + 2) * height;
    return n > 2 ? n - 2 : 1;
}

void sparse_backward_weights(const struct sparse *sparse, size_t n_gathered,
                             struct team_share channels, float *d_weights)
{
    size_t n_out = sparse->n_out, wide = BLOCK * LANES;
    size_t n_band = count_band(sparse), n_lines = n_gathered * sparse->height;
    for (size_t h = 0; h < n_lines; h += n_band) {
        size_t end = h + n_band < n_lines ? h + n_band : n_lines, c = 0;
        struct part part = {h, end, channels};
        for (; c + wide <= n_out; c += wide)
            add_part(sparse, BLOCK, part, c, d_weights);
        for (; c + 2 * LANES <= n_out; c += 2 * LANES)
            add_part(sparse, 2, part, c, d_weights);
        if (c < n_out)
            add_part(sparse, 1, part, c, d_weights);
    }
}

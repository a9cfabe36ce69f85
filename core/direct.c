#include "core/direct.h"
#include "core/lanes.h"

#include <string.h>

enum {
    /* Side by side in a line, at most, and vectors of outputs of each: so many
     * sums in registers, besides a row of weights and an input. */
    PIXELS_MAX = 8,
    PIXELS = LANES_REGISTERS == 32 ? PIXELS_MAX : 6,
    VECTORS = 2
};

/* What n pixels of a line take in: `at` is the first input of the first line
 * of the kernel; lines are a padded line apart. */
struct strip {
    const float *at, *weights;
    size_t n_lines;
    float *out;
};

/* Inlined with n_pixels and n_vectors constant: the sums stay in registers. The
 * three pixels that a line of the kernel sees follow each other. */
static inline __attribute__((always_inline)) void
convolve(const struct direct *direct, const struct strip *strip,
         size_t n_pixels, size_t n_vectors)
{
    size_t n_in = direct->n_in, n_out = direct->n_out;
    struct lanes sum[PIXELS_MAX][VECTORS], row[VECTORS];
#pragma GCC unroll 8 /* PIXELS_MAX */
    for (size_t p = 0; p < n_pixels; p++)
#pragma GCC unroll 2 /* VECTORS */
        for (size_t v = 0; v < n_vectors; v++)
            sum[p][v] = (struct lanes){{0}};
    const float *weights = strip->weights;
    for (size_t line = 0; line < strip->n_lines; line++) {
        const float *at = strip->at + line * (direct->width + 2) * n_in;
        for (size_t i = 0; i < 3 * n_in; i++, weights += n_out) {
#pragma GCC unroll 2 /* VECTORS */
            for (size_t v = 0; v < n_vectors; v++)
                memcpy(&row[v], weights + v * LANES, sizeof *row);
#pragma GCC unroll 8 /* PIXELS_MAX */
            for (size_t p = 0; p < n_pixels; p++)
#pragma GCC unroll 2 /* VECTORS */
                for (size_t v = 0; v < n_vectors; v++)
                    sum[p][v].at += at[p * n_in + i] * row[v].at;
        }
    }
#pragma GCC unroll 8 /* PIXELS_MAX */
    for (size_t p = 0; p < n_pixels; p++)
#pragma GCC unroll 2 /* VECTORS */
        for (size_t v = 0; v < n_vectors; v++)
            memcpy(strip->out + p * n_out + v * LANES, &sum[p][v],
                   sizeof sum[p][v]);
}

static inline __attribute__((always_inline)) void
convolve_some(const struct direct *direct, const struct strip *strip,
              size_t n_pixels, size_t n_vectors)
{
    switch (n_pixels) {
    case 8: convolve(direct, strip, 8, n_vectors); return;
    case 7: convolve(direct, strip, 7, n_vectors); return;
    case 6: convolve(direct, strip, 6, n_vectors); return;
    case 5: convolve(direct, strip, 5, n_vectors); return;
    case 4: convolve(direct, strip, 4, n_vectors); return;
    case 3: convolve(direct, strip, 3, n_vectors); return;
    case 2: convolve(direct, strip, 2, n_vectors); return;
    default: convolve(direct, strip, 1, n_vectors); return;
    }
}

/* The kernel's lines that lie on the padding above and below are left out. */
static struct strip strip_at(const struct direct *direct, const float *padded,
                             const float *weights, size_t h, size_t w)
{
    size_t first = h == 0 ? 1 : 0, end = h + 1 == direct->height ? 2 : 3;
    size_t n_in = direct->n_in, n_out = direct->n_out;
    size_t pixel = (h + first) * (direct->width + 2) + w;
    return (struct strip){padded + pixel * n_in,
                          weights + first * 3 * n_in * n_out, end - first,
                          NULL};
}

void direct_forward(const struct direct *direct, const float *padded,
                    const float *weights, float *out)
{
    size_t width = direct->width, n_out = direct->n_out;
    size_t n_strips = (width + PIXELS - 1) / PIXELS;
    for (size_t c = 0; c < n_out;) {
        size_t n_vectors = c + VECTORS * LANES <= n_out ? VECTORS : 1;
        for (size_t i = 0; i < direct->height * n_strips; i++) {
            size_t h = i / n_strips, k = i % n_strips;
            size_t w = k * width / n_strips;
            size_t n = (k + 1) * width / n_strips - w;
            struct strip strip = strip_at(direct, padded, weights + c, h, w);
            strip.out = out + (h * width + w) * n_out + c;
            if (n_vectors == VECTORS)
                convolve_some(direct, &strip, n, VECTORS);
            else
                convolve_some(direct, &strip, n, 1);
        }
        c += n_vectors * LANES;
    }
}

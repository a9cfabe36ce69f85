#include "core/winograd.h"
#include "core/lanes.h"
#include "core/linalg.h"

#include <string.h>

enum {
    POINTS = 16,              /* of a transformed tile */
    TILES_MIN = 64,           /* rows of a product */
    TILES_MAX = 512,
    SCRATCH_ENTRIES = 1 << 20 /* about; inputs and products of a batch */
};

bool winograd_serves(size_t n_in, size_t n_out)
{
    return n_in % LANES == 0 && n_out % LANES == 0 && n_in >= 32 &&
           n_out >= 32;
}

size_t winograd_count_weights(size_t n_in, size_t n_out)
{
    return POINTS * n_in * n_out;
}

/* Tiles that are worked on together. */
static size_t count_batch(const struct winograd *winograd)
{
    size_t n =
        SCRATCH_ENTRIES / (POINTS * (winograd->n_in + winograd->n_out));
    return n < TILES_MIN ? TILES_MIN : n > TILES_MAX ? TILES_MAX : n;
}

static size_t count_tiles(size_t n)
{
    return (n + 1) / 2;
}

static size_t padded_width(const struct winograd *winograd)
{
    return 2 * count_tiles(winograd->width) + 2;
}

static size_t count_padded(const struct winograd *winograd)
{
    return (2 * count_tiles(winograd->height) + 2) * padded_width(winograd) *
           winograd->n_in;
}

size_t winograd_count_scratch(const struct winograd *winograd)
{
    return count_padded(winograd) + POINTS * count_batch(winograd) *
                                        (winograd->n_in + winograd->n_out);
}

static struct lanes load(const float *at)
{
    struct lanes lanes;
    memcpy(&lanes, at, sizeof lanes);
    return lanes;
}

static void store(struct lanes lanes, float *at)
{
    memcpy(at, &lanes, sizeof lanes);
}

/* weights ------------------------------------------------------------- */

float *winograd_place_weights(size_t n_in, size_t n_out, float *weights)
{
    return weights + (POINTS - 9) * n_in * n_out;
}

/* G of three numbers. */
static inline void spread_kernel(const struct lanes g[3], struct lanes to[4])
{
    struct lanes ends = {0.5f * (g[0].at + g[2].at)};
    struct lanes middle = {0.5f * g[1].at};
    to[0] = g[0];
    to[1].at = ends.at + middle.at;
    to[2].at = ends.at - middle.at;
    to[3] = g[2];
}

/* All nine taps are read before the sixteen points are written over them. */
static void transform_kernel(size_t n_kernels, float *weights, size_t i)
{
    const float *taps = weights + (POINTS - 9) * n_kernels + i;
    struct lanes g[3][3], lines[3][4], point[4];
    for (size_t t = 0; t < 9; t++)
        g[t / 3][t % 3] = load(taps + t * n_kernels);
    for (size_t k = 0; k < 3; k++)
        spread_kernel(g[k], lines[k]);
    for (size_t x = 0; x < 4; x++) {
        struct lanes column[3] = {lines[0][x], lines[1][x], lines[2][x]};
        spread_kernel(column, point);
        for (size_t y = 0; y < 4; y++)
            store(point[y], weights + (4 * y + x) * n_kernels + i);
    }
}

void winograd_transform_weights(size_t n_in, size_t n_out, float *weights)
{
    size_t n_kernels = n_in * n_out;
    for (size_t i = 0; i < n_kernels; i += LANES)
        transform_kernel(n_kernels, weights, i);
}

/* images -------------------------------------------------------------- */

/* The work on a batch of tiles, which are counted over all images. */
struct batch {
    const struct winograd *winograd;
    size_t n_down, n_across, n_max; /* tiles of an image; of a batch */
    size_t first, n;
    float *padded, *inputs, *products; /* [16][n_max][C] */
};

static void load_image(const struct winograd *winograd,
                       const struct source *source, size_t b, size_t t,
                       float *padded)
{
    size_t n_line = winograd->width * winograd->n_in;
    size_t n_padded = padded_width(winograd) * winograd->n_in;
    for (size_t h = 0; h < winograd->height; h++)
        source_load(source, b, t, h * n_line, n_line,
                    padded + (h + 1) * n_padded + winograd->n_in);
}

/* BT of four numbers. */
static inline void difference(const struct lanes d[4], struct lanes to[4])
{
    to[0].at = d[0].at - d[2].at;
    to[1].at = d[1].at + d[2].at;
    to[2].at = d[2].at - d[1].at;
    to[3].at = d[1].at - d[3].at;
}

static void transform_tile(const struct batch *batch, size_t y, size_t x,
                           size_t i)
{
    size_t n_in = batch->winograd->n_in;
    size_t n_padded = padded_width(batch->winograd) * n_in;
    const float *from = batch->padded + 2 * y * n_padded + 2 * x * n_in;
    for (size_t c = 0; c < n_in; c += LANES) {
        struct lanes d[4], lines[4][4], point[4];
        for (size_t k = 0; k < 4; k++) {
            for (size_t l = 0; l < 4; l++)
                d[l] = load(from + k * n_padded + l * n_in + c);
            difference(d, lines[k]);
        }
        for (size_t l = 0; l < 4; l++) {
            struct lanes column[4] = {lines[0][l], lines[1][l], lines[2][l],
                                      lines[3][l]};
            difference(column, point);
            for (size_t k = 0; k < 4; k++)
                store(point[k],
                      batch->inputs +
                          ((4 * k + l) * batch->n_max + i) * n_in + c);
        }
    }
}

static void multiply(const struct batch *batch, const float *weights)
{
    size_t n_in = batch->winograd->n_in, n_out = batch->winograd->n_out;
    for (size_t p = 0; p < POINTS; p++) {
        struct matrix inputs = {batch->inputs + p * batch->n_max * n_in, n_in};
        struct matrix kernels = {weights + p * n_in * n_out, n_out};
        float *products = batch->products + p * batch->n_max * n_out;
        if (batch->winograd->bf16)
            linalg_product_bf16(batch->n, n_out, n_in, inputs, kernels,
                                products, n_out);
        else
            linalg_product(batch->n, n_out, n_in, inputs, kernels, 0.0f,
                           products, n_out);
    }
}

/* AT of four numbers. */
static inline void gather(const struct lanes m[4], struct lanes to[2])
{
    to[0].at = m[0].at + m[1].at + m[2].at;
    to[1].at = m[1].at - m[2].at - m[3].at;
}

/* The 2x2 outputs of tile i, of which an odd edge drops some. */
static void finish_tile(const struct batch *batch, size_t y, size_t x,
                        size_t i, float *out)
{
    const struct winograd *winograd = batch->winograd;
    size_t n_out = winograd->n_out, width = winograd->width;
    size_t n_down = 2 * y + 1 < winograd->height ? 2 : 1;
    size_t n_across = 2 * x + 1 < width ? 2 : 1;
    float *to = out + (2 * y * width + 2 * x) * n_out;
    for (size_t c = 0; c < n_out; c += LANES) {
        struct lanes m[4], lines[4][2], point[2];
        for (size_t k = 0; k < 4; k++) {
            for (size_t l = 0; l < 4; l++)
                m[l] = load(batch->products +
                            ((4 * k + l) * batch->n_max + i) * n_out + c);
            gather(m, lines[k]);
        }
        for (size_t l = 0; l < n_across; l++) {
            struct lanes column[4] = {lines[0][l], lines[1][l], lines[2][l],
                                      lines[3][l]};
            gather(column, point);
            for (size_t k = 0; k < n_down; k++)
                store(point[k], to + (k * width + l) * n_out + c);
        }
    }
}

static struct batch open_batch(const struct winograd *winograd)
{
    struct batch batch = {.winograd = winograd,
                          .n_down = count_tiles(winograd->height),
                          .n_across = count_tiles(winograd->width),
                          .n_max = count_batch(winograd),
                          .padded = winograd->scratch};
    batch.inputs = batch.padded + count_padded(winograd);
    batch.products = batch.inputs + POINTS * batch.n_max * winograd->n_in;
    memset(batch.padded, 0, count_padded(winograd) * sizeof *batch.padded);
    return batch;
}

void winograd_forward(const struct winograd *winograd,
                      const struct source *source, const float *weights,
                      struct image_range range, size_t n_steps, float *out)
{
    struct batch batch = open_batch(winograd);
    size_t n_image = batch.n_down * batch.n_across;
    size_t n_tiles = range.n * n_steps * n_image;
    size_t n_pixels = winograd->height * winograd->width;
    float *first = out + range.first * n_steps * n_pixels * winograd->n_out;
    for (; batch.first < n_tiles; batch.first += batch.n) {
        size_t left = n_tiles - batch.first;
        batch.n = left < batch.n_max ? left : batch.n_max;
        for (size_t i = 0; i < batch.n; i++) {
            size_t image = (batch.first + i) / n_image;
            size_t tile = (batch.first + i) % n_image;
            if (tile == 0)
                load_image(winograd, source, range.first + image / n_steps,
                           image % n_steps, batch.padded);
            transform_tile(&batch, tile / batch.n_across,
                           tile % batch.n_across, i);
        }
        multiply(&batch, weights);
        for (size_t i = 0; i < batch.n; i++) {
            size_t image = (batch.first + i) / n_image;
            size_t tile = (batch.first + i) % n_image;
            finish_tile(&batch, tile / batch.n_across, tile % batch.n_across,
                        i, first + image * n_pixels * winograd->n_out);
        }
    }
}

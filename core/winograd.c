#include "core/winograd.h"
#include "core/lanes.h"
#include "core/linalg.h"
#include "core/winograd_tile.h"

#include <string.h>

enum {
    TILES_MIN = 64,           /* rows of a product */
    TILES_MAX = 512,
    SCRATCH_ENTRIES = 1 << 20 /* about; inputs and products of a batch */
};

bool winograd_serves(size_t n_in, size_t n_out)
{
    return n_in % LANES == 0 && n_out % LANES == 0 && n_in >= 32 &&
           n_out >= 32;
}

/* Multiplications of an image for each pair of channels. */
static size_t count_products(size_t height, size_t width, size_t side)
{
    size_t n_down = (height + side - 1) / side;
    size_t n_across = (width + side - 1) / side;
    return n_down * n_across * (side + 2) * (side + 2);
}

/* The larger tiles if they are spared a third although they hang over the
 * edges, and are not too few to be worth their many weights. */
struct winograd winograd_shape(size_t height, size_t width, size_t n_in,
                               size_t n_out)
{
    enum { PIXELS_MIN = 64 };
    bool large = height * width >= PIXELS_MIN &&
                 3 * count_products(height, width, 4) <
                     2 * count_products(height, width, 2);
    return (struct winograd){.height = height,
                             .width = width,
                             .n_in = n_in,
                             .n_out = n_out,
                             .side = large ? 4 : 2};
}

void winograd_use_bf16(struct winograd *winograd)
{
    winograd->bf16 = true;
    winograd->side = 2;
}

/* Of the transformed tile. */
static size_t count_points(const struct winograd *winograd)
{
    return (winograd->side + 2) * (winograd->side + 2);
}

size_t winograd_count_weights(const struct winograd *winograd)
{
    return count_points(winograd) * winograd->n_in * winograd->n_out;
}

/* Tiles that are worked on together. */
static size_t count_batch(const struct winograd *winograd)
{
    size_t n = SCRATCH_ENTRIES / (count_points(winograd) *
                                  (winograd->n_in + winograd->n_out));
    return n < TILES_MIN ? TILES_MIN : n > TILES_MAX ? TILES_MAX : n;
}

static size_t count_tiles(const struct winograd *winograd, size_t n)
{
    return (n + winograd->side - 1) / winograd->side;
}

static size_t count_with_border(const struct winograd *winograd, size_t n)
{
    return winograd->side * count_tiles(winograd, n) + 2;
}

static size_t count_padded(const struct winograd *winograd)
{
    return count_with_border(winograd, winograd->height) *
           count_with_border(winograd, winograd->width) * winograd->n_in;
}

size_t winograd_count_scratch(const struct winograd *winograd)
{
    return count_padded(winograd) + count_points(winograd) *
                                        count_batch(winograd) *
                                        (winograd->n_in + winograd->n_out);
}

/* weights ------------------------------------------------------------- */

float *winograd_place_weights(const struct winograd *winograd, float *weights)
{
    return weights + (count_points(winograd) - 9) * winograd->n_in *
                         winograd->n_out;
}

struct kernels {
    const struct winograd *winograd;
    float *weights;
    size_t n_units;
};

static void transform_some(void *self, size_t worker, size_t unit)
{
    (void)worker;
    const struct kernels *kernels = self;
    const struct winograd *winograd = kernels->winograd;
    size_t n = winograd->n_in * winograd->n_out, side = winograd->side;
    float *taps = winograd_place_weights(winograd, kernels->weights);
    struct team_share vectors =
        team_share_of(n / LANES, kernels->n_units, unit);
    for (size_t k = 0; k < vectors.n; k++) {
        size_t i = (vectors.first + k) * LANES;
        winograd_spread_kernel(
            side, (struct winograd_tile){taps + i, 3 * n, n},
            (struct winograd_tile){kernels->weights + i, (side + 2) * n, n});
    }
}

void winograd_transform_weights(const struct winograd *winograd,
                                const struct team *team, float *weights)
{
    size_t n = winograd->n_in * winograd->n_out;
    struct kernels kernels = {winograd, weights,
                              team_count_shares(team, n / LANES)};
    team_run(team, kernels.n_units, &kernels, transform_some);
}

/* images -------------------------------------------------------------- */

/* The work on a batch of tiles, which are counted over all images. */
struct batch {
    const struct winograd *winograd;
    size_t n_down, n_across, n_max; /* tiles of an image; of a batch */
    size_t first, n;
    float *padded, *inputs, *products; /* [points][n_max][C] */
};

static void load_image(const struct winograd *winograd,
                       const struct source *source, size_t b, size_t t,
                       float *padded)
{
    size_t n_line = winograd->width * winograd->n_in;
    size_t n_padded =
        count_with_border(winograd, winograd->width) * winograd->n_in;
    for (size_t h = 0; h < winograd->height; h++)
        source_load(source, b, t, h * n_line, n_line,
                    padded + (h + 1) * n_padded + winograd->n_in);
}

/* Place of channel 0 of tile i among the points of a batch. */
static struct winograd_tile points_of(const struct batch *batch, float *at,
                                      size_t n_channels, size_t i)
{
    size_t by_point = batch->n_max * n_channels;
    return (struct winograd_tile){
        at + i * n_channels, (batch->winograd->side + 2) * by_point, by_point};
}

static void transform_tile(const struct batch *batch, size_t y, size_t x,
                           size_t i)
{
    const struct winograd *winograd = batch->winograd;
    size_t n_in = winograd->n_in, side = winograd->side;
    size_t n_padded = count_with_border(winograd, winograd->width) * n_in;
    struct winograd_tile from = {
        batch->padded + side * (y * n_padded + x * n_in), n_padded, n_in};
    struct winograd_tile to = points_of(batch, batch->inputs, n_in, i);
    for (size_t c = 0; c < n_in; c += LANES) {
        winograd_spread_input(side, from, to);
        from.at += LANES;
        to.at += LANES;
    }
}

static void multiply(const struct batch *batch, const float *weights)
{
    size_t n_in = batch->winograd->n_in, n_out = batch->winograd->n_out;
    for (size_t p = 0; p < count_points(batch->winograd); p++) {
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

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The outputs of tile i, of which an edge drops some. */
static void finish_tile(const struct batch *batch, size_t y, size_t x,
                        size_t i, float *out)
{
    const struct winograd *winograd = batch->winograd;
    size_t n_out = winograd->n_out, width = winograd->width;
    size_t side = winograd->side;
    size_t n_lines = least(side, winograd->height - side * y);
    size_t n_columns = least(side, width - side * x);
    struct winograd_tile from = points_of(batch, batch->products, n_out, i);
    struct winograd_tile to = {out + side * (y * width + x) * n_out,
                               width * n_out, n_out};
    for (size_t c = 0; c < n_out; c += LANES) {
        winograd_gather_output(side, from, n_lines, n_columns, to);
        from.at += LANES;
        to.at += LANES;
    }
}

static struct batch open_batch(const struct winograd *winograd)
{
    struct batch batch = {.winograd = winograd,
                          .n_down = count_tiles(winograd, winograd->height),
                          .n_across = count_tiles(winograd, winograd->width),
                          .n_max = count_batch(winograd),
                          .padded = winograd->scratch};
    batch.inputs = batch.padded + count_padded(winograd);
    batch.products = batch.inputs +
                     count_points(winograd) * batch.n_max * winograd->n_in;
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

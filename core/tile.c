#include "core/tile.h"
#include "core/linalg.h"

#include <string.h>

enum { TILE_ENTRIES = 1024 }; /* 4 KB an array, six arrays in L1 */

static size_t pool_size(const struct spiking *spiking)
{
    return spiking->pool == POOL_NONE ? 1 : 2;
}

size_t spiking_pooled_height(const struct spiking *spiking)
{
    return spiking->height / pool_size(spiking);
}

size_t spiking_pooled_width(const struct spiking *spiking)
{
    return spiking->width / pool_size(spiking);
}

/* Windows of a line of windows, and lines, those at odd edges included. */
static size_t count_windows(size_t n_pixels, size_t size)
{
    return (n_pixels + size - 1) / size;
}

static struct window window_at(const struct spiking *spiking, size_t line,
                               size_t column)
{
    size_t size = pool_size(spiking);
    struct window window = {.out = TILE_NOWHERE};
    for (size_t h = line * size; h < (line + 1) * size; h++)
        for (size_t w = column * size; w < (column + 1) * size; w++)
            if (h < spiking->height && w < spiking->width)
                window.pixel[window.n_pixels++] = h * spiking->width + w;
    if (window.n_pixels == size * size)
        window.out = line * spiking_pooled_width(spiking) + column;
    return window;
}

static size_t channels_per_tile(const struct spiking *spiking)
{
    size_t size = pool_size(spiking);
    size_t n = TILE_ENTRIES / (spiking->n_steps * size * size);
    n -= n % TILE_LANES_MIN;
    n = n > 0 ? n : TILE_LANES_MIN;
    return n < spiking->n_channels ? n : spiking->n_channels;
}

void tile_visit_image(struct tile_visitor *visitor, size_t b)
{
    const struct spiking *spiking = visitor->spiking;
    size_t size = pool_size(spiking), n = channels_per_tile(spiking);
    size_t n_lines = count_windows(spiking->height, size);
    size_t n_columns = count_windows(spiking->width, size);
    for (size_t i = 0; i < n_lines * n_columns; i++) {
        struct tile tile = {window_at(spiking, i / n_columns, i % n_columns),
                            b, 0, 0};
        for (; tile.channel < spiking->n_channels; tile.channel += n) {
            size_t left = spiking->n_channels - tile.channel;
            tile.n = left < n ? left : n;
            visitor->visit(visitor, &tile);
        }
    }
}

size_t tile_place(const struct spiking *spiking, const struct tile *tile,
                  size_t n_steps, size_t t, size_t n_pixels, size_t pixel)
{
    size_t image = tile->b * n_steps + t;
    return (image * n_pixels + pixel) * spiking->n_channels + tile->channel;
}

size_t tile_count_lanes(const struct tile *tile)
{
    return tile->window.n_pixels * tile->n;
}

/* One step of z from the currents: z[p][c] = scale y + shift. */
static void gather_step(const struct spiking *spiking, const struct tile *tile,
                        const float *y, size_t t, float *z)
{
    size_t n_steps = spiking->constant ? 1 : spiking->n_steps;
    size_t n_pixels = spiking->height * spiking->width;
    size_t entry = t * spiking->stride_norm + tile->channel;
    const float *restrict scale = spiking->scale + entry;
    const float *restrict shift = spiking->shift + entry;
    for (size_t p = 0; p < tile->window.n_pixels; p++) {
        const float *restrict from =
            y + tile_place(spiking, tile, n_steps, spiking->constant ? 0 : t,
                           n_pixels, tile->window.pixel[p]);
        float *restrict to = z + p * tile->n;
        for (size_t c = 0; c < tile->n; c++)
            to[c] = scale[c] * from[c] + shift[c];
    }
}

static void add_scaled(size_t n, const float *restrict scale,
                       const float *restrict shift,
                       const float *restrict from, float *restrict z)
{
    for (size_t c = 0; c < n; c++)
        z[c] += scale[c] * from[c] + shift[c];
}

static void add_spikes(size_t n, float scale, const uint8_t *restrict counts,
                       float *restrict z)
{
    for (size_t c = 0; c < n; c++)
        z[c] += scale * (float)counts[c];
}

/* The shortcut's share of one step. */
static void add_step(const struct spiking *spiking, const struct tile *tile,
                     size_t t, float *z)
{
    const struct source *added = &spiking->added;
    size_t entry = t * spiking->stride_norm + tile->channel;
    for (size_t p = 0; p < tile->window.n_pixels; p++) {
        size_t at = tile->b * added->stride_image + t * added->stride_step +
                    tile->window.pixel[p] * spiking->n_channels +
                    tile->channel;
        float *to = z + p * tile->n;
        if (added->floats && !spiking->added_scale)
            linalg_add(tile->n, added->floats + at, to);
        else if (added->floats)
            add_scaled(tile->n, spiking->added_scale + entry,
                       spiking->added_shift + entry, added->floats + at, to);
        else
            add_spikes(tile->n, added->scale, added->counts + at, to);
    }
}

static void add_shortcut(const struct spiking *spiking,
                         const struct tile *tile, float *z)
{
    size_t n = tile_count_lanes(tile);
    if (!spiking->added.floats && !spiking->added.counts)
        return;
    for (size_t t = 0; t < spiking->n_steps; t++)
        add_step(spiking, tile, t, z + t * n);
}

const uint8_t *tile_find_joined(const struct spiking *spiking,
                                const struct tile *tile, size_t t)
{
    const struct source *joined = &spiking->joined;
    return joined->counts + tile->b * joined->stride_image +
           t * joined->stride_step +
           tile->window.pixel[0] * spiking->n_channels + tile->channel;
}

void spiking_take_currents(const struct spiking *spiking, size_t b, size_t t,
                           size_t pixel, const float *y, float *z)
{
    struct tile tile = {.window = {.n_pixels = 1, .pixel = {pixel}},
                        .b = b,
                        .n = spiking->n_channels};
    gather_step(spiking, &tile, y, t, z);
    if (spiking->added.floats || spiking->added.counts)
        add_step(spiking, &tile, t, z);
}

static void rescale(const struct spiking *spiking, const struct tile *tile,
                    float *restrict z)
{
    const float *restrict factors =
        spiking->factors + tile->channel +
        tile->b * spiking->n_steps * spiking->n_channels;
    for (size_t t = 0; t < spiking->n_steps; t++)
        for (size_t p = 0; p < tile->window.n_pixels; p++)
            for (size_t c = 0; c < tile->n; c++)
                z[t * tile_count_lanes(tile) + p * tile->n + c] *=
                    factors[t * spiking->n_channels + c];
}

uint64_t spiking_count_numbers(const struct spiking *spiking)
{
    size_t n_even = spiking->n_channels + spiking->n_channels % 2;
    return spiking->n_steps * spiking->height * spiking->width * n_even;
}

void tile_fill_step(const struct spiking *spiking, const struct tile *tile,
                    const struct spiking_numbers *numbers,
                    void (*fill)(struct rng_stream stream, uint64_t first,
                                 size_t n, float *out),
                    size_t t, float *out)
{
    size_t n_even = spiking->n_channels + spiking->n_channels % 2;
    size_t n_pixels = spiking->height * spiking->width;
    struct rng_stream stream = {
        numbers->seed, numbers->use,
        rng_lane(numbers->ids[tile->b], numbers->draw)};
    for (size_t p = 0; p < tile->window.n_pixels; p++) {
        size_t pixel = t * n_pixels + tile->window.pixel[p];
        fill(stream, numbers->first + pixel * n_even + tile->channel, tile->n,
             out + p * tile->n);
    }
}

static void add_noise(const struct spiking *spiking, const struct tile *tile,
                      float *z)
{
    const struct spiking_noise *noise = &spiking->noise;
    size_t n = tile_count_lanes(tile);
    float numbers[TILE_MAX];
    for (size_t t = 0; t < spiking->n_steps; t++) {
        tile_fill_step(spiking, tile, &noise->numbers, rng_fill_normal, t,
                       numbers);
        for (size_t i = 0; i < n; i++)
            z[t * n + i] += noise->deviation * numbers[i];
    }
}

size_t tile_place_own(const struct spiking *spiking, const struct tile *tile,
                      size_t t, size_t p)
{
    size_t n_pixels = spiking->height * spiking->width;
    return (t * n_pixels + tile->window.pixel[p]) * spiking->n_channels +
           tile->channel;
}

static size_t count_steps(const struct spiking *spiking, size_t k)
{
    return spiking->neuron->tensors[k].by_step ? spiking->n_steps : 1;
}

/* The values of the tile's neurons: where they are, or gathered. */
static const float *gather_own(const struct spiking *spiking,
                               const struct tile *tile, size_t k, float *room)
{
    size_t n = tile_count_lanes(tile);
    if (!spiking->neuron->tensors[k].by_neuron)
        return spiking->own[k];
    for (size_t t = 0; t < count_steps(spiking, k); t++)
        for (size_t p = 0; p < tile->window.n_pixels; p++)
            memcpy(room + t * n + p * tile->n,
                   spiking->own[k] + tile_place_own(spiking, tile, t, p),
                   tile->n * sizeof *room);
    return room;
}

struct neuron_tile tile_run_neurons(const struct spiking *spiking,
                                    const struct tile *tile, const float *y,
                                    struct potentials *at)
{
    size_t n = tile_count_lanes(tile);
    struct neuron_tile neurons = {.n_steps = spiking->n_steps,
                                  .n = n,
                                  .z = at->z,
                                  .x = at->x,
                                  .s = at->s,
                                  .u = at->u};
    gather_step(spiking, tile, y, 0, at->z);
    for (size_t t = 1; t < spiking->n_steps; t++)
        if (spiking->constant && spiking->stride_norm == 0)
            memcpy(at->z + t * n, at->z, n * sizeof *at->z);
        else
            gather_step(spiking, tile, y, t, at->z + t * n);
    add_shortcut(spiking, tile, at->z);
    if (spiking->factors)
        rescale(spiking, tile, at->z);
    if (spiking->noise.deviation > 0.0f)
        add_noise(spiking, tile, at->z);
    for (size_t k = 0; k < spiking->neuron->n_tensors; k++)
        neurons.own[k] = gather_own(spiking, tile, k, at->own[k]);
    if (spiking->n_levels > 0)
        spiking->neuron->activation->forward(spiking->neuron_params,
                                             spiking->n_levels, &neurons);
    else
        spiking->neuron->forward(spiking->neuron_params, &neurons);
    return neurons;
}

void tile_add_values(size_t n, const float *restrict from,
                     double *restrict sum)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += (double)from[i];
}

/* Eight sums side by side, so that none waits for the one before. */
double tile_sum(size_t n, const float *from)
{
    double sum[8] = {0};
    size_t i = 0;
    for (; i + 8 <= n; i += 8)
        tile_add_values(8, from + i, sum);
    tile_add_values(n - i, from + i, sum);
    return ((sum[0] + sum[1]) + (sum[2] + sum[3])) +
           ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

void tile_add_own(const struct spiking *spiking, const struct tile *tile,
                  size_t k, const float *d_own, double *gradient)
{
    const struct neuron_tensor *tensor = &spiking->neuron->tensors[k];
    size_t n = tile_count_lanes(tile);
    for (size_t t = 0; t < spiking->n_steps; t++) {
        size_t own = tensor->by_step ? t : 0;
        if (!tensor->by_neuron)
            gradient[own] += tile_sum(n, d_own + t * n);
        for (size_t p = 0; tensor->by_neuron && p < tile->window.n_pixels; p++)
            tile_add_values(tile->n, d_own + t * n + p * tile->n,
                            gradient + tile_place_own(spiking, tile, own, p));
    }
}

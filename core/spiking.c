#include "core/spiking.h"
#include "core/status.h"

#include <string.h>

enum {
    TILE_ENTRIES = 1024, /* T * lanes: 4 KB an array, six arrays in L1 */
    LANES_MIN = 16,      /* channels side by side, one AVX-512 register */
    STEPS_MAX = 32,
    TILE_MAX = STEPS_MAX * LANES_MIN * 4
};

/* The neurons that share one pooled output: 4 pixels, or 1 without pooling
 * and 1 or 2 at an odd edge, whose spikes go nowhere. */
struct window {
    size_t n_pixels, pixel[4];
    size_t out; /* pooled pixel, or NOWHERE */
};

#define NOWHERE SIZE_MAX

struct tile {
    struct window window;
    size_t b;               /* image */
    size_t channel, n;      /* first channel, number of them */
};

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

static size_t count_pixels(const struct spiking *spiking)
{
    return spiking->height * spiking->width;
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
    struct window window = {.out = NOWHERE};
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
    n = n < LANES_MIN ? LANES_MIN : n / LANES_MIN * LANES_MIN;
    return n < spiking->n_channels ? n : spiking->n_channels;
}

/* Calls `visit` for every tile of an image. */
struct visitor {
    const struct spiking *spiking;
    void (*visit)(struct visitor *visitor, const struct tile *tile);
};

static void visit_image(struct visitor *visitor, size_t b)
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

/* Where channel `tile->channel` of a pixel lies in [B][n_steps][P][C]. */
static size_t place(const struct spiking *spiking, const struct tile *tile,
                    size_t n_steps, size_t t, size_t n_pixels, size_t pixel)
{
    size_t image = tile->b * n_steps + t;
    return (image * n_pixels + pixel) * spiking->n_channels + tile->channel;
}

static size_t count_lanes(const struct tile *tile)
{
    return tile->window.n_pixels * tile->n;
}

/* One step of z from the currents: z[p][c] = scale y + shift. */
static void gather_step(const struct spiking *spiking, const struct tile *tile,
                        const float *y, size_t t, float *z)
{
    size_t n_steps = spiking->constant ? 1 : spiking->n_steps;
    const float *restrict scale = spiking->scale + tile->channel;
    const float *restrict shift = spiking->shift + tile->channel;
    for (size_t p = 0; p < tile->window.n_pixels; p++) {
        const float *restrict from =
            y + place(spiking, tile, n_steps, t, count_pixels(spiking),
                      tile->window.pixel[p]);
        float *restrict to = z + p * tile->n;
        for (size_t c = 0; c < tile->n; c++)
            to[c] = scale[c] * from[c] + shift[c];
    }
}

/* z, x and spikes of a tile, [T][lanes]. */
struct potentials {
    _Alignas(64) float z[TILE_MAX], x[TILE_MAX], s[TILE_MAX];
};

static void run_neurons(const struct spiking *spiking, const struct tile *tile,
                        const float *y, struct potentials *at)
{
    size_t n = count_lanes(tile);
    gather_step(spiking, tile, y, 0, at->z);
    for (size_t t = 1; t < spiking->n_steps; t++)
        if (spiking->constant)
            memcpy(at->z + t * n, at->z, n * sizeof *at->z);
        else
            gather_step(spiking, tile, y, t, at->z + t * n);
    spiking->neuron->forward(spiking->neuron_params, spiking->n_steps, n,
                             at->z, at->x, at->s);
}

/* forward ------------------------------------------------------------- */

struct forward {
    struct visitor visitor;
    const float *y;
    const struct spiking_watch *watch;
    uint8_t *counts;
    struct potentials at;
};

static void add_counts(size_t n_pixels, size_t n, const float *restrict s,
                       uint8_t *restrict out)
{
    for (size_t c = 0; c < n; c++) {
        float sum = s[c];
        for (size_t p = 1; p < n_pixels; p++)
            sum += s[p * n + c];
        out[c] = (uint8_t)(int)sum;
    }
}

static void take_largest(size_t n_pixels, size_t n, const float *restrict s,
                         uint8_t *restrict out)
{
    for (size_t c = 0; c < n; c++) {
        float most = s[c];
        for (size_t p = 1; p < n_pixels; p++)
            most = s[p * n + c] > most ? s[p * n + c] : most;
        out[c] = (uint8_t)(int)most;
    }
}

static void put_counts(const struct forward *forward, const struct tile *tile)
{
    const struct spiking *spiking = forward->visitor.spiking;
    size_t n_out =
        spiking_pooled_height(spiking) * spiking_pooled_width(spiking);
    size_t n_pixels = tile->window.n_pixels;
    for (size_t t = 0; t < spiking->n_steps; t++) {
        const float *s = forward->at.s + t * count_lanes(tile);
        uint8_t *out = forward->counts + place(spiking, tile, spiking->n_steps,
                                               t, n_out, tile->window.out);
        if (spiking->pool == POOL_MAX)
            take_largest(n_pixels, tile->n, s, out);
        else
            add_counts(n_pixels, tile->n, s, out);
    }
}

static void add_moments(const struct spiking *spiking, const struct tile *tile,
                        const float *x, struct moments *moments)
{
    size_t n_all = spiking->n_steps * spiking->n_channels;
    for (size_t t = 0; t < spiking->n_steps; t++) {
        float *restrict sum =
            moments->partial + t * spiking->n_channels + tile->channel;
        float *restrict squares = sum + n_all;
        for (size_t p = 0; p < tile->window.n_pixels; p++) {
            const float *restrict from =
                x + t * count_lanes(tile) + p * tile->n;
            for (size_t c = 0; c < tile->n; c++) {
                sum[c] += from[c];
                squares[c] += from[c] * from[c];
            }
        }
    }
}

static void forward_tile(struct visitor *visitor, const struct tile *tile)
{
    struct forward *forward = (struct forward *)visitor;
    const struct spiking *spiking = visitor->spiking;
    const struct spiking_watch *watch = forward->watch;
    run_neurons(spiking, tile, forward->y, &forward->at);
    if (tile->window.out != NOWHERE)
        put_counts(forward, tile);
    if (watch && watch->moments)
        add_moments(spiking, tile, forward->at.x, watch->moments);
    if (watch && watch->tile)
        watch->tile(watch->self, spiking->n_steps, count_lanes(tile),
                    forward->at.x, forward->at.s);
}

/* An image's sums are taken in float, those of images in double. */
static void settle_moments(const struct spiking *spiking,
                           struct moments *moments)
{
    size_t n = spiking->n_steps * spiking->n_channels;
    for (size_t i = 0; i < n; i++) {
        moments->sum[i] += (double)moments->partial[i];
        moments->sum_squares[i] += (double)moments->partial[n + i];
    }
    memset(moments->partial, 0, 2 * n * sizeof *moments->partial);
}

void spiking_forward(const struct spiking *spiking, struct image_range range,
                     const float *y, const struct spiking_watch *watch,
                     uint8_t *counts)
{
    MUST(spiking->n_steps <= STEPS_MAX);
    struct forward forward;
    forward.visitor = (struct visitor){spiking, forward_tile};
    forward.y = y;
    forward.watch = watch;
    forward.counts = counts;
    for (size_t b = range.first; b < range.first + range.n; b++) {
        visit_image(&forward.visitor, b);
        if (watch && watch->moments)
            settle_moments(spiking, watch->moments);
    }
}

/* backward ------------------------------------------------------------ */

struct backward {
    struct visitor visitor;
    const float *y;
    const struct source *d_counts;
    const struct membrane_gradient *membrane;
    bool summed;
    float *d_z;
    struct potentials at;
    _Alignas(64) float g[TILE_MAX], d_s[TILE_MAX], d_x[TILE_MAX];
};

/* A maximum hands its gradient to the first pixel that attains it. */
static void hand_to_winner(const struct tile *tile, const float *restrict s,
                           const float *restrict d_out, float *restrict d_s)
{
    size_t n = tile->n;
    for (size_t c = 0; c < n; c++) {
        size_t winner = 0;
        while (winner < tile->window.n_pixels && s[winner * n + c] == 0.0f)
            winner++;
        winner = winner == tile->window.n_pixels ? 0 : winner;
        for (size_t p = 0; p < tile->window.n_pixels; p++)
            d_s[p * n + c] = p == winner ? d_out[c] : 0.0f;
    }
}

static void hand_to_all(const struct tile *tile, const float *restrict d_out,
                        float *restrict d_s)
{
    float share = 1.0f / (float)tile->window.n_pixels;
    for (size_t p = 0; p < tile->window.n_pixels; p++)
        for (size_t c = 0; c < tile->n; c++)
            d_s[p * tile->n + c] = share * d_out[c];
}

static void unpool(struct backward *backward, const struct tile *tile)
{
    const struct spiking *spiking = backward->visitor.spiking;
    const struct source *d_counts = backward->d_counts;
    size_t n = count_lanes(tile);
    for (size_t t = 0; t < spiking->n_steps; t++) {
        float *d_s = backward->d_s + t * n;
        if (tile->window.out == NOWHERE) {
            memset(d_s, 0, n * sizeof *d_s);
            continue;
        }
        const float *d_out =
            d_counts->floats + tile->b * d_counts->stride_image +
            t * d_counts->stride_step +
            tile->window.out * spiking->n_channels + tile->channel;
        if (spiking->pool == POOL_MAX)
            hand_to_winner(tile, backward->at.s + t * n, d_out, d_s);
        else
            hand_to_all(tile, d_out, d_s);
    }
}

static const float *membrane_term(struct backward *backward,
                                  const struct tile *tile)
{
    const struct membrane_gradient *membrane = backward->membrane;
    if (!membrane->slope)
        return NULL;
    const struct spiking *spiking = backward->visitor.spiking;
    for (size_t t = 0; t < spiking->n_steps; t++)
        for (size_t p = 0; p < tile->window.n_pixels; p++) {
            size_t at = t * spiking->n_channels + tile->channel;
            size_t lane = t * count_lanes(tile) + p * tile->n;
            const float *restrict offset = membrane->offset + at;
            const float *restrict slope = membrane->slope + at;
            const float *restrict x = backward->at.x + lane;
            float *restrict d_x = backward->d_x + lane;
            for (size_t c = 0; c < tile->n; c++)
                d_x[c] = offset[c] + slope[c] * x[c];
        }
    return backward->d_x;
}

static void put_step(const struct backward *backward, const struct tile *tile,
                     size_t n_steps, size_t t, const float *d_z)
{
    const struct spiking *spiking = backward->visitor.spiking;
    for (size_t p = 0; p < tile->window.n_pixels; p++) {
        size_t at = place(spiking, tile, n_steps, t, count_pixels(spiking),
                          tile->window.pixel[p]);
        memcpy(backward->d_z + at, d_z + p * tile->n,
               tile->n * sizeof *d_z);
    }
}

/* Sums the steps of a tile into its first, from t = 0 on. */
static void sum_steps(size_t n_steps, size_t n, float *restrict d_z)
{
    for (size_t t = 1; t < n_steps; t++)
        for (size_t i = 0; i < n; i++)
            d_z[i] += d_z[t * n + i];
}

static void put_gradient(struct backward *backward, const struct tile *tile)
{
    size_t n_steps = backward->visitor.spiking->n_steps;
    size_t n = count_lanes(tile);
    if (backward->summed) {
        sum_steps(n_steps, n, backward->d_s);
        put_step(backward, tile, 1, 0, backward->d_s);
        return;
    }
    for (size_t t = 0; t < n_steps; t++)
        put_step(backward, tile, n_steps, t, backward->d_s + t * n);
}

static void backward_tile(struct visitor *visitor, const struct tile *tile)
{
    struct backward *backward = (struct backward *)visitor;
    const struct spiking *spiking = visitor->spiking;
    size_t n_steps = spiking->n_steps, n = count_lanes(tile);
    struct potentials *at = &backward->at;
    run_neurons(spiking, tile, backward->y, at);
    spiking->surrogate->derivative(spiking->surrogate_params, n_steps * n,
                                   at->x, backward->g);
    unpool(backward, tile);
    spiking->neuron->backward(spiking->neuron_params, n_steps, n, at->x, at->s,
                              backward->g, backward->d_s,
                              membrane_term(backward, tile), backward->d_s);
    put_gradient(backward, tile);
}

void spiking_backward(const struct spiking *spiking, struct image_range range,
                      const float *y, const struct source *d_counts,
                      const struct membrane_gradient *membrane, bool summed,
                      float *d_z)
{
    MUST(spiking->n_steps <= STEPS_MAX);
    MUST(summed || !spiking->constant);
    struct backward backward;
    backward.visitor = (struct visitor){spiking, backward_tile};
    backward.y = y;
    backward.d_counts = d_counts;
    backward.membrane = membrane;
    backward.summed = summed;
    backward.d_z = d_z;
    for (size_t b = range.first; b < range.first + range.n; b++)
        visit_image(&backward.visitor, b);
}

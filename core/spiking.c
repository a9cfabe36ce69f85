#include "core/status.h"
#include "core/tile.h"

#include <string.h>

size_t spiking_count_own(const struct spiking *spiking, size_t k)
{
    return neuron_count_values(&spiking->neuron->tensors[k], spiking->n_steps,
                               spiking->height * spiking->width *
                                   spiking->n_channels);
}

struct forward {
    struct tile_visitor visitor;
    const float *y;
    const struct spiking_watch *watch;
    uint8_t *counts;
    struct potentials at;
    struct gates gates;
    _Alignas(64) float through[TILE_MAX]; /* spikes that come through them */
};

/* A window that has an output has 1 or 4 pixels: written out, the loops over
 * channels become vectors. */
static void copy_spikes(size_t n, const float *restrict s,
                        uint8_t *restrict out)
{
    for (size_t c = 0; c < n; c++)
        out[c] = (uint8_t)(int)s[c];
}

static void add_counts(size_t n, const float *restrict s,
                       uint8_t *restrict out)
{
    for (size_t c = 0; c < n; c++)
        out[c] = (uint8_t)(int)(s[c] + s[n + c] + s[2 * n + c] + s[3 * n + c]);
}

static void take_largest(size_t n, const float *restrict s,
                         uint8_t *restrict out)
{
    for (size_t c = 0; c < n; c++) {
        float above = s[c] > s[n + c] ? s[c] : s[n + c];
        float below =
            s[2 * n + c] > s[3 * n + c] ? s[2 * n + c] : s[3 * n + c];
        out[c] = (uint8_t)(int)(above > below ? above : below);
    }
}

/* Spikes, in `out`, with those that join them. */
static void join_counts(enum block_join join, size_t n,
                        const uint8_t *restrict joined, uint8_t *restrict out)
{
    for (size_t c = 0; c < n; c++)
        if (join == JOIN_ADD)
            out[c] = (uint8_t)(out[c] + joined[c]);
        else if (join == JOIN_AND)
            out[c] = (uint8_t)(out[c] * joined[c]);
        else
            out[c] = (uint8_t)((1 - out[c]) * joined[c]);
}

static void put_counts(const struct forward *forward, const struct tile *tile,
                       const float *spikes)
{
    const struct spiking *spiking = forward->visitor.spiking;
    size_t n_out =
        spiking_pooled_height(spiking) * spiking_pooled_width(spiking);
    for (size_t t = 0; t < spiking->n_steps; t++) {
        const float *s = spikes + t * tile_count_lanes(tile);
        uint8_t *out =
            forward->counts + tile_place(spiking, tile, spiking->n_steps, t,
                                         n_out, tile->window.out);
        if (spiking->pool == POOL_NONE)
            copy_spikes(tile->n, s, out);
        else if (spiking->pool == POOL_MAX)
            take_largest(tile->n, s, out);
        else
            add_counts(tile->n, s, out);
        if (network_joins_spikes(spiking->join))
            join_counts(spiking->join, tile->n,
                        tile_find_joined(spiking, tile, t), out);
    }
}

static void hand_on(struct forward *forward, const struct tile *tile)
{
    const struct spiking *spiking = forward->visitor.spiking;
    if (!spiking->gate.law) {
        put_counts(forward, tile, forward->at.s);
        return;
    }
    tile_draw_gates(spiking, tile, &forward->gates);
    tile_pass_gates(spiking, tile, &forward->gates, forward->at.s,
                    forward->through);
    put_counts(forward, tile, forward->through);
}

/* The first pixel of the first image. */
static void set_pivot(const struct spiking *spiking, const struct tile *tile,
                      const float *x, struct moments *moments)
{
    for (size_t t = 0; t < spiking->n_steps; t++)
        memcpy(moments->pivot + t * spiking->n_channels + tile->channel,
               x + t * tile_count_lanes(tile), tile->n * sizeof *x);
}

static void add_moments(const struct spiking *spiking, const struct tile *tile,
                        const float *x, struct moments *moments)
{
    if (!moments->has_pivot && tile->window.pixel[0] == 0)
        set_pivot(spiking, tile, x, moments);
    size_t n_all = spiking->n_steps * spiking->n_channels;
    for (size_t t = 0; t < spiking->n_steps; t++) {
        float *restrict sum =
            moments->partial + t * spiking->n_channels + tile->channel;
        float *restrict squares = sum + n_all;
        const float *restrict pivot =
            moments->pivot + t * spiking->n_channels + tile->channel;
        for (size_t p = 0; p < tile->window.n_pixels; p++) {
            const float *restrict from =
                x + t * tile_count_lanes(tile) + p * tile->n;
            for (size_t c = 0; c < tile->n; c++) {
                float above = from[c] - pivot[c];
                sum[c] += above;
                squares[c] += above * above;
            }
        }
    }
}

static void add_spikes(const struct spiking *spiking, const struct tile *tile,
                       const float *s, struct moments *moments)
{
    size_t n_all = spiking->n_steps * spiking->n_channels;
    for (size_t t = 0; t < spiking->n_steps; t++) {
        float *restrict sum = moments->partial + 2 * n_all +
                              t * spiking->n_channels + tile->channel;
        for (size_t p = 0; p < tile->window.n_pixels; p++) {
            const float *restrict from =
                s + t * tile_count_lanes(tile) + p * tile->n;
            for (size_t c = 0; c < tile->n; c++)
                sum[c] += from[c];
        }
    }
}

static void add_terms(size_t n, const float *x, struct moments *moments)
{
    _Alignas(64) float r[TILE_MAX];
    moments->term.value(moments->term.params, n, x, r);
    moments->sum_terms += tile_sum(n, r);
}

static void watch_tile(const struct forward *forward, const struct tile *tile)
{
    const struct spiking *spiking = forward->visitor.spiking;
    struct moments *moments = forward->watch->moments;
    add_moments(spiking, tile, forward->at.x, moments);
    if (moments->n_spikes)
        add_spikes(spiking, tile, forward->at.s, moments);
    if (moments->term.value)
        add_terms(spiking->n_steps * tile_count_lanes(tile), forward->at.x,
                  moments);
}

static void forward_tile(struct tile_visitor *visitor, const struct tile *tile)
{
    struct forward *forward = (struct forward *)visitor;
    const struct spiking *spiking = visitor->spiking;
    const struct spiking_watch *watch = forward->watch;
    tile_run_neurons(spiking, tile, forward->y, &forward->at);
    if (tile->window.out != TILE_NOWHERE)
        hand_on(forward, tile);
    if (watch && watch->moments)
        watch_tile(forward, tile);
    if (watch && watch->gathered)
        tile_add_own(spiking, tile, 0, forward->at.u, watch->gathered);
    if (watch && watch->tile)
        watch->tile(watch->self, spiking->n_steps, tile_count_lanes(tile),
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
    for (size_t i = 0; moments->n_spikes && i < n; i++)
        moments->n_spikes[i] += (double)moments->partial[2 * n + i];
    memset(moments->partial, 0,
           (moments->n_spikes ? 3 : 2) * n * sizeof *moments->partial);
    moments->has_pivot = true;
}

void spiking_forward(const struct spiking *spiking, struct image_range range,
                     const float *y, const struct spiking_watch *watch,
                     uint8_t *counts)
{
    MUST(spiking->n_steps <= TILE_STEPS_MAX);
    struct forward forward;
    forward.visitor = (struct tile_visitor){spiking, forward_tile};
    forward.y = y;
    forward.watch = watch;
    forward.counts = counts;
    for (size_t b = range.first; b < range.first + range.n; b++) {
        tile_visit_image(&forward.visitor, b);
        if (watch && watch->moments)
            settle_moments(spiking, watch->moments);
    }
}

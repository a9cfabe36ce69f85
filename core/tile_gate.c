/* The gates between a tile's spikes and their pooling (core/gate.h). */
#include "core/tile.h"

#include <math.h>
#include <string.h>

static void gather_keep(const struct spiking *spiking, const struct tile *tile,
                        float *keep)
{
    const struct spiking_gate *gate = &spiking->gate;
    size_t n = tile_count_lanes(tile);
    for (size_t i = 0; !gate->keep && i < n; i++)
        keep[i] = (float)gate->law->keep;
    for (size_t p = 0; gate->keep && p < tile->window.n_pixels; p++)
        memcpy(keep + p * tile->n,
               gate->keep + tile_place_own(spiking, tile, 0, p),
               tile->n * sizeof *keep);
}

static void open_gates(size_t n, const float *restrict keep,
                       const float *restrict u, float *restrict m)
{
    for (size_t i = 0; i < n; i++)
        m[i] = u[i] >= 1.0f - keep[i] ? 1.0f : 0.0f;
}

void tile_draw_gates(const struct spiking *spiking, const struct tile *tile,
                     struct gates *gates)
{
    const struct spiking_gate *gate = &spiking->gate;
    size_t n = tile_count_lanes(tile);
    gather_keep(spiking, tile, gates->keep);
    for (size_t t = 0; t < spiking->n_steps; t++) {
        float *u = gates->u + t * n;
        if (t > 0 && !gate->law->each_step)
            memcpy(u, gates->u, n * sizeof *u);
        else
            tile_fill_step(spiking, tile, &gate->numbers, rng_fill_uniform, t,
                           u);
        open_gates(n, gates->keep, u, gates->m + t * n);
    }
}

void tile_pass_gates(const struct spiking *spiking, const struct tile *tile,
                     const struct gates *gates, const float *restrict s,
                     float *restrict through)
{
    size_t n = spiking->n_steps * tile_count_lanes(tile);
    for (size_t i = 0; i < n; i++)
        through[i] = gates->m[i] * s[i];
}

/* The derivative of a relaxed gate by p; 0 in the limit u = 0. */
static float relaxed_slope(float temperature, float p, float u)
{
    float epsilon = (float)GATE_EPSILON;
    float closed = 1.0f - p + epsilon;
    float y = (logf(p / closed) + logf(u / (1.0f - u + epsilon))) /
              temperature;
    float by_y = 1.0f / (2.0f + expf(y) + expf(-y));
    return by_y * (1.0f / p + 1.0f / closed) / temperature;
}

/* The gradient by p of a step's neurons. */
static void find_d_keep(const struct spiking_gate *gate, size_t n,
                        const float *keep, const float *u, const float *s,
                        const float *d_s, float *d_keep)
{
    float temperature = (float)gate->law->temperature;
    for (size_t i = 0; i < n; i++)
        d_keep[i] = s[i] * d_s[i] == 0.0f
                        ? 0.0f
                        : gate->scale * d_s[i] * s[i] *
                              relaxed_slope(temperature, keep[i], u[i]);
}

static void add_d_keep(const struct spiking *spiking, const struct tile *tile,
                       const struct gates *gates, const float *s,
                       const float *d_s, double *d_keep)
{
    size_t n = tile_count_lanes(tile);
    float step[TILE_MAX];
    for (size_t t = 0; t < spiking->n_steps; t++) {
        find_d_keep(&spiking->gate, n, gates->keep, gates->u + t * n,
                    s + t * n, d_s + t * n, step);
        for (size_t p = 0; p < tile->window.n_pixels; p++)
            tile_add_values(tile->n, step + p * tile->n,
                            d_keep + tile_place_own(spiking, tile, 0, p));
    }
}

void tile_open_back(const struct spiking *spiking, const struct tile *tile,
                    const struct gates *gates, const float *s,
                    float *restrict d_s, double *d_keep)
{
    size_t n = spiking->n_steps * tile_count_lanes(tile);
    float scale = spiking->gate.scale;
    if (d_keep)
        add_d_keep(spiking, tile, gates, s, d_s, d_keep);
    for (size_t i = 0; i < n; i++)
        d_s[i] *= scale * gates->m[i];
}

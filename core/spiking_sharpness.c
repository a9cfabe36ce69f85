/* Surrogates whose sharpness follows each neuron of each sample. */
#include "core/tile.h"

#include <math.h>

/* The authors', against a division by nothing. */
static const float TINY = 1e-4f;

static void follow(const struct surrogate_adaptation *law, size_t n,
                   const float *restrict x, float *restrict mean,
                   float *restrict spread)
{
    float beta = law->beta_mean, beta_spread = law->beta_spread;
    for (size_t i = 0; i < n; i++) {
        float size = fabsf(x[i]);
        mean[i] = beta * mean[i] + (1.0f - beta) * size;
        spread[i] = beta_spread * spread[i] +
                    (1.0f - beta_spread) * fabsf(size - mean[i]);
    }
}

static void find_sharpness(const struct surrogate_adaptation *law, size_t n,
                           const float *restrict mean,
                           const float *restrict spread, float *restrict alpha)
{
    for (size_t i = 0; i < n; i++)
        alpha[i] = law->omega / (mean[i] + law->relax * spread[i] + TINY);
}

/* Of all steps and pixels of a tile, which hold neighbouring channels. */
static void adapt_tile(const struct spiking *spiking, const struct tile *tile,
                       const float *x, float *alpha)
{
    const struct surrogate_sharpness *sharpness = &spiking->adaptive;
    size_t n_pixels = spiking->height * spiking->width;
    for (size_t t = 0; t < spiking->n_steps; t++)
        for (size_t p = 0; p < tile->window.n_pixels; p++) {
            size_t lane = t * tile_count_lanes(tile) + p * tile->n;
            size_t at = tile_place(spiking, tile, spiking->n_steps, t,
                                   n_pixels, tile->window.pixel[p]);
            if (!sharpness->settled)
                follow(&sharpness->law, tile->n, x + lane,
                       sharpness->mean + at, sharpness->spread + at);
            find_sharpness(&sharpness->law, tile->n, sharpness->mean + at,
                           sharpness->spread + at, alpha + lane);
        }
}

void tile_take_sharp(const struct spiking *spiking, const struct tile *tile,
                     const float *x, float *g)
{
    _Alignas(64) float alpha[TILE_MAX];
    size_t n = spiking->n_steps * tile_count_lanes(tile);
    adapt_tile(spiking, tile, x, alpha);
    for (size_t i = 0; i < n; i++)
        g[i] = alpha[i] * x[i];
    spiking->surrogate->derivative(spiking->surrogate_params, n, g, g);
    for (size_t i = 0; i < n; i++)
        g[i] *= alpha[i];
}

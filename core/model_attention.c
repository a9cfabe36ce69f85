/* Attention in a model: the factors of a layer's currents, and the way back. */
#include "core/linalg.h"
#include "core/model_parts.h"

#include <string.h>

static struct attention_maps maps_of(const struct model *model,
                                     const struct layer *layer)
{
    const struct layer_attention *own = &layer->attention;
    return (struct attention_maps){own->n, own->n_hidden,
                                   model->weights + own->squeeze,
                                   model->weights + own->excite};
}

/* The currents of a pixel, in the worker's scratch. */
static const float *take_row(const struct model *model,
                             const struct layer *layer, size_t worker,
                             size_t b, size_t t, size_t pixel)
{
    float *row = model->scratch[worker].currents;
    spiking_take_currents(&layer->spiking, b, t, pixel, layer->y, row);
    return row;
}

static void add_row(size_t n, const float *restrict row, float *restrict sum)
{
    for (size_t c = 0; c < n; c++)
        sum[c] += row[c];
}

void model_attend(const struct model *model, const struct layer *layer,
                  size_t worker, struct image_range range)
{
    const struct layer_attention *own = &layer->attention;
    size_t n_channels = layer->spiking.n_channels;
    struct attention_maps maps = maps_of(model, layer);
    for (size_t b = range.first; b < range.first + range.n; b++) {
        float *q = own->q + b * own->n;
        memset(q, 0, own->n * sizeof *q);
        for (size_t t = 0; t < layer->spiking.n_steps; t++)
            for (size_t p = 0; p < layer->n_pixels; p++)
                add_row(n_channels, take_row(model, layer, worker, b, t, p),
                        q + t * n_channels);
        for (size_t i = 0; i < own->n; i++)
            q[i] /= (float)layer->n_pixels;
        attention_forward(&maps, q, own->hidden + b * own->n_hidden,
                          own->a + b * own->n);
    }
}

static void add_products(size_t n, const float *restrict row,
                         const float *restrict d_z, float *restrict sum)
{
    for (size_t c = 0; c < n; c++)
        sum[c] += row[c] * d_z[c];
}

static void rescale(size_t n, const float *restrict a,
                    const float *restrict d_q, float share,
                    float *restrict d_z)
{
    for (size_t c = 0; c < n; c++)
        d_z[c] = a[c] * d_z[c] + share * d_q[c];
}

void model_attend_backward(const struct model *model,
                           const struct layer *layer, size_t worker, size_t b,
                           float *d_z)
{
    const struct layer_attention *own = &layer->attention;
    size_t n = own->n, n_channels = layer->spiking.n_channels;
    size_t n_pixels = layer->n_pixels;
    struct attention_maps maps = maps_of(model, layer);
    float *d_a = model->scratch[worker].d_a, *d_q = d_a + n;
    memset(d_a, 0, n * sizeof *d_a);
    for (size_t i = 0; i < layer->spiking.n_steps * n_pixels; i++)
        add_products(n_channels,
                     take_row(model, layer, worker, b, i / n_pixels,
                              i % n_pixels),
                     d_z + i * n_channels, d_a + i / n_pixels * n_channels);
    attention_backward(&maps, own->hidden + b * own->n_hidden, own->a + b * n,
                       d_a, own->d_logits + b * n,
                       own->d_hidden + b * own->n_hidden, d_q);
    for (size_t i = 0; i < layer->spiking.n_steps * n_pixels; i++) {
        size_t entry = i / n_pixels * n_channels;
        rescale(n_channels, own->a + b * n + entry, d_q + entry,
                1.0f / (float)n_pixels, d_z + i * n_channels);
    }
}

void model_end_attention(const struct model *model, const struct layer *layer,
                         size_t n_images)
{
    const struct layer_attention *own = &layer->attention;
    if (own->n == 0)
        return;
    linalg_product_left_transposed(
        own->n, own->n_hidden, n_images, (struct matrix){own->q, own->n},
        (struct matrix){own->d_hidden, own->n_hidden}, 0.0f,
        model->gradients + own->squeeze, own->n_hidden);
    linalg_product_left_transposed(
        own->n_hidden, own->n, n_images,
        (struct matrix){own->hidden, own->n_hidden},
        (struct matrix){own->d_logits, own->n}, 0.0f,
        model->gradients + own->excite, own->n);
}

void model_take_attention(struct layer *layer, size_t n_images,
                          struct arena *arena)
{
    struct layer_attention *own = &layer->attention;
    if (own->n == 0)
        return;
    own->q = ARENA_ARRAY(arena, float, n_images * own->n);
    own->a = ARENA_ARRAY(arena, float, n_images * own->n);
    own->d_logits = ARENA_ARRAY(arena, float, n_images * own->n);
    own->hidden = ARENA_ARRAY(arena, float, n_images * own->n_hidden);
    own->d_hidden = ARENA_ARRAY(arena, float, n_images * own->n_hidden);
    layer->spiking.factors = own->a;
}

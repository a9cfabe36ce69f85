/* Attention of the plain twin (tests/plain_model.h). */
#include "tests/plain_parts.h"

#include <math.h>
#include <string.h>

static size_t count_pairs(const struct plain_model *plain,
                          const struct plain_layer *layer)
{
    return plain->n_steps * layer->n_out;
}

void plain_take_attention(struct plain_model *plain,
                          struct plain_layer *layer)
{
    size_t n = count_pairs(plain, layer);
    layer->rescaled = layer->z;
    if (layer->squeeze == SIZE_MAX)
        return;
    layer->n_hidden = (layer->excite - layer->squeeze) / n;
    layer->q = ARENA_ARRAY(plain->arena, double, plain->n_images * n);
    layer->a = ARENA_ARRAY(plain->arena, double, plain->n_images * n);
    layer->hidden = ARENA_ARRAY(plain->arena, double,
                                plain->n_images * layer->n_hidden);
    layer->rescaled =
        ARENA_ARRAY(plain->arena, double,
                    plain_count_rows(plain) * plain_count_outputs(layer));
}

/* The pair of entry i of z, counted over all images. */
static size_t pair_of(const struct plain_layer *layer, size_t i)
{
    return i / plain_count_outputs(layer) * layer->n_out + i % layer->n_out;
}

/* One image's factors. */
static void find_factors(const struct plain_model *plain,
                         const struct plain_layer *layer, size_t b,
                         const double *values)
{
    size_t n = count_pairs(plain, layer), n_hidden = layer->n_hidden;
    double *hidden = layer->hidden + b * n_hidden;
    for (size_t k = 0; k < n_hidden; k++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += layer->q[b * n + i] *
                   values[layer->squeeze + i * n_hidden + k];
        hidden[k] = fmax(sum, 0);
    }
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t k = 0; k < n_hidden; k++)
            sum += hidden[k] * values[layer->excite + k * n + i];
        layer->a[b * n + i] = 1 / (1 + exp(-sum));
    }
}

void plain_forward_attention(struct plain_model *plain,
                             struct plain_layer *layer, const double *values)
{
    size_t n = plain_count_rows(plain) * plain_count_outputs(layer);
    if (layer->squeeze == SIZE_MAX)
        return;
    memset(layer->q, 0,
           plain->n_images * count_pairs(plain, layer) * sizeof(double));
    for (size_t i = 0; i < n; i++)
        layer->q[pair_of(layer, i)] +=
            layer->z[i] / (double)plain_count_pixels(layer);
    for (size_t b = 0; b < plain->n_images; b++)
        find_factors(plain, layer, b, values);
    for (size_t i = 0; i < n; i++)
        layer->rescaled[i] = layer->a[pair_of(layer, i)] * layer->z[i];
}

/* From dL/da of an image, which becomes dL/dq. */
static void backward_factors(const struct plain_model *plain,
                             const struct plain_layer *layer, size_t b,
                             const double *values, double *gradient,
                             double *d)
{
    size_t n = count_pairs(plain, layer), n_hidden = layer->n_hidden;
    const double *a = layer->a + b * n, *q = layer->q + b * n;
    const double *hidden = layer->hidden + b * n_hidden;
    double *d_q = ARENA_ARRAY(plain->arena, double, n);
    for (size_t k = 0; k < n_hidden; k++) {
        double d_hidden = 0;
        for (size_t i = 0; i < n; i++) {
            double d_logit = d[i] * a[i] * (1 - a[i]);
            gradient[layer->excite + k * n + i] += d_logit * hidden[k];
            d_hidden += d_logit * values[layer->excite + k * n + i];
        }
        for (size_t i = 0; i < n && hidden[k] > 0; i++) {
            size_t at = layer->squeeze + i * n_hidden + k;
            gradient[at] += d_hidden * q[i];
            d_q[i] += d_hidden * values[at];
        }
    }
    memcpy(d, d_q, n * sizeof *d);
}

void plain_backward_attention(struct plain_model *plain,
                              struct plain_layer *layer, const double *values,
                              double *gradient, double *d_z)
{
    size_t n = plain_count_rows(plain) * plain_count_outputs(layer);
    size_t n_pairs = count_pairs(plain, layer);
    if (layer->squeeze == SIZE_MAX)
        return;
    double *d =
        ARENA_ARRAY(plain->arena, double, plain->n_images * n_pairs);
    for (size_t i = 0; i < n; i++)
        d[pair_of(layer, i)] += d_z[i] * layer->z[i];
    for (size_t b = 0; b < plain->n_images; b++)
        backward_factors(plain, layer, b, values, gradient, d + b * n_pairs);
    for (size_t i = 0; i < n; i++)
        d_z[i] = d_z[i] * layer->a[pair_of(layer, i)] +
                 d[pair_of(layer, i)] / (double)plain_count_pixels(layer);
}

#include "tests/plain_model.h"
#include "core/network.h"
#include "tests/plain_parts.h"

#include <math.h>
#include <string.h>

/* the whole network --------------------------------------------------- */

static void load_input(struct plain_model *plain, const double *encoded)
{
    struct plain_layer *first = &plain->layers[0];
    size_t n = plain_count_inputs(first);
    for (size_t b = 0; b < plain->n_images; b++)
        for (size_t t = 0; t < plain->n_steps; t++)
            memcpy(first->input + (b * plain->n_steps + t) * n,
                   encoded + (t * plain->n_images + b) * n, n * sizeof(double));
}

/* Which feature entry e of a row of the last layer's pooled spikes is part of,
 * and the share that it has. */
static size_t feature_of(const struct plain_model *plain, size_t e)
{
    return e % plain->n_features;
}

static double feature_share(const struct plain_model *plain)
{
    return 1 / (double)(plain->n_steps * plain->n_averaged);
}

static void read_out(struct plain_model *plain, const double *values)
{
    size_t n = plain->n_features, n_classes = plain->n_classes;
    size_t n_row = n * plain->n_averaged;
    const struct plain_layer *last = &plain->layers[plain->n_layers - 1];
    memset(plain->features, 0, plain->n_images * n * sizeof(double));
    for (size_t i = 0; i < plain_count_rows(plain) * n_row; i++)
        plain->features[i / (plain->n_steps * n_row) * n +
                        feature_of(plain, i % n_row)] +=
            last->joined[i] * feature_share(plain);
    for (size_t i = 0; i < plain->n_images * n_classes; i++) {
        size_t b = i / n_classes, k = i % n_classes;
        plain->logits[i] = values[plain->readout_bias + k];
        for (size_t j = 0; j < n; j++)
            plain->logits[i] +=
                plain->features[b * n + j] *
                values[plain->readout_weight + j * n_classes + k];
    }
}

static double probability(const struct plain_model *plain, size_t b, size_t k)
{
    const double *logits = plain->logits + b * plain->n_classes;
    double sum = 0;
    for (size_t j = 0; j < plain->n_classes; j++)
        sum += exp(logits[j] - logits[k]);
    return 1 / sum;
}

static bool joins(const struct plain_layer *layer)
{
    return layer->from && layer->join >= JOIN_ADD;
}

static bool adds_after(const struct plain_layer *layer)
{
    return layer->from && !joins(layer) && layer->join != JOIN_CURRENTS;
}

static bool adds_before(const struct plain_layer *layer)
{
    return layer->from && layer->join == JOIN_CURRENTS;
}

static void forward_layer(struct plain_model *plain,
                          struct plain_layer *layer, const double *values)
{
    if (layer->i_input > 0)
        memcpy(layer->input, plain->layers[layer->i_input - 1].joined,
               plain_count_rows(plain) * plain_count_inputs(layer) *
                   sizeof(double));
    plain_forward_operation(plain, layer, values);
    if (adds_before(layer))
        plain_forward_shortcut(plain, layer, values);
    plain_forward_norm(plain, layer, values);
    if (adds_after(layer))
        plain_forward_shortcut(plain, layer, values);
    plain_forward_attention(plain, layer, values);
    plain_forward_neurons(plain, layer, values);
    plain_forward_gates(plain, layer, values);
    plain_forward_pool(plain, layer);
    if (joins(layer))
        plain_forward_join(plain, layer);
}

double plain_loss(struct plain_model *plain, const double *values,
                  const double *encoded, const uint8_t *labels)
{
    double loss = 0;
    load_input(plain, encoded);
    for (size_t i = 0; i < plain->n_layers; i++) {
        struct plain_layer *layer = &plain->layers[i];
        forward_layer(plain, layer, values);
        loss += plain_regularize(plain, layer, values);
    }
    read_out(plain, values);
    for (size_t b = 0; b < plain->n_images; b++)
        loss -= log(probability(plain, b, labels[b])) /
                (double)plain->n_images;
    return loss;
}

void plain_hold_spikes(struct plain_model *plain)
{
    for (size_t i = 0; i < plain->n_layers; i++) {
        struct plain_layer *layer = &plain->layers[i];
        size_t n = plain_count_rows(plain) * plain_count_outputs(layer);
        plain_hold_rates(plain, layer);
        if (!plain->detach_reset)
            continue;
        layer->held = ARENA_ARRAY(plain->arena, double, n);
        memcpy(layer->held, layer->s, n * sizeof *layer->held);
    }
}

/* The gradient by the last layer's pooled spikes, and the read-out's own. */
static void backward_readout(struct plain_model *plain, const double *values,
                             const uint8_t *labels, double *gradient,
                             double *d_pooled)
{
    size_t n = plain->n_features, n_classes = plain->n_classes;
    size_t n_image = plain->n_steps * plain->n_averaged * n;
    double n_images = (double)plain->n_images;
    for (size_t i = 0; i < plain->n_images * n_classes; i++) {
        size_t b = i / n_classes, k = i % n_classes;
        double d = (probability(plain, b, k) - (labels[b] == k)) / n_images;
        d = plain->d_logits ? plain->d_logits[i] : d;
        gradient[plain->readout_bias + k] += d;
        for (size_t j = 0; j < n; j++)
            gradient[plain->readout_weight + j * n_classes + k] +=
                d * plain->features[b * n + j];
        for (size_t e = 0; e < n_image; e++) {
            size_t j = feature_of(plain, e);
            d_pooled[b * n_image + e] +=
                d * values[plain->readout_weight + j * n_classes + k] *
                feature_share(plain);
        }
    }
}

/* From d_pooled to the gradient of the input; d_from gets the shortcut's
 * part. */
static void backward_layer(struct plain_model *plain,
                           struct plain_layer *layer, const double *values,
                           double *d_pooled, double *gradient,
                           double *d_input, double *d_from)
{
    size_t n = plain_count_rows(plain) * plain_count_outputs(layer);
    double *d_s = ARENA_ARRAY(plain->arena, double, n);
    double *d_x = ARENA_ARRAY(plain->arena, double, n);
    double *d_norm = ARENA_ARRAY(plain->arena, double, plain->n_parameters);
    if (joins(layer))
        plain_backward_join(plain, layer, d_pooled, d_from);
    plain_backward_pool(plain, layer, d_pooled, d_s);
    plain_backward_gates(plain, layer, values, gradient, d_s);
    plain_backward_regularizer(plain, layer, values, d_x, d_s, d_norm);
    plain_backward_neurons(plain, layer, values, d_x, gradient, d_s);
    plain_backward_attention(plain, layer, values, gradient, d_s);
    for (size_t i = 0; i < n; i++)
        d_s[i] += layer->d_z[i];
    if (plain->d_currents && layer == &plain->layers[plain->n_layers - 1])
        for (size_t i = 0; i < n; i++)
            d_s[i] += plain->d_currents[i];
    if (adds_after(layer))
        plain_backward_shortcut(plain, layer, values, d_s, gradient, d_from);
    plain_backward_norm(plain, layer, values, d_s, gradient);
    for (size_t i = 0; i < plain->n_parameters; i++)
        gradient[i] += d_norm[i];
    for (size_t i = 0; i < n; i++)
        d_s[i] += layer->d_y[i];
    if (adds_before(layer))
        plain_backward_shortcut(plain, layer, values, d_s, gradient, d_from);
    plain_backward_operation(plain, layer, values, d_s,
                             gradient + layer->weight, d_input);
}

static double *take_rows(const struct plain_model *plain, size_t n)
{
    return ARENA_ARRAY(plain->arena, double, plain_count_rows(plain) * n);
}

/* d[0] is the gradient by the network's input, d[i + 1] by what layer i hands
 * on. */
static void backward_layers(struct plain_model *plain, const double *values,
                            double *gradient,
                            double *d[NETWORK_BLOCKS_MAX + 1])
{
    for (size_t i = plain->n_layers; i-- > 0;) {
        struct plain_layer *layer = &plain->layers[i];
        size_t n = plain_count_rows(plain) * plain_count_inputs(layer);
        size_t from = layer->from ? (size_t)(layer->from - plain->layers) : i;
        double *d_input = take_rows(plain, plain_count_inputs(layer));
        backward_layer(plain, layer, values, d[i + 1], gradient, d_input,
                       d[from + 1]);
        for (size_t k = 0; k < n; k++)
            d[layer->i_input][k] += d_input[k];
    }
}

void plain_gradient(struct plain_model *plain, const double *values,
                    const uint8_t *labels, double *gradient, double *d_encoded)
{
    size_t n_steps = plain->n_steps, n_images = plain->n_images;
    size_t n = plain_count_inputs(&plain->layers[0]);
    double *d[NETWORK_BLOCKS_MAX + 1] = {take_rows(plain, n)};
    for (size_t i = 0; i < plain->n_layers; i++) {
        struct plain_layer *layer = &plain->layers[i];
        d[i + 1] = take_rows(plain, plain_count_pooled(layer));
        layer->d_y = take_rows(plain, plain_count_outputs(layer));
        layer->d_z = take_rows(plain, plain_count_outputs(layer));
    }
    memset(gradient, 0, plain->n_parameters * sizeof *gradient);
    backward_readout(plain, values, labels, gradient, d[plain->n_layers]);
    backward_layers(plain, values, gradient, d);
    for (size_t b = 0; b < n_images; b++)
        for (size_t t = 0; t < n_steps; t++)
            memcpy(d_encoded + (t * n_images + b) * n,
                   d[0] + (b * n_steps + t) * n, n * sizeof(double));
}

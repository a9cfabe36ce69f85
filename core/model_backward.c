/* A model's gradients. */
#include "core/linalg.h"
#include "core/model_parts.h"

#include <string.h>

/* What a backward pass is for, and how far it has come. */
struct backward {
    struct model *model;
    size_t n;              /* images */
    bool train;            /* gradients of weights, batch statistics */
    struct source d_output; /* with respect to the layer's pooled spikes */
    /* 0, or model->shortcut holds a part of the gradient by the spikes that
     * layer `pending` - 1 hands on, or by its currents. */
    size_t pending;
    bool of_currents;
};

static struct image_range all_of(const struct backward *backward)
{
    return (struct image_range){0, backward->n};
}

/* The steps that d_z of a layer has: 1 if only the sum over them matters. */
static bool is_summed(const struct backward *backward, size_t i)
{
    const struct model *model = backward->model;
    if (model->layers[i].spiking.constant)
        return true;
    return i == 0 && !backward->train && model->encoding->sums;
}

static size_t rows_of(const struct backward *backward, size_t i,
                      size_t n_images)
{
    const struct layer *layer = &backward->model->layers[i];
    size_t n_steps = is_summed(backward, i) ? 1 : backward->model->n_steps;
    return n_images * n_steps * layer->n_pixels;
}

static void backward_neurons(const struct backward *backward, size_t i)
{
    struct model *model = backward->model;
    struct layer *layer = &model->layers[i];
    struct membrane_gradient membrane = {NULL, NULL, NULL};
    if (backward->train && model->regularizer->moments)
        membrane = (struct membrane_gradient){layer->offset, layer->slope,
                                              layer->moments.pivot};
    if (backward->train)
        batch_norm_backward_begin(&layer->main.norm);
    for (size_t b = 0; b < backward->n; b++) {
        struct image_range image = {b, 1};
        size_t at = rows_of(backward, i, b) * layer->main.operation.n_out;
        spiking_backward(&layer->spiking, image, layer->y,
                         &backward->d_output, &membrane,
                         is_summed(backward, i), model->d_z);
        if (backward->train)
            batch_norm_backward_add(&layer->main.norm, rows_of(backward, i, 1),
                                    layer->y + at, model->d_z + at);
        else if (!model_adds_after(layer))
            batch_norm_backward_fixed(&layer->main.norm,
                                      rows_of(backward, i, 1),
                                      model->d_z + at);
    }
}

static void add_all(size_t n, const float *restrict from, float *restrict sum)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += from[i];
}

/* A later shortcut's part of the gradient by the currents of layer i, of a
 * range of images. */
static void add_pending_currents(const struct backward *backward, size_t i,
                                 struct image_range range)
{
    const struct model *model = backward->model;
    size_t n_steps = is_summed(backward, i) ? 1 : model->n_steps;
    const struct operation *operation = &model->layers[i].main.operation;
    size_t n = model->layers[i].n_pixels * operation->n_out;
    if (!backward->of_currents || backward->pending != i + 1)
        return;
    for (size_t b = range.first; b < range.first + range.n; b++)
        for (size_t t = 0; t < model->n_steps; t++)
            add_all(n, model->shortcut + (b * model->n_steps + t) * n,
                    model->d_z + (b * n_steps + t % n_steps) * n);
}

static void clear_weights(const struct backward *backward,
                          const struct branch *branch)
{
    float *gradients = backward->model->gradients;
    batch_norm_backward_end(&branch->norm, gradients + branch->at.scale,
                            gradients + branch->at.shift);
    memset(gradients + branch->at.weight, 0,
           branch->n_weights * sizeof *gradients);
}

static void backward_weights(const struct backward *backward, size_t i,
                             const struct source *input)
{
    struct model *model = backward->model;
    struct layer *layer = &model->layers[i];
    struct branch *main = &layer->main;
    clear_weights(backward, main);
    for (size_t b = 0; b < backward->n; b += layer->chunk) {
        size_t left = backward->n - b;
        struct image_range chunk = {b,
                                    left < layer->chunk ? left : layer->chunk};
        size_t at = rows_of(backward, i, b) * main->operation.n_out;
        batch_norm_backward_apply(&main->norm,
                                  rows_of(backward, i, backward->n),
                                  rows_of(backward, i, chunk.n),
                                  layer->y + at, model->d_z + at);
        add_pending_currents(backward, i, chunk);
        operation_backward_weights(&main->operation, input, model->d_z, chunk,
                                   model->gradients + main->at.weight);
    }
}

/* From d_y of a branch to the gradient of its input. */
static struct source backward_data(const struct backward *backward,
                                   const struct branch *branch, size_t n_steps,
                                   const float *d_y, float *d_input)
{
    struct model *model = backward->model;
    const struct operation *operation = &branch->operation;
    struct operation reversed = branch->reversed;
    size_t n_in = operation->height * operation->width * operation->n_in;
    size_t n_y =
        operation->out_height * operation->out_width * operation->n_out;
    struct source source = {.floats = d_y,
                            .stride_image = n_steps * n_y,
                            .stride_step = n_y};
    reversed.n_steps = n_steps;
    reversed.winograd.scratch = model->winograd;
    operation_reverse_weights(&reversed, model->weights + branch->at.weight,
                              model->reversed);
    operation_forward(&reversed, &source, model->reversed, all_of(backward),
                      d_input);
    return (struct source){.floats = d_input,
                           .stride_image = n_steps * n_in,
                           .stride_step = n_in};
}

/* d_y of layer i becomes the gradient of its input, in model->d_counts; a
 * shortcut's part, which waits for it, is added. */
static void backward_input(struct backward *backward, size_t i)
{
    struct model *model = backward->model;
    size_t n_steps = is_summed(backward, i) ? 1 : model->n_steps;
    backward->d_output =
        backward_data(backward, &model->layers[i].main, n_steps, model->d_z,
                      model->d_counts);
    if (i == 0 || backward->pending != i || backward->of_currents)
        return;
    add_all(backward->n * model->n_steps * model->layers[i - 1].n_out,
            model->shortcut, model->d_counts);
    backward->pending = 0;
}

/* shortcuts ----------------------------------------------------------- */

/* From d_z, which stays, to d_y of a shortcut with a norm of its own. It is
 * put where the gradient by the layer's spikes was: the neurons are done. */
static void backward_shortcut_norm(const struct backward *backward, size_t i)
{
    struct model *model = backward->model;
    struct batch_norm *norm = &model->layers[i].shortcut.norm;
    size_t n_rows = rows_of(backward, i, backward->n);
    if (!backward->train) {
        batch_norm_backward_fixed_to(norm, n_rows, model->d_z,
                                     model->d_counts);
        return;
    }
    batch_norm_backward_begin(norm);
    batch_norm_backward_add(norm, n_rows, model->shortcut, model->d_z);
    batch_norm_backward_apply_to(norm, n_rows, n_rows, model->shortcut,
                                 model->d_z, model->d_counts);
}

static void backward_shortcut_convolution(const struct backward *backward,
                                          size_t i, const float *d_y)
{
    struct model *model = backward->model;
    struct layer *layer = &model->layers[i];
    struct source taken = model_input(model, layer->from + 1, backward->n);
    if (backward->train) {
        clear_weights(backward, &layer->shortcut);
        operation_backward_weights(
            &layer->shortcut.operation, &taken, d_y, all_of(backward),
            model->gradients + layer->shortcut.at.weight);
    }
    backward_data(backward, &layer->shortcut, model->n_steps, d_y,
                  model->shortcut);
}

/* Leaves the gradient by what the shortcut of layer i takes in model->shortcut.
 * What is added to normalized currents has their gradient, which is still
 * there; what is added before has that of the layer's y. */
static void backward_shortcut(struct backward *backward, size_t i)
{
    struct model *model = backward->model;
    struct layer *layer = &model->layers[i];
    size_t n = rows_of(backward, i, backward->n) * layer->spiking.n_channels;
    MUST(backward->pending == 0);
    if (layer->has_shortcut == SHORTCUT_IDENTITY) {
        memcpy(model->shortcut, model->d_z, n * sizeof *model->d_z);
    } else if (layer->sums_first) {
        backward_shortcut_convolution(backward, i, model->d_z);
    } else {
        backward_shortcut_norm(backward, i);
        backward_shortcut_convolution(backward, i, model->d_counts);
    }
    backward->pending = layer->from + 1;
    backward->of_currents =
        layer->sums_first && layer->has_shortcut == SHORTCUT_IDENTITY;
}

/* Down to d_z, which without training is scaled to d_y at once. */
static void backward_z(struct backward *backward, size_t i)
{
    struct model *model = backward->model;
    struct layer *layer = &model->layers[i];
    if (!model_adds_after(layer)) {
        backward_neurons(backward, i);
        return;
    }
    model_run_shortcut(model, layer, all_of(backward), backward->n);
    backward_neurons(backward, i);
    backward_shortcut(backward, i);
    if (!backward->train)
        batch_norm_backward_fixed(&layer->main.norm,
                                  rows_of(backward, i, backward->n),
                                  model->d_z);
}

/* From the gradient of a layer's spikes to that of its input. */
static void backward_layer(struct backward *backward, size_t i)
{
    const struct model *model = backward->model;
    struct source input = model_input(model, i, backward->n);
    backward_z(backward, i);
    if (backward->train)
        backward_weights(backward, i, &input);
    else
        add_pending_currents(backward, i, all_of(backward));
    if (backward->of_currents && backward->pending == i + 1)
        backward->pending = 0;
    if (model->layers[i].sums_first)
        backward_shortcut(backward, i);
    if (i > 0 || !backward->train)
        backward_input(backward, i);
}

/* all of it ----------------------------------------------------------- */

/* The same gradient for each of the pixels that were averaged. */
static void repeat_features(struct model *model, size_t n)
{
    size_t n_features = model->n_features, n_pixels = model->n_averaged;
    for (size_t i = 0; i < n * n_pixels; i++)
        memcpy(model->d_averaged + i * n_features,
               model->d_features + i / n_pixels * n_features,
               n_features * sizeof *model->d_features);
}

/* Through the read-out: the same gradient at every step, 1/T of the mean's. */
static void backward_readout(struct backward *backward)
{
    struct model *model = backward->model;
    size_t n_features = model->n_features, n_classes = model->n_classes;
    const float *weights = model->weights + model->readout_weight;
    for (size_t i = 0; i < n_features; i++)
        for (size_t k = 0; k < n_classes; k++)
            model->reversed[k * n_features + i] = weights[i * n_classes + k];
    linalg_product(backward->n, n_features, n_classes,
                   (struct matrix){model->d_logits, n_classes},
                   (struct matrix){model->reversed, n_features}, 0.0f,
                   model->d_features, n_features);
    for (size_t i = 0; i < backward->n * n_features; i++)
        model->d_features[i] /= (float)(model->n_steps * model->n_averaged);
    if (model->n_averaged > 1)
        repeat_features(model, backward->n);
    backward->d_output = (struct source){
        .floats = model->d_averaged,
        .stride_image = model->n_averaged * n_features};
}

static void backward_readout_weights(const struct backward *backward)
{
    struct model *model = backward->model;
    size_t n_features = model->n_features, n_classes = model->n_classes;
    float *d_bias = model->gradients + model->readout_bias;
    linalg_product_left_transposed(
        n_features, n_classes, backward->n,
        (struct matrix){model->features, n_features},
        (struct matrix){model->d_logits, n_classes}, 0.0f,
        model->gradients + model->readout_weight, n_classes);
    memset(d_bias, 0, n_classes * sizeof *d_bias);
    for (size_t b = 0; b < backward->n; b++)
        for (size_t k = 0; k < n_classes; k++)
            d_bias[k] += model->d_logits[b * n_classes + k];
}

void model_backward_train(struct model *model, const struct model_batch *batch)
{
    struct backward backward = {model, batch->n, true, {0}, 0, false};
    backward_readout(&backward);
    backward_readout_weights(&backward);
    for (size_t i = model->n_layers; i-- > 0;)
        backward_layer(&backward, i);
}

/* The encoding's rule takes [S][B][n]; what comes in is [B][S][n]. */
static const float *by_step(struct model *model, size_t n)
{
    size_t n_steps = model->encoding->sums ? 1 : model->n_steps;
    size_t n_pixels = image_size(model->shape);
    if (n_steps == 1)
        return model->d_counts;
    for (size_t b = 0; b < n; b++)
        for (size_t t = 0; t < n_steps; t++)
            memcpy(model->d_encoded + (t * n + b) * n_pixels,
                   model->d_counts + (b * n_steps + t) * n_pixels,
                   n_pixels * sizeof(float));
    return model->d_encoded;
}

void model_backward_images(struct model *model,
                           const struct model_batch *batch, float *d_images)
{
    struct backward backward = {model, batch->n, false, {0}, 0, false};
    struct encoding_batch encoding = model_encoding_batch(model, batch);
    backward_readout(&backward);
    for (size_t i = model->n_layers; i-- > 0;)
        backward_layer(&backward, i);
    model->encoding->backward(model->spec->at[SPEC_ENCODING].params, &encoding,
                              model->encoded, by_step(model, batch->n),
                              d_images);
}

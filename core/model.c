#include "core/linalg.h"
#include "core/model_parts.h"

#include <math.h>
#include <string.h>

/* initialization ------------------------------------------------------ */

static void fill_uniform(float *at, size_t n, double bound, uint64_t seed,
                         uint64_t lane)
{
    struct rng_stream stream = {seed, RNG_WEIGHTS, lane};
    rng_fill_uniform(stream, 0, n, at);
    for (size_t i = 0; i < n; i++)
        at[i] = (float)(bound * (2.0 * (double)at[i] - 1.0));
}

static void fill_constant(float *at, size_t n, float value)
{
    for (size_t i = 0; i < n; i++)
        at[i] = value;
}

static void initialize_branch(struct model *model, const struct branch *branch,
                              uint64_t lane, uint64_t seed)
{
    size_t n = branch->norm.n_channels;
    if (branch->n_weights == 0)
        return;
    double bound = 1.0 / sqrt((double)operation_fan_in(&branch->operation));
    fill_uniform(model->weights + branch->at.weight, branch->n_weights, bound,
                 seed, lane);
    if (!branch->norm.active) {
        fill_uniform(model->weights + branch->at.shift, n, bound, seed,
                     lane + 1);
        return;
    }
    fill_constant(model->weights + branch->at.scale, n, 1.0f);
    fill_constant(model->weights + branch->at.shift, n, 0.0f);
    fill_constant(model->weights + branch->at.mean, n, 0.0f);
    fill_constant(model->weights + branch->at.variance, n, 1.0f);
}

/* Lanes: two for each layer, two for the read-out, two for each shortcut. */
void model_initialize(struct model *model, uint64_t seed)
{
    size_t lane = 2 * model->n_layers;
    for (size_t i = 0; i < model->n_layers; i++) {
        const struct layer *layer = &model->layers[i];
        initialize_branch(model, &layer->main, 2 * i, seed);
        initialize_branch(model, &layer->shortcut, lane + 2 + 2 * i, seed);
    }
    double bound = 1.0 / sqrt((double)model->n_features);
    fill_uniform(model->weights + model->readout_weight,
                 model->n_features * model->n_classes, bound, seed, lane);
    fill_uniform(model->weights + model->readout_bias, model->n_classes, bound,
                 seed, lane + 1);
}

/* forward ------------------------------------------------------------- */

struct encoding_batch model_encoding_batch(const struct model *model,
                                           const struct model_batch *batch)
{
    return (struct encoding_batch){
        .n_steps = model->n_steps,
        .n_images = batch->n,
        .n_pixels = image_size(model->shape),
        .n_channels = model->shape.n_channels,
        .images = batch->images,
        .ids = batch->ids,
        .mean = model->pixel_mean,
        .deviation = model->pixel_deviation,
        .seed = batch->seed,
        .use = batch->use,
        .draw = batch->draw,
    };
}

static void encode(struct model *model, const struct model_batch *batch)
{
    struct encoding_batch encoding = model_encoding_batch(model, batch);
    model->encoding->encode(model->spec->at[SPEC_ENCODING].params, &encoding,
                            model->encoded);
}

struct source model_input(const struct model *model, size_t i, size_t n)
{
    if (i == 0) {
        size_t n_pixels = image_size(model->shape);
        return (struct source){
            .floats = model->encoded,
            .stride_image = n_pixels,
            .stride_step = model->encoding->constant ? 0 : n * n_pixels};
    }
    const struct layer *before = &model->layers[i - 1];
    return (struct source){
        .counts = before->counts,
        .scale = before->spiking.pool == POOL_AVERAGE ? 0.25f : 1.0f,
        .stride_image = model->n_steps * before->n_out,
        .stride_step = before->n_out};
}

static struct image_range chunk_at(const struct layer *layer, size_t first,
                                   size_t n)
{
    size_t left = n - first;
    return (struct image_range){first,
                                left < layer->chunk ? left : layer->chunk};
}

static size_t rows_of(const struct layer *layer, size_t n_images)
{
    return n_images * layer->main.operation.n_steps * layer->n_pixels;
}

static size_t row_at(const struct layer *layer, size_t image)
{
    return rows_of(layer, image) * layer->main.operation.n_out;
}

static void clear_moments(struct layer *layer)
{
    size_t n = layer->spiking.n_steps * layer->spiking.n_channels;
    memset(layer->moments.sum, 0, n * sizeof *layer->moments.sum);
    memset(layer->moments.sum_squares, 0,
           n * sizeof *layer->moments.sum_squares);
    layer->moments.has_pivot = false;
}

void model_run_shortcut(struct model *model, const struct layer *layer,
                        struct image_range range, size_t n)
{
    struct source taken = model_input(model, layer->from + 1, n);
    if (layer->has_shortcut == SHORTCUT_CONVOLUTION)
        operation_forward(&layer->shortcut.operation, &taken,
                          model->weights + layer->shortcut.at.weight, range,
                          model->shortcut);
}

static void add_all(size_t n, const float *restrict from, float *restrict sum)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += from[i];
}

/* The currents of an image of an earlier layer, which may be the same at all
 * steps. */
static void add_currents(const struct model *model, const struct layer *from,
                         const struct layer *layer, size_t b)
{
    size_t n_steps = from->main.operation.n_steps;
    size_t n = layer->n_pixels * layer->spiking.n_channels;
    for (size_t t = 0; t < model->n_steps; t++)
        add_all(n, from->y + (b * n_steps + t % n_steps) * n,
                layer->y + (b * model->n_steps + t) * n);
}

/* y of layer i, for a range of the n images. */
static void run_operation(struct model *model, size_t i,
                          struct image_range range, size_t n)
{
    const struct layer *layer = &model->layers[i];
    struct source input = model_input(model, i, n);
    operation_forward(&layer->main.operation, &input,
                      model->weights + layer->main.at.weight, range, layer->y);
    if (!layer->sums_first)
        return;
    model_run_shortcut(model, layer, range, n);
    for (size_t b = range.first; b < range.first + range.n; b++)
        if (layer->has_shortcut == SHORTCUT_IDENTITY)
            add_currents(model, &model->layers[layer->from], layer, b);
        else
            add_all(row_at(layer, 1), model->shortcut + row_at(layer, b),
                    layer->y + row_at(layer, b));
}

/* Currents of the whole batch, and the affine map that normalizes them. */
static void forward_branch_train(struct model *model, size_t i,
                                 struct branch *branch, size_t n)
{
    struct layer *layer = &model->layers[i];
    bool is_main = branch == &layer->main;
    const float *y = is_main ? layer->y : model->shortcut;
    batch_norm_begin(&branch->norm);
    for (size_t b = 0; b < n; b += layer->chunk) {
        struct image_range chunk = chunk_at(layer, b, n);
        if (is_main)
            run_operation(model, i, chunk, n);
        else
            model_run_shortcut(model, layer, chunk, n);
        batch_norm_add(&branch->norm, rows_of(layer, chunk.n),
                       y + row_at(layer, b));
    }
    batch_norm_end(&branch->norm, rows_of(layer, n),
                   layer->spiking.constant ? model->n_steps : 1);
}

static bool has_own_norm(const struct layer *layer)
{
    return layer->shortcut.norm.n_channels > 0;
}

static void forward_layer_train(struct model *model, size_t i, size_t n)
{
    struct layer *layer = &model->layers[i];
    forward_branch_train(model, i, &layer->main, n);
    if (has_own_norm(layer))
        forward_branch_train(model, i, &layer->shortcut, n);
    bool moments = model->regularizer->moments != NULL;
    if (moments)
        clear_moments(layer);
    struct spiking_watch watch = {moments ? &layer->moments : NULL, NULL,
                                  NULL};
    spiking_forward(&layer->spiking, (struct image_range){0, n}, layer->y,
                    &watch, layer->counts);
}

struct layer_watch {
    const struct model_watch *watch;
    size_t layer;
};

static void hand_tile_on(void *self, size_t n_steps, size_t n, const float *x,
                         const float *s)
{
    const struct layer_watch *at = self;
    at->watch->tile(at->watch->self, at->layer, n_steps, n, x, s);
}

/* Operation and neurons chunk by chunk: the currents are still in the cache. */
static void forward_layer_test(struct model *model, size_t i, size_t n,
                               const struct model_watch *watch)
{
    struct layer *layer = &model->layers[i];
    struct layer_watch at = {watch, i};
    struct spiking_watch tiles = {NULL, &at, watch ? hand_tile_on : NULL};
    batch_norm_use_running(&layer->main.norm);
    if (has_own_norm(layer))
        batch_norm_use_running(&layer->shortcut.norm);
    for (size_t b = 0; b < n; b += layer->chunk) {
        struct image_range chunk = chunk_at(layer, b, n);
        run_operation(model, i, chunk, n);
        if (model_adds_after(layer))
            model_run_shortcut(model, layer, chunk, n);
        spiking_forward(&layer->spiking, chunk, layer->y, &tiles,
                        layer->counts);
    }
}

static void average(const struct model *model, size_t b)
{
    size_t n = model->n_features;
    size_t n_summed = model->n_steps * model->n_averaged;
    struct source last = model_input(model, model->n_layers, 0);
    float factor = last.scale / (float)n_summed;
    const uint8_t *restrict counts = last.counts + b * last.stride_image;
    float *restrict features = model->features + b * n;
    memset(features, 0, n * sizeof *features);
    for (size_t i = 0; i < n_summed; i++) /* exact: whole numbers */
        for (size_t k = 0; k < n; k++)
            features[k] += (float)counts[i * n + k];
    for (size_t k = 0; k < n; k++)
        features[k] *= factor;
}

static void read_out(struct model *model, size_t n)
{
    size_t n_classes = model->n_classes;
    const float *bias = model->weights + model->readout_bias;
    for (size_t b = 0; b < n; b++) {
        average(model, b);
        memcpy(model->logits + b * n_classes, bias, n_classes * sizeof *bias);
    }
    linalg_product(n, n_classes, model->n_features,
                   (struct matrix){model->features, model->n_features},
                   (struct matrix){model->weights + model->readout_weight,
                                   n_classes},
                   1.0f, model->logits, n_classes);
}

void model_forward_train(struct model *model, const struct model_batch *batch)
{
    MUST(batch->n <= model->n_images);
    encode(model, batch);
    for (size_t i = 0; i < model->n_layers; i++)
        forward_layer_train(model, i, batch->n);
    read_out(model, batch->n);
}

void model_forward_test(struct model *model, const struct model_batch *batch,
                        const struct model_watch *watch)
{
    MUST(batch->n <= model->n_images);
    encode(model, batch);
    for (size_t i = 0; i < model->n_layers; i++)
        forward_layer_test(model, i, batch->n, watch);
    read_out(model, batch->n);
}

/* What a model's layers take and make of it: their currents. */
#include "core/linalg.h"
#include "core/model_parts.h"

struct source model_output(const struct model *model, size_t n)
{
    if (n == 0) {
        size_t n_input = image_size(model->input);
        size_t n_steps = model->encoding->constant ? 1 : model->n_steps;
        return (struct source){
            .floats = model->encoded,
            .stride_image = n_steps * n_input,
            .stride_step = n_steps == 1 ? 0 : n_input};
    }
    const struct layer *before = &model->layers[n - 1];
    float share = before->spiking.pool == POOL_AVERAGE ? 0.25f : 1.0f;
    float n_levels = model->n_levels > 0 ? (float)model->n_levels : 1.0f;
    return (struct source){
        .counts = before->counts,
        .scale = share * before->spiking.gate.scale / n_levels,
        .stride_image = model->n_steps * before->n_out,
        .stride_step = before->n_out};
}

struct source model_input(const struct model *model, size_t i)
{
    return model_output(model, model->layers[i].input);
}

/* Currents are carried once if they are the same at all steps. */
static bool carries_once(const struct layer *layer)
{
    return layer->spiking.constant && layer->main.norm.n_steps <= 1;
}

size_t model_count_carried(const struct layer *layer)
{
    size_t n_steps = carries_once(layer) ? 1 : layer->spiking.n_steps;
    return n_steps * layer->n_pixels * layer->spiking.n_channels;
}

/* What the neurons of a layer take, for a shortcut. */
static struct source carried(const struct layer *layer)
{
    size_t n = model_count_carried(layer);
    bool once = carries_once(layer);
    return (struct source){
        .floats = layer->carried,
        .stride_image = n,
        .stride_step = once ? 0 : n / layer->spiking.n_steps};
}

struct source model_taken(const struct model *model, const struct layer *layer)
{
    return layer->join == JOIN_MEMBRANE
               ? carried(&model->layers[layer->from])
               : model_output(model, layer->from + 1);
}

void model_carry_currents(const struct layer *layer, struct image_range range)
{
    size_t n_row = layer->spiking.n_channels, n = model_count_carried(layer);
    for (size_t b = range.first; b < range.first + range.n; b++)
        for (size_t i = 0; i < n / n_row; i++)
            spiking_take_currents(&layer->spiking, b, i / layer->n_pixels,
                                  i % layer->n_pixels, layer->y,
                                  layer->carried + b * n + i * n_row);
}

void model_run_shortcut(const struct model *model, const struct layer *layer,
                        size_t worker, struct image_range range)
{
    struct source taken = model_taken(model, layer);
    if (layer->has_shortcut == SHORTCUT_CONVOLUTION)
        operation_forward(operation_own(&layer->shortcut.operation, worker),
                          &taken,
                          (struct operation_weights){
                              model->weights + layer->shortcut.at.weight, NULL},
                          range, layer->taken);
}

/* The currents of an image of an earlier layer, which may be the same at all
 * steps. */
static void add_currents(const struct model *model, const struct layer *from,
                         const struct layer *layer, size_t b)
{
    size_t n_steps = from->main.operation.n_steps;
    size_t n = layer->n_pixels * layer->spiking.n_channels;
    for (size_t t = 0; t < model->n_steps; t++)
        linalg_add(n, from->y + (b * n_steps + t % n_steps) * n,
                   layer->y + (b * model->n_steps + t) * n);
}

void model_prepare(struct model *model, size_t i, size_t n_images)
{
    const struct layer *layer = &model->layers[i];
    struct source input = model_input(model, i);
    model->prepared = operation_prepare(
        &layer->main.operation, &model->team, &input, n_images,
        model->weights + layer->main.at.weight, model->turned);
    if (layer->shares_y)
        model->i_shared = i;
}

void model_run_operation(const struct model *model, size_t i, size_t worker,
                         struct image_range range)
{
    const struct layer *layer = &model->layers[i];
    struct source input = model_input(model, i);
    size_t n = model_count_currents(&layer->main);
    struct operation own = *operation_own(&layer->main.operation, worker);
    own.winograd.scratch = model->scratch[worker].winograd;
    operation_forward(&own, &input, model->prepared, range, layer->y);
    if (!model_adds_before(layer))
        return;
    model_run_shortcut(model, layer, worker, range);
    for (size_t b = range.first; b < range.first + range.n; b++)
        if (layer->has_shortcut == SHORTCUT_IDENTITY)
            add_currents(model, &model->layers[layer->from], layer, b);
        else
            linalg_add(n, layer->taken + b * n, layer->y + b * n);
}


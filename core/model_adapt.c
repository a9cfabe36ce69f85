/* Surrogates that follow each sample over an attack's queries. */
#include "core/model_fit.h"
#include "core/model_parts.h"

#include <string.h>

size_t model_count_neurons(const struct layer *layer)
{
    return layer->spiking.n_steps * layer->n_pixels *
           layer->spiking.n_channels;
}

bool model_adapts(const struct model *model)
{
    return model->layers[0].spiking.surrogate->adapt;
}

void model_take_sharpness(struct layer *layer, size_t n_images,
                          struct arena *arena)
{
    struct spiking *spiking = &layer->spiking;
    size_t n = n_images * model_count_neurons(layer);
    if (!spiking->surrogate->adapt)
        return;
    spiking->adaptive = (struct surrogate_sharpness){
        .law = spiking->surrogate->adapt(spiking->surrogate_params),
        .mean = ARENA_ARRAY(arena, float, n),
        .spread = ARENA_ARRAY(arena, float, n),
    };
}

void model_forget(struct model *model, size_t first, size_t n)
{
    MUST(first + n <= model->n_images);
    for (size_t i = 0; i < model->n_layers; i++) {
        const struct surrogate_sharpness *sharpness =
            &model->layers[i].spiking.adaptive;
        size_t n_neurons = model_count_neurons(&model->layers[i]);
        for (size_t k = first * n_neurons;
             sharpness->mean && k < (first + n) * n_neurons; k++) {
            sharpness->mean[k] = 1;
            sharpness->spread[k] = 0;
        }
    }
}

static void move_images(size_t n_neurons, size_t n, const uint32_t *kept,
                        float *values)
{
    for (size_t i = 0; i < n; i++)
        if (kept[i] != i)
            memcpy(values + i * n_neurons, values + kept[i] * n_neurons,
                   n_neurons * sizeof *values);
}

void model_keep(struct model *model, size_t n, const uint32_t *kept)
{
    for (size_t i = 0; i < model->n_layers; i++) {
        const struct surrogate_sharpness *sharpness =
            &model->layers[i].spiking.adaptive;
        size_t n_neurons = model_count_neurons(&model->layers[i]);
        if (!sharpness->mean)
            continue;
        move_images(n_neurons, n, kept, sharpness->mean);
        move_images(n_neurons, n, kept, sharpness->spread);
    }
}

void model_settle(struct model *model, bool settled)
{
    for (size_t i = 0; i < model->n_layers; i++)
        model->layers[i].spiking.adaptive.settled = settled;
}

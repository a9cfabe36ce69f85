/* A model's first weights. */
#include "core/model.h"

#include <math.h>

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
    size_t n_scales = branch->norm.n_steps > 1 ? branch->norm.n_steps * n : n;
    fill_constant(model->weights + branch->at.scale, n_scales, 1.0f);
    if (!branch->norm.no_bias)
        fill_constant(model->weights + branch->at.shift, n, 0.0f);
    fill_constant(model->weights + branch->at.mean, n_scales, 0.0f);
    fill_constant(model->weights + branch->at.variance, n_scales, 1.0f);
}

static void initialize_own(struct model *model, const struct layer *layer)
{
    const struct spiking *spiking = &layer->spiking;
    for (size_t k = 0; k < spiking->neuron->n_tensors; k++)
        fill_constant(model->weights + layer->own[k],
                      spiking_count_own(spiking, k),
                      (float)spiking->neuron->tensors[k].begin(
                          spiking->neuron_params));
    if (spiking->learns_width)
        model->weights[layer->log_width] = 0.0f;
    fill_constant(model->weights + layer->gates, layer->n_gates,
                  (float)model->gate.keep);
}

static void initialize_attention(struct model *model,
                                 const struct layer_attention *own,
                                 uint64_t lane, uint64_t seed)
{
    size_t n = own->n * own->n_hidden;
    if (own->n == 0)
        return;
    fill_uniform(model->weights + own->squeeze, n, 1.0 / sqrt((double)own->n),
                 seed, lane);
    fill_uniform(model->weights + own->excite, n,
                 1.0 / sqrt((double)own->n_hidden), seed, lane + 1);
}

/* Lanes: two for each layer, two for the read-out, two for each shortcut, two
 * for each layer's attention. */
void model_initialize(struct model *model, uint64_t seed)
{
    size_t lane = 2 * model->n_layers;
    for (size_t i = 0; i < model->n_layers; i++) {
        const struct layer *layer = &model->layers[i];
        initialize_branch(model, &layer->main, 2 * i, seed);
        initialize_branch(model, &layer->shortcut, lane + 2 + 2 * i, seed);
        initialize_own(model, layer);
        initialize_attention(model, &layer->attention, 2 * lane + 2 + 2 * i,
                             seed);
    }
    double bound = 1.0 / sqrt((double)model->n_features);
    fill_uniform(model->weights + model->readout_weight,
                 model->n_features * model->n_classes, bound, seed, lane);
    fill_uniform(model->weights + model->readout_bias, model->n_classes, bound,
                 seed, lane + 1);
}

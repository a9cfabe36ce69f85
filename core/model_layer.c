/* What a shaped layer has and does. */
#include "core/model_parts.h"

size_t model_count_pairs(const struct layer *layer)
{
    return layer->spiking.n_steps * layer->spiking.n_channels;
}

size_t model_count_currents(const struct branch *branch)
{
    const struct operation *operation = &branch->operation;
    return operation->n_steps * operation->out_height * operation->out_width *
           operation->n_out;
}

size_t model_count_own(const struct layer *layer)
{
    size_t n = 0;
    for (size_t k = 0; k < layer->spiking.neuron->n_tensors; k++)
        if (!layer->spiking.neuron->tensors[k].running)
            n += spiking_count_own(&layer->spiking, k);
    n += layer->spiking.learns_width ? 1 : 0;
    return n + layer->n_gates;
}

bool model_adds_before(const struct layer *layer)
{
    return layer->has_shortcut != SHORTCUT_NONE &&
           layer->join == JOIN_CURRENTS;
}

bool model_adds_after(const struct layer *layer)
{
    return layer->has_shortcut != SHORTCUT_NONE &&
           (layer->join == JOIN_NORMALIZED || layer->join == JOIN_MEMBRANE);
}

bool model_joins_spikes(const struct layer *layer)
{
    return layer->has_shortcut != SHORTCUT_NONE &&
           network_joins_spikes(layer->join);
}

bool model_tells_steps(const struct layer *layer)
{
    return layer->main.norm.n_steps > 1 || layer->attention.n > 0;
}

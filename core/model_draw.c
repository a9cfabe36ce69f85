/* What is random in a model's layers. */
#include "core/model_parts.h"

static enum rng_use gate_use(enum rng_use encoding)
{
    switch (encoding) {
    case RNG_ENCODE_TEST:
        return RNG_GATE_TEST;
    case RNG_ENCODE_ATTACK:
        return RNG_GATE_ATTACK;
    default:
        return RNG_GATE_TRAIN;
    }
}

static struct spiking_gate draw_gate(const struct model *model,
                                     const struct layer *layer, bool train,
                                     struct spiking_numbers numbers)
{
    struct spiking_gate gate = {.scale = 1.0f};
    if (!layer->gated || !(train || model->gate.in_tests))
        return gate;
    gate.law = &model->gate;
    gate.numbers = numbers;
    if (layer->n_gates > 0)
        gate.keep = model->weights + layer->gates;
    if (model->gate.scaled)
        gate.scale = (float)(1.0 / model->gate.keep);
    return gate;
}

void model_draw(struct model *model, const struct model_batch *batch,
                bool train)
{
    uint64_t first = 0;
    for (size_t i = 0; i < model->n_layers; i++) {
        struct layer *layer = &model->layers[i];
        struct spiking *spiking = &layer->spiking;
        struct spiking_numbers numbers = {batch->seed, RNG_NEURON, batch->draw,
                                          batch->ids, first};
        spiking->noise = (struct spiking_noise){0};
        if (train && spiking->neuron->noise)
            spiking->noise = (struct spiking_noise){
                (float)spiking->neuron->noise(spiking->neuron_params),
                numbers};
        numbers.use = gate_use(batch->use);
        spiking->gate = draw_gate(model, layer, train, numbers);
        /* what the shortcut adds was scaled by gates before */
        if (spiking->added.counts)
            spiking->added = model_taken(model, layer);
        first += spiking_count_numbers(spiking);
    }
}

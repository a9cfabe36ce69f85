/* Neurons with a value that follows their layer's potentials in training. */
#include "core/model_parts.h"

#include <math.h>

void model_begin_follow(struct layer *layer)
{
    const struct spiking *spiking = &layer->spiking;
    for (size_t t = 0; t < spiking->n_steps; t++)
        layer->followed[t] =
            (float)spiking->neuron->tensors[0].begin(spiking->neuron_params);
    layer->spiking.own[0] = layer->followed;
}

/* Channels have as many neurons each: the mean and the variance of all are
 * those of the channels' means, and the mean of their variances. */
void model_follow_step(struct layer *layer, size_t t, size_t n_images)
{
    const struct spiking *spiking = &layer->spiking;
    size_t n = spiking->n_channels;
    double count = (double)(n_images * layer->n_pixels);
    double mean = 0, square = 0, within = 0;
    for (size_t i = t * n; i < (t + 1) * n; i++) {
        double above = layer->moments.sum[i] / count;
        double middle = (double)layer->moments.pivot[i] + above;
        mean += middle / (double)n;
        square += middle * middle / (double)n;
        within += (layer->moments.sum_squares[i] / count - above * above) /
                  (double)n;
    }
    double variance = fmax(within + (square - mean * mean), 0.0);
    layer->followed[t] = (float)spiking->neuron->follow(
        spiking->neuron_params, mean + (double)layer->followed[t],
        sqrt(variance));
}

void model_end_follow(struct model *model, struct layer *layer)
{
    const struct spiking *spiking = &layer->spiking;
    float *running = model->weights + layer->own[0];
    float momentum = (float)spiking->neuron->momentum(spiking->neuron_params);
    for (size_t t = 0; t < spiking->n_steps; t++)
        running[t] =
            (1.0f - momentum) * running[t] + momentum * layer->followed[t];
}

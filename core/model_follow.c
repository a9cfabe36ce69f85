/* Neurons with values that follow their potentials in training. */
#include "core/model_parts.h"

#include <math.h>
#include <string.h>

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

/* gathering ----------------------------------------------------------- */

/* The neurons of a batch, as the workers see them. */
struct gathering {
    struct model *model;
    const struct layer *layer;
    size_t n_images;
};

static void gather_chunk(void *self, size_t worker, size_t unit)
{
    const struct gathering *gathering = self;
    const struct layer *layer = gathering->layer;
    double *sums = gathering->model->scratch[worker].d_own;
    struct spiking_watch watch = {.gathered = sums};
    memset(sums, 0, spiking_count_own(&layer->spiking, 0) * sizeof *sums);
    spiking_forward(&layer->spiking,
                    model_chunk_at(layer, unit, gathering->n_images), layer->y,
                    &watch, layer->counts);
}

static void settle_chunk(void *self, size_t worker, size_t unit)
{
    (void)unit;
    const struct gathering *gathering = self;
    const double *sums = gathering->model->scratch[worker].d_own;
    size_t n = spiking_count_own(&gathering->layer->spiking, 0);
    for (size_t i = 0; i < n; i++)
        gathering->model->d_own[i] += sums[i];
}

void model_gather(struct model *model, struct layer *layer, size_t n_images)
{
    struct spiking *spiking = &layer->spiking;
    size_t n = spiking_count_own(spiking, 0);
    float *running = model->weights + layer->own[0];
    float momentum = (float)spiking->neuron->momentum(spiking->neuron_params);
    struct gathering gathering = {model, layer, n_images};
    memcpy(layer->followed, running, n * sizeof *running);
    spiking->own[0] = layer->followed;
    if (!model->clean)
        return;
    memset(model->d_own, 0, n * sizeof *model->d_own);
    team_run_in_order(&model->team, model_count_chunks(layer, n_images),
                      &gathering, gather_chunk, settle_chunk);
    for (size_t i = 0; i < n; i++)
        running[i] = (1.0f - momentum) * running[i] +
                     momentum * (float)(model->d_own[i] / (double)n_images);
}

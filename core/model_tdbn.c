/* The moments of potentials as tdBN makes them. Theorem 1 of MPD-SGR: currents
 * of mean beta and deviation lambda alpha V_th that do not depend on each other
 * give x = U - V_th, at step t from 1 on, the mean and the deviation
 *
 *     mu = beta D(tau, t) - S(t)
 *     sigma = |lambda| alpha V_th sqrt(D(tau^2, t))
 *     D(tau, t) = sum over i <= t of tau^(t - i)
 *     S(t) = V_th + V_th sum over i < t of tau^(t - i) (spikes at i)
 *
 * where spikes are the mean over the batch, which no gradient goes through. A
 * current that is the same at all steps gives |lambda| alpha V_th D(tau, t) as
 * deviation. */
#include "core/model_parts.h"

#include <math.h>

/* tau, D(tau, t) and D(tau^2, t). */
struct sums {
    double leak, of_leak, of_square;
};

static void take_step(struct sums *sums)
{
    sums->of_leak = sums->leak * sums->of_leak + 1.0;
    sums->of_square = sums->leak * sums->leak * sums->of_square + 1.0;
}

static enum regularizer_statistics statistics_of(const struct model *model)
{
    return regularizer_statistics(model->regularizer,
                                  model->spec->at[SPEC_REGULARIZER].params);
}

bool model_predicts_moments(const struct model *model,
                            const struct layer *layer)
{
    return layer->main.norm.active &&
           statistics_of(model) != STATISTICS_EMPIRICAL;
}

/* d sigma / d |lambda|. */
static double spread_of(const struct model *model, const struct layer *layer,
                        const struct sums *sums)
{
    bool constant = layer->spiking.constant &&
                    statistics_of(model) == STATISTICS_ANALYTIC;
    return layer->main.norm.gain *
           (constant ? sums->of_leak : sqrt(sums->of_square));
}

static void predict_channel(const struct model *model, struct layer *layer,
                            size_t c, double n_neurons)
{
    const struct spiking *spiking = &layer->spiking;
    const struct batch_norm *norm = &layer->main.norm;
    struct sums sums = {model_leak(model->spec), 0.0, 0.0};
    double threshold = spiking->neuron->threshold(spiking->neuron_params);
    double reset = 0.0; /* what spikes have taken, as much as is left of it */
    for (size_t t = 0; t < spiking->n_steps; t++) {
        size_t i = t * spiking->n_channels + c;
        double rate = layer->moments.n_spikes[i] / n_neurons;
        take_step(&sums);
        layer->mu[i] = (float)((double)norm->bias[c] * sums.of_leak -
                               (threshold + reset));
        layer->sigma[i] = (float)(fabs((double)norm->weight[c]) *
                                  spread_of(model, layer, &sums));
        reset = sums.leak * (reset + threshold * rate);
    }
}

void model_predict_moments(const struct model *model, struct layer *layer,
                           size_t n_images)
{
    for (size_t c = 0; c < layer->spiking.n_channels; c++)
        predict_channel(model, layer, c, (double)(n_images * layer->n_pixels));
}

void model_add_norm_gradient(const struct model *model,
                             const struct layer *layer)
{
    const struct spiking *spiking = &layer->spiking;
    float *d_scale = model->gradients + layer->main.at.scale;
    float *d_shift = model->gradients + layer->main.at.shift;
    const float *weight = layer->main.norm.weight;
    struct sums sums = {model_leak(model->spec), 0.0, 0.0};
    for (size_t t = 0; t < spiking->n_steps; t++) {
        take_step(&sums);
        double spread = spread_of(model, layer, &sums);
        for (size_t c = 0; c < spiking->n_channels; c++) {
            size_t i = t * spiking->n_channels + c;
            double by_scale = weight[c] < 0 ? -spread : spread;
            d_shift[c] += (float)((double)layer->offset[i] * sums.of_leak);
            d_scale[c] += (float)((double)layer->slope[i] * by_scale);
        }
    }
}

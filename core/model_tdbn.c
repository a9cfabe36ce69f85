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
 * deviation. Neurons that take a share of the current only have beta and lambda
 * so much smaller. */
#include "core/model_parts.h"

#include <math.h>

/* D(tau, t) and D(tau^2, t), and their derivatives by tau. */
struct sums {
    double of_leak, of_square, d_of_leak, d_of_square;
};

static void take_step(struct sums *sums, double leak)
{
    sums->d_of_leak = sums->of_leak + leak * sums->d_of_leak;
    sums->d_of_square =
        2.0 * leak * sums->of_square + leak * leak * sums->d_of_square;
    sums->of_leak = leak * sums->of_leak + 1.0;
    sums->of_square = leak * leak * sums->of_square + 1.0;
}

/* What is left of what spikes have taken, and its derivative by tau. */
struct taken {
    double sum, d_sum;
};

static void take_spikes(struct taken *taken, double leak, double more)
{
    double before = taken->sum + more;
    taken->d_sum = before + leak * taken->d_sum;
    taken->sum = leak * before;
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

static struct neuron_constants constants_of(const struct model *model,
                                            const struct layer *layer)
{
    const struct spiking *spiking = &layer->spiking;
    if (!spiking->neuron->constants)
        return (struct neuron_constants){
            .leak = model_leak(model->spec), .gain = 1.0};
    return spiking->neuron->constants(spiking->neuron_params,
                                      (double)model->weights[layer->trained]);
}

/* Deviations of U by those of its currents, and that by tau. */
static double spread_of(const struct model *model, const struct layer *layer,
                        const struct sums *sums, double *d_spread)
{
    if (layer->spiking.constant &&
        statistics_of(model) == STATISTICS_ANALYTIC) {
        *d_spread = sums->d_of_leak;
        return sums->of_leak;
    }
    *d_spread = sums->d_of_square / (2.0 * sqrt(sums->of_square));
    return sqrt(sums->of_square);
}

static double spikes_of(const struct layer *layer, size_t i, size_t n_images)
{
    const struct spiking *spiking = &layer->spiking;
    double n_neurons = (double)(n_images * layer->n_pixels);
    return spiking->neuron->threshold(spiking->neuron_params) *
           layer->moments.n_spikes[i] / n_neurons;
}

static void predict_channel(const struct model *model, struct layer *layer,
                            size_t c, size_t n_images)
{
    const struct spiking *spiking = &layer->spiking;
    const struct batch_norm *norm = &layer->main.norm;
    struct neuron_constants by = constants_of(model, layer);
    struct sums sums = {0};
    struct taken taken = {0};
    double threshold = spiking->neuron->threshold(spiking->neuron_params);
    double bias = by.gain * (double)norm->bias[c], d_spread;
    double deviation = by.gain * norm->gain * fabs((double)norm->weight[c]);
    for (size_t t = 0; t < spiking->n_steps; t++) {
        size_t i = t * spiking->n_channels + c;
        take_step(&sums, by.leak);
        layer->mu[i] = (float)(bias * sums.of_leak - (threshold + taken.sum));
        layer->sigma[i] =
            (float)(deviation * spread_of(model, layer, &sums, &d_spread));
        take_spikes(&taken, by.leak, spikes_of(layer, i, n_images));
    }
}

void model_predict_moments(const struct model *model, struct layer *layer,
                           size_t n_images)
{
    for (size_t c = 0; c < layer->spiking.n_channels; c++)
        predict_channel(model, layer, c, n_images);
}

void model_add_norm_gradient(const struct model *model,
                             const struct layer *layer)
{
    const struct spiking *spiking = &layer->spiking;
    float *d_scale = model->gradients + layer->main.at.scale;
    float *d_shift = model->gradients + layer->main.at.shift;
    const float *weight = layer->main.norm.weight;
    struct neuron_constants by = constants_of(model, layer);
    struct sums sums = {0};
    for (size_t t = 0; t < spiking->n_steps; t++) {
        take_step(&sums, by.leak);
        double d_spread, spread = by.gain * layer->main.norm.gain *
                                  spread_of(model, layer, &sums, &d_spread);
        for (size_t c = 0; c < spiking->n_channels; c++) {
            size_t i = t * spiking->n_channels + c;
            double by_scale = weight[c] < 0 ? -spread : spread;
            d_shift[c] +=
                (float)((double)layer->offset[i] * by.gain * sums.of_leak);
            d_scale[c] += (float)((double)layer->slope[i] * by_scale);
        }
    }
}

/* A channel's part of the gradient by the number that the leak follows from. */
static double leak_gradient_of(const struct model *model,
                               const struct layer *layer, size_t c,
                               size_t n_images)
{
    const struct batch_norm *norm = &layer->main.norm;
    struct neuron_constants by = constants_of(model, layer);
    struct sums sums = {0};
    struct taken taken = {0};
    double bias = (double)norm->bias[c], gradient = 0.0;
    double deviation = norm->gain * fabs((double)norm->weight[c]);
    for (size_t t = 0; t < layer->spiking.n_steps; t++) {
        size_t i = t * layer->spiking.n_channels + c;
        take_step(&sums, by.leak);
        double d_spread, spread = spread_of(model, layer, &sums, &d_spread);
        double by_mu =
            bias * by.d_gain * sums.of_leak +
            (bias * by.gain * sums.d_of_leak - taken.d_sum) * by.d_leak;
        double by_sigma = deviation * (by.d_gain * spread +
                                       by.gain * d_spread * by.d_leak);
        gradient += (double)layer->offset[i] * by_mu +
                    (double)layer->slope[i] * by_sigma;
        take_spikes(&taken, by.leak, spikes_of(layer, i, n_images));
    }
    return gradient;
}

void model_add_leak_gradient(const struct model *model,
                             const struct layer *layer, size_t n_images)
{
    if (!layer->spiking.neuron->constants)
        return;
    for (size_t c = 0; c < layer->spiking.n_channels; c++)
        model->d_own[0] += leak_gradient_of(model, layer, c, n_images);
}

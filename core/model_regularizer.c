/* A model's regularizer. */
#include "core/model_parts.h"

#include <math.h>
#include <string.h>

void model_clear_moments(const struct layer *layer, struct moments *moments)
{
    size_t n = model_count_pairs(layer);
    memset(moments->sum, 0, n * sizeof *moments->sum);
    memset(moments->sum_squares, 0, n * sizeof *moments->sum_squares);
    if (moments->n_spikes)
        memset(moments->n_spikes, 0, n * sizeof *moments->n_spikes);
    moments->sum_terms = 0;
    moments->has_pivot = false;
}

/* The first part's pivot is that of all; others are moved to it, in double. */
void model_add_moments(struct layer *layer, size_t n_images,
                       const struct moments *part)
{
    struct moments *all = &layer->moments;
    size_t n = model_count_pairs(layer);
    double count = (double)(n_images * layer->n_pixels);
    if (!all->has_pivot)
        memcpy(all->pivot, part->pivot, n * sizeof *all->pivot);
    all->has_pivot = true;
    for (size_t i = 0; i < n; i++) {
        double step = (double)part->pivot[i] - (double)all->pivot[i];
        all->sum[i] += part->sum[i] + count * step;
        all->sum_squares[i] += part->sum_squares[i] +
                               step * (2 * part->sum[i] + count * step);
    }
    for (size_t i = 0; all->n_spikes && i < n; i++)
        all->n_spikes[i] += part->n_spikes[i];
    all->sum_terms += part->sum_terms;
}

/* Keeps sigma away from zero for a channel that never varies. */
static const double VARIANCE_FLOOR = 1e-12;

void model_take_deviations(struct layer *layer, size_t n_images)
{
    size_t n = model_count_pairs(layer);
    double count = (double)(n_images * layer->n_pixels);
    for (size_t i = 0; i < n; i++) {
        double above = layer->moments.sum[i] / count;
        double variance =
            layer->moments.sum_squares[i] / count - above * above;
        layer->mu[i] = (float)((double)layer->moments.pivot[i] + above);
        layer->sigma[i] = (float)sqrt(fmax(variance, 0.0) + VARIANCE_FLOOR);
    }
}

/* From dR/dmu and dR/dsigma (in offset and slope) to the coefficients of
 * dL/dx = offset + slope (x - pivot) for each of the `count` potentials of a
 * pair. */
static void spread_gradient(struct layer *layer, double factor, double count)
{
    size_t n = model_count_pairs(layer);
    for (size_t i = 0; i < n; i++) {
        double d_mu = factor * (double)layer->offset[i];
        double d_sigma = factor * (double)layer->slope[i];
        double slope = d_sigma / (count * (double)layer->sigma[i]);
        layer->slope[i] = (float)slope;
        double above = layer->moments.sum[i] / count;
        layer->offset[i] = (float)(d_mu / count - slope * above);
    }
    layer->membrane = (struct membrane_gradient){
        .offset = layer->offset,
        .slope = layer->slope,
        .pivot = layer->moments.pivot};
}

/* Moments that do not depend on the potentials: their gradient goes to the
 * norm. */
static void scale_gradient(struct layer *layer, double factor)
{
    for (size_t i = 0; i < model_count_pairs(layer); i++) {
        layer->offset[i] = (float)(factor * (double)layer->offset[i]);
        layer->slope[i] = (float)(factor * (double)layer->slope[i]);
    }
}

/* A layer's part of weight times R. */
struct part {
    const struct model *model;
    const void *params;
    struct layer *layer;
    double weight, n_layers; /* that R is a mean over; 1 if it is a sum */
    size_t n_images;
};

/* A mean over all pairs of a step and a channel. */
static double regularize_moments(const struct part *part)
{
    const struct regularizer *regularizer = part->model->regularizer;
    struct layer *layer = part->layer;
    size_t n = model_count_pairs(layer);
    double share = 1.0 / ((double)n * part->n_layers);
    bool predicts = model_predicts_moments(part->model, layer);
    if (predicts)
        model_predict_moments(part->model, layer, part->n_images);
    else
        model_take_deviations(layer, part->n_images);
    double sum = regularizer->moments(
        part->params, regularizer_gamma(part->model->spec), n, layer->mu,
        layer->sigma, layer->offset, layer->slope);
    if (predicts)
        scale_gradient(layer, part->weight * share);
    else
        spread_gradient(layer, part->weight * share,
                        (double)(part->n_images * layer->n_pixels));
    return share * sum;
}

/* A mean over all potentials. */
static double regularize_potentials(const struct part *part)
{
    struct layer *layer = part->layer;
    size_t n = part->n_images * layer->n_pixels * model_count_pairs(layer);
    double share = 1.0 / ((double)n * part->n_layers);
    layer->membrane = (struct membrane_gradient){
        .term = layer->moments.term, .factor = (float)(part->weight * share)};
    return share * layer->moments.sum_terms;
}

/* Of the mean of all spikes. */
static double regularize_rate(const struct part *part)
{
    struct layer *layer = part->layer;
    size_t n = model_count_pairs(layer);
    double count = (double)n * (double)(part->n_images * layer->n_pixels);
    double n_spikes = 0, d_rate = 0;
    for (size_t i = 0; i < n; i++)
        n_spikes += layer->moments.n_spikes[i];
    double term = part->model->regularizer->rate(part->params,
                                                 n_spikes / count, &d_rate);
    layer->membrane = (struct membrane_gradient){
        .by_spike = (float)(part->weight * d_rate / part->n_layers / count)};
    return term / part->n_layers;
}

/* Where moments are predicted, layers without a norm are left out. */
static bool is_regularized(const struct model *model,
                           const struct layer *layer)
{
    const void *params = model->spec->at[SPEC_REGULARIZER].params;
    return model_predicts_moments(model, layer) ||
           regularizer_statistics(model->regularizer, params) ==
               STATISTICS_EMPIRICAL;
}

static double count_regularized(const struct model *model)
{
    size_t n = 0;
    for (size_t i = 0; i < model->n_layers; i++)
        n += is_regularized(model, &model->layers[i]);
    return (double)n;
}

static double regularize_layer(const struct part *part)
{
    const struct regularizer *regularizer = part->model->regularizer;
    if (!is_regularized(part->model, part->layer))
        return 0.0;
    if (regularizer->moments)
        return regularize_moments(part);
    return regularizer->value ? regularize_potentials(part)
                              : regularize_rate(part);
}

double model_regularize(struct model *model, double weight, size_t n_images)
{
    const struct regularizer *regularizer = model->regularizer;
    struct part part = {.model = model,
                        .params = model->spec->at[SPEC_REGULARIZER].params,
                        .weight = weight,
                        .n_layers = 1.0,
                        .n_images = n_images};
    double total = 0.0;
    if (!regularizer_watches(regularizer))
        return 0.0;
    if (!regularizer->sums_layers)
        part.n_layers = count_regularized(model);
    for (size_t i = 0; i < model->n_layers; i++) {
        part.layer = &model->layers[i];
        total += regularize_layer(&part);
    }
    return total;
}

/* A model's regularizer. */
#include "core/model_parts.h"

#include <math.h>
#include <string.h>

void model_clear_moments(const struct layer *layer, struct moments *moments)
{
    size_t n = model_count_pairs(layer);
    memset(moments->sum, 0, n * sizeof *moments->sum);
    memset(moments->sum_squares, 0, n * sizeof *moments->sum_squares);
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
}

double model_regularize(struct model *model, double weight, size_t n_images)
{
    if (!model->regularizer->moments)
        return 0.0;
    const void *params = model->spec->at[SPEC_REGULARIZER].params;
    double gamma = regularizer_gamma(model->spec), total = 0.0;
    for (size_t i = 0; i < model->n_layers; i++) {
        struct layer *layer = &model->layers[i];
        size_t n = model_count_pairs(layer);
        double count = (double)(n_images * layer->n_pixels);
        double share = 1.0 / (double)(n * model->n_layers);
        model_take_deviations(layer, n_images);
        total += share * model->regularizer->moments(
                             params, gamma, n, layer->mu, layer->sigma,
                             layer->offset, layer->slope);
        spread_gradient(layer, weight * share, count);
    }
    return total;
}

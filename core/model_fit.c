/* Surrogates that are fitted to a layer's neurons. */
#include "core/model_fit.h"
#include "core/model_parts.h"

bool model_fits_moments(const struct model *model)
{
    return model->layers[0].spiking.surrogate->fits_moments;
}

bool model_takes_moments(const struct model *model)
{
    return model_fits_moments(model) && model->fit != FIT_KEPT;
}

bool model_fits(const struct spiking *spiking)
{
    return spiking->surrogate->fit || spiking->sharpness != 1;
}

double model_leak(const struct spec *spec)
{
    const struct choice *choice = &spec->at[SPEC_NEURON];
    const struct row *row = kind_find_row(choice->kind, "leak");
    if (!row || row->type != ROW_REAL)
        return 1.0;
    return *(const double *)((const char *)choice->params + row->offset);
}

/* As wide as it is, if nothing is fitted. */
static void begin_fit(struct layer *layer)
{
    size_t n = model_count_pairs(layer);
    for (size_t i = 0; i < n; i++) {
        layer->inverse[i] = 1;
        layer->center[i] = 0;
    }
}

/* s h'(s x): (s x - center) inverse = (x - center / s) (s inverse). */
static void sharpen(struct layer *layer)
{
    float s = (float)layer->spiking.sharpness;
    size_t n = model_count_pairs(layer);
    for (size_t i = 0; i < n && s != 1; i++) {
        layer->inverse[i] *= s;
        layer->center[i] /= s;
    }
}

static void fit(const struct model *model, struct layer *layer,
                size_t n_images)
{
    const struct spiking *spiking = &layer->spiking;
    struct surrogate_layer seen = {
        .n_steps = spiking->n_steps,
        .n_channels = spiking->n_channels,
        .threshold = spiking->neuron->threshold(spiking->neuron_params),
        .leak = model_leak(model->spec),
        .gain = layer->main.norm.active ? layer->main.norm.weight : NULL,
    };
    if (spiking->learns_width && !spiking->foreign)
        seen.log_width = (double)model->weights[layer->log_width];
    if (spiking->surrogate->fits_moments) {
        model_take_deviations(layer, n_images);
        seen.mean = layer->mu;
        seen.deviation = layer->sigma;
    }
    spiking->surrogate->fit(spiking->surrogate_params, &seen, layer->inverse,
                            layer->center);
}

void model_fit_surrogate(const struct model *model, struct layer *layer,
                         size_t n_images)
{
    bool is_now = model->fit == FIT_PASS || !model_fits_moments(model);
    if (!model_fits(&layer->spiking) || !is_now)
        return;
    if (layer->spiking.surrogate->fit)
        fit(model, layer, n_images);
    else
        begin_fit(layer);
    sharpen(layer);
}

void model_begin_calibration(struct model *model)
{
    MUST(model_fits_moments(model));
    model->fit = FIT_LATER;
    for (size_t i = 0; i < model->n_layers; i++)
        model_clear_moments(&model->layers[i], &model->layers[i].moments);
}

void model_end_calibration(struct model *model, size_t n_images)
{
    model->fit = FIT_PASS;
    for (size_t i = 0; i < model->n_layers; i++)
        model_fit_surrogate(model, &model->layers[i], n_images);
    model->fit = FIT_KEPT;
}

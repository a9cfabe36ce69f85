/* Surrogates that are fitted to a layer's neurons. */
#include "core/model_parts.h"

bool model_fits_moments(const struct model *model)
{
    return surrogate_of(model->spec->at[SPEC_SURROGATE].kind)->fits_moments;
}

double model_leak(const struct spec *spec)
{
    const struct choice *choice = &spec->at[SPEC_NEURON];
    const struct row *row = kind_find_row(choice->kind, "leak");
    if (!row || row->type != ROW_REAL)
        return 1.0;
    return *(const double *)((const char *)choice->params + row->offset);
}

void model_fit_surrogate(const struct model *model, struct layer *layer,
                         size_t n_images)
{
    const struct spiking *spiking = &layer->spiking;
    if (!spiking->surrogate->fit)
        return;
    struct surrogate_layer seen = {
        .n_steps = spiking->n_steps,
        .n_channels = spiking->n_channels,
        .threshold = spiking->neuron->threshold(spiking->neuron_params),
        .leak = model_leak(model->spec),
        .gain = layer->main.norm.active ? layer->main.norm.weight : NULL,
    };
    if (spiking->surrogate->learns_width)
        seen.log_width = (double)model->weights[layer->log_width];
    if (spiking->surrogate->fits_moments) {
        model_take_deviations(layer, n_images);
        seen.mean = layer->mu;
        seen.deviation = layer->sigma;
    }
    spiking->surrogate->fit(spiking->surrogate_params, &seen, layer->inverse,
                            layer->center);
}

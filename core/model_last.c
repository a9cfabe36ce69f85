/* What drives the last layer's neurons, for losses that look at it. */
#include "core/model_parts.h"

size_t model_count_last_neurons(const struct spec *spec,
                                const struct data_set *data)
{
    struct layer layers[NETWORK_BLOCKS_MAX] = {{.n_out = 0}};
    struct model model = model_shape(spec, data, MODEL_ATTACK, layers);
    const struct layer *last = &layers[model.n_layers - 1];
    return last->n_pixels * last->spiking.n_channels;
}

/* A reading, as the workers see it. */
struct reading {
    const struct model *model;
    size_t n, n_shares;
    float *z;
};

static void read_share(void *self, size_t worker, size_t unit)
{
    (void)worker;
    const struct reading *reading = self;
    const struct model *model = reading->model;
    const struct layer *last = &model->layers[model->n_layers - 1];
    const struct spiking *spiking = &last->spiking;
    size_t n_rows = model->n_steps * last->n_pixels;
    struct team_share share =
        team_share_of(reading->n, reading->n_shares, unit);
    for (size_t b = share.first; b < share.first + share.n; b++)
        for (size_t i = 0; i < n_rows; i++)
            spiking_take_currents(
                spiking, b, spiking->constant ? 0 : i / last->n_pixels,
                i % last->n_pixels, last->y,
                reading->z + (b * n_rows + i) * spiking->n_channels);
}

void model_read_currents(const struct model *model, size_t n_images, float *z)
{
    MUST(model->has_currents);
    struct reading reading = {model, n_images,
                              team_count_shares(&model->team, n_images), z};
    team_run(&model->team, reading.n_shares, &reading, read_share);
}

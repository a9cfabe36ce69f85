/* A model's read-out, which is linear: forward and backward. */
#include "core/linalg.h"
#include "core/model_backward_parts.h"

#include <string.h>

/* forward ------------------------------------------------------------- */

/* A read-out, as the workers see it. */
struct reading {
    const struct model *model;
    size_t n, n_shares; /* images */
};

/* The mean of a source's counts, over n_summed steps and pixels. */
static void average(const struct model *model, size_t n_summed,
                    const uint8_t *restrict counts, float *restrict features)
{
    size_t n = model->n_features;
    struct source last = model_output(model, model->n_layers);
    float factor = last.scale / (float)n_summed;
    memset(features, 0, n * sizeof *features);
    for (size_t i = 0; i < n_summed; i++) /* exact: whole numbers */
        for (size_t k = 0; k < n; k++)
            features[k] += (float)counts[i * n + k];
    for (size_t k = 0; k < n; k++)
        features[k] *= factor;
}

/* Of all steps together. */
static void average_share(void *self, size_t worker, size_t unit)
{
    (void)worker;
    const struct reading *reading = self;
    const struct model *model = reading->model;
    struct source last = model_output(model, model->n_layers);
    struct team_share share =
        team_share_of(reading->n, reading->n_shares, unit);
    for (size_t b = share.first; b < share.first + share.n; b++)
        average(model, model->n_steps * model->n_averaged,
                last.counts + b * last.stride_image,
                model->features + b * model->n_features);
}

/* Of each step. */
static void average_steps(void *self, size_t worker, size_t unit)
{
    (void)worker;
    const struct reading *reading = self;
    const struct model *model = reading->model;
    struct source last = model_output(model, model->n_layers);
    struct team_share share =
        team_share_of(reading->n, reading->n_shares, unit);
    for (size_t b = share.first; b < share.first + share.n; b++)
        for (size_t t = 0; t < model->n_steps; t++)
            average(model, model->n_averaged,
                    last.counts + b * last.stride_image +
                        t * last.stride_step,
                    model->readings +
                        (b * model->n_steps + t) * model->n_features);
}

static void find_logits(const struct model *model, size_t n,
                        const float *features, float *logits)
{
    size_t n_classes = model->n_classes;
    const float *bias = model->weights + model->readout_bias;
    for (size_t b = 0; b < n; b++)
        memcpy(logits + b * n_classes, bias, n_classes * sizeof *bias);
    linalg_product(n, n_classes, model->n_features,
                   (struct matrix){features, model->n_features},
                   (struct matrix){model->weights + model->readout_weight,
                                   n_classes},
                   1.0f, logits, n_classes);
}

static struct reading reading_of(const struct model *model, size_t n)
{
    return (struct reading){model, n, team_count_shares(&model->team, n)};
}

void model_read_out(struct model *model, size_t n)
{
    struct reading reading = reading_of(model, n);
    team_run(&model->team, reading.n_shares, &reading, average_share);
    find_logits(model, n, model->features, model->logits);
}

void model_read_steps_out(struct model *model, size_t n)
{
    struct reading reading = reading_of(model, n);
    team_run(&model->team, reading.n_shares, &reading, average_steps);
    find_logits(model, n * model->n_steps, model->readings,
                model->read_logits);
}

/* backward ------------------------------------------------------------ */

/* The same gradient for each of the pixels that were averaged. */
static void repeat_features(struct model *model, size_t n)
{
    size_t n_features = model->n_features, n_pixels = model->n_averaged;
    for (size_t i = 0; i < n * n_pixels; i++)
        memcpy(model->d_averaged + i * n_features,
               model->d_features + i / n_pixels * n_features,
               n_features * sizeof *model->d_features);
}

void backward_readout(struct backward *backward, size_t n_readings,
                             const float *d_logits)
{
    struct model *model = backward->model;
    size_t n_features = model->n_features, n_classes = model->n_classes;
    size_t n = backward->n * n_readings;
    size_t n_step = model->n_averaged * n_features;
    size_t n_summed = model->n_steps / n_readings * model->n_averaged;
    const float *weights = model->weights + model->readout_weight;
    for (size_t i = 0; i < n_features; i++)
        for (size_t k = 0; k < n_classes; k++)
            model->turned[k * n_features + i] = weights[i * n_classes + k];
    linalg_product(n, n_features, n_classes,
                   (struct matrix){d_logits, n_classes},
                   (struct matrix){model->turned, n_features}, 0.0f,
                   model->d_features, n_features);
    for (size_t i = 0; i < n * n_features; i++)
        model->d_features[i] /= (float)n_summed;
    if (model->n_averaged > 1)
        repeat_features(model, n);
    backward->d_output = (struct source){
        .floats = model->d_averaged,
        .stride_image = n_readings * n_step,
        .stride_step = n_readings > 1 ? n_step : 0};
}

void backward_readout_weights(const struct backward *backward)
{
    struct model *model = backward->model;
    size_t n_features = model->n_features, n_classes = model->n_classes;
    size_t n = backward->n * model->n_readings;
    float *d_bias = model->gradients + model->readout_bias;
    linalg_product_left_transposed(
        n_features, n_classes, n,
        (struct matrix){model->readings, n_features},
        (struct matrix){model->d_read_logits, n_classes}, 0.0f,
        model->gradients + model->readout_weight, n_classes);
    memset(d_bias, 0, n_classes * sizeof *d_bias);
    for (size_t b = 0; b < n; b++)
        for (size_t k = 0; k < n_classes; k++)
            d_bias[k] += model->d_read_logits[b * n_classes + k];
}

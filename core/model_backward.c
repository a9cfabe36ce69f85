/* A model's gradients: the way back through all layers, and shortcuts. */
#include "core/linalg.h"
#include "core/model_backward_parts.h"

#include <string.h>

/* shortcuts ----------------------------------------------------------- */

/* Currents of a convolution, which were not kept. */
static void run_share(void *self, size_t worker, size_t unit)
{
    const struct stage *stage = self;
    const struct model *model = stage->backward->model;
    model_run_shortcut(model, &model->layers[stage->i], worker,
                       backward_share(stage, unit));
}

static void sum_chunk(void *self, size_t worker, size_t unit)
{
    const struct stage *stage = self;
    const struct backward *backward = stage->backward;
    const struct model *model = backward->model;
    const struct layer *layer = &model->layers[stage->i];
    struct image_range chunk = model_chunk_at(layer, unit, backward->n);
    size_t at = backward_place(stage, chunk.first);
    batch_norm_backward_sum(&layer->shortcut.norm, worker,
                            backward_count_rows(backward, stage->i, chunk.n),
                            layer->taken + at, layer->d_z + at);
}

static void settle_chunk(void *self, size_t worker, size_t unit)
{
    (void)unit;
    const struct stage *stage = self;
    struct layer *layer = &stage->backward->model->layers[stage->i];
    batch_norm_backward_settle(&layer->shortcut.norm, worker);
}

/* From d_z, which stays, to d_y of a shortcut with a norm of its own. It is
 * put where the gradient by the layer's spikes was: the neurons are done. */
static void norm_share(void *self, size_t worker, size_t unit)
{
    (void)worker;
    const struct stage *stage = self;
    const struct backward *backward = stage->backward;
    const struct layer *layer = &backward->model->layers[stage->i];
    const struct batch_norm *norm = &layer->shortcut.norm;
    struct image_range share = backward_share(stage, unit);
    size_t n_rows = backward_count_rows(backward, stage->i, share.n);
    size_t at = backward_place(stage, share.first);
    if (backward->train)
        batch_norm_backward_apply_to(norm, n_rows, layer->taken + at,
                                     layer->d_z + at, layer->d_taken + at);
    else
        batch_norm_backward_fixed_to(norm, n_rows, layer->d_z + at,
                                     layer->d_taken + at);
}

static void backward_shortcut_norm(struct stage *stage)
{
    const struct backward *backward = stage->backward;
    const struct team *team = &backward->model->team;
    struct layer *layer = &backward->model->layers[stage->i];
    if (backward->train) {
        batch_norm_backward_begin(&layer->shortcut.norm);
        team_run_in_order(team, model_count_chunks(layer, backward->n), stage,
                          sum_chunk, settle_chunk);
        backward_end_norm(backward, stage->i, &layer->shortcut);
    }
    team_run(team, stage->n_shares, stage, norm_share);
}

static void backward_shortcut_convolution(const struct backward *backward,
                                          size_t i, const float *d_y)
{
    struct model *model = backward->model;
    const struct layer *layer = &model->layers[i];
    struct source taken = model_taken(model, layer);
    if (!backward->images) {
        float *d_weights = model->gradients + layer->shortcut.at.weight;
        memset(d_weights, 0, layer->shortcut.n_weights * sizeof *d_weights);
        operation_backward_weights(&layer->shortcut.operation, &model->team,
                                   &taken, d_y,
                                   (struct image_range){0, backward->n},
                                   d_weights);
    }
    backward_data(backward, &layer->shortcut, model->n_steps, d_y,
                  layer->taken);
}

static void copy_share(void *self, size_t worker, size_t unit)
{
    (void)worker;
    const struct stage *stage = self;
    const struct layer *layer = &stage->backward->model->layers[stage->i];
    struct image_range share = backward_share(stage, unit);
    size_t at = backward_place(stage, share.first);
    size_t end = backward_place(stage, share.first + share.n);
    memcpy(layer->taken + at, layer->d_z + at,
           (end - at) * sizeof *layer->taken);
}

/* Leaves the gradient by what the shortcut of layer i takes in layer->taken.
 * What is added to normalized currents has their gradient, which is still
 * there; what is added before has that of the layer's y. */
static void backward_shortcut(struct backward *backward, size_t i)
{
    struct model *model = backward->model;
    struct layer *layer = &model->layers[i];
    struct stage stage = backward_stage(backward, i);
    MUST(backward->pending == 0);
    if (layer->has_shortcut == SHORTCUT_IDENTITY) {
        team_run(&model->team, stage.n_shares, &stage, copy_share);
    } else if (model_adds_before(layer)) {
        backward_shortcut_convolution(backward, i, layer->d_z);
    } else {
        backward_shortcut_norm(&stage);
        backward_shortcut_convolution(backward, i, layer->d_taken);
    }
    if (layer->join == JOIN_MEMBRANE) {
        backward->carried = layer->from + 1;
        backward->d_carried = layer->taken;
        return;
    }
    backward->pending = layer->from + 1;
    backward->waiting = layer->taken;
    backward->of_currents =
        model_adds_before(layer) && layer->has_shortcut == SHORTCUT_IDENTITY;
}

static void scale_share(void *self, size_t worker, size_t unit)
{
    (void)worker;
    const struct stage *stage = self;
    struct layer *layer = &stage->backward->model->layers[stage->i];
    struct image_range share = backward_share(stage, unit);
    batch_norm_backward_fixed(
        &layer->main.norm,
        backward_count_rows(stage->backward, stage->i, share.n),
        layer->d_z + backward_place(stage, share.first));
}

/* The gradient by the spikes that were joined is in layer->taken. */
static void await_joined(struct backward *backward, size_t i)
{
    backward->pending = backward->model->layers[i].from + 1;
    backward->waiting = backward->model->layers[i].taken;
    backward->of_currents = false;
}

/* Down to d_z, which without training is scaled to d_y at once. */
static void backward_z(struct backward *backward, size_t i)
{
    const struct team *team = &backward->model->team;
    struct stage stage = backward_stage(backward, i);
    if (!model_adds_after(&backward->model->layers[i])) {
        backward_neurons(backward, i);
        if (model_joins_spikes(&backward->model->layers[i]))
            await_joined(backward, i);
        return;
    }
    team_run(team, stage.n_shares, &stage, run_share);
    backward_neurons(backward, i);
    backward_shortcut(backward, i);
    if (!backward->train)
        team_run(team, stage.n_shares, &stage, scale_share);
}

static void add_pending_share(void *self, size_t worker, size_t unit)
{
    (void)worker;
    const struct stage *stage = self;
    backward_add_currents(stage->backward, stage->i,
                          backward_share(stage, unit));
}

/* From the gradient of a layer's spikes to that of its input. */
static void backward_layer(struct backward *backward, size_t i)
{
    const struct model *model = backward->model;
    struct stage stage = backward_stage(backward, i);
    backward_z(backward, i);
    if (backward->train)
        backward_weights(backward, i);
    else if (backward->pending == i + 1 && backward->of_currents)
        team_run(&model->team, stage.n_shares, &stage, add_pending_share);
    if (!backward->train && backward_folds(backward, i))
        backward_fold(backward, i);
    if (backward->of_currents && backward->pending == i + 1)
        backward->pending = 0;
    if (model_adds_before(&model->layers[i]))
        backward_shortcut(backward, i);
    if (i > 0 || backward->images)
        backward_input(backward, i);
}

/* all of it ----------------------------------------------------------- */

/* Gradients are put over the currents of the pass. */
static void spend_currents(struct model *model)
{
    MUST(model->has_currents);
    model->has_currents = false;
}

void model_backward_train(struct model *model, const struct model_batch *batch)
{
    struct backward backward = {
        .model = model, .n = batch->n, .train = true};
    spend_currents(model);
    backward_readout(&backward, model->n_readings, model->d_read_logits);
    backward_readout_weights(&backward);
    for (size_t i = model->n_layers; i-- > 0;)
        backward_layer(&backward, i);
}

/* A backward pass to the images, as the workers see it. */
struct decoding {
    struct model *model;
    const struct model_batch *batch;
    float *d_images;
    size_t n_shares;
    size_t n_steps; /* of the gradient by the encoded image */
};

/* Of a gradient by an encoded image: the sum over its steps, in the first. */
static void sum_steps(size_t n_steps, size_t n, float *d_encoded)
{
    for (size_t t = 1; t < n_steps; t++)
        linalg_add(n, d_encoded + t * n, d_encoded);
}

static void decode_share(void *self, size_t worker, size_t unit)
{
    const struct decoding *decoding = self;
    const struct model *model = decoding->model;
    const struct encoding *encoding = model->encoding;
    size_t n_pixels = image_size(model->shape);
    size_t n_input = image_size(model->input);
    size_t n_encoded = (encoding->constant ? 1 : model->n_steps) * n_input;
    size_t n_gradient = decoding->n_steps * n_input;
    struct team_share share =
        team_share_of(decoding->batch->n, decoding->n_shares, unit);
    for (size_t b = share.first; b < share.first + share.n; b++) {
        struct encoding_batch image =
            model_encoding_image(model, decoding->batch, worker, b);
        if (encoding->sums)
            sum_steps(decoding->n_steps, n_input,
                      model->layers[0].d_input + b * n_gradient);
        encoding->backward(model->spec->at[SPEC_ENCODING].params, &image,
                           model->encoded + b * n_encoded,
                           model->layers[0].d_input + b * n_gradient,
                           decoding->d_images + b * n_pixels);
    }
}

static void backward_images(struct model *model,
                            const struct model_batch *batch, bool train,
                            float *d_images)
{
    struct backward backward = {
        .model = model, .n = batch->n, .train = train, .images = true};
    struct decoding decoding = {model, batch, d_images,
                                team_count_shares(&model->team, batch->n),
                                model->n_steps};
    if (model->encoding->sums && (!train || model->encoding->constant))
        decoding.n_steps = 1;
    spend_currents(model);
    backward_readout(&backward, 1, model->d_logits);
    for (size_t i = model->n_layers; i-- > 0;)
        backward_layer(&backward, i);
    team_run(&model->team, decoding.n_shares, &decoding, decode_share);
}

void model_backward_images(struct model *model,
                           const struct model_batch *batch, float *d_images)
{
    backward_images(model, batch, false, d_images);
}

void model_backward_train_images(struct model *model,
                                 const struct model_batch *batch,
                                 float *d_images)
{
    backward_images(model, batch, true, d_images);
}

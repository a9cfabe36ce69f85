/* A model's passes forward. */
#include "core/linalg.h"
#include "core/model_parts.h"

#include <string.h>

struct encoding_batch model_encoding_batch(const struct model *model,
                                           const struct model_batch *batch)
{
    return (struct encoding_batch){
        .n_steps = model->n_steps,
        .n_images = batch->n,
        .n_pixels = image_size(model->shape),
        .n_channels = model->shape.n_channels,
        .height = model->shape.height,
        .width = model->shape.width,
        .images = batch->images,
        .ids = batch->ids,
        .mean = model->pixel_mean,
        .deviation = model->pixel_deviation,
        .seed = batch->seed,
        .use = batch->use,
        .draw = batch->draw,
    };
}

struct encoding_batch model_encoding_image(const struct model *model,
                                           const struct model_batch *batch,
                                           size_t worker, size_t b)
{
    struct encoding_batch image = model_encoding_batch(model, batch);
    image.scratch = model->scratch[worker].encoding;
    image.images += b * image.n_pixels;
    image.ids += b;
    image.n_images = 1;
    return image;
}

/* A pass over a batch, as the workers see it. */
struct pass {
    struct model *model;
    const struct model_batch *batch;
    const struct model_watch *watch; /* may be NULL */
    size_t n_shares;                 /* of the images, where it is free */
    bool moments;                    /* somebody wants them */
    size_t i;                        /* layer */
    struct branch *branch;           /* of the layer */
};

/* A sample's numbers depend on nothing but itself, so each is a batch. */
static void encode_share(void *self, size_t worker, size_t unit)
{
    const struct pass *pass = self;
    const struct model *model = pass->model;
    size_t n_steps = model->encoding->constant ? 1 : model->n_steps;
    size_t n_encoded = n_steps * image_size(model->input);
    struct team_share share =
        team_share_of(pass->batch->n, pass->n_shares, unit);
    for (size_t b = share.first; b < share.first + share.n; b++) {
        struct encoding_batch image =
            model_encoding_image(model, pass->batch, worker, b);
        model->encoding->encode(model->spec->at[SPEC_ENCODING].params, &image,
                                model->encoded + b * n_encoded);
    }
}

size_t model_count_chunks(const struct layer *layer, size_t n_images)
{
    return (n_images + layer->chunk - 1) / layer->chunk;
}

struct image_range model_chunk_at(const struct layer *layer, size_t i,
                                  size_t n_images)
{
    size_t first = i * layer->chunk, left = n_images - first;
    return (struct image_range){first,
                                left < layer->chunk ? left : layer->chunk};
}

static size_t rows_of(const struct layer *layer, size_t n_images)
{
    return n_images * layer->main.operation.n_steps * layer->n_pixels;
}

static size_t row_at(const struct layer *layer, size_t image)
{
    return rows_of(layer, image) * layer->main.operation.n_out;
}

/* Currents of a chunk, which is summed while it is in the cache. */
static void run_chunk(void *self, size_t worker, size_t unit)
{
    const struct pass *pass = self;
    const struct model *model = pass->model;
    const struct layer *layer = &model->layers[pass->i];
    struct image_range chunk = model_chunk_at(layer, unit, pass->batch->n);
    const float *y = layer->taken;
    if (pass->branch == &layer->main) {
        model_run_operation(model, pass->i, worker, chunk);
        y = layer->y;
    } else {
        model_run_shortcut(model, layer, worker, chunk);
    }
    batch_norm_sum(&pass->branch->norm, worker, rows_of(layer, chunk.n),
                   y + row_at(layer, chunk.first));
}

static void settle_chunk(void *self, size_t worker, size_t unit)
{
    (void)unit;
    const struct pass *pass = self;
    batch_norm_settle(&pass->branch->norm, worker);
}

/* Currents of the whole batch, and the affine map that normalizes them. */
static void forward_branch_train(struct pass *pass, struct branch *branch)
{
    struct model *model = pass->model;
    const struct layer *layer = &model->layers[pass->i];
    pass->branch = branch;
    batch_norm_begin(&branch->norm);
    team_run_in_order(&model->team, model_count_chunks(layer, pass->batch->n),
                      pass, run_chunk, settle_chunk);
    batch_norm_end(&branch->norm, rows_of(layer, pass->batch->n),
                   layer->spiking.constant ? model->n_steps : 1);
}

static bool has_own_norm(const struct layer *layer)
{
    return layer->shortcut.norm.n_channels > 0;
}

/* The neurons of a chunk, with their moments if somebody wants them. */
static void fire_chunk(void *self, size_t worker, size_t unit)
{
    const struct pass *pass = self;
    const struct model *model = pass->model;
    const struct layer *layer = &model->layers[pass->i];
    struct image_range chunk = model_chunk_at(layer, unit, pass->batch->n);
    struct moments *moments = &model->scratch[worker].moments;
    struct spiking_watch watch = {.moments = moments};
    if (pass->moments)
        model_clear_moments(layer, moments);
    spiking_forward(&layer->spiking, chunk, layer->y,
                    pass->moments ? &watch : NULL, layer->counts);
}

static void settle_moments(void *self, size_t worker, size_t unit)
{
    const struct pass *pass = self;
    const struct model *model = pass->model;
    struct layer *layer = &model->layers[pass->i];
    model_add_moments(layer, model_chunk_at(layer, unit, pass->batch->n).n,
                      &model->scratch[worker].moments);
}

static void take_layer_moments(struct pass *pass)
{
    struct layer *layer = &pass->model->layers[pass->i];
    model_clear_moments(layer, &layer->moments);
    team_run_in_order(&pass->model->team,
                      model_count_chunks(layer, pass->batch->n), pass,
                      fire_chunk, settle_moments);
}

/* Step after step: what later steps do depends on it. */
static void follow_potentials(struct pass *pass)
{
    struct layer *layer = &pass->model->layers[pass->i];
    bool moments = pass->moments;
    pass->moments = true;
    model_begin_follow(layer);
    for (size_t t = 0; t < pass->model->n_steps; t++) {
        take_layer_moments(pass);
        model_follow_step(layer, t, pass->batch->n);
    }
    model_end_follow(pass->model, layer);
    pass->moments = moments;
}

static void carry_chunk(void *self, size_t worker, size_t unit)
{
    (void)worker;
    const struct pass *pass = self;
    const struct layer *layer = &pass->model->layers[pass->i];
    model_carry_currents(layer, model_chunk_at(layer, unit, pass->batch->n));
}

static void attend_chunk(void *self, size_t worker, size_t unit)
{
    const struct pass *pass = self;
    const struct layer *layer = &pass->model->layers[pass->i];
    model_attend(pass->model, layer, worker,
                 model_chunk_at(layer, unit, pass->batch->n));
}

static void forward_layer_train(struct pass *pass)
{
    const struct model *model = pass->model;
    struct layer *layer = &model->layers[pass->i];
    size_t n_chunks = model_count_chunks(layer, pass->batch->n);
    model_prepare(pass->model, pass->i, pass->batch->n);
    forward_branch_train(pass, &layer->main);
    if (has_own_norm(layer))
        forward_branch_train(pass, &layer->shortcut);
    if (layer->carried)
        team_run(&model->team, n_chunks, pass, carry_chunk);
    if (layer->attention.n > 0)
        team_run(&model->team, n_chunks, pass, attend_chunk);
    if (layer->spiking.neuron->follow)
        follow_potentials(pass);
    if (layer->spiking.neuron->gathers)
        model_gather(pass->model, layer, pass->batch->n);
    if (pass->moments)
        take_layer_moments(pass);
    else
        team_run(&model->team, n_chunks, pass, fire_chunk);
    model_fit_surrogate(model, layer, pass->batch->n);
}

struct layer_watch {
    const struct model_watch *watch;
    size_t worker, layer;
};

static void hand_tile_on(void *self, size_t n_steps, size_t n, const float *x,
                         const float *s)
{
    const struct layer_watch *at = self;
    at->watch->tile(at->watch->self, at->worker, at->layer, n_steps, n, x, s);
}

/* Operation and neurons of a chunk: the currents are still in the cache. */
static void test_chunk(void *self, size_t worker, size_t unit)
{
    const struct pass *pass = self;
    const struct model *model = pass->model;
    const struct layer *layer = &model->layers[pass->i];
    struct image_range chunk = model_chunk_at(layer, unit, pass->batch->n);
    struct layer_watch at = {pass->watch, worker, pass->i};
    struct spiking_watch tiles = {.self = &at,
                                  .tile = pass->watch ? hand_tile_on : NULL};
    model_run_operation(model, pass->i, worker, chunk);
    if (model_adds_after(layer))
        model_run_shortcut(model, layer, worker, chunk);
    if (layer->carried)
        model_carry_currents(layer, chunk);
    if (layer->attention.n > 0)
        model_attend(model, layer, worker, chunk);
    if (pass->moments) {
        tiles.moments = &model->scratch[worker].moments;
        model_clear_moments(layer, tiles.moments);
    }
    spiking_forward(&layer->spiking, chunk, layer->y,
                    pass->watch || pass->moments ? &tiles : NULL,
                    layer->counts);
}

static void settle_test_chunk(void *self, size_t worker, size_t unit)
{
    const struct pass *pass = self;
    if (pass->moments)
        settle_moments(self, worker, unit);
    if (pass->watch)
        pass->watch->settle(pass->watch->self, worker, pass->i);
}

static void forward_layer_test(struct pass *pass)
{
    struct model *model = pass->model;
    struct layer *layer = &model->layers[pass->i];
    size_t n_chunks = model_count_chunks(layer, pass->batch->n);
    model_prepare(model, pass->i, pass->batch->n);
    if (layer->spiking.neuron->momentum)
        layer->spiking.own[0] = model->weights + layer->own[0];
    batch_norm_use_running(&layer->main.norm);
    if (has_own_norm(layer))
        batch_norm_use_running(&layer->shortcut.norm);
    if (pass->moments && model->fit == FIT_PASS)
        model_clear_moments(layer, &layer->moments);
    if (pass->watch || pass->moments)
        team_run_in_order(&model->team, n_chunks, pass, test_chunk,
                          settle_test_chunk);
    else
        team_run(&model->team, n_chunks, pass, test_chunk);
    if (layer->spiking.neuron->gathers && model->clean)
        model_gather(model, layer, pass->batch->n);
    model_fit_surrogate(model, layer, pass->batch->n);
}

static struct pass begin_pass(struct model *model,
                              const struct model_batch *batch,
                              const struct model_watch *watch)
{
    struct pass pass = {.model = model,
                        .batch = batch,
                        .watch = watch,
                        .n_shares = team_count_shares(&model->team, batch->n)};
    MUST(batch->n <= model->n_images);
    team_run(&model->team, pass.n_shares, &pass, encode_share);
    return pass;
}

void model_forward_train(struct model *model, const struct model_batch *batch)
{
    struct pass pass = begin_pass(model, batch, NULL);
    pass.moments = regularizer_watches(model->regularizer) ||
                   model_fits_moments(model);
    model_draw(model, batch, true);
    for (; pass.i < model->n_layers; pass.i++)
        forward_layer_train(&pass);
    model->has_currents = true;
    model_read_out(model, batch->n);
    if (model->n_readings > 1)
        model_read_steps_out(model, batch->n);
}

void model_forward_test(struct model *model, const struct model_batch *batch,
                        const struct model_watch *watch)
{
    struct pass pass = begin_pass(model, batch, watch);
    pass.moments = model_takes_moments(model);
    model_draw(model, batch, false);
    for (; pass.i < model->n_layers; pass.i++)
        forward_layer_test(&pass);
    model->has_currents = true;
    model_read_out(model, batch->n);
}

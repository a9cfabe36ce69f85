/* A model's memory. */
#include "core/loss.h"
#include "core/model_fit.h"
#include "core/model_parts.h"

#include <string.h>

static size_t largest(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* What somebody wants to know of the membranes. */
struct wanted {
    bool moments, spikes;
    struct potential_term term;
};

static struct moments take_moments(size_t n, struct wanted wanted,
                                   struct arena *arena)
{
    struct moments moments = {.pivot = ARENA_ARRAY(arena, float, n),
                              .sum = ARENA_ARRAY(arena, double, n),
                              .sum_squares = ARENA_ARRAY(arena, double, n),
                              .term = wanted.term};
    if (wanted.spikes)
        moments.n_spikes = ARENA_ARRAY(arena, double, n);
    return moments;
}

static void take_regularizer(struct layer *layer, struct wanted wanted,
                             struct arena *arena)
{
    size_t n = model_count_pairs(layer);
    layer->moments = take_moments(n, wanted, arena);
    layer->mu = ARENA_ARRAY(arena, float, n);
    layer->sigma = ARENA_ARRAY(arena, float, n);
    layer->offset = ARENA_ARRAY(arena, float, n);
    layer->slope = ARENA_ARRAY(arena, float, n);
}

static void take_fit(struct layer *layer, struct arena *arena)
{
    size_t n = model_count_pairs(layer);
    layer->inverse = ARENA_ARRAY(arena, float, n);
    layer->center = ARENA_ARRAY(arena, float, n);
    layer->spiking.inverse = layer->inverse;
    layer->spiking.center = layer->center;
}

/* With statistics of the batch a gradient is nowhere zero, without them it is
 * where a surrogate's support ends. */
static void choose_ways(struct layer *layer, const struct tuning *tuning,
                        enum model_purpose purpose)
{
    struct branch *main = &layer->main;
    if (!layer->spiking.constant)
        operation_choose(&main->operation, tuning, TUNING_FORWARD);
    if (!layer->spiking.constant && purpose == MODEL_TRAIN)
        operation_choose(&main->operation, tuning, TUNING_WEIGHTS);
    if (!main->norm.active || purpose != MODEL_TRAIN)
        operation_choose(&main->reversed, tuning, TUNING_INPUT);
}

static void take_branch(struct branch *branch, size_t n_workers,
                        struct arena *arena)
{
    if (branch->n_weights == 0)
        return;
    operation_lay_out(&branch->operation, n_workers, arena);
    operation_lay_out(&branch->reversed, n_workers, arena);
    if (branch->norm.n_channels > 0)
        batch_norm_lay_out(&branch->norm, n_workers, arena);
}

/* Currents that a later layer takes, before their normalization, are kept. */
static bool keeps_currents(const struct model *model, size_t i)
{
    for (size_t k = i + 1; k < model->n_layers; k++) {
        const struct layer *later = &model->layers[k];
        if (model_adds_before(later) && later->from == i &&
            later->has_shortcut == SHORTCUT_IDENTITY)
            return true;
    }
    return false;
}

/* What its neurons take, for a later layer. */
static bool is_carried(const struct model *model, size_t i)
{
    for (size_t k = i + 1; k < model->n_layers; k++)
        if (model_adds_after(&model->layers[k]) &&
            model->layers[k].join == JOIN_MEMBRANE &&
            model->layers[k].from == i)
            return true;
    return false;
}

static void take_layer(const struct model *model, size_t i,
                       struct wanted wanted, struct arena *arena)
{
    struct layer *layer = &model->layers[i];
    size_t n_images = model->n_images;
    size_t n_steps = layer->spiking.n_steps;
    take_branch(&layer->main, model->team.n_workers, arena);
    take_branch(&layer->shortcut, model->team.n_workers, arena);
    layer->spiking.scale = layer->main.norm.scale;
    layer->spiking.shift = layer->main.norm.shift;
    layer->spiking.stride_norm =
        layer->main.norm.n_steps > 1 ? layer->main.norm.n_channels : 0;
    layer->counts =
        ARENA_ARRAY(arena, uint8_t, n_images * n_steps * layer->n_out);
    if (is_carried(model, i))
        layer->carried = ARENA_ARRAY(arena, float,
                                     n_images * model_count_carried(layer));
    if (wanted.moments)
        take_regularizer(layer, wanted, arena);
    model_take_attention(layer, n_images, arena);
    if (model_fits(&layer->spiking))
        take_fit(layer, arena);
    model_take_sharpness(layer, n_images, arena);
}

static struct wanted what_is_wanted(const struct model *model,
                                    enum model_purpose purpose)
{
    const struct choice *choice = &model->spec->at[SPEC_REGULARIZER];
    const struct regularizer *regularizer = model->regularizer;
    bool follows = neuron_of(model->spec->at[SPEC_NEURON].kind)->follow;
    struct wanted wanted = {.moments = model_fits_moments(model)};
    if (purpose != MODEL_TRAIN)
        return wanted;
    wanted.moments |= regularizer_watches(regularizer) || follows;
    wanted.spikes = regularizer_counts(regularizer, choice->params);
    wanted.term = (struct potential_term){choice->params, regularizer->value,
                                          regularizer->slope};
    return wanted;
}

static size_t count_winograd(const struct operation *operation)
{
    return operation->transforms ? winograd_count_scratch(&operation->winograd)
                                 : 0;
}

/* What a branch needs of model->turned and of a worker's winograd, both ways.
 */
static void count_turned(const struct branch *branch, size_t *n_turned,
                         size_t *n_winograd)
{
    const struct operation *forward = &branch->operation;
    const struct operation *reversed = &branch->reversed;
    if (branch->n_weights == 0)
        return;
    *n_turned = largest(*n_turned, operation_count_transformed(forward));
    *n_turned = largest(*n_turned, operation_count_reversed(reversed));
    *n_winograd = largest(*n_winograd, count_winograd(forward));
    *n_winograd = largest(*n_winograd, count_winograd(reversed));
}

/* Scratch of each worker. */
static void take_scratch(struct model *model, size_t n_winograd, size_t n_own,
                         struct wanted wanted, struct arena *arena)
{
    size_t n_pairs = 0, n_attention = 0, n_workers = model->team.n_workers;
    size_t n_encoding = model->encoding->n_scratch * image_size(model->shape);
    for (size_t i = 0; i < model->n_layers; i++) {
        n_pairs = largest(n_pairs, model_count_pairs(&model->layers[i]));
        n_attention = largest(n_attention, model->layers[i].attention.n);
    }
    model->scratch = ARENA_ARRAY(arena, struct model_scratch, n_workers);
    for (size_t i = 0; i < n_workers; i++) {
        struct model_scratch own = {
            .winograd = ARENA_ARRAY(arena, float, n_winograd),
            .encoding = ARENA_ARRAY(arena, float, n_encoding),
            .d_own = ARENA_ARRAY(arena, double, n_own)};
        if (n_attention > 0) {
            own.currents = ARENA_ARRAY(arena, float, n_attention);
            own.d_a = ARENA_ARRAY(arena, float, 2 * n_attention);
        }
        if (wanted.moments) {
            own.moments = take_moments(n_pairs, wanted, arena);
            own.moments.partial = ARENA_ARRAY(
                arena, float, (wanted.spikes ? 3 : 2) * n_pairs);
        }
        if (model->scratch)
            model->scratch[i] = own;
    }
}

/* The buffers that all layers share, as large as the largest needs. */
static void take_shared(struct model *model, enum model_purpose purpose,
                        struct arena *arena)
{
    size_t n_shared = 0, n_own = 0;
    size_t n_turned = model->n_features * model->n_classes;
    size_t n_winograd = 0;
    for (size_t i = 0; i < model->n_layers; i++) {
        const struct layer *layer = &model->layers[i];
        count_turned(&layer->main, &n_turned, &n_winograd);
        count_turned(&layer->shortcut, &n_turned, &n_winograd);
        if (layer->shares_y)
            n_shared = largest(n_shared, model_count_currents(&layer->main));
        if (purpose == MODEL_TRAIN)
            n_own = largest(n_own, model_count_own(layer));
        if (purpose == MODEL_TRAIN && layer->spiking.neuron->gathers)
            n_own = largest(n_own, spiking_count_own(&layer->spiking, 0));
    }
    take_scratch(model, n_winograd, n_own, what_is_wanted(model, purpose),
                 arena);
    model->d_own = ARENA_ARRAY(arena, double, n_own);
    model->turned = ARENA_ARRAY(arena, float, n_turned);
    model->shared = ARENA_ARRAY(arena, float, model->n_images * n_shared);
    model->large = ARENA_ARRAY(arena, float, model_count_large(model));
}

static void take_readout(struct model *model, struct arena *arena)
{
    size_t n = model->n_images, n_read = n * model->n_readings;
    size_t n_features = model->n_features, n_classes = model->n_classes;
    model->features = ARENA_ARRAY(arena, float, n * n_features);
    model->d_features = ARENA_ARRAY(arena, float, n_read * n_features);
    model->d_averaged = model->d_features;
    if (model->n_averaged > 1)
        model->d_averaged = ARENA_ARRAY(
            arena, float, n_read * model->n_averaged * n_features);
    model->logits = ARENA_ARRAY(arena, float, n * n_classes);
    model->d_logits = ARENA_ARRAY(arena, float, n * n_classes);
    model->readings = model->features;
    model->read_logits = model->logits;
    model->d_read_logits = model->d_logits;
    if (model->n_readings == 1)
        return;
    model->readings = ARENA_ARRAY(arena, float, n_read * n_features);
    model->read_logits = ARENA_ARRAY(arena, float, n_read * n_classes);
    model->d_read_logits = ARENA_ARRAY(arena, float, n_read * n_classes);
}

static void take_followed(struct layer *layer, enum model_purpose purpose,
                          struct arena *arena)
{
    if (purpose == MODEL_TRAIN && layer->spiking.neuron->momentum)
        layer->followed = ARENA_ARRAY(arena, float,
                                      spiking_count_own(&layer->spiking, 0));
}

static void take_model(struct model *model, const struct tuning *tuning,
                       enum model_purpose purpose, struct arena *arena)
{
    size_t n = model->n_images;
    size_t n_encoded = model->encoding->constant ? 1 : model->n_steps;
    struct wanted wanted = what_is_wanted(model, purpose);
    model->weights = ARENA_ARRAY(arena, float, model->n_values);
    model->encoded =
        ARENA_ARRAY(arena, float, n_encoded * n * image_size(model->input));
    for (size_t i = 0; i < model->n_layers; i++) {
        choose_ways(&model->layers[i], tuning, purpose);
        take_layer(model, i, wanted, arena);
        take_followed(&model->layers[i], purpose, arena);
    }
    take_shared(model, purpose, arena);
    if (purpose == MODEL_TRAIN)
        model->gradients = ARENA_ARRAY(arena, float, model->n_parameters);
    take_readout(model, arena);
}

/* Normalization reads its tensors out of the flat vector. */
static void bind_branch(const struct model *model, struct branch *branch)
{
    branch->norm.weight = model->weights + branch->at.scale;
    branch->norm.bias = model->weights + branch->at.shift;
    branch->norm.running_mean = model->weights + branch->at.mean;
    branch->norm.running_variance = model->weights + branch->at.variance;
}

/* The neurons read what the shortcut adds where it lies. */
static void bind_shortcut(const struct model *model, struct layer *layer)
{
    size_t n_step = layer->n_pixels * layer->spiking.n_channels;
    if (model_joins_spikes(layer)) {
        layer->spiking.join = layer->join;
        layer->spiking.joined = model_taken(model, layer);
    }
    if (!model_adds_after(layer))
        return;
    if (layer->has_shortcut == SHORTCUT_IDENTITY)
        layer->spiking.added = model_taken(model, layer);
    if (layer->has_shortcut != SHORTCUT_CONVOLUTION)
        return;
    layer->spiking.added =
        (struct source){.floats = layer->taken,
                        .stride_image = model->n_steps * n_step,
                        .stride_step = n_step};
    layer->spiking.added_scale = layer->shortcut.norm.scale;
    layer->spiking.added_shift = layer->shortcut.norm.shift;
}

static void bind_tensors(struct model *model)
{
    model_bind_large(model);
    for (size_t i = 0; i < model->n_layers; i++) {
        struct layer *layer = &model->layers[i];
        bind_branch(model, &layer->main);
        bind_branch(model, &layer->shortcut);
        bind_shortcut(model, layer);
        for (size_t k = 0; k < layer->spiking.neuron->n_tensors; k++)
            layer->spiking.own[k] = model->weights + layer->own[k];
    }
}

struct model *model_lay_out(const struct spec *spec,
                            const struct data_set *data, size_t n_images,
                            enum model_purpose purpose,
                            struct trial_means means, struct arena *arena)
{
    struct layer layers[NETWORK_BLOCKS_MAX] = {{.n_out = 0}};
    struct model head = model_shape(spec, data, purpose, layers);
    head.n_images = n_images;
    head.team.n_workers = means.n_threads > 0 ? means.n_threads : 1;
    head.i_shared = head.n_layers;
    head.n_readings = 1;
    if (purpose == MODEL_TRAIN && loss_of(spec->at[SPEC_LOSS].kind)->each_step)
        head.n_readings = head.n_steps;
    for (size_t i = 0; i < head.n_layers; i++)
        layers[i].shares_y = means.recompute && !keeps_currents(&head, i);
    struct model *model = ARENA_ARRAY(arena, struct model, 1);
    struct layer *own = ARENA_ARRAY(arena, struct layer, head.n_layers);
    take_model(&head, means.tuning ? means.tuning : &tuning_builtin, purpose,
               arena);
    if (arena->counting)
        return NULL;
    bind_tensors(&head);
    memcpy(own, layers, head.n_layers * sizeof *own);
    *model = head;
    model->layers = own;
    model_forget(model, 0, n_images);
    return model;
}

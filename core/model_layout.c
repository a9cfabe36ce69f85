/* A model's shapes, tensors and memory. */
#include "core/model.h"
#include "core/normalization.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CHUNK_ROWS = 256 }; /* pixels of all steps that a chunk should have */

/* The image that goes from layer to layer while they are laid out. */
struct flow {
    size_t height, width, n_channels;
    bool constant;
};

static void shape_operation(struct layer *layer, const struct block *block,
                            struct flow flow, size_t n_steps)
{
    bool linear = block->operation == BLOCK_LINEAR;
    layer->operation = (struct operation){
        .kind = block->operation,
        .height = linear ? 1 : flow.height,
        .width = linear ? 1 : flow.width,
        .n_in = linear ? flow.height * flow.width * flow.n_channels
                       : flow.n_channels,
        .n_out = block->n_out,
        .n_steps = flow.constant ? 1 : n_steps,
    };
}

static void shape_spiking(struct layer *layer, const struct block *block,
                          const struct spec *spec, size_t n_steps)
{
    const struct choice *neuron = &spec->at[SPEC_NEURON];
    const struct choice *surrogate = &spec->at[SPEC_SURROGATE];
    layer->spiking = (struct spiking){
        .neuron = neuron_of(neuron->kind),
        .neuron_params = neuron->params,
        .surrogate = surrogate_of(surrogate->kind),
        .surrogate_params = surrogate->params,
        .n_steps = n_steps,
        .height = layer->operation.height,
        .width = layer->operation.width,
        .n_channels = block->n_out,
        .pool = block->pool,
    };
}

static void shape_norm(struct layer *layer, const struct block *block,
                       const struct spec *spec)
{
    const struct choice *choice = &spec->at[SPEC_NORMALIZATION];
    const struct normalization *normalization = normalization_of(choice->kind);
    const struct normalization_params *params = choice->params;
    double threshold =
        layer->spiking.neuron->threshold(layer->spiking.neuron_params);
    layer->norm = (struct batch_norm){
        .active = block->normalized && normalization->uses_statistics,
        .n_channels = block->n_out,
    };
    if (!layer->norm.active)
        return;
    layer->norm.gain = normalization->gain(params, threshold);
    layer->norm.momentum = params->momentum;
    layer->norm.epsilon = params->epsilon;
}

static void shape_layer(struct layer *layer, const struct block *block,
                        const struct spec *spec, size_t n_steps,
                        struct flow *flow)
{
    shape_operation(layer, block, *flow, n_steps);
    shape_spiking(layer, block, spec, n_steps);
    layer->spiking.constant = flow->constant;
    shape_norm(layer, block, spec);
    layer->n_weights = operation_fan_in(&layer->operation) * block->n_out;
    layer->n_pixels = layer->operation.height * layer->operation.width;
    flow->height = spiking_pooled_height(&layer->spiking);
    flow->width = spiking_pooled_width(&layer->spiking);
    flow->n_channels = block->n_out;
    flow->constant = false;
    layer->n_out = flow->height * flow->width * flow->n_channels;
    size_t rows = layer->n_pixels * layer->operation.n_steps;
    layer->chunk = rows < CHUNK_ROWS ? CHUNK_ROWS / rows : 1;
}

/* Places of the tensors: parameters of all layers, the read-out's, then the
 * running statistics. */
static void place_tensors(struct model *model)
{
    size_t at = 0;
    for (size_t i = 0; i < model->n_layers; i++) {
        struct layer *layer = &model->layers[i];
        size_t n_channels = layer->norm.n_channels;
        layer->at.weight = at;
        at += layer->n_weights;
        layer->at.scale = at;
        at += layer->norm.active ? n_channels : 0;
        layer->at.shift = at;
        at += n_channels;
    }
    model->readout_weight = at;
    model->readout_bias = at + model->n_features * model->n_classes;
    model->n_parameters = model->readout_bias + model->n_classes;
    at = model->n_parameters;
    for (size_t i = 0; i < model->n_layers; i++) {
        struct layer *layer = &model->layers[i];
        size_t n = layer->norm.active ? layer->norm.n_channels : 0;
        layer->at.mean = at;
        layer->at.variance = at + n;
        at += 2 * n;
    }
    model->n_values = at;
}

static size_t largest(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void take_moments(struct layer *layer, struct arena *arena)
{
    size_t n = layer->spiking.n_steps * layer->spiking.n_channels;
    layer->moments.pivot = ARENA_ARRAY(arena, float, n);
    layer->moments.sum = ARENA_ARRAY(arena, double, n);
    layer->moments.sum_squares = ARENA_ARRAY(arena, double, n);
    layer->moments.partial = ARENA_ARRAY(arena, float, 2 * n);
    layer->mu = ARENA_ARRAY(arena, float, n);
    layer->sigma = ARENA_ARRAY(arena, float, n);
    layer->offset = ARENA_ARRAY(arena, float, n);
    layer->slope = ARENA_ARRAY(arena, float, n);
}

static void take_layer(struct layer *layer, size_t n_images, bool moments,
                       struct arena *arena)
{
    size_t n_steps = layer->spiking.n_steps;
    size_t n_currents =
        layer->operation.n_steps * layer->n_pixels * layer->operation.n_out;
    operation_lay_out(&layer->operation, arena);
    layer->reversed = operation_reversed(&layer->operation);
    operation_lay_out(&layer->reversed, arena);
    batch_norm_lay_out(&layer->norm, arena);
    layer->spiking.scale = layer->norm.scale;
    layer->spiking.shift = layer->norm.shift;
    layer->y = ARENA_ARRAY(arena, float, n_images * n_currents);
    layer->counts =
        ARENA_ARRAY(arena, uint8_t, n_images * n_steps * layer->n_out);
    if (moments)
        take_moments(layer, arena);
}

/* The buffers that all layers share, as large as the largest needs. */
static void take_shared(struct model *model, enum model_purpose purpose,
                        struct arena *arena)
{
    size_t n_reversed = model->n_features * model->n_classes;
    size_t n_currents = 0;
    size_t n_inputs = model->n_steps * image_size(model->shape);
    for (size_t i = 0; i < model->n_layers; i++) {
        const struct layer *layer = &model->layers[i];
        n_reversed = largest(n_reversed, layer->n_weights);
        n_currents = largest(n_currents, layer->operation.n_steps *
                                             layer->n_pixels *
                                             layer->operation.n_out);
        n_inputs = largest(n_inputs, model->n_steps * layer->n_out);
    }
    model->reversed = ARENA_ARRAY(arena, float, n_reversed);
    model->d_z = ARENA_ARRAY(arena, float, model->n_images * n_currents);
    model->d_counts = ARENA_ARRAY(arena, float, model->n_images * n_inputs);
    if (!model->encoding->sums)
        model->d_encoded =
            ARENA_ARRAY(arena, float,
                        model->n_images * model->n_steps *
                            image_size(model->shape));
    if (purpose == MODEL_TRAIN)
        model->gradients = ARENA_ARRAY(arena, float, model->n_parameters);
}

static void take_model(struct model *model, enum model_purpose purpose,
                       struct arena *arena)
{
    size_t n = model->n_images;
    size_t n_encoded = model->encoding->constant ? 1 : model->n_steps;
    bool moments = purpose == MODEL_TRAIN && model->regularizer->moments;
    model->weights = ARENA_ARRAY(arena, float, model->n_values);
    model->encoded =
        ARENA_ARRAY(arena, float, n_encoded * n * image_size(model->shape));
    for (size_t i = 0; i < model->n_layers; i++)
        take_layer(&model->layers[i], n, moments, arena);
    take_shared(model, purpose, arena);
    model->features = ARENA_ARRAY(arena, float, n * model->n_features);
    model->d_features = ARENA_ARRAY(arena, float, n * model->n_features);
    model->logits = ARENA_ARRAY(arena, float, n * model->n_classes);
    model->d_logits = ARENA_ARRAY(arena, float, n * model->n_classes);
}

/* Normalization reads its tensors out of the flat vector. */
static void bind_tensors(struct model *model)
{
    for (size_t i = 0; i < model->n_layers; i++) {
        struct layer *layer = &model->layers[i];
        layer->norm.weight = model->weights + layer->at.scale;
        layer->norm.bias = model->weights + layer->at.shift;
        layer->norm.running_mean = model->weights + layer->at.mean;
        layer->norm.running_variance = model->weights + layer->at.variance;
    }
}

/* The model's head, with shapes but without memory; layers are in `layers`. */
static struct model shape_model(const struct spec *spec,
                                const struct data_set *data,
                                struct layer layers[NETWORK_BLOCKS_MAX])
{
    const struct choice *choice = &spec->at[SPEC_NETWORK];
    const struct network_common *common = choice->params;
    struct block blocks[NETWORK_BLOCKS_MAX] = {{0}};
    struct model model = {
        .spec = spec,
        .encoding = encoding_of(spec->at[SPEC_ENCODING].kind),
        .regularizer = regularizer_of(spec->at[SPEC_REGULARIZER].kind),
        .n_steps = common->n_steps,
        .n_classes = data->n_classes,
        .shape = data->shape,
        .pixel_mean = data->mean,
        .pixel_deviation = data->deviation,
        .layers = layers,
        .n_layers = network_of(choice->kind)->describe(choice->params, blocks),
    };
    struct flow flow = {data->shape.height, data->shape.width,
                        data->shape.n_channels, model.encoding->constant};
    for (size_t i = 0; i < model.n_layers; i++)
        shape_layer(&layers[i], &blocks[i], spec, model.n_steps, &flow);
    model.n_features = flow.height * flow.width * flow.n_channels;
    place_tensors(&model);
    return model;
}

struct model *model_lay_out(const struct spec *spec,
                            const struct data_set *data, size_t n_images,
                            enum model_purpose purpose, struct arena *arena)
{
    struct layer layers[NETWORK_BLOCKS_MAX] = {{.n_out = 0}};
    struct model head = shape_model(spec, data, layers);
    head.n_images = n_images;
    struct model *model = ARENA_ARRAY(arena, struct model, 1);
    struct layer *own = ARENA_ARRAY(arena, struct layer, head.n_layers);
    take_model(&head, purpose, arena);
    if (arena->counting)
        return NULL;
    bind_tensors(&head);
    memcpy(own, layers, head.n_layers * sizeof *own);
    *model = head;
    model->layers = own;
    return model;
}

size_t model_count_parameters(const struct spec *spec,
                              const struct data_set *data)
{
    struct layer layers[NETWORK_BLOCKS_MAX] = {{.n_out = 0}};
    return shape_model(spec, data, layers).n_parameters;
}

size_t model_count_values(const struct spec *spec, const struct data_set *data)
{
    struct layer layers[NETWORK_BLOCKS_MAX] = {{.n_out = 0}};
    return shape_model(spec, data, layers).n_values;
}

/* trial_places --------------------------------------------------------- */

struct places {
    struct tensor_place *at;
    size_t n;
};

static struct tensor_place *add_place(struct places *places, size_t offset,
                                      const char *owner, size_t i,
                                      const char *what)
{
    struct tensor_place *place = &places->at[places->n++];
    *place = (struct tensor_place){.offset = offset};
    if (i == SIZE_MAX)
        snprintf(place->name, sizeof place->name, "%s.%s", owner, what);
    else
        snprintf(place->name, sizeof place->name, "%s%zu.%s", owner, i, what);
    return place;
}

static void set_extents(struct tensor_place *place, size_t rank, size_t a,
                        size_t b, size_t c, size_t d)
{
    size_t extents[4] = {a, b, c, d};
    place->rank = rank;
    memcpy(place->extent, extents, sizeof extents);
}

static void add_layer(struct places *places, const struct layer *layer,
                      size_t i)
{
    const struct operation *operation = &layer->operation;
    size_t n_in = operation->n_in, n = operation->n_out;
    struct tensor_place *weight =
        add_place(places, layer->at.weight, "block", i, "weight");
    if (operation->kind == BLOCK_CONVOLUTION)
        set_extents(weight, 4, 3, 3, n_in, n);
    else
        set_extents(weight, 2, n_in, n, 0, 0);
    set_extents(add_place(places, layer->at.shift, "block", i, "shift"), 1, n,
                0, 0, 0);
    if (!layer->norm.active)
        return;
    set_extents(add_place(places, layer->at.scale, "block", i, "scale"), 1, n,
                0, 0, 0);
    set_extents(add_place(places, layer->at.mean, "block", i, "running_mean"),
                1, n, 0, 0, 0);
    set_extents(
        add_place(places, layer->at.variance, "block", i, "running_variance"),
        1, n, 0, 0, 0);
}

size_t trial_places(const struct spec *spec, const struct data_set *data,
                    struct tensor_place places[TRIAL_TENSORS_MAX])
{
    struct layer layers[NETWORK_BLOCKS_MAX] = {{.n_out = 0}};
    struct model model = shape_model(spec, data, layers);
    struct places list = {places, 0};
    for (size_t i = 0; i < model.n_layers; i++)
        add_layer(&list, &layers[i], i);
    set_extents(add_place(&list, model.readout_weight, "readout", SIZE_MAX,
                          "weight"),
                2, model.n_features, model.n_classes, 0, 0);
    set_extents(
        add_place(&list, model.readout_bias, "readout", SIZE_MAX, "bias"), 1,
        model.n_classes, 0, 0, 0);
    return list.n;
}

/* A model's shapes. */
#include "core/conversion.h"
#include "core/model_parts.h"
#include "core/normalization.h"

enum { CHUNK_ROWS = 256 }; /* pixels of all steps that a chunk should have */

/* The image that goes from layer to layer while they are shaped. */
struct flow {
    size_t height, width, n_channels;
    bool constant;
    size_t most; /* the largest count of spikes */
};

static struct operation shape_linear(size_t n_out, struct flow flow)
{
    return (struct operation){
        .kind = BLOCK_LINEAR,
        .size = 1,
        .stride = 1,
        .height = 1,
        .width = 1,
        .out_height = 1,
        .out_width = 1,
        .n_in = flow.height * flow.width * flow.n_channels,
        .n_out = n_out,
    };
}

static struct operation shape_convolution(size_t size, size_t stride,
                                          size_t n_out, struct flow flow)
{
    return (struct operation){
        .kind = BLOCK_CONVOLUTION,
        .size = size,
        .stride = stride,
        .height = flow.height,
        .width = flow.width,
        .out_height = operation_strided(flow.height, stride),
        .out_width = operation_strided(flow.width, stride),
        .n_in = flow.n_channels,
        .n_out = n_out,
    };
}

static struct batch_norm shape_norm(const struct block *block,
                                    const struct spec *spec, size_t n_steps,
                                    double threshold)
{
    const struct choice *choice = &spec->at[SPEC_NORMALIZATION];
    const struct normalization *normalization = normalization_of(choice->kind);
    const struct normalization_params *params = choice->params;
    bool added =
        block->shortcut != SHORTCUT_NONE &&
        (block->join == JOIN_NORMALIZED || block->join == JOIN_MEMBRANE);
    struct batch_norm norm = {
        .active = block->normalized && normalization->uses_statistics,
        .n_channels = block->n_out,
    };
    if (!norm.active)
        return norm;
    norm.no_bias = normalization->by_step;
    norm.n_steps = normalization->by_step ? n_steps : 1;
    norm.gain = normalization->gain(params, threshold, added ? 2 : 1);
    norm.momentum = params->momentum;
    norm.epsilon = params->epsilon;
    return norm;
}

static struct operation shape_reversed(const struct operation *operation,
                                       const struct spec *spec)
{
    const struct network_common *common = spec->at[SPEC_NETWORK].params;
    struct operation reversed = operation_reversed(operation);
    reversed.bf16 = common->precision == PRECISION_BF16;
    if (reversed.bf16)
        winograd_use_bf16(&reversed.winograd);
    return reversed;
}

static struct branch shape_branch(struct operation operation, size_t n_steps,
                                  struct batch_norm norm,
                                  const struct spec *spec)
{
    operation.n_steps = n_steps;
    return (struct branch){
        .operation = operation,
        .reversed = shape_reversed(&operation, spec),
        .norm = norm,
        .n_weights = operation_fan_in(&operation) * operation.n_out,
    };
}

static struct spiking shape_spiking(const struct block *block,
                                    const struct spec *spec)
{
    const struct choice *neuron = &spec->at[SPEC_NEURON];
    struct surrogate_use trained = surrogate_in_training(spec);
    return (struct spiking){
        .neuron = neuron_of(neuron->kind),
        .neuron_params = neuron->params,
        .surrogate = trained.surrogate,
        .surrogate_params = trained.params,
        .sharpness = trained.sharpness,
        .learns_width = trained.surrogate->learns_width,
        .rule = backward_rule_in_training(),
        .n_channels = block->n_out,
        .pool = block->pool,
    };
}

/* The shortcut must arrive in the shape of the main branch. */
static void shape_shortcut(struct layer *layer, const struct block *block,
                           const struct spec *spec, size_t n_steps,
                           struct flow from)
{
    if (block->shortcut == SHORTCUT_NONE)
        return;
    const struct operation *main = &layer->main.operation;
    struct operation operation =
        shape_convolution(1, block->shortcut_stride, block->n_out, from);
    struct batch_norm norm = layer->main.norm;
    if (block->join == JOIN_CURRENTS)
        norm = (struct batch_norm){.n_channels = 0};
    layer->has_shortcut = block->shortcut;
    layer->join = block->join;
    layer->from = block->from;
    MUST(!layer->spiking.constant);
    MUST(operation.out_height == main->out_height &&
         operation.out_width == main->out_width);
    if (block->shortcut == SHORTCUT_CONVOLUTION)
        layer->shortcut = shape_branch(operation, n_steps, norm, spec);
    else
        MUST(from.n_channels == block->n_out && block->shortcut_stride == 1);
}

static void shape_attention(struct layer *layer, const struct spec *spec)
{
    const struct choice *choice = &spec->at[SPEC_ATTENTION];
    const struct attention *attention = attention_of(choice->kind);
    if (!attention->n_hidden)
        return;
    layer->attention.n = model_count_pairs(layer);
    layer->attention.n_hidden =
        attention->n_hidden(choice->params, layer->attention.n);
}

/* Returns what the layer makes of the flow. */
static struct flow shape_layer(struct layer *layer, const struct block *block,
                               const struct spec *spec, size_t n_steps,
                               struct flow flow)
{
    struct operation operation =
        block->operation == BLOCK_LINEAR
            ? shape_linear(block->n_out, flow)
            : shape_convolution(block->size, block->stride, block->n_out, flow);
    size_t n_distinct = flow.constant ? 1 : n_steps;
    layer->spiking = shape_spiking(block, spec);
    layer->spiking.n_steps = n_steps;
    layer->spiking.constant = flow.constant;
    layer->spiking.height = operation.out_height;
    layer->spiking.width = operation.out_width;
    double threshold =
        layer->spiking.neuron->threshold(layer->spiking.neuron_params);
    layer->main = shape_branch(operation, n_distinct,
                               shape_norm(block, spec, n_steps, threshold),
                               spec);
    layer->n_pixels = operation.out_height * operation.out_width;
    layer->main.norm.n_pixels = layer->n_pixels;
    shape_attention(layer, spec);
    layer->main.norm.spread =
        flow.constant && model_tells_steps(layer) ? n_steps : 1;
    struct flow after = {spiking_pooled_height(&layer->spiking),
                         spiking_pooled_width(&layer->spiking), block->n_out,
                         false, block->pool == POOL_AVERAGE ? 4 : 1};
    layer->n_out = after.height * after.width * after.n_channels;
    size_t rows = layer->n_pixels * n_distinct;
    layer->chunk = rows < CHUNK_ROWS ? CHUNK_ROWS / rows : 1;
    return after;
}

enum { COUNT_MAX = 255 }; /* of spikes, in a byte */

/* What joined spikes add up to at most. */
static void join_flow(const struct layer *layer, struct flow from,
                      struct flow *flow)
{
    if (layer->has_shortcut == SHORTCUT_NONE ||
        !network_joins_spikes(layer->join))
        return;
    MUST(layer->has_shortcut == SHORTCUT_IDENTITY &&
         layer->spiking.pool == POOL_NONE);
    flow->most = layer->join == JOIN_ADD ? from.most + 1 : from.most;
    MUST(flow->most <= COUNT_MAX);
}

static void shape_gates(struct model *model)
{
    bool gated = gate_take_law(model->spec, &model->gate);
    for (size_t i = 0; gated && i < model->n_layers; i++) {
        struct layer *layer = &model->layers[i];
        bool is_last = i + 1 == model->n_layers;
        layer->gated = !model->gate.only_linear || is_last ||
                       layer[1].main.operation.kind == BLOCK_LINEAR;
        if (model->gate.learned)
            layer->n_gates = layer->n_pixels * layer->spiking.n_channels;
    }
}

/* What is trained keeps its surrogate; an attack brings its own, and its
 * rule. */
static void arm_layers(struct model *model)
{
    struct surrogate_use use = surrogate_in_attack(model->spec);
    for (size_t i = 0; i < model->n_layers; i++) {
        struct spiking *spiking = &model->layers[i].spiking;
        spiking->surrogate = use.surrogate;
        spiking->surrogate_params = use.params;
        spiking->sharpness = use.sharpness;
        spiking->foreign = use.foreign;
        spiking->rule = backward_rule_in_attack(model->spec);
    }
}

static void shape_layers(struct model *model)
{
    const struct spec *spec = model->spec;
    const struct choice *choice = &spec->at[SPEC_NETWORK];
    const struct network *network = network_of(choice->kind);
    struct block blocks[NETWORK_BLOCKS_MAX] = {{0}};
    struct flow flows[NETWORK_BLOCKS_MAX + 1] = {
        {model->input.height, model->input.width, model->input.n_channels,
         model->encoding->constant, 0}};
    model->n_layers = network->describe(choice->params, blocks);
    for (size_t i = 0; i < model->n_layers; i++) {
        struct layer *layer = &model->layers[i];
        layer->input = i - blocks[i].skips;
        flows[i + 1] = shape_layer(layer, &blocks[i], spec, model->n_steps,
                                   flows[layer->input]);
        layer->spiking.n_levels = model->n_levels;
        MUST(blocks[i].shortcut == SHORTCUT_NONE || blocks[i].from < i);
        MUST(blocks[i].join == JOIN_NORMALIZED ||
             blocks[blocks[i].from].pool == POOL_NONE);
        shape_shortcut(layer, &blocks[i], spec, model->n_steps,
                       flows[blocks[i].from + 1]);
        join_flow(layer, flows[blocks[i].from + 1], &flows[i + 1]);
    }
    struct flow last = flows[model->n_layers];
    model->n_averaged =
        network->global_average ? last.height * last.width : 1;
    model->n_features =
        last.height * last.width * last.n_channels / model->n_averaged;
}

struct model model_shape(const struct spec *spec, const struct data_set *data,
                         enum model_purpose purpose,
                         struct layer layers[NETWORK_BLOCKS_MAX])
{
    const struct network_common *common = spec->at[SPEC_NETWORK].params;
    const struct choice *choice = &spec->at[SPEC_ENCODING];
    const struct encoding *encoding = encoding_of(choice->kind);
    size_t n_levels =
        purpose == MODEL_ATTACK ? 0 : conversion_count_levels(spec);
    size_t n_steps = n_levels > 0 ? 1 : common->n_steps;
    struct model model = {
        .spec = spec,
        .encoding = encoding,
        .regularizer = regularizer_of(spec->at[SPEC_REGULARIZER].kind),
        .n_steps = n_steps,
        .n_levels = n_levels,
        .n_classes = data->n_classes,
        .shape = data->shape,
        .input = encoding_shape(encoding, choice->params, data->shape,
                                n_steps),
        .pixel_mean = data->mean,
        .pixel_deviation = data->deviation,
        .layers = layers,
    };
    shape_layers(&model);
    if (purpose != MODEL_TRAIN)
        arm_layers(&model);
    shape_gates(&model);
    model_place_tensors(&model);
    return model;
}

size_t model_count_parameters(const struct spec *spec,
                              const struct data_set *data)
{
    struct layer layers[NETWORK_BLOCKS_MAX] = {{.n_out = 0}};
    return model_shape(spec, data, MODEL_ATTACK, layers).n_parameters;
}

size_t model_count_weights(const struct spec *spec,
                           const struct data_set *data)
{
    struct layer layers[NETWORK_BLOCKS_MAX] = {{.n_out = 0}};
    return model_shape(spec, data, MODEL_ATTACK, layers).first_gate;
}

size_t model_count_values(const struct spec *spec, const struct data_set *data)
{
    struct layer layers[NETWORK_BLOCKS_MAX] = {{.n_out = 0}};
    return model_shape(spec, data, MODEL_ATTACK, layers).n_values;
}

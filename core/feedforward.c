#include "core/feedforward.h"
#include "core/model_parts.h"
#include "core/normalization.h"

#include <math.h>
#include <string.h>

size_t feedforward_fan_in(const struct feedforward_layer *layer)
{
    return layer->operation == BLOCK_LINEAR
               ? image_size(layer->in)
               : layer->size * layer->size * layer->in.n_channels;
}

size_t feedforward_count_features(const struct feedforward *net)
{
    return net->averages ? net->last.n_channels : image_size(net->last);
}

struct image_shape feedforward_pooled(const struct feedforward_layer *layer)
{
    struct image_shape shape = layer->out;
    if (layer->pooled) {
        shape.height /= 2;
        shape.width /= 2;
    }
    return shape;
}

/* from a model -------------------------------------------------------- */

static enum status refuse_layer(size_t i, const char *what,
                                const char *allowed)
{
    return status_refuse(STATUS_INVALID,
                         "layer %zu has %s, which has no plain form; allowed "
                         "is %s",
                         i, what, allowed);
}

static enum status check_layer(const struct layer *layer, size_t i,
                               bool gated_in_tests)
{
    if (layer->has_shortcut != SHORTCUT_NONE)
        return refuse_layer(i, "a shortcut",
                            "a chain of layers (networks mlp, csnn, layers "
                            "and vgg)");
    if (layer->attention.n_hidden > 0)
        return refuse_layer(i, "attention", "attention = none");
    if (layer->spiking.pool == POOL_MAX)
        return refuse_layer(i, "a pooling by the maximum", "pool = average");
    if (layer->main.norm.active && layer->main.norm.n_steps > 1)
        return refuse_layer(i, "a normalization of each step",
                            "normalization none, batch or tdbn");
    if (layer->gated && gated_in_tests)
        return refuse_layer(i, "gates that are drawn in tests",
                            "gate = none, or gates of training only");
    return STATUS_OK;
}

/* The value of a row that only some kinds have; 0 where it is not there. */
static double read_real(const struct choice *choice, const char *name)
{
    const struct row *row = kind_find_row(choice->kind, name);
    const char *params = choice->params;
    double value = 0;
    if (row && row->type == ROW_REAL)
        memcpy(&value, params + row->offset, sizeof value);
    return value;
}

static bool resets_softly(const struct choice *neuron, struct arena *arena)
{
    const struct row *row = kind_find_row(neuron->kind, "reset");
    return row && strcmp(row_print(row, neuron->params, arena), "soft") == 0;
}

static bool has_current(const struct choice *neuron)
{
    return kind_find_row(neuron->kind, "synaptic_leak") != NULL;
}

static enum status check_neurons(const struct choice *neuron)
{
    if (!neuron_of(neuron->kind)->linear && !has_current(neuron))
        return status_refuse(STATUS_INVALID,
                             "all layers have neurons of kind %s, which have "
                             "no plain form; allowed are lif, if, nlif, plif, "
                             "pif and cuba",
                             neuron->kind->name);
    if (has_current(neuron) && (read_real(neuron, "leak") >= 1.0 ||
                                read_real(neuron, "synaptic_leak") >= 1.0))
        return status_refuse(STATUS_INVALID,
                             "all layers have neurons whose potentials or "
                             "currents leak nothing, which has no plain form "
                             "with a synaptic current; allowed are leaks "
                             "below 1");
    double initial = read_real(neuron, "initial");
    if (initial > 0)
        return status_refuse(STATUS_INVALID,
                             "all layers have neurons that begin with a "
                             "potential of %g thresholds, which has no plain "
                             "form; allowed is neuron.initial = 0",
                             initial);
    return STATUS_OK;
}

static float *copy(const float *from, size_t n, struct arena *arena)
{
    float *to = ARENA_ARRAY(arena, float, n);
    memcpy(to, from, n * sizeof *to);
    return to;
}

/* The affine map of running statistics, into weights and bias: in double, so
 * that what is rounded is the result. */
static void fold(const struct branch *branch, const float *values,
                 struct feedforward_layer *layer)
{
    const struct batch_norm *norm = &branch->norm;
    const struct branch_places *at = &branch->at;
    size_t n = norm->n_channels, n_rows = feedforward_fan_in(layer);
    for (size_t c = 0; c < n; c++) {
        double variance = (double)values[at->variance + c];
        double scale = (double)values[at->scale + c] * norm->gain /
                       sqrt(variance + norm->epsilon);
        double mean = (double)values[at->mean + c];
        for (size_t i = 0; i < n_rows; i++)
            layer->weights[i * n + c] =
                (float)(scale * (double)layer->weights[i * n + c]);
        layer->bias[c] = (float)((double)layer->bias[c] - scale * mean);
    }
    layer->folded = true;
}

static void take_neurons(const struct layer *from, const float *values,
                         struct feedforward_layer *layer)
{
    const struct spiking *spiking = &from->spiking;
    const struct choice neuron = {&spiking->neuron->kind,
                                  spiking->neuron_params};
    if (spiking->learns_width)
        layer->log_width = values[from->log_width];
    if (has_current(&neuron)) {
        layer->leak = read_real(&neuron, "leak");
        layer->gain = 1.0;
        layer->synaptic_leak = read_real(&neuron, "synaptic_leak");
        return;
    }
    const float *own =
        spiking->neuron->n_tensors > 0 ? values + from->own[0] : NULL;
    struct neuron_constants constants =
        spiking->neuron->linear(spiking->neuron_params, own);
    layer->leak = constants.leak;
    layer->gain = constants.gain;
    layer->has_logit =
        own && strcmp(spiking->neuron->tensors[0].name, "leak_logit") == 0;
    if (layer->has_logit)
        layer->logit = *own;
}

static void take_layer(const struct layer *from, const float *values,
                       struct image_shape in, struct arena *arena,
                       struct feedforward_layer *layer)
{
    const struct operation *operation = &from->main.operation;
    const struct branch_places *at = &from->main.at;
    *layer = (struct feedforward_layer){
        .operation = operation->kind,
        .size = operation->size,
        .stride = operation->stride,
        .in = in,
        .out = {operation->out_height, operation->out_width, operation->n_out},
        .pooled = from->spiking.pool == POOL_AVERAGE,
        .weights = copy(values + at->weight, from->main.n_weights, arena),
        .bias = copy(values + at->shift, operation->n_out, arena),
    };
    take_neurons(from, values, layer);
    if (from->main.norm.active)
        fold(&from->main, values, layer);
}

static void take_all(const struct model *model, const struct spec *spec,
                     const float *values, struct arena *arena,
                     struct feedforward *net)
{
    const struct choice *neuron = &spec->at[SPEC_NEURON];
    size_t n_features = model->n_features;
    net->shape = model->input;
    net->n_steps = model->n_steps;
    net->n_classes = model->n_classes;
    net->n_layers = model->n_layers;
    net->threshold = neuron_of(neuron->kind)->threshold(neuron->params);
    net->soft_reset = resets_softly(neuron, arena);
    struct image_shape shape = net->shape;
    for (size_t i = 0; i < model->n_layers; i++) {
        take_layer(&model->layers[i], values, shape, arena, &net->layers[i]);
        shape = feedforward_pooled(&net->layers[i]);
    }
    net->last = shape;
    net->averages = model->n_averaged > 1;
    net->readout_weights = copy(values + model->readout_weight,
                                n_features * net->n_classes, arena);
    net->readout_bias =
        copy(values + model->readout_bias, net->n_classes, arena);
}

enum status feedforward_take(const struct spec *spec,
                             const struct data_set *data,
                             const struct weights *weights,
                             struct arena *arena, struct feedforward *net)
{
    struct layer layers[NETWORK_BLOCKS_MAX] = {{.n_out = 0}};
    struct model model = model_shape(spec, data, MODEL_ATTACK, layers);
    struct gate_law law;
    bool gated = gate_take_law(spec, &law);
    MUST(weights->n == model.n_values);
    TRY(check_neurons(&spec->at[SPEC_NEURON]));
    if (model.n_layers == 0)
        return status_refuse(STATUS_INVALID, "the network has no layer of "
                             "neurons; allowed is one and more");
    for (size_t i = 0; i < model.n_layers; i++)
        TRY(check_layer(&layers[i], i, gated && law.in_tests));
    *net = (struct feedforward){.n_layers = 0};
    take_all(&model, spec, weights->at, arena, net);
    return STATUS_OK;
}

/* to a model ---------------------------------------------------------- */

/* "32C3-AP2-64C3S2-10FC" */
static const char *print_layers(const struct feedforward *net,
                                struct arena *arena)
{
    const char *text = "";
    for (size_t i = 0; i < net->n_layers; i++) {
        const struct feedforward_layer *layer = &net->layers[i];
        size_t n = layer->out.n_channels;
        const char *dash = i > 0 ? "-" : "";
        text = layer->operation == BLOCK_LINEAR
                   ? arena_print(arena, "%s%s%zuFC", text, dash, n)
                   : arena_print(arena, "%s%s%zuC%zu%s%s", text, dash, n,
                                 layer->size, layer->stride == 2 ? "S2" : "",
                                 layer->pooled ? "-AP2" : "");
    }
    return text;
}

/* What kind of neurons a net's are. */
struct neurons {
    bool alike;    /* one leak */
    bool scaled;   /* gains are 1 - leak */
    bool currents; /* some have a synaptic current... */
    bool apart;    /* ...and not all have the same */
};

static struct neurons sort_neurons(const struct feedforward *net)
{
    struct neurons sorted = {.alike = true};
    for (size_t i = 0; i < net->n_layers; i++) {
        const struct feedforward_layer *layer = &net->layers[i];
        if (layer->leak != net->layers[0].leak || layer->has_logit)
            sorted.alike = false;
        if (layer->gain != 1.0)
            sorted.scaled = true;
        if (layer->synaptic_leak > 0.0)
            sorted.currents = true;
        if (layer->synaptic_leak != net->layers[0].synaptic_leak)
            sorted.apart = true;
    }
    return sorted;
}

static const char *print_neurons(const struct feedforward *net,
                                 struct neurons sorted, struct arena *arena)
{
    const char *common = arena_print(
        arena, "neuron.threshold = %.17g; neuron.reset = %s", net->threshold,
        net->soft_reset ? "soft" : "hard");
    double leak = net->layers[0].leak;
    if (sorted.currents)
        return arena_print(arena,
                           "neuron = cuba; neuron.leak = %.17g; "
                           "neuron.synaptic_leak = %.17g; %s",
                           leak, net->layers[0].synaptic_leak, common);
    if (!sorted.alike || sorted.scaled)
        return arena_print(arena, "neuron = plif; neuron.scale_input = %s; %s",
                           sorted.scaled ? "true" : "false", common);
    if (leak == 1.0)
        return arena_print(arena, "neuron = if; %s", common);
    return arena_print(arena, "neuron = lif; neuron.leak = %.17g; %s", leak,
                       common);
}

/* Whose sigmoid is the leak in single precision, 0 and 1 among them. */
static float find_logit(const struct feedforward_layer *layer)
{
    enum { LOGIT_OF_ZERO = -100, LOGIT_OF_ONE = 100 };
    if (layer->has_logit)
        return layer->logit;
    if (!(layer->leak > 0.0))
        return LOGIT_OF_ZERO;
    return layer->leak >= 1.0
               ? (float)LOGIT_OF_ONE
               : (float)log(layer->leak / (1.0 - layer->leak));
}

static void put(const float *from, size_t n, float *to)
{
    memcpy(to, from, n * sizeof *to);
}

/* A global average is in the weights: each pixel's are a share of its
 * channel's. */
static void put_readout(const struct feedforward *net, float *to)
{
    size_t n = feedforward_count_features(net) * net->n_classes;
    size_t n_pixels = net->last.height * net->last.width;
    put(net->readout_weights, n, to);
    for (size_t p = 0; net->averages && p < n_pixels; p++)
        for (size_t i = 0; i < n; i++)
            to[p * n + i] = net->readout_weights[i] / (float)n_pixels;
}

static void put_all(const struct feedforward *net, const struct model *model,
                    float *values)
{
    for (size_t i = 0; i < net->n_layers; i++) {
        const struct feedforward_layer *layer = &net->layers[i];
        const struct layer *to = &model->layers[i];
        size_t n_weights =
            feedforward_fan_in(layer) * layer->out.n_channels;
        MUST(n_weights == to->main.n_weights);
        put(layer->weights, n_weights, values + to->main.at.weight);
        put(layer->bias, layer->out.n_channels, values + to->main.at.shift);
        if (to->spiking.neuron->n_tensors > 0)
            values[to->own[0]] = find_logit(layer);
        if (to->spiking.learns_width)
            values[to->log_width] = layer->log_width;
    }
    MUST(model->n_features == image_size(net->last));
    put_readout(net, values + model->readout_weight);
    put(net->readout_bias, net->n_classes, values + model->readout_bias);
}

enum status feedforward_make(const struct feedforward *net,
                             struct arena *arena, struct spec *spec,
                             struct weights *weights)
{
    struct spec made = *spec;
    struct neurons sorted = sort_neurons(net);
    if (sorted.currents && (sorted.apart || sorted.scaled || !sorted.alike))
        return status_refuse(STATUS_INVALID,
                             "neurons with a synaptic current differ from "
                             "layer to layer, allowed is one leak of "
                             "potentials and one of currents for all");
    const char *changes = arena_print(
        arena,
        "network = layers; network.layers = \"%s\"; network.n_steps = %zu; "
        "normalization = none; attention = none; gate = none; %s",
        print_layers(net, arena), net->n_steps,
        print_neurons(net, sorted, arena));
    TRY(spec_change(&made, changes, arena));
    struct data_set data = {.shape = net->shape, .n_classes = net->n_classes};
    struct layer layers[NETWORK_BLOCKS_MAX] = {{.n_out = 0}};
    struct model model = model_shape(&made, &data, MODEL_ATTACK, layers);
    float *values = ARENA_ARRAY(arena, float, model.n_values);
    put_all(net, &model, values);
    *spec = made;
    *weights = (struct weights){model.n_values, values};
    return STATUS_OK;
}

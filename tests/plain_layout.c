#include "tests/plain_parts.h"
#include "core/conversion.h"
#include "core/encoding.h"
#include "core/model.h"
#include "core/network.h"
#include "core/normalization.h"
#include "core/regularizer.h"
#include "tests/plain_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* layout -------------------------------------------------------------- */

double plain_number(const struct spec *spec, enum spec_axis axis,
                    const char *name, double otherwise)
{
    struct arena arena = arena_open();
    const struct row *row = kind_find_row(spec->at[axis].kind, name);
    double value = otherwise;
    if (row) {
        const char *text = row_print(row, spec->at[axis].params, &arena);
        value = !strcmp(text, "true") || !strcmp(text, "soft") ? 1.0
                                                               : atof(text);
    }
    arena_close(&arena);
    return value;
}

static size_t find_place(const struct tensor_place *places, size_t n,
                         const char *owner, const char *what)
{
    char name[64];
    snprintf(name, sizeof name, "%s.%s", owner, what);
    for (size_t i = 0; i < n; i++)
        if (!strcmp(places[i].name, name))
            return places[i].offset;
    return SIZE_MAX;
}

/* Up to z; all that a shortcut's way needs. */
static void take_currents(struct plain_model *plain, struct plain_layer *layer)
{
    size_t rows = plain->n_images * plain->n_steps;
    size_t n = rows * layer->out_height * layer->out_width * layer->n_out;
    size_t n_in = rows * layer->height * layer->width * layer->n_in;
    struct arena *arena = plain->arena;
    layer->input = ARENA_ARRAY(arena, double, n_in);
    layer->y = ARENA_ARRAY(arena, double, n);
    layer->z = ARENA_ARRAY(arena, double, n);
    bool own = !strcmp(plain->spec->at[SPEC_NORMALIZATION].kind->name, "bntt");
    layer->n_own = own && layer->normalized ? plain->n_steps : 1;
    layer->mean = ARENA_ARRAY(arena, double, layer->n_own * layer->n_out);
    layer->variance = ARENA_ARRAY(arena, double, layer->n_own * layer->n_out);
}

static void take_spikes(struct plain_model *plain, struct plain_layer *layer)
{
    size_t rows = plain->n_images * plain->n_steps;
    size_t n = rows * layer->out_height * layer->out_width * layer->n_out;
    size_t n_pooled = layer->pooled_height * layer->pooled_width;
    struct arena *arena = plain->arena;
    layer->x = ARENA_ARRAY(arena, double, n);
    layer->s = ARENA_ARRAY(arena, double, n);
    layer->through = ARENA_ARRAY(arena, double, n);
    layer->u = ARENA_ARRAY(arena, double, n);
    layer->theta = ARENA_ARRAY(arena, double, n);
    layer->pooled = ARENA_ARRAY(arena, double, rows * n_pooled * layer->n_out);
    layer->joined = layer->pooled;
}

struct place_list {
    const struct tensor_place *at;
    size_t n;
};

static void find_tensors(struct plain_layer *layer, struct place_list places,
                         const char *name, size_t i)
{
    char owner[32];
    snprintf(owner, sizeof owner, "%s%zu", name, i);
    layer->weight = find_place(places.at, places.n, owner, "weight");
    layer->scale = find_place(places.at, places.n, owner, "scale");
    layer->shift = find_place(places.at, places.n, owner, "shift");
    layer->running_mean =
        find_place(places.at, places.n, owner, "running_mean");
    layer->running_variance =
        find_place(places.at, places.n, owner, "running_variance");
    layer->normalized = layer->scale != SIZE_MAX;
}

static void find_own(struct plain_layer *layer, struct place_list places,
                     size_t i)
{
    char owner[32];
    snprintf(owner, sizeof owner, "neuron%zu", i);
    layer->logit = find_place(places.at, places.n, owner, "leak_logit");
    layer->lambda = find_place(places.at, places.n, owner, "lambda");
    layer->gains = find_place(places.at, places.n, owner, "gain");
    layer->rate = find_place(places.at, places.n, owner, "rate");
    layer->follow = find_place(places.at, places.n, owner, "threshold");
    layer->leaks = find_place(places.at, places.n, owner, "leak");
    layer->typical = find_place(places.at, places.n, owner,
                                "typical_potential");
    layer->threshold_rate =
        find_place(places.at, places.n, owner, "threshold_rate");
    snprintf(owner, sizeof owner, "attention%zu", i);
    layer->squeeze = find_place(places.at, places.n, owner, "squeeze");
    layer->excite = find_place(places.at, places.n, owner, "excite");
    snprintf(owner, sizeof owner, "surrogate%zu", i);
    layer->log_width = find_place(places.at, places.n, owner, "log_width");
    snprintf(owner, sizeof owner, "gate%zu", i);
    layer->keeps = find_place(places.at, places.n, owner, "keep");
}

/* tdBN halves the variances of two currents that are added. */
static double gain_of(const struct plain_model *plain, bool added)
{
    const struct spec *spec = plain->spec;
    if (strcmp(spec->at[SPEC_NORMALIZATION].kind->name, "tdbn") != 0)
        return 1;
    return plain_number(spec, SPEC_NORMALIZATION, "alpha", 1.0) *
           plain->threshold * (added ? sqrt(0.5) : 1);
}

/* What layers hand on: [height][width][channels]. */
struct extents {
    size_t h, w, c;
};

static void shape_layer(struct plain_layer *layer, const struct block *block,
                        struct extents in)
{
    layer->linear = block->operation == BLOCK_LINEAR;
    layer->pool = (int)block->pool;
    layer->size = layer->linear ? 1 : block->size;
    layer->stride = layer->linear ? 1 : block->stride;
    layer->height = layer->linear ? 1 : in.h;
    layer->width = layer->linear ? 1 : in.w;
    layer->n_in = layer->linear ? in.h * in.w * in.c : in.c;
    layer->n_out = block->n_out;
    layer->out_height = (layer->height - 1) / layer->stride + 1;
    layer->out_width = (layer->width - 1) / layer->stride + 1;
    size_t by = layer->pool == POOL_NONE ? 1 : 2;
    layer->pooled_height = layer->out_height / by;
    layer->pooled_width = layer->out_width / by;
}

static struct plain_layer *make_way(struct plain_model *plain,
                                    const struct plain_layer *from,
                                    const struct block *block)
{
    struct plain_layer *way = ARENA_ARRAY(plain->arena, struct plain_layer, 1);
    struct block own = {.operation = BLOCK_CONVOLUTION,
                        .size = 1,
                        .stride = block->shortcut_stride,
                        .n_out = block->n_out};
    shape_layer(way, &own,
                (struct extents){from->pooled_height, from->pooled_width,
                                 from->n_out});
    return way;
}

static void make_layer(struct plain_model *plain, size_t i,
                       const struct block *block, struct extents in,
                       struct place_list places)
{
    struct plain_layer *layer = &plain->layers[i];
    shape_layer(layer, block, in);
    find_tensors(layer, places, "block", i);
    find_own(layer, places, i);
    layer->threshold = ARENA_ARRAY(plain->arena, double, plain->n_steps);
    take_currents(plain, layer);
    take_spikes(plain, layer);
    plain_take_attention(plain, layer);
    layer->join = (int)block->join;
    layer->i_input = i - block->skips;
    layer->gain = gain_of(plain, block->shortcut != SHORTCUT_NONE &&
                                     (block->join == JOIN_NORMALIZED ||
                                      block->join == JOIN_MEMBRANE));
    if (block->shortcut != SHORTCUT_NONE)
        layer->from = &plain->layers[block->from];
    if (layer->from && block->join >= JOIN_ADD)
        layer->joined = ARENA_ARRAY(
            plain->arena, double,
            plain_count_rows(plain) * plain_count_pooled(layer));
    if (block->shortcut != SHORTCUT_CONVOLUTION)
        return;
    layer->way = make_way(plain, layer->from, block);
    layer->way->gain = layer->gain;
    find_tensors(layer->way, places, "shortcut", i);
    take_currents(plain, layer->way);
}

static void make_layers(struct plain_model *plain,
                        const struct data_set *data, struct place_list places)
{
    struct block blocks[NETWORK_BLOCKS_MAX] = {{0}};
    const struct choice *choice = &plain->spec->at[SPEC_NETWORK];
    const struct network *network = network_of(choice->kind);
    const struct choice *encoding = &plain->spec->at[SPEC_ENCODING];
    struct image_shape input = encoding_shape(encoding_of(encoding->kind),
                                              encoding->params, data->shape,
                                              plain->n_steps);
    struct extents in[NETWORK_BLOCKS_MAX + 1] = {
        {input.height, input.width, input.n_channels}};
    plain->n_layers = network->describe(choice->params, blocks);
    plain->layers =
        ARENA_ARRAY(plain->arena, struct plain_layer, plain->n_layers);
    for (size_t i = 0; i < plain->n_layers; i++) {
        make_layer(plain, i, &blocks[i], in[i - blocks[i].skips], places);
        in[i + 1] = (struct extents){plain->layers[i].pooled_height,
                                     plain->layers[i].pooled_width,
                                     blocks[i].n_out};
    }
    struct extents last = in[plain->n_layers];
    plain->n_averaged = network->global_average ? last.h * last.w : 1;
    plain->n_features = last.h * last.w * last.c / plain->n_averaged;
}

/* There is room for more steps than it has. */
void plain_make_analog(struct plain_model *plain)
{
    plain->n_levels = conversion_count_levels(plain->spec);
    plain->n_steps = plain->n_levels > 0 ? 1 : plain->n_steps;
}

struct plain_model *plain_lay_out(const struct spec *spec,
                                  const struct data_set *data, size_t n_images,
                                  struct arena *arena)
{
    struct plain_model *plain = ARENA_ARRAY(arena, struct plain_model, 1);
    static struct tensor_place places[TRIAL_TENSORS_MAX];
    size_t n_places = trial_places(spec, data, places);
    *plain = (struct plain_model){
        .spec = spec,
        .n_images = n_images,
        .n_steps = (size_t)plain_number(spec, SPEC_NETWORK, "n_steps", 0),
        .initial = plain_number(spec, SPEC_NEURON, "initial", 0),
        .n_classes = data->n_classes,
        .leak = plain_number(spec, SPEC_NEURON, "leak", 1.0),
        .threshold = plain_number(spec, SPEC_NEURON, "threshold", 1.0),
        .soft_reset = plain_number(spec, SPEC_NEURON, "reset", 0) > 0,
        .detach_reset = plain_number(spec, SPEC_NEURON, "detach_reset", 0) > 0,
        .spike_weight = plain_number(spec, SPEC_NEURON, "spike_weight", 0),
        .synaptic_leak = plain_number(spec, SPEC_NEURON, "synaptic_leak", 0),
        .delayed = plain_number(spec, SPEC_NEURON, "delayed", 0) > 0,
        .noise = plain_number(spec, SPEC_NEURON, "deviation", 0),
        .scale_input = plain_number(spec, SPEC_NEURON, "scale_input", 0) > 0,
        .epsilon = plain_number(spec, SPEC_NORMALIZATION, "epsilon", 0),
        .regularizer_weight = plain_number(spec, SPEC_REGULARIZER, "weight", 0),
        .gamma = regularizer_gamma(spec),
        .train = true,
        .arena = arena,
    };
    plain->has_gates = gate_take_law(spec, &plain->gate);
    make_layers(plain, data, (struct place_list){places, n_places});
    plain->readout_weight = find_place(places, n_places, "readout", "weight");
    plain->readout_bias = find_place(places, n_places, "readout", "bias");
    plain->n_parameters = model_count_parameters(spec, data);
    plain->terms = ARENA_ARRAY(arena, double, plain->n_parameters);
    plain->features =
        ARENA_ARRAY(arena, double, n_images * plain->n_features);
    plain->logits = ARENA_ARRAY(arena, double, n_images * data->n_classes);
    return plain;
}

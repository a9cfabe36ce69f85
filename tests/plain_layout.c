#include "tests/plain_model.h"
#include "core/network.h"
#include "core/normalization.h"
#include "core/regularizer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* layout -------------------------------------------------------------- */

/* A number of a spec by its name: read from the row's text, as a user would. */
static double number(const struct spec *spec, enum spec_axis axis,
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

static void take_arrays(struct plain_model *plain, struct plain_layer *layer)
{
    size_t rows = plain->n_images * plain->n_steps;
    size_t n_pixels = layer->height * layer->width;
    size_t n_pooled = layer->pooled_height * layer->pooled_width;
    struct arena *arena = plain->arena;
    layer->input = ARENA_ARRAY(arena, double, rows * n_pixels * layer->n_in);
    layer->y = ARENA_ARRAY(arena, double, rows * n_pixels * layer->n_out);
    layer->z = ARENA_ARRAY(arena, double, rows * n_pixels * layer->n_out);
    layer->x = ARENA_ARRAY(arena, double, rows * n_pixels * layer->n_out);
    layer->s = ARENA_ARRAY(arena, double, rows * n_pixels * layer->n_out);
    layer->pooled = ARENA_ARRAY(arena, double, rows * n_pooled * layer->n_out);
    layer->mean = ARENA_ARRAY(arena, double, layer->n_out);
    layer->variance = ARENA_ARRAY(arena, double, layer->n_out);
}

static void shape_layers(struct plain_model *plain,
                         const struct data_set *data,
                         const struct tensor_place *places, size_t n_places)
{
    struct block blocks[NETWORK_BLOCKS_MAX];
    const struct choice *network = &plain->spec->at[SPEC_NETWORK];
    size_t h = data->shape.height, w = data->shape.width;
    size_t c = data->shape.n_channels;
    plain->n_layers =
        network_of(network->kind)->describe(network->params, blocks);
    plain->layers =
        ARENA_ARRAY(plain->arena, struct plain_layer, plain->n_layers);
    for (size_t i = 0; i < plain->n_layers; i++) {
        struct plain_layer *layer = &plain->layers[i];
        char owner[32];
        snprintf(owner, sizeof owner, "block%zu", i);
        layer->linear = blocks[i].operation == BLOCK_LINEAR;
        layer->pool = (int)blocks[i].pool;
        layer->height = layer->linear ? 1 : h;
        layer->width = layer->linear ? 1 : w;
        layer->n_in = layer->linear ? h * w * c : c;
        layer->n_out = c = blocks[i].n_out;
        size_t by = layer->pool == POOL_NONE ? 1 : 2;
        layer->pooled_height = h = layer->height / by;
        layer->pooled_width = w = layer->width / by;
        layer->weight = find_place(places, n_places, owner, "weight");
        layer->scale = find_place(places, n_places, owner, "scale");
        layer->shift = find_place(places, n_places, owner, "shift");
        layer->running_mean =
            find_place(places, n_places, owner, "running_mean");
        layer->running_variance =
            find_place(places, n_places, owner, "running_variance");
        layer->normalized = layer->scale != SIZE_MAX;
        take_arrays(plain, layer);
    }
    plain->n_features = h * w * c;
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
        .n_steps = (size_t)number(spec, SPEC_NETWORK, "n_steps", 0),
        .n_classes = data->n_classes,
        .leak = number(spec, SPEC_NEURON, "leak", 1.0),
        .threshold = number(spec, SPEC_NEURON, "threshold", 1.0),
        .soft_reset = number(spec, SPEC_NEURON, "reset", 0) > 0,
        .detach_reset = number(spec, SPEC_NEURON, "detach_reset", 0) > 0,
        .epsilon = number(spec, SPEC_NORMALIZATION, "epsilon", 0),
        .regularizer_weight = number(spec, SPEC_REGULARIZER, "weight", 0),
        .gamma = regularizer_gamma(spec),
        .train = true,
        .arena = arena,
    };
    plain->gain = !strcmp(spec->at[SPEC_NORMALIZATION].kind->name, "tdbn")
                      ? number(spec, SPEC_NORMALIZATION, "alpha", 1.0) *
                            plain->threshold
                      : 1.0;
    shape_layers(plain, data, places, n_places);
    plain->readout_weight = find_place(places, n_places, "readout", "weight");
    plain->readout_bias = find_place(places, n_places, "readout", "bias");
    plain->n_parameters = plain->readout_bias + data->n_classes;
    plain->features =
        ARENA_ARRAY(arena, double, n_images * plain->n_features);
    plain->logits = ARENA_ARRAY(arena, double, n_images * data->n_classes);
    return plain;
}

/* Where a model's tensors are in its flat vector, and what they are called. */
#include "core/model_parts.h"

#include <stdio.h>
#include <string.h>

/* offsets ------------------------------------------------------------- */

/* And as many running means and variances. */
static size_t count_scales(const struct branch *branch)
{
    const struct batch_norm *norm = &branch->norm;
    size_t n_steps = norm->n_steps > 1 ? norm->n_steps : 1;
    return norm->active ? n_steps * norm->n_channels : 0;
}

static size_t place_parameters(struct branch *branch, size_t at)
{
    size_t n_channels = branch->norm.n_channels;
    branch->at.weight = at;
    at += branch->n_weights;
    branch->at.scale = at;
    at += count_scales(branch);
    branch->at.shift = at;
    return at + (branch->norm.no_bias ? 0 : n_channels);
}

static size_t place_tensors_of(struct layer *layer, bool running, size_t at)
{
    const struct neuron *neuron = layer->spiking.neuron;
    for (size_t k = 0; k < neuron->n_tensors; k++) {
        if (neuron->tensors[k].running != running)
            continue;
        layer->own[k] = at;
        at += spiking_count_own(&layer->spiking, k);
    }
    return at;
}

/* What is trained of the layer's neurons, and of its surrogate. */
static size_t place_own(struct layer *layer, size_t at)
{
    layer->trained = at;
    at = place_tensors_of(layer, false, at);
    layer->log_width = at;
    return at + (layer->spiking.learns_width ? 1 : 0);
}

static size_t place_attention(struct layer *layer, size_t at)
{
    struct layer_attention *own = &layer->attention;
    own->squeeze = at;
    own->excite = own->squeeze + own->n * own->n_hidden;
    return own->excite + own->n_hidden * own->n;
}

static size_t place_statistics(struct branch *branch, size_t at)
{
    size_t n = count_scales(branch);
    branch->at.mean = at;
    branch->at.variance = at + n;
    return at + 2 * n;
}

/* Parameters of all layers, the read-out's, the gates', then the running
 * statistics. A branch that is not there has no channels. */
void model_place_tensors(struct model *model)
{
    size_t at = 0;
    for (size_t i = 0; i < model->n_layers; i++) {
        at = place_parameters(&model->layers[i].main, at);
        at = place_parameters(&model->layers[i].shortcut, at);
        at = place_own(&model->layers[i], at);
        at = place_attention(&model->layers[i], at);
    }
    model->readout_weight = at;
    model->readout_bias = at + model->n_features * model->n_classes;
    at = model->readout_bias + model->n_classes;
    model->first_gate = at;
    for (size_t i = 0; i < model->n_layers; i++) {
        model->layers[i].gates = at;
        at += model->layers[i].n_gates;
    }
    model->n_parameters = at;
    for (size_t i = 0; i < model->n_layers; i++) {
        at = place_statistics(&model->layers[i].main, at);
        at = place_statistics(&model->layers[i].shortcut, at);
        at = place_tensors_of(&model->layers[i], true, at);
    }
    model->n_values = at;
}

/* names --------------------------------------------------------------- */

struct places {
    struct tensor_place *at;
    size_t n;
};

static struct tensor_place *add_place(struct places *places, size_t offset,
                                      const char *owner, const char *what)
{
    struct tensor_place *place = &places->at[places->n++];
    MUST(places->n <= TRIAL_TENSORS_MAX);
    *place = (struct tensor_place){.offset = offset};
    snprintf(place->name, sizeof place->name, "%s.%s", owner, what);
    return place;
}

static void add_vector(struct places *places, size_t offset, const char *owner,
                       const char *what, size_t n)
{
    struct tensor_place *place = add_place(places, offset, owner, what);
    place->rank = 1;
    place->extent[0] = n;
}

/* [C], or [T][C]. */
static void add_of_norm(struct places *places, size_t offset,
                        const char *owner, const char *what,
                        const struct batch_norm *norm)
{
    struct tensor_place *place = add_place(places, offset, owner, what);
    if (norm->n_steps > 1)
        place->extent[place->rank++] = norm->n_steps;
    place->extent[place->rank++] = norm->n_channels;
}

static struct tensor_place *add_matrix(struct places *places, size_t offset,
                                       const char *owner, const char *what,
                                       size_t n_in, size_t n_out)
{
    struct tensor_place *place = add_place(places, offset, owner, what);
    place->rank = 2;
    place->extent[0] = n_in;
    place->extent[1] = n_out;
    return place;
}

static void add_kernel(struct places *places, size_t offset, const char *owner,
                       const struct operation *operation)
{
    struct tensor_place *place = add_place(places, offset, owner, "weight");
    size_t size = operation->size;
    size_t extents[4] = {size, size, operation->n_in, operation->n_out};
    place->rank = 4;
    memcpy(place->extent, extents, sizeof extents);
}

enum { OWNER_SIZE = 14 }; /* "shortcut63" and more */

static void name_owner(char owner[OWNER_SIZE], const char *name, size_t i)
{
    MUST(i < NETWORK_BLOCKS_MAX);
    snprintf(owner, OWNER_SIZE, "%s%zu", name, i);
}

static void add_branch(struct places *places, const struct branch *branch,
                       struct image_shape in, const char *name, size_t i)
{
    const struct operation *operation = &branch->operation;
    const struct branch_places *at = &branch->at;
    size_t n = operation->n_out;
    char owner[OWNER_SIZE];
    if (branch->n_weights == 0)
        return;
    name_owner(owner, name, i);
    if (operation->kind == BLOCK_CONVOLUTION)
        add_kernel(places, at->weight, owner, operation);
    else
        add_matrix(places, at->weight, owner, "weight", operation->n_in, n)
            ->of = in;
    if (branch->norm.n_channels > 0 && !branch->norm.no_bias)
        add_vector(places, at->shift, owner, "shift", n);
    if (!branch->norm.active)
        return;
    add_of_norm(places, at->scale, owner, "scale", &branch->norm);
    add_of_norm(places, at->mean, owner, "running_mean", &branch->norm);
    add_of_norm(places, at->variance, owner, "running_variance",
                &branch->norm);
}

/* [T or 1][H W C or 1]; a single value is a vector of one. */
static void add_own(struct places *places, const struct layer *layer, size_t i)
{
    const struct spiking *spiking = &layer->spiking;
    char owner[OWNER_SIZE];
    name_owner(owner, "neuron", i);
    for (size_t k = 0; k < spiking->neuron->n_tensors; k++) {
        const struct neuron_tensor *tensor = &spiking->neuron->tensors[k];
        struct tensor_place *place =
            add_place(places, layer->own[k], owner, tensor->name);
        size_t extents[3] = {spiking->height, spiking->width,
                             spiking->n_channels};
        if (tensor->by_step || !tensor->by_neuron)
            place->extent[place->rank++] =
                tensor->by_step ? spiking->n_steps : 1;
        for (size_t d = 0; tensor->by_neuron && d < 3; d++)
            place->extent[place->rank++] = extents[d];
    }
    name_owner(owner, "surrogate", i);
    if (spiking->learns_width)
        add_vector(places, layer->log_width, owner, "log_width", 1);
}

static void add_gates(struct places *places, const struct layer *layer,
                      size_t i)
{
    const struct spiking *spiking = &layer->spiking;
    char owner[OWNER_SIZE];
    if (layer->n_gates == 0)
        return;
    name_owner(owner, "gate", i);
    struct tensor_place *place =
        add_place(places, layer->gates, owner, "keep");
    place->rank = 3;
    place->extent[0] = spiking->height;
    place->extent[1] = spiking->width;
    place->extent[2] = spiking->n_channels;
}

static void add_attention(struct places *places,
                          const struct layer_attention *own, size_t i)
{
    char owner[OWNER_SIZE];
    if (own->n == 0)
        return;
    name_owner(owner, "attention", i);
    add_matrix(places, own->squeeze, owner, "squeeze", own->n, own->n_hidden);
    add_matrix(places, own->excite, owner, "excite", own->n_hidden, own->n);
}

/* What the first n layers hand on. */
static struct image_shape shape_after(const struct model *model, size_t n)
{
    const struct spiking *last = &model->layers[n > 0 ? n - 1 : 0].spiking;
    return n > 0 ? (struct image_shape){spiking_pooled_height(last),
                                        spiking_pooled_width(last),
                                        last->n_channels}
                 : model->input;
}

/* A global average leaves one pixel. */
static void add_readout(struct places *places, const struct model *model)
{
    struct image_shape in = shape_after(model, model->n_layers);
    if (model->n_averaged > 1)
        in.height = in.width = 1;
    add_matrix(places, model->readout_weight, "readout", "weight",
               model->n_features, model->n_classes)
        ->of = in;
    add_vector(places, model->readout_bias, "readout", "bias",
               model->n_classes);
}

size_t trial_places(const struct spec *spec, const struct data_set *data,
                    struct tensor_place places[TRIAL_TENSORS_MAX])
{
    struct layer layers[NETWORK_BLOCKS_MAX] = {{.n_out = 0}};
    struct model model = model_shape(spec, data, MODEL_ATTACK, layers);
    struct places list = {places, 0};
    for (size_t i = 0; i < model.n_layers; i++) {
        struct image_shape in = shape_after(&model, layers[i].input);
        add_branch(&list, &layers[i].main, in, "block", i);
        add_branch(&list, &layers[i].shortcut, in, "shortcut", i);
        add_own(&list, &layers[i], i);
        add_gates(&list, &layers[i], i);
        add_attention(&list, &layers[i].attention, i);
    }
    add_readout(&list, &model);
    return list.n;
}

/* A chain of NIR's nodes as a plain network. */
#include "core/data.h"
#include "io/nir_parts.h"
#include "io/tensor_order.h"

#include <string.h>

enum { CLASSES_MAX = 256, SIDE_MAX = 65536, STEPS_MAX = 32 };

#define DT_USUAL 1e-4

/* the input ----------------------------------------------------------- */

static enum status set_vector(struct nir_chain *chain,
                              const struct nir_node *node, size_t n,
                              struct image_shape chosen)
{
    chain->flat = true;
    chain->shape = (struct image_shape){1, n, 1};
    if (chosen.n_channels == 0)
        return STATUS_OK;
    if (image_size(chosen) != n)
        return nir_refuse_node(chain, node, "has another number of entries",
                           "an --input of as many as it has");
    chain->shape = chosen;
    return STATUS_OK;
}

static enum status read_input(struct nir_chain *chain,
                              const struct nir_node *node,
                              struct image_shape chosen)
{
    struct hdf5_numbers shape;
    TRY(nir_file_get(chain->file, node, "shape", 1, 1, &shape));
    for (size_t i = 0; i < shape.n; i++)
        if (!(shape.at[i] >= 1 && shape.at[i] <= SIDE_MAX))
            return nir_refuse_node(chain, node, "has a shape out of range",
                               "1 to 65536");
    if (shape.n == 1)
        return set_vector(chain, node, (size_t)shape.at[0], chosen);
    if (shape.n != 3 || shape.at[0] > DATA_CHANNELS_MAX)
        return nir_refuse_node(chain, node, "is no image and no vector",
                           "a shape of channels (64 at most), height and "
                           "width, or of one number");
    chain->shape = (struct image_shape){
        (size_t)shape.at[1], (size_t)shape.at[2], (size_t)shape.at[0]};
    return STATUS_OK;
}

/* the chain ----------------------------------------------------------- */

static size_t find_only(const struct nir_file *file, const char *type)
{
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < file->n; i++) {
        if (strcmp(file->nodes[i].type, type) != 0)
            continue;
        if (found != SIZE_MAX)
            return SIZE_MAX;
        found = i;
    }
    return found;
}

static enum status follow(struct nir_chain *chain, struct image_shape chosen)
{
    const struct nir_file *file = chain->file;
    size_t first = find_only(file, "Input"), last = find_only(file, "Output");
    if (first == SIZE_MAX || last == SIZE_MAX)
        return status_refuse(STATUS_INVALID,
                             "%s: has not just one node Input and one node "
                             "Output, as a chain has",
                             file->path);
    TRY(read_input(chain, &file->nodes[first], chosen));
    chain->input = chain->shape;
    size_t n = 1;
    size_t i = file->nodes[first].next;
    for (; i != SIZE_MAX && i != last && n < file->n; n++) {
        TRY(nir_read_node(chain, &file->nodes[i]));
        i = file->nodes[i].next;
    }
    if (i != last || n + 1 != file->n)
        return status_refuse(STATUS_INVALID,
                             "%s: not all of its %zu nodes are one chain from "
                             "Input to Output; allowed is nothing else",
                             file->path, file->n);
    return STATUS_OK;
}

/* Where the chain ends in neurons these are the classes. */
static void take_identity(struct nir_chain *chain,
                          struct feedforward_layer *layer)
{
    struct arena *arena = chain->file->arena;
    size_t n = image_size(chain->shape);
    layer->out = (struct image_shape){1, 1, n};
    layer->weights = ARENA_ARRAY(arena, float, n * n);
    layer->bias = ARENA_ARRAY(arena, float, n);
    float *theirs = ARENA_ARRAY(arena, float, n * n);
    for (size_t k = 0; k < n; k++)
        theirs[k * n + k] = (float)chain->factor;
    tensor_reorder_linear(chain->shape, n, theirs, layer->weights);
}

static enum status end_chain(struct nir_chain *chain)
{
    struct feedforward *net = chain->net;
    const char *path = chain->file->path;
    struct feedforward_layer *last = &net->layers[net->n_layers];
    struct feedforward_layer identity;
    if (net->n_layers == 0)
        return status_refuse(STATUS_INVALID,
                             "%s: has no neurons, allowed is one layer of "
                             "them and more",
                             path);
    size_t n = chain->waits ? last->out.n_channels : image_size(chain->shape);
    if (n < 2 || n > CLASSES_MAX)
        return status_refuse(STATUS_INVALID,
                             "%s: gives %zu numbers, allowed are 2 to %d "
                             "classes",
                             path, n, CLASSES_MAX);
    if (chain->waits && last->operation != BLOCK_LINEAR)
        return status_refuse(STATUS_INVALID,
                             "%s: ends in a convolution without neurons, "
                             "allowed are Affine, Linear and neurons",
                             path);
    if (!chain->waits) {
        take_identity(chain, &identity);
        last = &identity;
    }
    net->readout_weights = last->weights;
    net->readout_bias = last->bias;
    net->averages = chain->averaged;
    if (!chain->averaged)
        net->last = feedforward_pooled(&net->layers[net->n_layers - 1]);
    net->n_classes = n;
    return STATUS_OK;
}

/* Only gains that are all 1, or all 1 - leak, are not put into weights. */
static void settle_gains(struct feedforward *net)
{
    bool alike = true;
    for (size_t i = 0; i < net->n_layers; i++)
        alike = alike && (net->layers[i].gain == 1.0) ==
                             (net->layers[0].gain == 1.0);
    for (size_t i = 0; i < net->n_layers && !alike; i++) {
        struct feedforward_layer *layer = &net->layers[i];
        size_t n = layer->out.n_channels;
        size_t n_weights = feedforward_fan_in(layer) * n;
        for (size_t k = 0; k < n_weights; k++)
            layer->weights[k] *= (float)layer->gain;
        for (size_t k = 0; k < n; k++)
            layer->bias[k] *= (float)layer->gain;
        layer->gain = 1.0;
    }
}

static void read_notes(const struct nir_file *file, struct nir_notes *notes)
{
    double dt = 0, n_steps = 0;
    const char *reset = nir_file_note_text(file, "reset");
    struct hdf5_numbers mean, deviation;
    nir_file_note(file, NULL, "dt", &dt);
    nir_file_note(file, NULL, "n_steps", &n_steps);
    *notes = (struct nir_notes){
        .dt = dt > 0.0 ? dt : 0.0,
        .spec = nir_file_note_text(file, "spec"),
        .says_reset = reset != NULL,
        .soft_reset = reset && strcmp(reset, "soft") == 0,
        .n_steps = n_steps >= 1 && n_steps <= STEPS_MAX ? (size_t)n_steps : 0};
    if (!nir_file_note_array(file, "input_mean", &mean) ||
        !nir_file_note_array(file, "input_deviation", &deviation) ||
        mean.n != deviation.n || mean.n > DATA_CHANNELS_MAX)
        return;
    float *numbers = ARENA_ARRAY(file->arena, float, 2 * mean.n);
    for (size_t c = 0; c < mean.n; c++) {
        numbers[c] = (float)mean.at[c];
        numbers[mean.n + c] = (float)deviation.at[c];
        if (!(deviation.at[c] > 0.0))
            return;
    }
    notes->mean = numbers;
    notes->deviation = numbers + mean.n;
    notes->n_noted = mean.n;
}

static enum status read_all(const struct nir_file *file,
                            const struct nir_choices *choices,
                            struct feedforward *net, struct nir_notes *notes)
{
    read_notes(file, notes);
    double dt = choices->dt > 0 ? choices->dt
                : notes->dt > 0 ? notes->dt
                                : DT_USUAL;
    *net = (struct feedforward){.soft_reset = notes->soft_reset};
    net->n_steps = choices->n_steps ? choices->n_steps : notes->n_steps;
    if (net->n_steps < 1 || net->n_steps > STEPS_MAX)
        return status_refuse(STATUS_INVALID,
                             "%s: runs for %zu time steps, allowed are 1 to "
                             "%d; where the file does not say it, --steps does",
                             file->path, net->n_steps, STEPS_MAX);
    struct nir_chain chain = {
        .file = file, .net = net, .dt = dt, .factor = 1.0};
    TRY(follow(&chain, choices->shape));
    net->shape = chain.input;
    TRY(end_chain(&chain));
    settle_gains(net);
    net->threshold = chain.threshold;
    return STATUS_OK;
}

enum status nir_read(const char *path, const struct nir_choices *choices,
                     struct arena *arena, struct feedforward *net,
                     struct nir_notes *notes)
{
    struct arena own = arena_open();
    struct nir_file *file = ARENA_ARRAY(&own, struct nir_file, 1);
    struct feedforward read;
    struct nir_notes said;
    enum status status = nir_file_open(path, arena, file);
    if (status == STATUS_OK) {
        status = read_all(file, choices, &read, &said);
        nir_file_close(file);
    }
    arena_close(&own);
    if (status == STATUS_OK) {
        *net = read;
        *notes = said;
    }
    return status;
}

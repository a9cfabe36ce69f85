/* A plain network as a NIR file. */
#include "io/exchange_parts.h"
#include "io/hdf5_put.h"
#include "io/hdf5_util.h"
#include "io/nir.h"
#include "io/tensor_order.h"

#include <stdio.h>
#include <string.h>

static const char FORMAT_VERSION[] = "1.0.8"; /* of the package nir */

enum { NODES_MAX = 3 * NETWORK_BLOCKS_MAX + 5, NAME_SIZE = 24 };

/* A file under way. `refused` is negative once HDF5 refused anything. */
struct writer {
    hid_t nodes;
    const struct nir_notes *notes;
    struct arena *arena;
    float factor; /* what the next weights are to be multiplied by */
    herr_t refused;
    size_t n;
    char names[NODES_MAX][NAME_SIZE];
};

static void note(struct writer *writer, herr_t result)
{
    if (result < 0)
        writer->refused = result;
}

/* nodes --------------------------------------------------------------- */

static hid_t begin_node(struct writer *writer, const char *type,
                        const char *name, size_t i)
{
    char *own = writer->names[writer->n++];
    MUST(writer->n <= NODES_MAX);
    if (i == SIZE_MAX)
        snprintf(own, NAME_SIZE, "%s", name);
    else
        snprintf(own, NAME_SIZE, "%s%zu", name, i);
    hid_t node = hdf5_make_group(writer->nodes, own);
    note(writer, node < 0 ? -1 : 0);
    note(writer, hdf5_put_text_dataset(node, "type", type));
    return node;
}

static void put_pair(struct writer *writer, hid_t node, const char *name,
                     size_t a, size_t b)
{
    int64_t pair[] = {(int64_t)a, (int64_t)b};
    note(writer, hdf5_put_integers(node, name, 2, pair));
}

/* Whether what layer i takes, or the read-out, is an image: also one of a
 * single pixel, if it comes from a convolution. Else it is a vector. */
static bool takes_image(const struct feedforward *net, size_t i)
{
    if (i > 0)
        return net->layers[i - 1].operation == BLOCK_CONVOLUTION;
    return net->layers[0].operation == BLOCK_CONVOLUTION ||
           net->shape.height * net->shape.width > 1;
}

/* Channels first; returns the rank. */
static size_t order_shape(struct image_shape shape, bool is_image,
                          size_t extents[3])
{
    extents[0] = shape.n_channels;
    extents[1] = shape.height;
    extents[2] = shape.width;
    return is_image ? 3 : 1;
}

static void put_shape(struct writer *writer, hid_t node, const char *name,
                      struct image_shape shape, bool is_image)
{
    size_t extents[3], rank = order_shape(shape, is_image, extents);
    int64_t values[3];
    for (size_t i = 0; i < rank; i++)
        values[i] = (int64_t)extents[i];
    note(writer, hdf5_put_integers(node, name, rank, values));
}

static void write_end(struct writer *writer, const char *type,
                      const char *name, struct image_shape shape,
                      bool is_image)
{
    hid_t node = begin_node(writer, type, name, SIZE_MAX);
    put_shape(writer, node, "shape", shape, is_image);
    H5Gclose(node);
}

static void write_flatten(struct writer *writer, size_t i,
                          struct image_shape shape)
{
    hid_t node = begin_node(writer, "Flatten", "flatten", i);
    put_shape(writer, node, "input_type", shape, true);
    note(writer, hdf5_put_integer(node, "start_dim", 0));
    note(writer, hdf5_put_integer(node, "end_dim", -1));
    H5Gclose(node);
}

/* Quarters are exact; shares of a whole image need not be. */
static void write_pool(struct writer *writer, const char *name, size_t i,
                       size_t height, size_t width)
{
    bool sums = writer->notes->style.sum_pool;
    hid_t node =
        begin_node(writer, sums ? "SumPool2d" : "AvgPool2d", name, i);
    writer->factor = sums ? 1.0f / (float)(height * width) : 1.0f;
    put_pair(writer, node, "kernel_size", height, width);
    put_pair(writer, node, "stride", height, width);
    put_pair(writer, node, "padding", 0, 0);
    H5Gclose(node);
}

/* What the pooling before leaves to the weights. */
static void use_factor(struct writer *writer, size_t n, float *weights)
{
    for (size_t i = 0; i < n; i++)
        weights[i] *= writer->factor;
    writer->factor = 1.0f;
}

static void write_affine(struct writer *writer, const char *name, size_t i,
                         struct image_shape in, size_t n_out,
                         const float *weights, const float *bias)
{
    size_t extents[2] = {n_out, image_size(in)};
    float *ordered =
        ARENA_ARRAY(writer->arena, float, extents[0] * extents[1]);
    tensor_order_linear(in, n_out, weights, ordered);
    use_factor(writer, extents[0] * extents[1], ordered);
    hid_t node = begin_node(writer, "Affine", name, i);
    note(writer, hdf5_put_floats(node, "weight", 2, extents, ordered));
    note(writer, hdf5_put_floats(node, "bias", 1, &n_out, bias));
    H5Gclose(node);
}

static void write_convolution(struct writer *writer, size_t i,
                              const struct feedforward_layer *layer)
{
    size_t n_in = layer->in.n_channels, n_out = layer->out.n_channels;
    size_t extents[4] = {n_out, n_in, layer->size, layer->size};
    size_t n = n_out * feedforward_fan_in(layer);
    float *ordered = ARENA_ARRAY(writer->arena, float, n);
    tensor_order_kernel(layer->size, n_in, n_out, layer->weights, ordered);
    use_factor(writer, n, ordered);
    hid_t node = begin_node(writer, "Conv2d", "conv", i);
    put_pair(writer, node, "input_shape", layer->in.height, layer->in.width);
    put_pair(writer, node, "stride", layer->stride, layer->stride);
    put_pair(writer, node, "padding", layer->size / 2, layer->size / 2);
    put_pair(writer, node, "dilation", 1, 1);
    note(writer, hdf5_put_integer(node, "groups", 1));
    note(writer, hdf5_put_floats(node, "weight", 4, extents, ordered));
    note(writer, hdf5_put_floats(node, "bias", 1, &n_out, layer->bias));
    H5Gclose(node);
}

/* What single precision would round away. */
static void write_exact(struct writer *writer, hid_t node, double threshold,
                        double gain, const struct feedforward_layer *layer)
{
    hid_t group = hdf5_make_group(node, "metadata");
    note(writer, hdf5_put_real(group, "threshold", threshold));
    note(writer, hdf5_put_real(group, "leak", layer->leak));
    note(writer, hdf5_put_real(group, "gain", gain));
    if (layer->synaptic_leak > 0.0)
        note(writer, hdf5_put_real(group, "synaptic_leak",
                                   layer->synaptic_leak));
    if (layer->has_logit)
        note(writer, hdf5_put_real(group, "leak_logit",
                                   (double)layer->logit));
    if (layer->log_width < 0.0f || layer->log_width > 0.0f)
        note(writer, hdf5_put_real(group, "surrogate_log_width",
                                   (double)layer->log_width));
    H5Gclose(group);
}

/* Steps of Euler's method whose gains are 1, which some programs ask for. */
static void write_currents(struct writer *writer, size_t i, double threshold,
                           const struct feedforward_layer *layer)
{
    size_t extents[3];
    size_t rank = order_shape(layer->out,
                              layer->operation == BLOCK_CONVOLUTION, extents);
    double dt = writer->notes->dt, steps = 1.0 / (1.0 - layer->leak),
           synaptic_steps = 1.0 / (1.0 - layer->synaptic_leak);
    const struct {
        const char *name;
        double value;
    } rows[] = {{"tau_mem", dt * steps}, {"tau_syn", dt * synaptic_steps},
                {"r", steps},            {"w_in", synaptic_steps},
                {"v_leak", 0},           {"v_reset", 0},
                {"v_threshold", threshold}};
    hid_t node = begin_node(writer, "CubaLIF", "neuron", i);
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        note(writer, hdf5_put_same(node, rows[k].name, rank, extents,
                                   (float)rows[k].value));
    write_exact(writer, node, threshold, layer->gain, layer);
    H5Gclose(node);
}

static void write_neurons(struct writer *writer, size_t i, double threshold,
                          const struct feedforward_layer *layer)
{
    size_t extents[3];
    size_t rank = order_shape(layer->out,
                              layer->operation == BLOCK_CONVOLUTION, extents);
    double dt = writer->notes->dt, rest = 1.0 - layer->leak;
    bool leaks = layer->leak < 1.0;
    bool scales = leaks && writer->notes->style.unit_r;
    double gain = scales ? rest : layer->gain;
    double reached = scales ? threshold * rest / layer->gain : threshold;
    double r = leaks ? gain / rest : gain / dt;
    hid_t node = begin_node(writer, leaks ? "LIF" : "IF", "neuron", i);
    note(writer, hdf5_put_same(node, "r", rank, extents, (float)r));
    note(writer, hdf5_put_same(node, "v_threshold", rank, extents,
                               (float)reached));
    note(writer, hdf5_put_same(node, "v_reset", rank, extents, 0.0f));
    if (leaks) {
        note(writer,
             hdf5_put_same(node, "tau", rank, extents, (float)(dt / rest)));
        note(writer, hdf5_put_same(node, "v_leak", rank, extents, 0.0f));
    }
    write_exact(writer, node, reached, gain, layer);
    H5Gclose(node);
}

static void write_layer(struct writer *writer, size_t i,
                        const struct feedforward *net)
{
    const struct feedforward_layer *layer = &net->layers[i];
    if (layer->operation == BLOCK_LINEAR) {
        if (takes_image(net, i))
            write_flatten(writer, i, layer->in);
        write_affine(writer, "linear", i, layer->in, layer->out.n_channels,
                     layer->weights, layer->bias);
    } else {
        write_convolution(writer, i, layer);
    }
    if (layer->synaptic_leak > 0.0)
        write_currents(writer, i, net->threshold, layer);
    else
        write_neurons(writer, i, net->threshold, layer);
    if (layer->pooled)
        write_pool(writer, "pool", i, 2, 2);
}

static void write_readout(struct writer *writer, const struct feedforward *net)
{
    struct image_shape in = net->last;
    if (net->averages) {
        write_pool(writer, "average", SIZE_MAX, in.height, in.width);
        in.height = in.width = 1;
    }
    if (takes_image(net, net->n_layers))
        write_flatten(writer, net->n_layers, in);
    write_affine(writer, "readout", SIZE_MAX, in, net->n_classes,
                 net->readout_weights, net->readout_bias);
}

/* the graph ----------------------------------------------------------- */

static void write_edges(struct writer *writer, hid_t graph)
{
    const char *edges[NODES_MAX][2];
    hsize_t extents[2] = {writer->n - 1, 2};
    for (size_t i = 0; i + 1 < writer->n; i++) {
        edges[i][0] = writer->names[i];
        edges[i][1] = writer->names[i + 1];
    }
    hid_t space = H5Screate_simple(2, extents, NULL), type = hdf5_text_type();
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(list, false);
    hid_t dataset = H5Dcreate2(graph, "edges", type, space, H5P_DEFAULT, list,
                               H5P_DEFAULT);
    note(writer, H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, edges));
    H5Dclose(dataset);
    H5Pclose(list);
    H5Tclose(type);
    H5Sclose(space);
}

static bool any_folded(const struct feedforward *net)
{
    for (size_t i = 0; i < net->n_layers; i++)
        if (net->layers[i].folded)
            return true;
    return false;
}

static void write_notes(struct writer *writer, hid_t graph,
                        const struct feedforward *net)
{
    const struct nir_notes *notes = writer->notes;
    hid_t group = hdf5_make_group(graph, "metadata");
    note(writer, hdf5_put_text_dataset(group, "writer", "spikesweep"));
    note(writer, hdf5_put_real(group, "dt", notes->dt));
    note(writer,
         hdf5_put_integer(group, "n_steps", (int64_t)net->n_steps));
    note(writer, hdf5_put_text_dataset(group, "reset",
                                       net->soft_reset ? "soft" : "hard"));
    note(writer,
         hdf5_put_text_dataset(group, "readout", "mean of Output over steps"));
    note(writer, hdf5_put_text_dataset(group, "fires", "v >= v_threshold"));
    note(writer, hdf5_put_integer(group, "normalization_folded",
                                  any_folded(net)));
    if (notes->spec)
        note(writer, hdf5_put_text_dataset(group, "spec", notes->spec));
    if (notes->n_noted > 0) {
        note(writer, hdf5_put_floats(group, "input_mean", 1, &notes->n_noted,
                                     notes->mean));
        note(writer, hdf5_put_floats(group, "input_deviation", 1,
                                     &notes->n_noted, notes->deviation));
    }
    H5Gclose(group);
}

static void write_graph(struct writer *writer, hid_t file,
                        const struct feedforward *net)
{
    struct image_shape logits = {1, 1, net->n_classes};
    hid_t graph = hdf5_make_group(file, "node");
    note(writer, hdf5_put_text_dataset(file, "version", FORMAT_VERSION));
    note(writer, hdf5_put_text_dataset(graph, "type", "NIRGraph"));
    writer->nodes = hdf5_make_group(graph, "nodes");
    write_end(writer, "Input", "input", net->shape, takes_image(net, 0));
    for (size_t i = 0; i < net->n_layers; i++)
        write_layer(writer, i, net);
    write_readout(writer, net);
    write_end(writer, "Output", "output", logits, false);
    write_edges(writer, graph);
    write_notes(writer, graph, net);
    H5Gclose(writer->nodes);
    H5Gclose(graph);
}

herr_t nir_put(hid_t file, const struct feedforward *net,
               const struct nir_notes *notes)
{
    struct arena arena = arena_open();
    struct writer writer = {
        .notes = notes, .arena = &arena, .factor = 1.0f};
    write_graph(&writer, file, net);
    arena_close(&arena);
    return writer.refused;
}

struct all {
    const struct feedforward *net;
    const struct nir_notes *notes;
};

static herr_t put(hid_t file, void *self)
{
    const struct all *all = self;
    return nir_put(file, all->net, all->notes);
}

enum status nir_write(const char *path, const struct feedforward *net,
                      const struct nir_notes *notes)
{
    struct all all = {net, notes};
    return exchange_write(path, put, &all);
}

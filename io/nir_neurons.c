/* Neurons of a NIR file, as this program's (see io/nir.h). */
#include "io/nir_parts.h"

#include <math.h>
#include <string.h>

/* Of a neuron, in steps. What r and v_leak say is of the current. */
struct neuron_of {
    double leak, synaptic_leak, gain, threshold, drift;
};

/* Single precision is what such files are written in. */
static const double NEARLY = 1e-6;

static bool is_near(double a, double b)
{
    return fabs(a - b) <= NEARLY * fmax(1.0, fabs(b));
}

/* A parameter of all neurons: one for all, one for each channel, or one for
 * each neuron, channels first; pixels of a channel must agree. */
struct parameter {
    double *at; /* [n_channels] */
};

static enum status take_parameter(const struct nir_file *file,
                                  const struct nir_node *node,
                                  const char *name, struct image_shape shape,
                                  struct parameter *parameter)
{
    struct hdf5_numbers array;
    size_t n_channels = shape.n_channels;
    TRY(nir_file_get(file, node, name, 0, HDF5_NUMBERS_RANK_MAX, &array));
    if (array.n != 1 && array.n != n_channels && array.n != image_size(shape))
        return status_refuse(STATUS_INVALID,
                             "%s: %s of node %s has %zu entries, allowed are "
                             "1, %zu (one a channel) and %zu (one a neuron)",
                             file->path, name, node->name, array.n, n_channels,
                             image_size(shape));
    size_t n_each = array.n > n_channels ? array.n / n_channels : 1;
    parameter->at = ARENA_ARRAY(file->arena, double, n_channels);
    for (size_t c = 0; c < n_channels; c++) {
        const double *from = array.n == 1 ? array.at : array.at + c * n_each;
        parameter->at[c] = *from;
        for (size_t i = 1; i < n_each; i++)
            if (!is_near(from[i], *from))
                return status_refuse(
                    STATUS_INVALID,
                    "%s: %s of node %s is %g and %g in one channel, allowed "
                    "is one value a channel",
                    file->path, name, node->name, *from, from[i]);
    }
    return STATUS_OK;
}

static enum status refuse_value(const struct nir_file *file,
                                const struct nir_node *node, const char *name,
                                double value, const char *allowed)
{
    return status_refuse(STATUS_INVALID,
                         "%s: %s of node %s is %g, allowed is %s", file->path,
                         name, node->name, value, allowed);
}

static enum status check_reset(const struct nir_file *file,
                               const struct nir_node *node,
                               struct image_shape shape)
{
    struct parameter reset;
    if (!nir_file_has(file, node, "v_reset"))
        return STATUS_OK;
    TRY(take_parameter(file, node, "v_reset", shape, &reset));
    for (size_t c = 0; c < shape.n_channels; c++)
        if (!is_near(reset.at[c], 0.0))
            return refuse_value(file, node, "v_reset", reset.at[c],
                                "0, where a potential begins and a hard reset "
                                "takes it");
    return STATUS_OK;
}

static enum status take_leak(const struct nir_file *file,
                             const struct nir_node *node, const char *name,
                             double tau, double dt, double *leak)
{
    double share = dt / tau;
    if (!(share >= 0.0 && share <= 1.0 + NEARLY))
        return refuse_value(file, node, name, tau,
                            "a time constant of one time step or more (see "
                            "--dt)");
    *leak = fmax(1.0 - share, 0.0);
    return STATUS_OK;
}

/* CubaLIF: tau_syn dI/dt = w_in z - I. A potential at rest that is not 0 would
 * be a current that does not go through the synapse. */
static enum status take_currents(const struct nir_file *file,
                                 const struct nir_node *node, double dt,
                                 struct image_shape shape,
                                 struct neuron_of *neurons)
{
    struct parameter tau, weight;
    bool weighs = nir_file_has(file, node, "w_in");
    TRY(take_parameter(file, node, "tau_syn", shape, &tau));
    if (weighs)
        TRY(take_parameter(file, node, "w_in", shape, &weight));
    for (size_t c = 0; c < shape.n_channels; c++) {
        double w = weighs ? weight.at[c] : 1.0;
        TRY(take_leak(file, node, "tau_syn", tau.at[c], dt,
                      &neurons[c].synaptic_leak));
        if (!(w > 0.0))
            return refuse_value(file, node, "w_in", w, "a number above 0");
        if (!is_near(neurons[c].drift, 0.0))
            return refuse_value(file, node, "v_leak",
                                neurons[c].drift / (1.0 - neurons[c].leak),
                                "0 where there is a synaptic current");
        neurons[c].gain *= w * dt / tau.at[c];
    }
    return STATUS_OK;
}

/* IF: dv/dt = r I. LIF and CubaLIF: tau dv/dt = v_leak - v + r I. */
static enum status take_dynamics(const struct nir_file *file,
                                 const struct nir_node *node, double dt,
                                 struct image_shape shape,
                                 struct neuron_of *neurons)
{
    struct parameter r, tau, rest;
    bool has_current = strcmp(node->type, "CubaLIF") == 0;
    bool leaks = has_current || strcmp(node->type, "LIF") == 0;
    const char *name = has_current ? "tau_mem" : "tau";
    TRY(take_parameter(file, node, "r", shape, &r));
    if (leaks) {
        TRY(take_parameter(file, node, name, shape, &tau));
        TRY(take_parameter(file, node, "v_leak", shape, &rest));
    }
    for (size_t c = 0; c < shape.n_channels; c++) {
        double share = leaks ? dt / tau.at[c] : dt;
        neurons[c] = (struct neuron_of){.leak = 1.0};
        if (leaks)
            TRY(take_leak(file, node, name, tau.at[c], dt, &neurons[c].leak));
        if (!(r.at[c] > 0.0))
            return refuse_value(file, node, "r", r.at[c], "a number above 0");
        neurons[c].gain = r.at[c] * share;
        neurons[c].drift = leaks ? share * rest.at[c] : 0.0;
    }
    return has_current ? take_currents(file, node, dt, shape, neurons)
                       : STATUS_OK;
}

static enum status take_thresholds(const struct nir_file *file,
                                   const struct nir_node *node,
                                   struct image_shape shape,
                                   struct neuron_of *neurons)
{
    struct parameter threshold;
    TRY(take_parameter(file, node, "v_threshold", shape, &threshold));
    for (size_t c = 0; c < shape.n_channels; c++) {
        if (!(threshold.at[c] > 0.0))
            return refuse_value(file, node, "v_threshold", threshold.at[c],
                                "a number above 0");
        neurons[c].threshold = threshold.at[c];
    }
    return STATUS_OK;
}

static enum status check_leaks(const struct nir_file *file,
                               const struct nir_node *node, size_t n,
                               const struct neuron_of *neurons)
{
    for (size_t c = 1; c < n; c++)
        if (!is_near(neurons[c].leak, neurons[0].leak) ||
            !is_near(neurons[c].synaptic_leak, neurons[0].synaptic_leak))
            return status_refuse(STATUS_INVALID,
                                 "%s: a time constant of node %s differs from channel to "
                                 "channel, allowed is one for a node",
                                 file->path, node->name);
    return STATUS_OK;
}

/* What double precision said, if it is still true. */
static double refine(const struct nir_file *file, const struct nir_node *node,
                     const char *key, double value)
{
    double exact = value;
    nir_file_note(file, node, key, &exact);
    return is_near(value, exact) ? exact : value;
}

/* Gains that are all 1, or all what the leak leaves, stay gains. */
static double common_gain(const struct nir_file *file,
                          const struct nir_node *node, size_t n,
                          const struct neuron_of *neurons, double leak)
{
    double gain = refine(file, node, "gain", neurons[0].gain);
    bool to_one = is_near(gain, 1.0) || neurons[0].synaptic_leak > 0.0;
    double kept = to_one ? 1.0 : 1.0 - leak;
    for (size_t c = 0; c < n; c++)
        if (!is_near(neurons[c].gain, kept))
            return 1.0;
    return kept;
}

/* U scaled by a common threshold over the neuron's own: the same spikes. */
static void put_into_weights(const struct neuron_of *neurons, double common,
                             struct feedforward_layer *layer)
{
    size_t n = layer->out.n_channels, n_rows = feedforward_fan_in(layer);
    for (size_t c = 0; c < n; c++) {
        double gain = is_near(neurons[c].gain, layer->gain)
                          ? 1.0
                          : neurons[c].gain / layer->gain;
        double to_common = is_near(neurons[c].threshold, common)
                               ? 1.0
                               : common / neurons[c].threshold;
        double factor = gain * to_common;
        if (neurons[c].drift != 0.0)
            layer->bias[c] +=
                (float)(neurons[c].drift / (layer->gain * gain));
        if (factor == 1.0)
            continue;
        layer->bias[c] = (float)((double)layer->bias[c] * factor);
        for (size_t i = 0; i < n_rows; i++)
            layer->weights[i * n + c] =
                (float)((double)layer->weights[i * n + c] * factor);
    }
}

enum status nir_read_neurons(const struct nir_file *file,
                             const struct nir_node *node, double dt,
                             double *threshold,
                             struct feedforward_layer *layer)
{
    size_t n = layer->out.n_channels;
    double logit = NAN, log_width = 0;
    struct neuron_of *neurons =
        ARENA_ARRAY(file->arena, struct neuron_of, n);
    TRY(take_dynamics(file, node, dt, layer->out, neurons));
    TRY(take_thresholds(file, node, layer->out, neurons));
    TRY(check_reset(file, node, layer->out));
    TRY(check_leaks(file, node, n, neurons));
    layer->leak = refine(file, node, "leak", neurons[0].leak);
    layer->synaptic_leak =
        refine(file, node, "synaptic_leak", neurons[0].synaptic_leak);
    layer->gain = common_gain(file, node, n, neurons, layer->leak);
    if (*threshold == 0.0)
        *threshold =
            refine(file, node, "threshold", neurons[0].threshold);
    nir_file_note(file, node, "leak_logit", &logit);
    layer->has_logit =
        is_near(1.0 / (1.0 + exp(-logit)), layer->leak);
    layer->logit = layer->has_logit ? (float)logit : 0.0f;
    nir_file_note(file, node, "surrogate_log_width", &log_width);
    layer->log_width = (float)log_width;
    put_into_weights(neurons, *threshold, layer);
    return STATUS_OK;
}

#include "core/conversion.h"
#include "core/attention.h"
#include "core/encoding.h"
#include "core/gate.h"
#include "core/loss.h"
#include "core/network.h"
#include "core/neuron.h"
#include "core/normalization.h"
#include "core/regularizer.h"
#include "core/spec.h"
#include "core/surrogate.h"
#include "core/training.h"

#include <string.h>

/* none ---------------------------------------------------------------- */

static const struct conversion none = {
    .kind = {.name = "none", .doc = "the spiking network itself is trained",
             .cite = "standard", .later = true},
};

/* qcfs ---------------------------------------------------------------- */

struct qcfs {
    size_t n_levels;
};

static size_t qcfs_count_levels(const void *params)
{
    return ((const struct qcfs *)params)->n_levels;
}

/* The rate of each step's maximum or product of spikes is not that of rates. */
static const char *object_to_blocks(const struct spec *spec)
{
    struct block blocks[NETWORK_BLOCKS_MAX] = {{0}};
    const struct choice *network = &spec->at[SPEC_NETWORK];
    size_t n = network_of(network->kind)->describe(network->params, blocks);
    for (size_t i = 0; i < n; i++) {
        if (blocks[i].pool == POOL_MAX)
            return "needs average pooling: the largest of four rates is not "
                   "the rate of the steps' largest spikes";
        if (blocks[i].shortcut != SHORTCUT_NONE &&
            network_joins_spikes(blocks[i].join))
            return "shortcuts join spikes, and what is trained has levels";
    }
    return NULL;
}

static const char *object_to_neurons(const struct choice *neuron)
{
    const struct neuron_activation *activation =
        neuron_of(neuron->kind)->activation;
    if (!activation)
        return "needs a neuron that an activation stands for: pif";
    return activation->objection(neuron->params);
}

/* The analog network has neither steps nor potentials nor spikes. */
static const char *object_to_training(const struct spec *spec)
{
    struct gate_law law;
    if (spec->at[SPEC_TRAINING].kind == training_kind_dummy)
        return "training dummy has no network";
    if (!encoding_of(spec->at[SPEC_ENCODING].kind)->constant)
        return "needs the image as a constant current: encoding direct";
    if (normalization_of(spec->at[SPEC_NORMALIZATION].kind)->by_step)
        return "each step is normalized by itself, and what is trained has one";
    if (gate_take_law(spec, &law) && law.learned)
        return "the gates are learned, and what is trained has no spikes";
    if (loss_of(spec->at[SPEC_LOSS].kind)->each_step)
        return "the loss is of each time step, and what is trained has one";
    if (strcmp(spec->at[SPEC_REGULARIZER].kind->name,
               regularizer_axis.fallback) != 0)
        return "regularizers are of spiking networks, and what is trained is "
               "none";
    if (attention_of(spec->at[SPEC_ATTENTION].kind)->n_hidden)
        return "the attention is over steps, and what is trained has one";
    if (surrogate_of(spec->at[SPEC_SURROGATE].kind)->learns_width)
        return "the surrogate learns its width, and what is trained has no "
               "spikes";
    return NULL;
}

static const char *qcfs_applies(const struct spec *spec)
{
    const char *reason = object_to_neurons(&spec->at[SPEC_NEURON]);
    reason = reason ? reason : object_to_blocks(spec);
    return reason ? reason : object_to_training(spec);
}

static const struct row qcfs_rows[] = {
    {.name = "n_levels", .unit = "1",
     .doc = "L, levels of the activation above 0; they are kept as bytes, of which pooling adds "
            "four; 63 are nearly a clipped ReLU",
     .type = ROW_COUNT, .fallback = "4", .minimum = 1, .maximum = 63,
     .offset = offsetof(struct qcfs, n_levels)},
};

static const struct conversion qcfs = {
    .kind = {.name = "qcfs",
             .doc = "an analog network of one step is trained, with a quantized clip of learned "
                    "height lambda, floor and shift, for each neuron; its weights are then the "
                    "spiking network's, which is measured and attacked",
             .cite = "Bu et al., ICLR 2022 (arXiv 2303.04347), quantization "
                     "clip-floor-shift activation, with its straight-through "
                     "gradients; lambda as in neuron.lambda (the authors' begins at 8)",
             .rows = qcfs_rows,
             .n_rows = KIND_COUNT(qcfs_rows),
             .params_size = sizeof(struct qcfs),
             .applies = qcfs_applies},
    .count_levels = qcfs_count_levels,
};

/* table of contents --------------------------------------------------- */

static const struct kind *const kinds[] = {&none.kind, &qcfs.kind};

const struct axis conversion_axis = {
    "conversion", "whether an analog network is trained in place of the spiking one", kinds,
    KIND_COUNT(kinds), "none"};

const struct conversion *conversion_of(const struct kind *kind)
{
    return (const struct conversion *)kind;
}

size_t conversion_count_levels(const struct spec *spec)
{
    const struct choice *choice = &spec->at[SPEC_CONVERSION];
    const struct conversion *conversion = conversion_of(choice->kind);
    return conversion->count_levels ? conversion->count_levels(choice->params)
                                    : 0;
}

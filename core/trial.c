#include "core/trial.h"
#include "core/attack.h"
#include "core/attack_source.h"
#include "core/encoding.h"
#include "core/gate.h"
#include "core/linalg.h"
#include "core/loss.h"
#include "core/network.h"
#include "core/training.h"
#include "core/trial_parts.h"

#include <string.h>

struct trial_batch trial_batch_lay_out(const struct data_set *data, size_t n,
                                       struct arena *arena)
{
    struct trial_batch batch;
    batch.images = ARENA_ARRAY(arena, float, n * image_size(data->shape));
    batch.ids = ARENA_ARRAY(arena, uint32_t, n);
    batch.labels = ARENA_ARRAY(arena, uint8_t, n);
    batch.predicted = ARENA_ARRAY(arena, uint8_t, n);
    batch.loss = ARENA_ARRAY(arena, float, n);
    return batch;
}

void trial_gather(const struct data_set *data, const struct split *split,
                  size_t n, struct trial_batch *batch)
{
    data_gather(data, split, n, batch->ids, batch->images, batch->labels);
}

struct model_batch trial_model_batch(const struct trial_batch *batch, size_t n,
                                     uint64_t seed, enum rng_use use,
                                     uint32_t draw)
{
    return (struct model_batch){n, batch->images, batch->ids, seed, use, draw};
}

bool trial_is_random(const struct spec *spec)
{
    return encoding_of(spec->at[SPEC_ENCODING].kind)->random ||
           gate_is_random(spec);
}

void trial_ask(struct model *model, const struct model_batch *batch,
               const struct query *query)
{
    size_t n = query->n, n_classes = model->n_classes;
    model_forward_test(model, batch, NULL);
    loss_predict(n, n_classes, model->logits, query->predicted);
    query->objective->find(n, n_classes, model->logits, query->labels,
                           query->targets, query->loss, model->d_logits);
    if (query->logits)
        memcpy(query->logits, model->logits,
               n * n_classes * sizeof *query->logits);
}

static size_t count_layers(const struct spec *spec)
{
    struct block blocks[NETWORK_BLOCKS_MAX];
    const struct choice *network = &spec->at[SPEC_NETWORK];
    return network_of(network->kind)->describe(network->params, blocks);
}

struct membrane trial_membrane(const struct spec *spec)
{
    const struct training_bptt *training = spec->at[SPEC_TRAINING].params;
    const struct network_common *network = spec->at[SPEC_NETWORK].params;
    double gamma = regularizer_gamma(spec);
    return (struct membrane){
        .n_layers = count_layers(spec),
        .n_steps = network->n_steps,
        .n_bins = training->histogram_bins,
        .range = training->histogram_range,
        .gamma = gamma > 0 ? gamma : 1.0, /* unbounded support */
    };
}

struct record trial_train_record(const struct spec *spec,
                                 const struct data_set *data)
{
    const struct training_bptt *training = spec->at[SPEC_TRAINING].params;
    const struct network_common *network = spec->at[SPEC_NETWORK].params;
    struct record record = {.stage = STAGE_TRAIN};
    record.extent[DIM_EPOCH] = training->n_epochs;
    record.extent[DIM_LAYER] = count_layers(spec);
    record.extent[DIM_STEP] = network->n_steps;
    record.extent[DIM_BIN] = training->histogram_bins + 2;
    record.extent[DIM_SAMPLE] = data->test.n;
    return record;
}

struct record trial_evaluate_record(const struct spec *spec,
                                    struct span span)
{
    const struct choice *attack = &spec->at[SPEC_ATTACK];
    struct record record = {.stage = STAGE_EVALUATE, .span = span};
    record.extent[DIM_EPSILON] =
        attack_sizes(attack_of(attack->kind), attack->params).n;
    record.extent[DIM_SAMPLE] = span.n;
    return record;
}

size_t trial_attack_samples(const struct spec *spec, size_t n_test)
{
    const struct attack_common *attack = spec->at[SPEC_ATTACK].params;
    size_t n = attack->n_samples;
    return n > 0 && n < n_test ? n : n_test;
}

size_t trial_attack_batch(const struct spec *spec, size_t n_samples)
{
    const struct attack_common *attack = spec->at[SPEC_ATTACK].params;
    size_t n = attack->batch_size;
    return n < n_samples ? n : n_samples;
}

size_t trial_part_size(const struct spec *spec, size_t n_test)
{
    const struct attack_common *attack = spec->at[SPEC_ATTACK].params;
    size_t n_all = trial_attack_samples(spec, n_test);
    size_t n = attack->samples_per_task;
    return n > 0 && n < n_all ? n : n_all;
}

/* Here and now: what another machine can do does not matter. */
static enum status check_precision(const struct spec *spec)
{
    const struct network_common *common = spec->at[SPEC_NETWORK].params;
    if (common->precision != PRECISION_BF16 || linalg_bf16_unit())
        return STATUS_OK;
    return status_refuse(STATUS_INVALID,
                         "network.gradient_precision = bf16 needs a machine "
                         "with AVX512-BF16 or AMX, which this one has not; "
                         "fp32 runs everywhere");
}

enum status trial_check_shape(const struct spec *spec,
                              const struct data_set *data)
{
    struct block blocks[NETWORK_BLOCKS_MAX];
    const struct choice *network = &spec->at[SPEC_NETWORK];
    size_t n = network_of(network->kind)->describe(network->params, blocks);
    size_t height = data->shape.height, width = data->shape.width, pools = 0;
    for (size_t i = 0; i < n && height > 0 && width > 0; i++) {
        if (blocks[i].operation == BLOCK_CONVOLUTION) {
            height = operation_strided(height, blocks[i].stride);
            width = operation_strided(width, blocks[i].stride);
        }
        if (blocks[i].pool != POOL_NONE) {
            height /= 2;
            width /= 2;
            pools++;
        }
    }
    if (height == 0 || width == 0)
        return status_refuse(STATUS_INVALID,
                             "network %s: %zu poolings by 2 leave nothing of "
                             "images of %zu x %zu pixels",
                             network->kind->name, pools, data->shape.height,
                             data->shape.width);
    return STATUS_OK;
}

enum status trial_check(const struct spec *spec, const struct data_set *data)
{
    TRY(check_precision(spec));
    TRY(trial_check_shape(spec, data));
    if (trial_train_batch(spec, data) < 2)
        return status_refuse(STATUS_INVALID,
                             "dataset: %zu training samples are too few, at "
                             "least 2 are needed",
                             data->train.n);
    return STATUS_OK;
}

bool trial_has_source(const struct spec *spec)
{
    return attack_source_is_other(spec);
}

enum status trial_find_source(const struct spec *spec,
                              const struct data_set *data, struct arena *arena,
                              struct spec *source)
{
    TRY(attack_source_find(spec, source, arena));
    *source = spec_without_attack(*source);
    return trial_check(source, data);
}

size_t trial_memory(const struct spec *spec, const struct data_set *data,
                    struct trial_means means)
{
    return spec->at[SPEC_ATTACK].kind
               ? trial_part_memory(spec, data, (struct span){0}, means)
               : trial_train_memory(spec, data, means);
}

double trial_estimate(const struct spec *spec, const struct data_set *data,
                      const struct trial_hooks *hooks)
{
    return spec->at[SPEC_ATTACK].kind
               ? trial_evaluate_estimate(spec, data, hooks)
               : trial_train_estimate(spec, data, hooks);
}

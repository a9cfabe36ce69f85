/* What the stages of a trial share; private to core/trial*.c. */
#ifndef CORE_TRIAL_PARTS_H
#define CORE_TRIAL_PARTS_H

#include "core/membrane.h"
#include "core/model.h"
#include "core/trial.h"
#include "core/victim.h"

/* A batch of samples and what comes out for each of them. */
struct trial_batch {
    float *images;     /* [n][H*W*C] */
    uint32_t *ids;     /* [n] */
    uint8_t *labels, *predicted;
    float *loss;
};

struct trial_batch trial_batch_lay_out(const struct data_set *data, size_t n,
                                       struct arena *arena);

/* Fills images and labels of the n samples in batch->ids. */
void trial_gather(const struct data_set *data, const struct split *split,
                  size_t n, struct trial_batch *batch);

struct model_batch trial_model_batch(const struct trial_batch *batch, size_t n,
                                     uint64_t seed, enum rng_use use,
                                     uint32_t draw);

/* A victim's pass forward: all of the answer but d_images, which needs a pass
 * back from model->d_logits. */
void trial_ask(struct model *model, const struct model_batch *batch,
               const struct query *query);

/* Sizes of the membrane's statistics. */
struct membrane trial_membrane(const struct spec *spec);

/* Records with their extents, not yet laid out. */
struct record trial_train_record(const struct spec *spec,
                                 const struct data_set *data);
struct record trial_evaluate_record(const struct spec *spec,
                                    struct span span);

/* Samples in a training step, and in a batch of an attack on so many. */
size_t trial_train_batch(const struct spec *spec, const struct data_set *data);
size_t trial_attack_batch(const struct spec *spec, size_t n_samples);

size_t trial_train_memory(const struct spec *spec,
                          const struct data_set *data,
                          struct trial_means means);

/* Seconds of one batch, measured, times the number of batches. */
double trial_train_estimate(const struct spec *spec,
                            const struct data_set *data,
                            const struct trial_hooks *hooks);
double trial_evaluate_estimate(const struct spec *spec,
                               const struct data_set *data,
                               const struct trial_hooks *hooks);

#endif

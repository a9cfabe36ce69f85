/* Stage "evaluate": one attack on a trained network, over its epsilons. */
#include "core/attack.h"
#include "core/loss.h"
#include "core/model.h"
#include "core/training.h"
#include "core/trial_parts.h"

#include <math.h>
#include <string.h>

/* An evaluation under way. */
struct siege {
    const struct spec *spec;
    const struct data_set *data;
    const struct trial_hooks *hooks;
    const struct attack *attack;
    const void *attack_params;
    struct model *model;
    struct trial_batch batch;
    float *adversarial;
    uint32_t *n_zero_pixels;
    struct victim victim;
    struct arena scratch; /* the attack's own, emptied after each batch */
    uint64_t seed;
};

/* the victim ---------------------------------------------------------- */

static void pass_forward(struct siege *siege, const struct model_batch *batch,
                         const uint8_t *labels, float *loss,
                         uint8_t *predicted)
{
    struct model *model = siege->model;
    model_forward_test(model, batch, NULL);
    loss_cross_entropy(batch->n, model->n_classes, model->logits, labels, 1.0f,
                       loss, predicted, model->d_logits);
}

static void victim_predict(void *self, size_t n, const float *images,
                           const uint8_t *labels, const uint32_t *ids,
                           uint32_t draw, float *loss, uint8_t *predicted)
{
    struct siege *siege = self;
    struct model_batch batch = {n,           images, ids,
                                siege->seed, RNG_ENCODE_ATTACK, draw};
    pass_forward(siege, &batch, labels, loss, predicted);
}

static void victim_gradient(void *self, size_t n, const float *images,
                            const uint8_t *labels, const uint32_t *ids,
                            uint32_t draw, float *loss, uint8_t *predicted,
                            float *d_images)
{
    struct siege *siege = self;
    struct model_batch batch = {n,           images, ids,
                                siege->seed, RNG_ENCODE_ATTACK, draw};
    pass_forward(siege, &batch, labels, loss, predicted);
    model_backward_images(siege->model, &batch, d_images);
}

/* Runs the layout; over a counting arena only the shapes are good. */
static void lay_siege_out(struct siege *siege, const struct spec *spec,
                          const struct data_set *data,
                          struct trial_means means, struct arena *arena)
{
    size_t n = trial_attack_batch(spec, data);
    size_t n_pixels = image_size(data->shape);
    const struct training_common *training = spec->at[SPEC_TRAINING].params;
    *siege = (struct siege){
        .spec = spec,
        .data = data,
        .attack = attack_of(spec->at[SPEC_ATTACK].kind),
        .attack_params = spec->at[SPEC_ATTACK].params,
        .model = model_lay_out(spec, data, n, MODEL_ATTACK, means, arena),
        .batch = trial_batch_lay_out(data, n, arena),
        .adversarial = ARENA_ARRAY(arena, float, n * n_pixels),
        .n_zero_pixels = ARENA_ARRAY(arena, uint32_t, n),
        .seed = training->seed,
        .scratch = arena_open(),
    };
    siege->victim = (struct victim){
        .self = siege,
        .n_pixels = n_pixels,
        .n_max = n,
        .random = trial_is_random(spec),
        .gradient = victim_gradient,
        .predict = victim_predict,
    };
}

/* one batch ----------------------------------------------------------- */

/* What an epsilon's batches add up to. */
struct siege_sums {
    double loss;
    size_t n_correct, n_zero_samples, n_zero_pixels, n_forward, n_backward;
    float distance, low, high;
};

static void load_batch(struct siege *siege, size_t first, size_t n)
{
    for (size_t i = 0; i < n; i++)
        siege->batch.ids[i] = (uint32_t)(first + i);
    trial_gather(siege->data, &siege->data->test, n, &siege->batch);
}

static struct attack_batch run_attack(struct siege *siege, size_t n,
                                      float epsilon)
{
    struct attack_batch batch = {
        .n = n,
        .n_pixels = siege->victim.n_pixels,
        .clean = siege->batch.images,
        .labels = siege->batch.labels,
        .ids = siege->batch.ids,
        .seed = siege->seed,
        .epsilon = epsilon,
        .adversarial = siege->adversarial,
        .n_zero_pixels = siege->n_zero_pixels,
        .scratch = &siege->scratch,
    };
    siege->attack->run(siege->attack_params, &siege->victim, &batch);
    arena_close(&siege->scratch);
    return batch;
}

static void add_distances(const struct attack_batch *batch,
                          struct siege_sums *sums)
{
    for (size_t i = 0; i < batch->n * batch->n_pixels; i++) {
        float pixel = batch->adversarial[i];
        sums->distance =
            fmaxf(sums->distance, fabsf(pixel - batch->clean[i]));
        sums->low = fminf(sums->low, pixel);
        sums->high = fmaxf(sums->high, pixel);
    }
}

/* The verdict is given with the test's own random numbers, those of the clean
 * measurement, which the attack has not seen. */
static void judge_batch(struct siege *siege, const struct attack_batch *batch,
                        uint8_t *prediction, struct siege_sums *sums)
{
    struct model_batch input = {batch->n,    batch->adversarial, batch->ids,
                                siege->seed, RNG_ENCODE_TEST,    0};
    pass_forward(siege, &input, batch->labels, siege->batch.loss, prediction);
    for (size_t i = 0; i < batch->n; i++) {
        sums->loss += (double)siege->batch.loss[i];
        sums->n_correct += prediction[i] == batch->labels[i];
        sums->n_zero_samples += batch->n_zero_pixels[i] == batch->n_pixels;
        sums->n_zero_pixels += batch->n_zero_pixels[i];
    }
    sums->n_forward += batch->n_forward;
    sums->n_backward += batch->n_backward;
    add_distances(batch, sums);
}

/* all of it ----------------------------------------------------------- */

static void write_sums(const struct siege *siege, const struct siege_sums *sums,
                       size_t e, double epsilon, struct record *record)
{
    size_t n = record->extent[DIM_SAMPLE];
    double n_pixels = (double)(n * siege->victim.n_pixels);
    record_f64(record, FIELD_EPSILON)[e] = epsilon;
    record_f64(record, FIELD_ROBUST_ACCURACY)[e] =
        (double)sums->n_correct / (double)n;
    record_f64(record, FIELD_ROBUST_LOSS)[e] = sums->loss / (double)n;
    record_u64(record, FIELD_N_ZERO_GRADIENT)[e] = sums->n_zero_samples;
    record_f64(record, FIELD_ZERO_GRADIENT_SHARE)[e] =
        (double)sums->n_zero_pixels / n_pixels;
    record_f64(record, FIELD_DISTANCE_MAX)[e] = (double)sums->distance;
    record_f64(record, FIELD_PIXEL_MIN)[e] = (double)sums->low;
    record_f64(record, FIELD_PIXEL_MAX)[e] = (double)sums->high;
    record_u64(record, FIELD_N_FORWARD)[e] = sums->n_forward / n;
    record_u64(record, FIELD_N_BACKWARD)[e] = sums->n_backward / n;
}

static void attack_at(struct siege *siege, size_t e, struct record *record)
{
    const struct attack_common *attack = siege->attack_params;
    size_t n_samples = record->extent[DIM_SAMPLE];
    uint8_t *prediction =
        record_u8(record, FIELD_ROBUST_PREDICTION) + e * n_samples;
    struct siege_sums sums = {.low = INFINITY, .high = -INFINITY};
    for (size_t i = 0; i < n_samples; i += siege->victim.n_max) {
        size_t left = n_samples - i;
        size_t n = left < siege->victim.n_max ? left : siege->victim.n_max;
        load_batch(siege, i, n);
        struct attack_batch batch =
            run_attack(siege, n, (float)attack->epsilons.at[e]);
        judge_batch(siege, &batch, prediction + i, &sums);
        siege->hooks->progress(siege->hooks->self, e * n_samples + i + n,
                               attack->epsilons.n * n_samples, (double)NAN);
    }
    write_sums(siege, &sums, e, attack->epsilons.at[e], record);
}

enum status trial_evaluate(const struct spec *spec,
                           const struct data_set *data,
                           const struct weights *weights,
                           const struct trial_hooks *hooks,
                           struct arena *arena, struct record *record)
{
    struct siege siege;
    size_t n_values = model_count_values(spec, data);
    if (weights->n != n_values)
        return status_refuse(STATUS_INVALID,
                             "the model has %zu values, the cell's network "
                             "needs %zu",
                             weights->n, n_values);
    lay_siege_out(&siege, spec, data, hooks->means, arena);
    siege.hooks = hooks;
    memcpy(siege.model->weights, weights->at, weights->n * sizeof(float));
    *record = trial_evaluate_record(spec, data);
    record_lay_out(record, arena);
    for (size_t e = 0; e < record->extent[DIM_EPSILON]; e++)
        attack_at(&siege, e, record);
    return STATUS_OK;
}

size_t trial_evaluate_memory(const struct spec *spec,
                             const struct data_set *data,
                             struct trial_means means)
{
    struct arena arena = arena_open_counting();
    struct siege siege;
    struct record record = trial_evaluate_record(spec, data);
    lay_siege_out(&siege, spec, data, means, &arena);
    record_lay_out(&record, &arena);
    return arena.n_bytes +
           attack_memory(siege.attack, siege.attack_params, &siege.victim);
}

/* The first batch at the largest epsilon, on untrained weights, stands for
 * all. */
double trial_evaluate_estimate(const struct spec *spec,
                               const struct data_set *data,
                               const struct trial_hooks *hooks)
{
    struct arena own = arena_open();
    struct siege siege;
    lay_siege_out(&siege, spec, data, hooks->means, &own);
    siege.hooks = hooks;
    const struct attack_common *attack = siege.attack_params;
    size_t n = siege.victim.n_max;
    model_initialize(siege.model, siege.seed);
    load_batch(&siege, 0, n);
    double start = hooks->now_s(hooks->self);
    run_attack(&siege, n,
               (float)attack->epsilons.at[attack->epsilons.n - 1]);
    double per_sample = (hooks->now_s(hooks->self) - start) / (double)n;
    arena_close(&own);
    return per_sample * (double)(trial_attack_samples(spec, data) *
                                 attack->epsilons.n);
}

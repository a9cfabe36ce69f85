/* Learning from perturbed images: see core/adversary.h for the loss. */
#include "core/linalg.h"
#include "core/loss.h"
#include "core/trial_course.h"

#include <string.h>

static struct model_batch batch_of(const struct course *course,
                                   const float *images, size_t epoch)
{
    struct model_batch batch = trial_model_batch(
        &course->batch, course->model->n_images, course->training->common.seed,
        RNG_ENCODE_TRAIN, (uint32_t)epoch);
    batch.images = images;
    return batch;
}

static bool needs_clean(struct adversary_mix mix)
{
    return mix.clean > 0 || mix.divergence > 0;
}

static size_t count_running(const struct model *model)
{
    return model->n_values - model->n_parameters;
}

/* the network as the attack sees it ----------------------------------- */

struct sparring {
    const struct course *course;
    uint64_t seed;
};

/* With a divergence the attack does not ask what is predicted. */
static void spar_predict(void *self, size_t n, const float *images,
                         const uint8_t *labels, const uint32_t *ids,
                         uint32_t draw, float *loss, uint8_t *predicted)
{
    const struct sparring *sparring = self;
    const struct opponent *opponent = &sparring->course->opponent;
    struct model *model = sparring->course->model;
    struct model_batch batch = {n,              images, ids,
                                sparring->seed, RNG_ENCODE_ATTACK, draw};
    model_forward_test(model, &batch, NULL);
    loss_cross_entropy(n, model->n_classes, model->logits, labels, 1.0f, loss,
                       predicted, model->d_logits);
    if (opponent->mix.divergence > 0)
        loss_divergence(n, model->n_classes, opponent->logits, model->logits,
                        1.0f, loss, NULL, model->d_logits);
}

static void spar_gradient(void *self, size_t n, const float *images,
                          const uint8_t *labels, const uint32_t *ids,
                          uint32_t draw, float *loss, uint8_t *predicted,
                          float *d_images)
{
    const struct sparring *sparring = self;
    struct model_batch batch = {n,              images, ids,
                                sparring->seed, RNG_ENCODE_ATTACK, draw};
    spar_predict(self, n, images, labels, ids, draw, loss, predicted);
    model_backward_images(sparring->course->model, &batch, d_images);
}

static struct victim victim_of(struct sparring *sparring)
{
    const struct course *course = sparring->course;
    return (struct victim){
        .self = sparring,
        .n_pixels = image_size(course->data->shape),
        .n_max = trial_train_batch(course->spec, course->data),
        .random = trial_is_random(course->spec),
        .gradient = spar_gradient,
        .predict = spar_predict,
    };
}

/* Other numbers in each epoch, the same for all cells of a seed. */
static uint64_t seed_of(const struct course *course, size_t epoch)
{
    struct rng_stream stream = {course->training->common.seed, RNG_ADVERSARY,
                                epoch};
    return (uint64_t)rng_word(stream, 0) << 32 | rng_word(stream, 1);
}

/* The clean predictions that a divergence is from are the tested network's. */
static void perturb(struct course *course, size_t epoch)
{
    struct opponent *opponent = &course->opponent;
    struct sparring sparring = {course, seed_of(course, epoch)};
    struct victim victim = victim_of(&sparring);
    struct model *model = course->model;
    struct adversary_batch batch = {.victim = &victim,
                                    .n = model->n_images,
                                    .n_pixels = victim.n_pixels,
                                    .clean = course->batch.images,
                                    .labels = course->batch.labels,
                                    .ids = course->batch.ids,
                                    .seed = sparring.seed,
                                    .images = opponent->images};
    if (opponent->mix.divergence > 0) {
        struct model_batch clean = {batch.n,       batch.clean, batch.ids,
                                    sparring.seed, RNG_ENCODE_ATTACK, 0};
        model_forward_test(model, &clean, NULL);
        memcpy(opponent->logits, model->logits,
               batch.n * model->n_classes * sizeof *model->logits);
    }
    opponent->adversary->perturb(opponent->adversary, opponent->params,
                                 &batch);
}

/* memory -------------------------------------------------------------- */

void course_meet_opponent(struct course *course, struct arena *arena)
{
    const struct choice *choice = &course->spec->at[SPEC_ADVERSARY];
    struct opponent opponent = {.adversary = adversary_of(choice->kind),
                                .params = choice->params};
    size_t n = trial_train_batch(course->spec, course->data);
    if (opponent.adversary->mix) {
        opponent.mix = opponent.adversary->mix(choice->params);
        opponent.images = ARENA_ARRAY(
            arena, float, n * image_size(course->data->shape));
    }
    if (opponent.adversary->mix && needs_clean(opponent.mix)) {
        size_t n_parameters =
            model_count_parameters(course->spec, course->data);
        size_t n_values = model_count_values(course->spec, course->data);
        size_t n_logits = n * course->data->n_classes;
        opponent.kept = ARENA_ARRAY(arena, float, n_parameters);
        opponent.running = ARENA_ARRAY(arena, float, n_values - n_parameters);
        opponent.logits = ARENA_ARRAY(arena, float, n_logits);
        opponent.d_logits = ARENA_ARRAY(arena, float, n_logits);
        opponent.loss = ARENA_ARRAY(arena, float, n);
    }
    course->opponent = opponent;
}

size_t course_count_scratch(const struct course *course)
{
    struct sparring sparring = {course, 0};
    struct victim victim = victim_of(&sparring);
    return adversary_memory(course->opponent.adversary,
                            course->opponent.params, &victim);
}

/* passes -------------------------------------------------------------- */

/* Forward, and the cross-entropy times its weight in d_logits and batch.loss;
 * nothing is regularized yet. */
static void pass_forward(struct course *course, const float *images,
                         size_t epoch, double weight)
{
    struct model *model = course->model;
    struct trial_batch *batch = &course->batch;
    struct model_batch input = batch_of(course, images, epoch);
    size_t n = model->n_images;
    model_forward_train(model, &input);
    loss_cross_entropy(n, model->n_classes, model->logits, batch->labels,
                       (float)weight / (float)n, batch->loss, batch->predicted,
                       model->d_logits);
    for (size_t i = 0; i < n; i++)
        batch->loss[i] *= (float)weight;
    model_regularize(model, 0.0, n);
}

static void pass_backward(struct course *course, const float *images,
                          size_t epoch)
{
    struct model_batch input = batch_of(course, images, epoch);
    model_backward_train(course->model, &input);
}

/* With a divergence the clean logits come first; the running statistics have
 * then seen the clean images and the others once each, and a clean pass after
 * that leaves them as they are. */
static void learn_divergence(struct course *course, size_t epoch)
{
    struct opponent *opponent = &course->opponent;
    struct model *model = course->model;
    size_t n = model->n_images, n_logits = n * model->n_classes;
    float scale = (float)opponent->mix.divergence / (float)n;
    pass_forward(course, course->batch.images, epoch, opponent->mix.clean);
    memcpy(opponent->logits, model->logits, n_logits * sizeof(float));
    pass_forward(course, opponent->images, epoch, 0.0);
    loss_divergence(n, model->n_classes, opponent->logits, model->logits,
                    scale, opponent->loss, opponent->d_logits,
                    model->d_logits);
    for (size_t i = 0; i < n; i++)
        opponent->loss[i] *= (float)opponent->mix.divergence;
    pass_backward(course, opponent->images, epoch);
}

/* The gradient of the perturbed images' part is kept, and their loss; with a
 * divergence its gradient by the clean logits, too. */
static void learn_perturbed(struct course *course, size_t epoch)
{
    struct opponent *opponent = &course->opponent;
    struct model *model = course->model;
    size_t n = model->n_images;
    if (opponent->mix.divergence > 0) {
        learn_divergence(course, epoch);
        memcpy(opponent->running, model->weights + model->n_parameters,
               count_running(model) * sizeof(float));
    } else {
        pass_forward(course, opponent->images, epoch,
                     opponent->mix.adversarial);
        memcpy(opponent->loss, course->batch.loss, n * sizeof(float));
        pass_backward(course, opponent->images, epoch);
    }
    memcpy(opponent->kept, model->gradients,
           model->n_parameters * sizeof(float));
}

static void learn_both(struct course *course, size_t epoch,
                       struct epoch_sums *sums)
{
    struct opponent *opponent = &course->opponent;
    struct model *model = course->model;
    size_t n = model->n_images;
    learn_perturbed(course, epoch);
    pass_forward(course, course->batch.images, epoch, opponent->mix.clean);
    if (opponent->mix.divergence > 0) {
        memcpy(model->weights + model->n_parameters, opponent->running,
               count_running(model) * sizeof(float));
        linalg_add(n * model->n_classes, opponent->d_logits, model->d_logits);
    }
    course_regularize(course, sums);
    pass_backward(course, course->batch.images, epoch);
    linalg_add(model->n_parameters, opponent->kept, model->gradients);
    linalg_add(n, opponent->loss, course->batch.loss);
}

void course_learn_perturbed(struct course *course, size_t epoch,
                            struct epoch_sums *sums)
{
    struct opponent *opponent = &course->opponent;
    perturb(course, epoch);
    if (needs_clean(opponent->mix)) {
        learn_both(course, epoch, sums);
        return;
    }
    pass_forward(course, opponent->images, epoch, opponent->mix.adversarial);
    course_regularize(course, sums);
    pass_backward(course, opponent->images, epoch);
}

/*
 * The passes of a step through the network. The last one learns the clean
 * images, or, where they are not wanted, the perturbed ones. The model keeps
 * what one pass has made, so that what depends on two of them takes three: the
 * first once more, when the second has told what to send back. Running averages
 * have then seen each batch of images once.
 */
#include "core/linalg.h"
#include "core/loss.h"
#include "core/trial_passes.h"

#include <string.h>

struct model_batch lesson_input(const struct lesson *lesson,
                                const float *images)
{
    const struct course *course = lesson->course;
    struct model_batch input = trial_model_batch(
        &course->batch, course->model->n_images, course->training->common.seed,
        RNG_ENCODE_TRAIN, (uint32_t)lesson->epoch);
    input.images = images;
    return input;
}

const struct regularizer *lesson_regularizer(const struct course *course)
{
    return regularizer_of(course->spec->at[SPEC_REGULARIZER].kind);
}

const void *lesson_params(const struct course *course)
{
    return course->spec->at[SPEC_REGULARIZER].params;
}

static double weigh_regularizer(const struct course *course)
{
    size_t n_steps = course->n_batches * course->training->n_epochs;
    double progress = (double)course->i_step / (double)n_steps;
    return lesson_regularizer(course)->weight(lesson_params(course), progress);
}

/* memory -------------------------------------------------------------- */

void course_take_passes(struct course *course, struct arena *arena)
{
    const struct adversary_mix *mix = &course->opponent.mix;
    const struct regularizer *regularizer = lesson_regularizer(course);
    size_t n = trial_train_batch(course->spec, course->data);
    size_t n_parameters = model_count_parameters(course->spec, course->data);
    size_t n_values = model_count_values(course->spec, course->data);
    struct passes passes = {
        .compares = mix->divergence > 0 || regularizer->drift != NULL};
    passes.both = mix->clean > 0 || passes.compares;
    if (passes.both || regularizer->probe) {
        passes.kept = ARENA_ARRAY(arena, float, n_parameters);
        passes.running = ARENA_ARRAY(arena, float, n_values - n_parameters);
    }
    if (passes.both)
        lesson_take_both(course, n, &passes, arena);
    if (regularizer->probe)
        lesson_take_probe(course, n, &passes, arena);
    course->passes = passes;
}

/* a pass -------------------------------------------------------------- */

void course_find_loss(struct course *course, const struct model_batch *input,
                      double weight)
{
    struct model *model = course->model;
    struct trial_batch *batch = &course->batch;
    const struct choice *loss = &course->spec->at[SPEC_LOSS];
    size_t n = model->n_images;
    model_forward_train(model, input);
    struct loss_batch reading = {n,
                                 model->n_readings,
                                 model->n_classes,
                                 model->read_logits,
                                 batch->labels,
                                 (float)weight / (float)n,
                                 batch->loss,
                                 batch->predicted,
                                 model->d_read_logits};
    loss_of(loss->kind)->find(loss->params, &reading);
    for (size_t i = 0; i < n; i++)
        batch->loss[i] *= (float)weight;
}

void lesson_forward(const struct lesson *lesson, const float *images,
                    double weight)
{
    struct model_batch input = lesson_input(lesson, images);
    course_find_loss(lesson->course, &input, weight);
}

void lesson_forward_again(const struct lesson *lesson, const float *images,
                          double weight)
{
    const struct course *course = lesson->course;
    struct model *model = course->model;
    float *running = model->weights + model->n_parameters;
    size_t n_bytes = (model->n_values - model->n_parameters) * sizeof(float);
    memcpy(course->passes.running, running, n_bytes);
    lesson_forward(lesson, images, weight);
    memcpy(running, course->passes.running, n_bytes);
}

static void run_backward(const struct lesson *lesson, const float *images)
{
    struct model_batch input = lesson_input(lesson, images);
    model_backward_train(lesson->course->model, &input);
}

void lesson_backward_aside(const struct lesson *lesson, const float *images)
{
    struct model *model = lesson->course->model;
    model_regularize(model, 0.0, model->n_images);
    run_backward(lesson, images);
    linalg_add(model->n_parameters, model->gradients,
               lesson->course->passes.kept);
}

void lesson_add_by_logits(struct model *model, const float *d_logits)
{
    size_t n_classes = model->n_classes, n_readings = model->n_readings;
    float share = 1.0f / (float)n_readings;
    for (size_t r = 0; r < model->n_images * n_readings; r++)
        for (size_t k = 0; k < n_classes; k++)
            model->d_read_logits[r * n_classes + k] +=
                share * d_logits[r / n_readings * n_classes + k];
}

/* all of them --------------------------------------------------------- */

static void learn_last(struct lesson *lesson)
{
    struct course *course = lesson->course;
    struct passes *passes = &course->passes;
    struct model *model = course->model;
    if (lesson->seen)
        lesson_forward_again(lesson, lesson->last, lesson->last_weight);
    else
        lesson_forward(lesson, lesson->last, lesson->last_weight);
    if (passes->both)
        lesson_return_to_clean(lesson);
    if (passes->images)
        lesson_add_shares(lesson);
    lesson->sums->regularizer +=
        model_regularize(model, lesson->weight, model->n_images);
    run_backward(lesson, lesson->last);
    model->d_currents = NULL;
    if (passes->kept)
        linalg_add(model->n_parameters, passes->kept, model->gradients);
    if (passes->both)
        linalg_add(model->n_images, passes->loss, course->batch.loss);
}

/* What neurons gather of clean images, as tests see them: by a pass before all
 * others, since those must agree with each other and some are of other images.
 */
static void gather_clean(const struct lesson *lesson)
{
    const struct course *course = lesson->course;
    struct model *model = course->model;
    struct model_batch input = lesson_input(lesson, course->batch.images);
    if (!neuron_of(course->spec->at[SPEC_NEURON].kind)->gathers)
        return;
    model->clean = true;
    model_forward_test(model, &input, NULL);
    model->clean = false;
}

void course_learn(struct course *course, size_t epoch,
                  struct epoch_sums *sums)
{
    const struct passes *passes = &course->passes;
    const struct opponent *opponent = &course->opponent;
    struct lesson lesson = {course, epoch, sums, weigh_regularizer(course),
                            course->batch.images, 1.0, false};
    gather_clean(&lesson);
    if (opponent->images)
        course_perturb(course, epoch);
    if (passes->kept)
        memset(passes->kept, 0,
               course->model->n_parameters * sizeof *passes->kept);
    if (passes->both)
        lesson.last_weight = opponent->mix.clean;
    else if (opponent->images) {
        lesson.last = opponent->images;
        lesson.last_weight = opponent->mix.adversarial;
    }
    if (passes->both)
        lesson_learn_perturbed(&lesson);
    if (passes->images)
        lesson_learn_probe(&lesson);
    learn_last(&lesson);
}

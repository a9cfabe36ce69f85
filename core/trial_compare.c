/* What a step learns from perturbed images where clean ones are learned, too.
 */
#include "core/loss.h"
#include "core/trial_passes.h"

#include <string.h>

void lesson_take_both(const struct course *course, size_t n,
                      struct passes *passes, struct arena *arena)
{
    size_t n_logits = n * course->data->n_classes;
    passes->loss = ARENA_ARRAY(arena, float, n);
    if (course->opponent.mix.divergence > 0) {
        passes->logits = ARENA_ARRAY(arena, float, n_logits);
        passes->d_logits = ARENA_ARRAY(arena, float, n_logits);
        passes->d_others = ARENA_ARRAY(arena, float, n_logits);
    }
    if (!lesson_regularizer(course)->drift)
        return;
    const struct network_common *network =
        course->spec->at[SPEC_NETWORK].params;
    size_t n_currents = n * network->n_steps *
                        model_count_last_neurons(course->spec, course->data);
    passes->clean = ARENA_ARRAY(arena, float, n_currents);
    passes->d_currents = ARENA_ARRAY(arena, float, n_currents);
}

/* What the clean images' pass gives: of the network in training. */
static void note_clean(struct lesson *lesson)
{
    struct course *course = lesson->course;
    struct passes *passes = &course->passes;
    struct model *model = course->model;
    size_t n = model->n_images;
    lesson_forward(lesson, lesson->last, lesson->last_weight);
    lesson->seen = true;
    if (passes->logits)
        memcpy(passes->logits, model->logits,
               n * model->n_classes * sizeof *model->logits);
    if (passes->clean)
        model_read_currents(model, n, passes->clean);
}

static void find_divergence(const struct lesson *lesson)
{
    struct course *course = lesson->course;
    struct passes *passes = &course->passes;
    struct model *model = course->model;
    size_t n = model->n_images;
    float weight = (float)course->opponent.mix.divergence;
    float *loss = course->batch.loss;
    loss_divergence(n, model->n_classes, passes->logits, model->logits,
                    weight / (float)n, loss, passes->d_logits,
                    passes->d_others);
    for (size_t i = 0; i < n; i++)
        passes->loss[i] += weight * loss[i];
    lesson_add_by_logits(model, passes->d_others);
}

static void find_drift(const struct lesson *lesson)
{
    struct course *course = lesson->course;
    struct passes *passes = &course->passes;
    struct model *model = course->model;
    const struct network_common *network =
        course->spec->at[SPEC_NETWORK].params;
    struct current_pair pair = {
        model->n_images, network->n_steps,
        model_count_last_neurons(course->spec, course->data), passes->clean,
        passes->d_currents};
    model_read_currents(model, model->n_images, passes->d_currents);
    lesson->sums->regularizer += lesson_regularizer(course)->drift(
        lesson_params(course), lesson->weight, &pair);
    model->d_currents = passes->d_currents;
}

void lesson_learn_perturbed(struct lesson *lesson)
{
    struct course *course = lesson->course;
    struct passes *passes = &course->passes;
    const float *images = course->opponent.images;
    if (passes->compares)
        note_clean(lesson);
    lesson_forward(lesson, images, course->opponent.mix.adversarial);
    memcpy(passes->loss, course->batch.loss,
           course->model->n_images * sizeof *passes->loss);
    if (passes->logits)
        find_divergence(lesson);
    if (passes->clean)
        find_drift(lesson);
    lesson_backward_aside(lesson, images);
    course->model->d_currents = NULL;
}

void lesson_return_to_clean(const struct lesson *lesson)
{
    const struct course *course = lesson->course;
    const struct passes *passes = &course->passes;
    const struct network_common *network =
        course->spec->at[SPEC_NETWORK].params;
    if (passes->logits)
        lesson_add_by_logits(course->model, passes->d_logits);
    if (!passes->clean ||
        lesson_regularizer(course)->holds(lesson_params(course)))
        return;
    size_t n = course->model->n_images * network->n_steps *
               model_count_last_neurons(course->spec, course->data);
    for (size_t i = 0; i < n; i++)
        passes->d_currents[i] = -passes->d_currents[i];
    course->model->d_currents = passes->d_currents;
}

/* How curved the loss is where a training is. */
#include "core/curvature.h"
#include "core/trial_course.h"

#include <string.h>

static size_t count_running(const struct model *model)
{
    return model->n_values - model->n_parameters;
}

/* Three vectors of power iteration, and the running statistics. */
void course_take_curvature(struct course *course, struct arena *arena)
{
    size_t n = model_count_parameters(course->spec, course->data);
    size_t n_values = model_count_values(course->spec, course->data);
    if (course->training->hessian_iterations > 0)
        course->bend = ARENA_ARRAY(arena, float, 2 * n + n_values);
}

/* Of the first samples in the order of the data set. */
static void load_batch(struct course *course)
{
    size_t n = course->model->n_images;
    for (size_t i = 0; i < n; i++)
        course->batch.ids[i] = (uint32_t)i;
    trial_gather(course->data, &course->data->train, n, &course->batch);
}

static void find_gradient(void *self)
{
    struct course *course = self;
    struct model *model = course->model;
    struct model_batch input = trial_model_batch(
        &course->batch, model->n_images, course->training->common.seed,
        RNG_ENCODE_TRAIN, 0);
    course_find_loss(course, &input, 1.0);
    model_regularize(model, 0.0, model->n_images);
    model_backward_train(model, &input);
}

double course_measure_curvature(struct course *course)
{
    const struct training_bptt *training = course->training;
    struct model *model = course->model;
    size_t n = model->n_parameters, n_running = count_running(model);
    float *running = model->weights + n, *kept = course->bend + 3 * n;
    struct rng_stream stream = {training->common.seed, RNG_CURVATURE, 0};
    struct curvature curvature = {.n = n,
                                  .point = model->weights,
                                  .gradient = model->gradients,
                                  .self = course,
                                  .find = find_gradient,
                                  .held = course->bend,
                                  .direction = course->bend + n,
                                  .product = course->bend + 2 * n};
    memcpy(kept, running, n_running * sizeof *kept);
    rng_fill_normal(stream, 0, n, curvature.direction);
    load_batch(course);
    double found = curvature_largest(&curvature, training->hessian_iterations,
                                     training->hessian_step);
    memcpy(running, kept, n_running * sizeof *kept);
    return found;
}

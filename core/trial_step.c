/* A step of gradient descent. */
#include "core/gradient.h"
#include "core/trial_course.h"

/* The optimizer's step, in blocks: it is the same for every weight. */
struct update {
    const struct course *course;
    double rate;
    size_t n_blocks;
};

static void update_block(void *self, size_t worker, size_t unit)
{
    (void)worker;
    const struct update *update = self;
    const struct course *course = update->course;
    const struct model *model = course->model;
    struct team_share block =
        team_share_of(model->first_gate, update->n_blocks, unit);
    course->optimizer->step(
        course->optimizer_params, update->rate, course->i_step, block.n,
        model->gradients + block.first, model->weights + block.first,
        course->state + course->optimizer->n_slots * block.first);
}

static void update_weights(struct course *course, size_t epoch, double rate)
{
    enum { BLOCK = 1 << 16 };
    struct update update = {course, rate,
                            (course->model->first_gate + BLOCK - 1) / BLOCK};
    course_update_gates(course, epoch, rate);
    team_run(&course->model->team, update.n_blocks, &update, update_block);
    course->i_step++;
}

static double penalize(struct course *course)
{
    const struct training_bptt *training = course->training;
    struct model *model = course->model;
    double penalty = 0.0;
    for (size_t i = 0; i < course->n_places; i++) {
        const struct tensor_place *place = &course->places[i];
        size_t n = 1;
        for (size_t k = 0; k < place->rank; k++)
            n *= place->extent[k];
        penalty += gradient_penalize(
            n, training->l1_penalty, training->l2_penalty,
            model->weights + place->offset, model->gradients + place->offset);
    }
    return penalty;
}

/* From the gradient of the batch's loss to what the optimizer gets. */
static void shape_gradient(struct course *course, size_t epoch,
                           struct epoch_sums *sums)
{
    const struct training_bptt *training = course->training;
    size_t n = course->model->n_parameters;
    float *gradient = course->model->gradients;
    sums->penalty += penalize(course) + course_penalize_gates(course, epoch);
    double norm = gradient_norm(n, gradient);
    sums->gradient_norm += norm;
    if (training->clip_value > 0) {
        gradient_clip_values(n, training->clip_value, gradient);
        norm = gradient_norm(n, gradient);
    }
    if (training->clip_norm > 0)
        gradient_clip_norm(n, training->clip_norm, norm, gradient);
}

void course_take_step(struct course *course, size_t epoch, double rate,
                      struct epoch_sums *sums)
{
    const struct trial_batch *batch = &course->batch;
    course_learn(course, epoch, sums);
    course_deflate(course, sums);
    shape_gradient(course, epoch, sums);
    update_weights(course, epoch, rate);
    course_retract(course);
    for (size_t i = 0; i < course->model->n_images; i++) {
        sums->loss += (double)batch->loss[i];
        sums->n_correct += batch->predicted[i] == batch->labels[i];
    }
}

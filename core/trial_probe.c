/* How far the label's share moves when the images are moved along its gradient:
 * see `probe` in core/regularizer.h. */
#include "core/loss.h"
#include "core/trial_passes.h"

void lesson_take_probe(const struct course *course, size_t n,
                       struct passes *passes, struct arena *arena)
{
    passes->images =
        ARENA_ARRAY(arena, float, n * image_size(course->data->shape));
    passes->shares = ARENA_ARRAY(arena, float, n);
    passes->factors = ARENA_ARRAY(arena, float, n);
    passes->d_shares = ARENA_ARRAY(arena, float, n * course->data->n_classes);
    passes->rivals = ARENA_ARRAY(arena, uint8_t, n);
}

/* From the gradient by the images to x + h v. */
static void step_aside(size_t n, float step, const float *restrict x,
                       float *restrict d)
{
    for (size_t i = 0; i < n; i++) {
        float sign = (float)((d[i] > 0.0f) - (d[i] < 0.0f));
        d[i] = x[i] + step * sign;
    }
}

/* x + h v. */
static void aim(struct lesson *lesson, float step)
{
    struct course *course = lesson->course;
    struct passes *passes = &course->passes;
    struct model *model = course->model;
    size_t n = model->n_images, n_classes = model->n_classes;
    const uint8_t *labels = course->batch.labels;
    struct model_batch input = lesson_input(lesson, lesson->last);
    if (lesson->seen)
        lesson_forward_again(lesson, lesson->last, 1.0);
    else
        lesson_forward(lesson, lesson->last, 1.0);
    lesson->seen = true;
    loss_find_rivals(n, n_classes, model->logits, labels, passes->rivals);
    loss_share(n, n_classes, model->logits, labels, passes->rivals, NULL,
               passes->shares, model->d_logits);
    model_backward_train_images(model, &input, passes->images);
    step_aside(n * image_size(model->shape), step, lesson->last,
               passes->images);
}

/* R, and with d = (f(x + h v) - f(x)) / h the factors 2 d / (n h) of df(x + h
 * v), times the weight. */
static double find_factors(const struct lesson *lesson, float step)
{
    struct course *course = lesson->course;
    struct passes *passes = &course->passes;
    struct model *model = course->model;
    size_t n = model->n_images;
    double sum = 0.0, scale = 2.0 * lesson->weight / (double)n / (double)step;
    loss_share(n, model->n_classes, model->logits, course->batch.labels,
               passes->rivals, NULL, passes->factors, NULL);
    for (size_t i = 0; i < n; i++) {
        double slope = ((double)passes->factors[i] -
                        (double)passes->shares[i]) /
                       (double)step;
        sum += slope * slope / (double)n;
        passes->factors[i] = (float)(scale * slope);
    }
    return sum;
}

void lesson_add_shares(const struct lesson *lesson)
{
    struct course *course = lesson->course;
    struct passes *passes = &course->passes;
    struct model *model = course->model;
    loss_share(model->n_images, model->n_classes, model->logits,
               course->batch.labels, passes->rivals, passes->factors, NULL,
               passes->d_shares);
    lesson_add_by_logits(model, passes->d_shares);
}

void lesson_learn_probe(struct lesson *lesson)
{
    struct course *course = lesson->course;
    struct passes *passes = &course->passes;
    float step =
        (float)lesson_regularizer(course)->probe(lesson_params(course));
    aim(lesson, step);
    lesson_forward(lesson, passes->images, 0.0);
    lesson->sums->regularizer += find_factors(lesson, step);
    lesson_add_shares(lesson);
    lesson_backward_aside(lesson, passes->images);
    for (size_t i = 0; i < course->model->n_images; i++)
        passes->factors[i] = -passes->factors[i];
}

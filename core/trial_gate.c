/* The training of learned gates (core/gate.h). */
#include "core/trial_course.h"

#include <string.h>

static size_t count_gates(const struct model *model)
{
    return model->n_parameters - model->first_gate;
}

/* The optimizer's parameters without its weight decay: gates have a prior. */
const void *course_take_undecayed(const struct spec *spec, struct arena *arena)
{
    const struct choice *choice = &spec->at[SPEC_OPTIMIZER];
    const struct row *row = kind_find_row(choice->kind, "weight_decay");
    char *params = ARENA_ARRAY(arena, char, choice->kind->params_size);
    if (arena->counting)
        return NULL;
    memcpy(params, choice->params, choice->kind->params_size);
    if (row)
        *(double *)(params + row->offset) = 0.0;
    return params;
}

/* Where the gates do not learn any more, they have no gradient. */
double course_penalize_gates(struct course *course, size_t epoch)
{
    const struct model *model = course->model;
    const float *keep = model->weights + model->first_gate;
    float *gradient = model->gradients + model->first_gate;
    double prior = model->gate.prior, sum = 0.0;
    for (size_t i = 0; i < count_gates(model); i++) {
        if (epoch >= model->gate.n_learning_epochs) {
            gradient[i] = 0.0f;
            continue;
        }
        gradient[i] += (float)(prior * (double)keep[i]);
        sum += 0.5 * prior * (double)keep[i] * (double)keep[i];
    }
    return sum;
}

void course_update_gates(struct course *course, size_t epoch, double rate)
{
    const struct model *model = course->model;
    const struct optimizer *optimizer = course->optimizer;
    size_t n = count_gates(model), first = model->first_gate;
    float *keep = model->weights + first;
    float least = (float)model->gate.minimum;
    if (n == 0 || epoch >= model->gate.n_learning_epochs)
        return;
    optimizer->step(course->undecayed, rate, course->i_step, n,
                    model->gradients + first, keep,
                    course->state + optimizer->n_slots * first);
    for (size_t i = 0; i < n; i++) {
        keep[i] = keep[i] < least ? least : keep[i];
        keep[i] = keep[i] > 1.0f ? 1.0f : keep[i];
    }
}

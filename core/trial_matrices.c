/* What a step does to weight matrices as such: to their gradients before the
 * optimizer, to the weights after it. */
#include "core/trial_course.h"

#include <math.h>

struct weaver course_weave(const struct spec *spec,
                           const struct data_set *data, struct arena *arena)
{
    const struct choice *deflation = &spec->at[SPEC_DEFLATION];
    const struct choice *retraction = &spec->at[SPEC_RETRACTION];
    struct weaver weaver = {
        .deflation = deflation_of(deflation->kind),
        .deflation_params = deflation->params,
        .retraction = retraction_of(retraction->kind),
        .retraction_params = retraction->params,
    };
    if (!weaver.deflation->change && !weaver.retraction->retract)
        return weaver;
    struct matrix_sizes sizes = matrices_measure(spec, data);
    weaver.square =
        ARENA_ARRAY(arena, float, sizes.n_columns * sizes.n_columns);
    if (weaver.deflation->change)
        weaver.vectors = ARENA_ARRAY(arena, double, 2 * sizes.n_columns);
    if (weaver.retraction->retract) {
        weaver.some = ARENA_ARRAY(arena, float, sizes.n_entries);
        weaver.image = ARENA_ARRAY(arena, float, sizes.n_entries);
        weaver.order = ARENA_ARRAY(arena, uint32_t, sizes.n_columns);
    }
    return weaver;
}

void course_deflate(struct course *course, struct epoch_sums *sums)
{
    const struct weaver *weaver = &course->weaver;
    struct weight_matrix at[MATRICES_MAX];
    if (!weaver->deflation->change)
        return;
    size_t n = matrices_list(course->model, at);
    for (size_t i = 0; i < n; i++) {
        struct deflated_matrix matrix = {
            course->model->gradients + at[i].at, at[i].n_rows, at[i].n_columns,
            weaver->square, weaver->vectors};
        double residual =
            weaver->deflation->change(weaver->deflation_params, &matrix);
        sums->deflation_residual = fmax(sums->deflation_residual, residual);
    }
}

void course_retract(struct course *course)
{
    const struct weaver *weaver = &course->weaver;
    struct weight_matrix at[MATRICES_MAX];
    if (!weaver->retraction->retract)
        return;
    size_t n = matrices_list(course->model, at);
    for (size_t i = 0; i < n; i++) {
        struct retracted matrix = {
            .at = course->model->weights + at[i].at,
            .n_rows = at[i].n_rows,
            .n_columns = at[i].n_columns,
            .is_linear = at[i].is_linear,
            .stream = {course->training->common.seed, RNG_RETRACTION,
                       rng_lane(i, course->i_step)},
            .some = weaver->some,
            .image = weaver->image,
            .square = weaver->square,
            .order = weaver->order,
        };
        weaver->retraction->retract(weaver->retraction_params, &matrix);
    }
}

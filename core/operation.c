#include "core/direct.h"
#include "core/lanes.h"
#include "core/operation_parts.h"
#include "core/spread.h"
#include "core/status.h"

#include <string.h>

size_t operation_fan_in(const struct operation *operation)
{
    return operation->size * operation->size * operation->n_in;
}

size_t operation_strided(size_t n, size_t stride)
{
    return (n + stride - 1) / stride;
}

/* What core/sparse.h is for and, with stride 1, core/direct.h. */
static bool is_3x3(const struct operation *operation)
{
    return operation->kind == BLOCK_CONVOLUTION && operation->size == 3;
}

/* What core/sparse.h and core/sparse_linear.h can do. */
static bool is_listable(const struct operation *operation)
{
    return !operation->spreads && operation->n_out % LANES == 0 &&
           (operation->kind == BLOCK_LINEAR || is_3x3(operation));
}

/* What a stride leaves out is spared by the dense product, but not when entries
 * are gone through by channel. */
void operation_choose(struct operation *operation, const struct tuning *tuning,
                      enum tuning_use use)
{
    if (use == TUNING_FORWARD && operation_may_transform(operation)) {
        operation->transforms = true;
        operation->winograd =
            winograd_shape(operation->height, operation->width,
                           operation->n_in, operation->n_out);
    }
    if (!is_listable(operation))
        return;
    double densest =
        tuning_densest(tuning, operation->kind, use, operation->n_out);
    if (use == TUNING_WEIGHTS)
        operation->densest_weights =
            densest / (double)(operation->stride * operation->stride);
    else
        operation->densest = densest;
}

/* memory -------------------------------------------------------------- */

static void take_lists(struct operation *operation, struct arena *arena)
{
    operation->linear = (struct sparse_linear){.n_in = operation->n_in,
                                               .n_out = operation->n_out};
    operation->sparse = (struct sparse){.height = operation->height,
                                        .width = operation->width,
                                        .n_in = operation->n_in,
                                        .n_out = operation->n_out,
                                        .stride = operation->stride};
    if (operation->kind == BLOCK_LINEAR)
        sparse_linear_lay_out(&operation->linear, arena);
    else
        sparse_lay_out(&operation->sparse, operation->densest_weights > 0,
                       arena);
}

static void take_scratch(struct operation *operation, struct arena *arena)
{
    size_t border = operation->size - 1;
    if (operation->densest > 0 || operation->densest_weights > 0)
        take_lists(operation, arena);
    if (operation->is_reversed && operation->transforms)
        return;
    if (operation->spreads) {
        operation_take_columns(operation, operation->width,
                               spread_stride(operation), arena);
        return;
    }
    operation_take_columns(operation, operation->out_width,
                           operation_fan_in(operation), arena);
    if (operation->kind == BLOCK_CONVOLUTION)
        operation->padded = ARENA_ARRAY(arena, float,
                                        (operation->height + border) *
                                            (operation->width + border) *
                                            operation->n_in);
}

void operation_lay_out(struct operation *operation, size_t n_workers,
                       struct arena *arena)
{
    struct operation *others =
        n_workers > 1 ? ARENA_ARRAY(arena, struct operation, n_workers - 1)
                      : NULL;
    for (size_t i = 0; i + 1 < n_workers; i++) {
        struct operation other = *operation;
        take_scratch(&other, arena);
        if (others)
            others[i] = other;
    }
    take_scratch(operation, arena);
    operation->others = others;
}

const struct operation *operation_own(const struct operation *operation,
                                      size_t worker)
{
    return worker == 0 ? operation : &operation->others[worker - 1];
}

/* runs ---------------------------------------------------------------- */

size_t operation_count_images(const struct operation *operation,
                              struct image_range range)
{
    return range.n * operation->n_steps;
}

static bool is_sparse(const struct operation *operation,
                      const struct source *source, double densest,
                      struct image_range range, size_t image)
{
    size_t n = operation->height * operation->width * operation->n_in;
    size_t b = range.first + image / operation->n_steps;
    size_t t = image % operation->n_steps;
    size_t at = b * source->stride_image + t * source->stride_step;
    return (double)listing_count(source, at, n) <= densest * (double)n;
}

struct run operation_run_at(const struct operation *operation,
                            const struct source *source, double densest,
                            struct image_range range, size_t first)
{
    size_t n = operation_count_images(operation, range);
    struct run run = {first, n - first, false};
    if (densest <= 0)
        return run;
    run.by_lists = is_sparse(operation, source, densest, range, first);
    run.n = 1;
    while (first + run.n < n &&
           is_sparse(operation, source, densest, range, first + run.n) ==
               run.by_lists)
        run.n++;
    return run;
}

size_t operation_image_at(const struct operation *operation,
                          struct image_range range, size_t image)
{
    return operation_output_at(operation, range,
                               image * operation->out_height);
}

struct lines operation_lines_of(const struct operation *operation,
                                const struct run *run)
{
    size_t height = operation->out_height;
    return (struct lines){run->first * height, run->n * height};
}

struct sparse_rows operation_rows_of(const struct operation *operation,
                                     const struct source *source,
                                     struct image_range range,
                                     const struct run *run)
{
    size_t n_steps = operation->n_steps;
    return (struct sparse_rows){source, n_steps,
                                range.first * n_steps + run->first, run->n};
}

void operation_load_lists(const struct operation *operation,
                          const struct source *source,
                          struct image_range range, size_t image)
{
    sparse_load(&operation->sparse, source,
                range.first + image / operation->n_steps,
                image % operation->n_steps);
}

/* weights ------------------------------------------------------------- */

static bool is_any_dense(const struct operation *operation,
                         const struct source *source, size_t n_images)
{
    struct image_range range = {0, n_images};
    size_t n = operation_count_images(operation, range);
    for (size_t i = 0; i < n; i++)
        if (operation->densest <= 0 ||
            !is_sparse(operation, source, operation->densest, range, i))
            return true;
    return false;
}

size_t operation_count_transformed(const struct operation *operation)
{
    return operation->transforms ? winograd_count_weights(&operation->winograd)
                                 : 0;
}

struct operation_weights
operation_prepare(const struct operation *operation, const struct team *team,
                  const struct source *source, size_t n_images,
                  const float *weights, float *to)
{
    size_t n = operation_fan_in(operation) * operation->n_out;
    if (!operation->transforms || !is_any_dense(operation, source, n_images))
        return (struct operation_weights){weights, NULL};
    memcpy(winograd_place_weights(&operation->winograd, to), weights,
           n * sizeof *to);
    winograd_transform_weights(&operation->winograd, team, to);
    return (struct operation_weights){weights, to};
}

/* forward ------------------------------------------------------------- */

static void forward_by_lists(const struct operation *operation,
                             const struct source *source, const float *weights,
                             struct image_range range, const struct run *run,
                             float *out)
{
    if (operation->kind == BLOCK_LINEAR) {
        struct sparse_rows rows =
            operation_rows_of(operation, source, range, run);
        sparse_linear_forward(
            &operation->linear, &rows, weights,
            out + operation_image_at(operation, range, run->first));
        return;
    }
    for (size_t i = run->first; i < run->first + run->n; i++) {
        operation_load_lists(operation, source, range, i);
        sparse_forward(&operation->sparse, weights,
                       out + operation_image_at(operation, range, i));
    }
}

/* Without columns: the padded image itself is enough. */
static void forward_directly(const struct operation *operation,
                             const struct source *source, const float *weights,
                             struct image_range range, const struct run *run,
                             float *out)
{
    struct direct direct = {operation->height, operation->width,
                            operation->n_in, operation->n_out};
    size_t n_steps = operation->n_steps;
    for (size_t i = run->first; i < run->first + run->n; i++) {
        operation_load_padded(operation, source, range.first + i / n_steps,
                              i % n_steps);
        direct_forward(&direct, operation->padded, weights,
                       out + operation_image_at(operation, range, i));
    }
}

/* Each step of the run as an image of its own. */
static void forward_transformed(const struct operation *operation,
                                const struct source *source,
                                const float *weights, struct image_range range,
                                const struct run *run, float *out)
{
    struct source steps = *source;
    struct image_range images = {
        range.first * operation->n_steps + run->first, run->n};
    MUST(weights &&
         source->stride_image == operation->n_steps * source->stride_step);
    steps.stride_image = source->stride_step;
    steps.stride_step = 0;
    winograd_forward(&operation->winograd, &steps, weights, images, 1, out);
}

static void forward_densely(const struct operation *operation,
                            const struct source *source,
                            struct operation_weights weights,
                            struct image_range range, const struct run *run,
                            float *out)
{
    if (operation->transforms)
        forward_transformed(operation, source, weights.transformed, range, run,
                            out);
    else if (operation->spreads)
        spread_forward(operation, source, weights.plain, range, out);
    else if (is_3x3(operation) && operation->stride == 1 &&
             operation->n_out % LANES == 0)
        forward_directly(operation, source, weights.plain, range, run, out);
    else
        operation_forward_dense(operation, source, weights.plain, range,
                                operation_lines_of(operation, run), out);
}

void operation_forward(const struct operation *operation,
                       const struct source *source,
                       struct operation_weights weights,
                       struct image_range range, float *out)
{
    size_t n = operation_count_images(operation, range);
    struct run run;
    for (size_t i = 0; i < n; i += run.n) {
        run = operation_run_at(operation, source, operation->densest, range, i);
        if (run.by_lists)
            forward_by_lists(operation, source, weights.plain, range, &run,
                             out);
        else
            forward_densely(operation, source, weights, range, &run, out);
    }
}

/* The backward pass through a layer's main branch. */
#include "core/linalg.h"
#include "core/model_backward_parts.h"

#include <string.h>

/* Whether only the sum over steps of d_y of a layer matters. */
static bool wants_sum(const struct backward *backward, size_t i)
{
    const struct model *model = backward->model;
    if (model->layers[i].spiking.constant)
        return true;
    return i == 0 && !backward->train && model->encoding->sums;
}

/* Whether d_z of a layer is that sum already. */
static bool is_summed(const struct backward *backward, size_t i)
{
    return wants_sum(backward, i) &&
           !model_tells_steps(&backward->model->layers[i]);
}

bool backward_folds(const struct backward *backward, size_t i)
{
    return wants_sum(backward, i) && !is_summed(backward, i);
}

void backward_fold(const struct backward *backward, size_t i)
{
    const struct model *model = backward->model;
    const struct layer *layer = &model->layers[i];
    size_t n = layer->n_pixels * layer->main.operation.n_out;
    for (size_t b = 0; b < backward->n; b++) {
        float *sum = layer->d_z + b * n;
        const float *steps = layer->d_z + b * model->n_steps * n;
        memmove(sum, steps, n * sizeof *sum);
        for (size_t t = 1; t < model->n_steps; t++)
            linalg_add(n, steps + t * n, sum);
    }
}

/* Where currents of an image begin in y of a layer. */
static size_t place_currents(const struct layer *layer, size_t image)
{
    return image * model_count_currents(&layer->main);
}

size_t backward_count_rows(const struct backward *backward, size_t i,
                           size_t n_images)
{
    const struct layer *layer = &backward->model->layers[i];
    size_t n_steps = is_summed(backward, i) ? 1 : backward->model->n_steps;
    return n_images * n_steps * layer->n_pixels;
}

struct stage backward_stage(struct backward *backward, size_t i)
{
    const struct team *team = &backward->model->team;
    return (struct stage){.backward = backward,
                          .i = i,
                          .n_shares = team_count_shares(team, backward->n)};
}

struct image_range backward_share(const struct stage *stage, size_t unit)
{
    struct team_share share =
        team_share_of(stage->backward->n, stage->n_shares, unit);
    return (struct image_range){share.first, share.n};
}

size_t backward_place(const struct stage *stage, size_t image)
{
    return backward_count_rows(stage->backward, stage->i, image) *
           stage->backward->model->layers[stage->i].main.operation.n_out;
}

/* Adds numbers of every step to d_z or d_y of layer i, which may have one step
 * only. */
static void add_steps(const struct backward *backward, size_t i,
                      struct image_range range, const float *from)
{
    const struct model *model = backward->model;
    const struct layer *layer = &model->layers[i];
    size_t n_steps = is_summed(backward, i) ? 1 : model->n_steps;
    size_t n = layer->n_pixels * layer->main.operation.n_out;
    for (size_t b = range.first; b < range.first + range.n; b++)
        for (size_t t = 0; t < model->n_steps; t++)
            linalg_add(n, from + (b * model->n_steps + t) * n,
                       layer->d_z + (b * n_steps + t % n_steps) * n);
}

/* Whether nothing comes between a layer's neurons and its normalization, which
 * does not depend on the batch: they then put d_y at once. */
static bool norm_is_folded(const struct backward *backward, size_t i)
{
    const struct model *model = backward->model;
    const struct layer *layer = &model->layers[i];
    bool adds = backward->carried == i + 1 ||
                (model->d_currents && i + 1 == model->n_layers);
    return !backward->train && layer->main.norm.active && !adds &&
           !model_adds_after(layer) && layer->attention.n == 0;
}

/* The neurons of a chunk, and what normalization needs while the chunk is in
 * the cache: its sums, or at once d_y where nothing depends on the batch. */
static void backward_chunk(void *self, size_t worker, size_t unit)
{
    const struct stage *stage = self;
    const struct backward *backward = stage->backward;
    const struct model *model = backward->model;
    const struct layer *layer = &model->layers[stage->i];
    struct image_range chunk = model_chunk_at(layer, unit, backward->n);
    double *d_own = backward->train ? model->scratch[worker].d_own : NULL;
    struct current_gradient to = {layer->d_z, is_summed(backward, stage->i),
                                  norm_is_folded(backward, stage->i)};
    if (d_own)
        memset(d_own, 0, model_count_own(layer) * sizeof *d_own);
    for (size_t b = chunk.first; b < chunk.first + chunk.n; b++) {
        spiking_backward(&layer->spiking, (struct image_range){b, 1}, layer->y,
                         &backward->d_output, &stage->membrane, &to, d_own);
        if (layer->attention.n > 0)
            model_attend_backward(model, layer, worker, b,
                                  layer->d_z + backward_place(stage, b));
    }
    backward_add_carried(backward, stage->i, chunk);
    if (model->d_currents && stage->i + 1 == model->n_layers)
        add_steps(backward, stage->i, chunk, model->d_currents);
    size_t at = backward_place(stage, chunk.first);
    size_t n_rows = backward_count_rows(backward, stage->i, chunk.n);
    if (backward->train)
        batch_norm_backward_sum(&layer->main.norm, worker, n_rows,
                                layer->y + place_currents(layer, chunk.first),
                                layer->d_z + at);
    else if (!to.by_y && !model_adds_after(layer))
        batch_norm_backward_fixed(&layer->main.norm, n_rows, layer->d_z + at);
}

static void settle_chunk(void *self, size_t worker, size_t unit)
{
    (void)unit;
    const struct stage *stage = self;
    const struct model *model = stage->backward->model;
    struct layer *layer = &model->layers[stage->i];
    const double *d_own = model->scratch[worker].d_own;
    batch_norm_backward_settle(&layer->main.norm, worker);
    for (size_t k = 0; k < model_count_own(layer); k++)
        model->d_own[k] += d_own[k];
}

/* The gradients of what the neurons have of their own. */
static void end_own(const struct model *model, const struct layer *layer)
{
    size_t n = model_count_own(layer) - layer->n_gates;
    for (size_t k = 0; k < n; k++)
        model->gradients[layer->trained + k] = (float)model->d_own[k];
    for (size_t k = 0; k < layer->n_gates; k++)
        model->gradients[layer->gates + k] = (float)model->d_own[n + k];
}

/* As StoG's program has the gradients by gates. */
static void average_gates(const struct model *model, const struct layer *layer,
                          size_t n_images)
{
    float share = -1.0f / (float)(n_images * model->n_steps);
    for (size_t k = 0; model->gate.published && k < layer->n_gates; k++)
        model->gradients[layer->gates + k] *= share;
}

void backward_end_norm(const struct backward *backward, size_t i,
                     struct branch *branch)
{
    float *gradients = backward->model->gradients;
    batch_norm_backward_end(&branch->norm,
                            backward_count_rows(backward, i, backward->n),
                            gradients + branch->at.scale,
                            gradients + branch->at.shift);
}

static void run_chunk(void *self, size_t worker, size_t unit)
{
    const struct stage *stage = self;
    const struct backward *backward = stage->backward;
    const struct model *model = backward->model;
    model_run_operation(
        model, stage->i, worker,
        model_chunk_at(&model->layers[stage->i], unit, backward->n));
}

/* Makes currents that were not kept again: to the same bits, since an image's
 * do not depend on what is computed beside it. A convolution that is added to
 * them takes layer->taken for itself. */
static void remake_currents(struct backward *backward, size_t i)
{
    struct model *model = backward->model;
    const struct layer *layer = &model->layers[i];
    struct stage stage = backward_stage(backward, i);
    if (!layer->shares_y || model->i_shared == i)
        return;
    MUST(!model_adds_before(layer) || backward->pending == 0);
    model_prepare(model, i, backward->n);
    team_run(&model->team, model_count_chunks(layer, backward->n), &stage,
             run_chunk);
}

void backward_neurons(struct backward *backward, size_t i)
{
    struct model *model = backward->model;
    struct layer *layer = &model->layers[i];
    struct stage stage = backward_stage(backward, i);
    size_t n_chunks = model_count_chunks(layer, backward->n);
    MUST(!model_joins_spikes(layer) || backward->pending == 0);
    layer->spiking.d_joined = layer->taken;
    remake_currents(backward, i);
    if (!backward->train) {
        team_run(&model->team, n_chunks, &stage, backward_chunk);
        return;
    }
    stage.membrane = layer->membrane;
    batch_norm_backward_begin(&layer->main.norm);
    memset(model->d_own, 0, model_count_own(layer) * sizeof *model->d_own);
    team_run_in_order(&model->team, n_chunks, &stage, backward_chunk,
                      settle_chunk);
    backward_end_norm(backward, i, &layer->main);
    if (model_predicts_moments(model, layer)) {
        model_add_norm_gradient(model, layer);
        model_add_leak_gradient(model, layer, backward->n);
    }
    end_own(model, layer);
    average_gates(model, layer, backward->n);
    model_end_attention(model, layer, backward->n);
}

void backward_add_currents(const struct backward *backward, size_t i,
                           struct image_range range)
{
    if (backward->of_currents && backward->pending == i + 1)
        add_steps(backward, i, range, backward->waiting);
}

void backward_add_carried(const struct backward *backward, size_t i,
                          struct image_range range)
{
    if (backward->carried == i + 1)
        add_steps(backward, i, range, backward->d_carried);
}

/* From d_z of a chunk to d_y. */
static void finish_chunk(void *self, size_t worker, size_t unit)
{
    (void)worker;
    const struct stage *stage = self;
    const struct backward *backward = stage->backward;
    const struct layer *layer = &backward->model->layers[stage->i];
    struct image_range chunk =
        model_chunk_at(layer, stage->first + unit, backward->n);
    size_t at = backward_place(stage, chunk.first);
    batch_norm_backward_apply(&layer->main.norm,
                              backward_count_rows(backward, stage->i, chunk.n),
                              layer->y + place_currents(layer, chunk.first),
                              layer->d_z + at);
    backward_add_currents(backward, stage->i, chunk);
}

/* Chunk after chunk, and as many side by side as there are workers. */
void backward_weights(struct backward *backward, size_t i)
{
    struct model *model = backward->model;
    const struct layer *layer = &model->layers[i];
    struct source input = model_input(model, i);
    float *d_weights = model->gradients + layer->main.at.weight;
    struct stage stage = backward_stage(backward, i);
    size_t n_chunks = model_count_chunks(layer, backward->n);
    bool folds = backward_folds(backward, i);
    memset(d_weights, 0, layer->main.n_weights * sizeof *d_weights);
    if (folds) {
        team_run(&model->team, n_chunks, &stage, finish_chunk);
        backward_fold(backward, i);
    }
    for (size_t k = 0; k < n_chunks; k++) {
        size_t left = n_chunks - k, n_workers = model->team.n_workers;
        if (!folds && k % n_workers == 0) {
            stage.first = k;
            team_run(&model->team, left < n_workers ? left : n_workers, &stage,
                     finish_chunk);
        }
        if (!backward->images)
            operation_backward_weights(
                &layer->main.operation, &model->team, &input, layer->d_z,
                model_chunk_at(layer, k, backward->n), d_weights);
    }
}

/* The work of operation_forward with the reversed operation. */
struct reversed_work {
    struct model *model;
    const struct branch *branch;
    size_t n_steps;
    struct source source;
    struct operation_weights weights;
    float *d_input;
    size_t n, n_shares;
};

static void reverse_share(void *self, size_t worker, size_t unit)
{
    const struct reversed_work *work = self;
    const struct model *model = work->model;
    struct team_share share = team_share_of(work->n, work->n_shares, unit);
    struct operation reversed = *operation_own(&work->branch->reversed, worker);
    reversed.n_steps = work->n_steps;
    reversed.winograd.scratch = model->scratch[worker].winograd;
    operation_forward(&reversed, &work->source, work->weights,
                      (struct image_range){share.first, share.n},
                      work->d_input);
}

struct source backward_data(const struct backward *backward,
                            const struct branch *branch, size_t n_steps,
                            const float *d_y, float *d_input)
{
    struct model *model = backward->model;
    const struct operation *operation = &branch->operation;
    size_t n_in = operation->height * operation->width * operation->n_in;
    size_t n_y =
        operation->out_height * operation->out_width * operation->n_out;
    struct reversed_work work = {
        model, branch, n_steps,
        {.floats = d_y, .stride_image = n_steps * n_y, .stride_step = n_y},
        operation_reverse_weights(&branch->reversed, &model->team,
                                  model->weights + branch->at.weight,
                                  model->turned),
        d_input, backward->n, team_count_shares(&model->team, backward->n)};
    team_run(&model->team, work.n_shares, &work, reverse_share);
    return (struct source){.floats = d_input,
                           .stride_image = n_steps * n_in,
                           .stride_step = n_in};
}

/* A shortcut's part of the gradient by the input, which waited for it. */
static void add_pending_input(void *self, size_t worker, size_t unit)
{
    (void)worker;
    const struct stage *stage = self;
    const struct backward *backward = stage->backward;
    const struct layer *layers = backward->model->layers;
    struct image_range share = backward_share(stage, unit);
    size_t n = backward->model->n_steps * layers[stage->i - 1].n_out;
    linalg_add(share.n * n, backward->waiting + share.first * n,
               layers[stage->i].d_input + share.first * n);
}

/* What layer i takes is handed on by a layer before the one before it, whose
 * own gradient has waited. Now the former's does. */
static void trade_inputs(struct backward *backward, size_t i)
{
    const struct model *model = backward->model;
    size_t n = model->layers[i - 1].n_out;
    MUST(backward->pending == i && !backward->of_currents);
    backward->pending = model->layers[i].input;
    backward->d_output = (struct source){.floats = backward->waiting,
                                         .stride_image = model->n_steps * n,
                                         .stride_step = n};
    backward->waiting = model->layers[i].d_input;
}

void backward_input(struct backward *backward, size_t i)
{
    struct model *model = backward->model;
    const struct layer *layer = &model->layers[i];
    size_t n_steps = wants_sum(backward, i) ? 1 : model->n_steps;
    struct stage stage = backward_stage(backward, i);
    backward->d_output = backward_data(backward, &layer->main, n_steps,
                                       layer->d_z, layer->d_input);
    if (model->layers[i].input != i) {
        trade_inputs(backward, i);
        return;
    }
    if (i == 0 || backward->pending != i || backward->of_currents)
        return;
    team_run(&model->team, stage.n_shares, &stage, add_pending_input);
    backward->pending = 0;
}

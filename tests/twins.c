#include "tests/twins.h"
#include "core/loss.h"
#include "tests/plain_parts.h"
#include "tests/small_net.h"

#include <math.h>
#include <string.h>

/* setting up ---------------------------------------------------------- */

static void take_batch(struct twins *twins, size_t n)
{
    struct arena *arena = &twins->arena;
    size_t n_pixels = image_size(twins->data.shape);
    float *images = ARENA_ARRAY(arena, float, n * n_pixels);
    uint32_t *ids = ARENA_ARRAY(arena, uint32_t, n);
    twins->labels = ARENA_ARRAY(arena, uint8_t, n);
    twins->d_images = ARENA_ARRAY(arena, float, n * n_pixels);
    for (size_t i = 0; i < n; i++)
        ids[i] = (uint32_t)i;
    data_gather(&twins->data, &twins->data.train, n, ids, images,
                twins->labels);
    twins->batch = (struct model_batch){n, images, ids, 3, RNG_ENCODE_TRAIN, 2};
}

void twins_open(struct twins *twins, const char *text,
                struct image_shape shape, size_t n_images, bool train)
{
    *twins = (struct twins){
        .arena = arena_open(), .train = train, .spread = 1.5};
    struct arena *arena = &twins->arena;
    twins->spec = small_spec(text, arena);
    twins->data = small_data(shape, 4, n_images, 1, 0.7, arena);
    twins->model = model_lay_out(&twins->spec, &twins->data, n_images,
                                 train ? MODEL_TRAIN : MODEL_ATTACK,
                                 (struct trial_means){0}, arena);
    twins->plain =
        plain_lay_out(&twins->spec, &twins->data, n_images, arena);
    twins->plain->train = train;
    if (train)
        plain_make_analog(twins->plain);
    twins->plain->noise_seed = 3;
    twins->plain->noise_draw = 2;
    twins->n_values = small_count_values(&twins->spec, &twins->data);
    MUST(twins->n_values == twins->model->n_values);
    size_t n_encoded =
        twins->plain->n_steps * n_images * image_size(twins->model->input);
    twins->values = ARENA_ARRAY(arena, double, twins->n_values);
    twins->gradient = ARENA_ARRAY(arena, double, twins->n_values);
    twins->encoded = ARENA_ARRAY(arena, double, n_encoded);
    twins->d_encoded = ARENA_ARRAY(arena, double, n_encoded);
    take_batch(twins, n_images);
}

void twins_close(struct twins *twins)
{
    arena_close(&twins->arena);
}

/* running ------------------------------------------------------------- */

/* All images as one batch, with scratch for an image of it. */
struct encoding_batch twins_encoding_batch(const struct twins *twins)
{
    struct encoding_batch batch =
        model_encoding_batch(twins->model, &twins->batch);
    batch.scratch = twins->model->scratch[0].encoding;
    return batch;
}

static void encode(struct twins *twins)
{
    struct model *model = twins->model;
    struct encoding_batch batch = twins_encoding_batch(twins);
    size_t n = batch.n_images * image_size(model->input);
    model->encoding->encode(twins->spec.at[SPEC_ENCODING].params, &batch,
                            model->encoded);
    for (size_t i = 0; i < n * model->n_steps; i++)
        twins->encoded[i] =
            (double)model->encoded[model->encoding->constant ? i % n : i];
}

/* How far x is from where spikes or their surrogate jump, or levels and their
 * gradient. */
static double distance_of(const struct plain_model *plain, double x,
                          double width)
{
    double most = (double)plain->n_levels, level = (x + 1) * most;
    double ends = fmin(fabs(x), fabs(x + 1));
    if (plain->n_levels > 0)
        return fmin(ends, fabs(level - floor(level) - 0.5) / most);
    return fmin(fabs(x), fabs(fabs(x) - width));
}

/* The least distance of a potential to a jump. */
static double margin_of(const struct twins *twins)
{
    const struct plain_model *plain = twins->plain;
    const struct choice *choice = &twins->spec.at[SPEC_SURROGATE];
    double width = surrogate_of(choice->kind)->half_width(choice->params);
    double near = plain_number(&twins->spec, SPEC_REGULARIZER, "delta", width);
    double margin = INFINITY;
    for (size_t i = 0; i < plain->n_layers; i++) {
        const struct plain_layer *layer = &plain->layers[i];
        size_t n = plain_count_rows(plain) * plain_count_outputs(layer);
        for (size_t k = 0; k < n; k++) {
            margin = fmin(margin, distance_of(plain, layer->x[k], width));
            margin = fmin(margin, fabs(fabs(layer->x[k]) - near));
        }
    }
    return margin;
}

static double run_plain(struct twins *twins)
{
    for (uint64_t seed = 0; seed < 200; seed++) {
        small_fill_values(&twins->spec, &twins->data, seed, twins->spread,
                          twins->values);
        double loss = plain_loss(twins->plain, twins->values, twins->encoded,
                                 twins->labels);
        if (margin_of(twins) > TWINS_MARGIN)
            return loss;
    }
    status_abort("some seed keeps clear of jumps", __FILE__, __LINE__);
}

static double weight_of(const struct model *model)
{
    const void *params = model->spec->at[SPEC_REGULARIZER].params;
    return model->regularizer->weight(params, 1);
}

static void run_forward(struct twins *twins)
{
    struct model *model = twins->model;
    size_t n = twins->batch.n;
    float loss[512];
    uint8_t predicted[512];
    MUST(n <= 512);
    for (size_t i = 0; i < twins->n_values; i++)
        model->weights[i] = (float)twins->values[i];
    model->clean = twins->train;
    if (twins->train)
        model_forward_train(model, &twins->batch);
    else
        model_forward_test(model, &twins->batch, NULL);
    loss_cross_entropy(n, model->n_classes, model->logits, twins->labels,
                       1.0f / (float)n, loss, predicted, model->d_logits);
    twins->loss = 0;
    for (size_t i = 0; i < n; i++)
        twins->loss += (double)loss[i] / (double)n;
    double weight = weight_of(model);
    if (twins->train)
        twins->loss += weight * model_regularize(model, weight, n);
}

/* A pass forward serves one pass back. */
void twins_run_engine(struct twins *twins)
{
    struct model *model = twins->model;
    run_forward(twins);
    if (!twins->train) {
        model_backward_images(model, &twins->batch, twins->d_images);
        return;
    }
    model_backward_train_images(model, &twins->batch, twins->d_images);
    run_forward(twins);
    model_backward_train(model, &twins->batch);
}

void twins_run(struct twins *twins)
{
    encode(twins);
    run_plain(twins);
    plain_gradient(twins->plain, twins->values, twins->labels,
                   twins->gradient, twins->d_encoded);
    twins_run_engine(twins);
}

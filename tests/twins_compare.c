/* How far an engine and its plain twin are apart. */
#include "tests/test.h"

#include "tests/twins.h"
#include "tests/plain_parts.h"
#include "tests/small_net.h"

#include <math.h>
#include <string.h>

size_t twins_count_other_spikes(const struct twins *twins)
{
    size_t n_other = 0;
    for (size_t i = 0; i < twins->plain->n_layers; i++) {
        const struct plain_layer *layer = &twins->plain->layers[i];
        size_t n = plain_count_rows(twins->plain) * plain_count_pooled(layer);
        const struct layer *engine = &twins->model->layers[i];
        double share = layer->pool == POOL_AVERAGE ? 0.25 : 1;
        share *= (double)engine->spiking.gate.scale;
        if (twins->plain->n_levels > 0)
            share /= (double)twins->plain->n_levels;
        for (size_t k = 0; k < n; k++)
            n_other +=
                fabs(layer->joined[k] - share * engine->counts[k]) > 1e-3;
    }
    return n_other;
}

/* Relative to the largest; `least` bounds that from below. */
static double difference(size_t n, const double *plain, const float *engine,
                         double least)
{
    double largest = least, most = 0;
    for (size_t i = 0; i < n; i++) {
        double error = fabs(plain[i] - (double)engine[i]);
        largest = fmax(largest, fabs(plain[i]));
        most = isnan(error) ? INFINITY : fmax(most, error);
    }
    return most / largest;
}

static double largest_of(size_t n, const double *at)
{
    double largest = 1e-12;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(at[i]));
    return largest;
}

/* A tensor whose gradients nearly cancel is judged by this share of the largest
 * gradient of all: rounding is relative to that, and adds up over layers. */
static double least_share(size_t n_layers)
{
    return n_layers > 4 ? 1e-3 * (double)n_layers / 4 : 1e-3;
}

/* The gradients of norms' scales and of trained leaks are sums over all neurons
 * of a channel or layer, which may nearly cancel: they are judged by what was
 * summed. */
static double terms_of(const struct plain_model *plain, size_t at, size_t n)
{
    double most = 0;
    for (size_t i = at; i < at + n; i++)
        most = fmax(most, plain->terms[i]);
    return 0.1 * most;
}

static double compare_parameters(const struct twins *twins, char worst[32])
{
    static struct tensor_place places[TRIAL_TENSORS_MAX];
    size_t n_places = trial_places(&twins->spec, &twins->data, places);
    size_t n_parameters = twins->plain->n_parameters;
    double least = least_share(twins->plain->n_layers) *
                   largest_of(n_parameters, twins->gradient);
    double most = 0;
    for (size_t i = 0; i < n_places; i++) {
        size_t n = 1, at = places[i].offset;
        for (size_t k = 0; k < places[i].rank; k++)
            n *= places[i].extent[k];
        if (at >= n_parameters)
            continue;
        double error = difference(n, twins->gradient + at,
                                  twins->model->gradients + at,
                                  fmax(least, terms_of(twins->plain, at, n)));
        if (error > most)
            memcpy(worst, places[i].name, sizeof places[i].name);
        most = fmax(most, error);
    }
    return most;
}

/* By the encoding's own rule, which its tests hold to account. */
static void decode(const struct twins *twins, double *d_images)
{
    const struct model *model = twins->model;
    const struct encoding *encoding = model->encoding;
    struct encoding_batch batch = twins_encoding_batch(twins);
    size_t n_images = batch.n_images * batch.n_pixels;
    size_t n = batch.n_images * image_size(model->input);
    size_t n_all = n * model->n_steps, n_kept = encoding->sums ? n : n_all;
    struct arena arena = arena_open();
    float *encoded = ARENA_ARRAY(&arena, float, n_all);
    float *above = ARENA_ARRAY(&arena, float, n_kept);
    float *below = ARENA_ARRAY(&arena, float, n_images);
    for (size_t i = 0; i < n_all; i++) {
        encoded[i] = (float)twins->encoded[i];
        above[i % n_kept] += (float)twins->d_encoded[i];
    }
    encoding->backward(twins->spec.at[SPEC_ENCODING].params, &batch, encoded,
                       above, below);
    for (size_t i = 0; i < n_images; i++)
        d_images[i] = (double)below[i];
    arena_close(&arena);
}

static bool is_written_out(const char *kind)
{
    return !strcmp(kind, "direct") || !strcmp(kind, "latency") ||
           !strcmp(kind, "poisson");
}

/* Statistics of the batch take most of the images' gradients away, too. */
static double least_of_images(const struct twins *twins)
{
    const struct plain_model *plain = twins->plain;
    return twins->train ? least_share(plain->n_layers) *
                              largest_of(plain->n_parameters, twins->gradient)
                        : 1e-12;
}

/* From the gradient by the input of every step to that by the images, by the
 * rules of core/encoding.h written out. */
static double compare_images(const struct twins *twins)
{
    const struct model *model = twins->model;
    size_t n_pixels = image_size(model->shape);
    size_t n = twins->batch.n * n_pixels;
    struct arena arena = arena_open();
    double *d_images = ARENA_ARRAY(&arena, double, n);
    const char *kind = twins->spec.at[SPEC_ENCODING].kind->name;
    bool written_out = is_written_out(kind);
    if (!written_out)
        decode(twins, d_images);
    for (size_t i = 0; written_out && i < n * model->n_steps; i++) {
        size_t channel = i % n_pixels % model->shape.n_channels;
        double factor = 1;
        if (!strcmp(kind, "direct"))
            factor = 1 / (double)twins->data.deviation[channel];
        if (!strcmp(kind, "latency"))
            factor = twins->encoded[i];
        d_images[i % n] += factor * twins->d_encoded[i];
    }
    double error =
        difference(n, d_images, twins->d_images, least_of_images(twins));
    arena_close(&arena);
    return error;
}

/* Running averages after one step from the twin's moments. */
static double compare_running(const struct twins *twins,
                              const struct plain_layer *layer)
{
    double most = 0, momentum = 0.1;
    double rows = (double)(plain_count_rows(twins->plain) *
                           plain_count_pixels(layer) / layer->n_own);
    double unbiased = rows > 1 ? rows / (rows - 1) : 1;
    size_t n = layer->normalized ? layer->n_own * layer->n_out : 0;
    for (size_t c = 0; c < n; c++) {
        size_t mean = layer->running_mean + c;
        size_t variance = layer->running_variance + c;
        double expected[2] = {
            (1 - momentum) * twins->values[mean] + momentum * layer->mean[c],
            (1 - momentum) * twins->values[variance] +
                momentum * unbiased * layer->variance[c]};
        float found[2] = {twins->model->weights[mean],
                          twins->model->weights[variance]};
        most = fmax(most, difference(2, expected, found, 1e-3));
    }
    return most;
}

/* Thresholds that follow potentials, after one step. */
static double compare_followed(const struct twins *twins,
                               const struct plain_layer *layer)
{
    double most = 0;
    for (size_t t = 0;
         layer->follow != SIZE_MAX && t < twins->plain->n_steps; t++) {
        size_t at = layer->follow + t;
        double expected =
            0.9 * twins->values[at] + 0.1 * layer->threshold[t];
        most = fmax(most, difference(1, &expected,
                                     twins->model->weights + at, 1e-3));
    }
    return most;
}

/* Typical potentials, after one step. */
static double compare_typical(const struct twins *twins,
                              const struct plain_layer *layer)
{
    size_t n_images = twins->plain->n_images;
    size_t n = twins->plain->n_steps * plain_count_outputs(layer);
    if (layer->typical == SIZE_MAX)
        return 0;
    struct arena arena = arena_open();
    double *expected = ARENA_ARRAY(&arena, double, n);
    for (size_t i = 0; i < n_images * n; i++) {
        if (i < n)
            expected[i] = 0.9 * twins->values[layer->typical + i];
        expected[i % n] += 0.1 * layer->u[i] / (double)n_images;
    }
    double error = difference(n, expected,
                              twins->model->weights + layer->typical, 1e-3);
    arena_close(&arena);
    return error;
}

static double compare_statistics(const struct twins *twins)
{
    double most = 0;
    for (size_t i = 0; i < twins->plain->n_layers; i++) {
        const struct plain_layer *layer = &twins->plain->layers[i];
        most = fmax(most, compare_running(twins, layer));
        most = fmax(most, compare_followed(twins, layer));
        most = fmax(most, compare_typical(twins, layer));
        if (layer->way)
            most = fmax(most, compare_running(twins, layer->way));
    }
    return most;
}

struct twins_errors twins_compare(const struct twins *twins)
{
    const struct model *model = twins->model;
    double plain = plain_loss(twins->plain, twins->values, twins->encoded,
                              twins->labels);
    struct twins_errors errors = {
        .logits = difference(twins->batch.n * model->n_classes,
                             twins->plain->logits, model->logits, 1e-12),
        .loss = fabs(twins->loss - plain) / fabs(plain),
    };
    if (twins->train) {
        errors.parameters = compare_parameters(twins, errors.worst);
        errors.statistics = compare_statistics(twins);
    }
    errors.images = compare_images(twins);
    return errors;
}

static bool are_small(struct twins_errors errors)
{
    return errors.logits < 1e-5 && errors.loss < 1e-5 &&
           errors.parameters < 1e-4 && errors.images < 1e-4 &&
           errors.statistics < 1e-5;
}

struct twins_errors twins_run_alike(struct twins *twins)
{
    twins_run(twins);
    size_t n_other = twins_count_other_spikes(twins);
    struct twins_errors errors = twins_compare(twins);
    if (n_other > 0 || !are_small(errors))
        fail_msg("%zu images, %s: %zu other spikes, errors of logits %g, loss "
                 "%g, parameters %g (%s), images %g, statistics %g in\n%s",
                 twins->batch.n, twins->train ? "train" : "test", n_other,
                 errors.logits, errors.loss, errors.parameters, errors.worst,
                 errors.images, errors.statistics,
                 spec_print(&twins->spec, false, &twins->arena));
    return errors;
}

struct twins_errors twins_expect(const char *text, struct image_shape shape,
                                 size_t n_images, bool train)
{
    struct twins twins;
    twins_open(&twins, text, shape, n_images, train);
    struct twins_errors errors = twins_run_alike(&twins);
    twins_close(&twins);
    return errors;
}

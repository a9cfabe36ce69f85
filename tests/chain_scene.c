#include "tests/chain_scene.h"
#include "core/reference.h"
#include "tests/small_net.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

struct chain_scene chain_scene_make(const char *text)
{
    struct chain_scene scene = {.scratch = scratch_make(),
                                .arena = arena_open()};
    struct image_shape shape = {9, 6, 2};
    scene.spec = small_spec(text, &scene.arena);
    scene.data = small_data(shape, 5, 40, N_IMAGES, 0.6, &scene.arena);
    size_t n = small_count_values(&scene.spec, &scene.data);
    double *values = ARENA_ARRAY(&scene.arena, double, n);
    float *weights = ARENA_ARRAY(&scene.arena, float, n);
    small_fill_values(&scene.spec, &scene.data, 3, 2.5, values);
    for (size_t i = 0; i < n; i++)
        weights[i] = (float)values[i];
    scene.weights = (struct weights){n, weights};
    scene.path = scratch_path(&scene.scratch, "net.nir");
    return scene;
}

void chain_scene_remove(struct chain_scene *scene)
{
    arena_close(&scene->arena);
    scratch_remove(&scene->scratch);
}

const float *chain_scene_logits(struct chain_scene *scene,
                                const struct spec *spec,
                                const struct weights *weights)
{
    struct spec attacked = *spec;
    struct reference reference;
    struct trial_means means = {NULL, 1, false};
    assert_int_equal(spec_change(&attacked,
                                 "attack = fgsm; attack.epsilons = [0]",
                                 &scene->arena),
                     STATUS_OK);
    const char *text = spec_print(&attacked, true, &scene->arena);
    assert_int_equal(spec_parse(text, &attacked, &scene->arena), STATUS_OK);
    assert_int_equal(reference_make(&attacked, &scene->data, weights, N_IMAGES,
                                    means, &scene->arena, &reference),
                     STATUS_OK);
    return reference.logits;
}

struct feedforward chain_scene_take(struct chain_scene *scene)
{
    struct feedforward net;
    if (feedforward_take(&scene->spec, &scene->data, &scene->weights,
                         &scene->arena, &net) != STATUS_OK)
        fail_msg("%s", status_reason());
    return net;
}

/* a plain twin -------------------------------------------------------- */

enum { TWIN_MAX = 4096 };

static double at(struct image_shape shape, const double *x, long h, long w,
                 size_t c)
{
    bool inside = h >= 0 && w >= 0 && h < (long)shape.height &&
                  w < (long)shape.width;
    return inside ? x[((size_t)h * shape.width + (size_t)w) *
                          shape.n_channels +
                      c]
                  : 0.0;
}

static double convolve(const struct feedforward_layer *layer, const double *x,
                       size_t h, size_t w, size_t o)
{
    double sum = (double)layer->bias[o];
    long pad = (long)(layer->size / 2);
    size_t n_in = layer->in.n_channels, n_out = layer->out.n_channels;
    for (size_t i = 0; i < layer->size; i++)
        for (size_t j = 0; j < layer->size; j++)
            for (size_t c = 0; c < n_in; c++) {
                size_t k = ((i * layer->size + j) * n_in + c) * n_out + o;
                sum += (double)layer->weights[k] *
                       at(layer->in, x, (long)(h * layer->stride + i) - pad,
                          (long)(w * layer->stride + j) - pad, c);
            }
    return sum;
}

static void operate(const struct feedforward_layer *layer, const double *x,
                    double *z)
{
    size_t n_out = layer->out.n_channels;
    for (size_t o = 0; o < n_out; o++) {
        for (size_t h = 0; h < layer->out.height; h++)
            for (size_t w = 0; w < layer->out.width; w++)
                if (layer->operation == BLOCK_CONVOLUTION)
                    z[(h * layer->out.width + w) * n_out + o] =
                        convolve(layer, x, h, w, o);
        if (layer->operation == BLOCK_CONVOLUTION)
            continue;
        z[o] = (double)layer->bias[o];
        for (size_t i = 0; i < image_size(layer->in); i++)
            z[o] += (double)layer->weights[i * n_out + o] * x[i];
    }
}

/* Spikes of a step into s, in place of the currents there. */
static void fire(const struct feedforward *net,
                 const struct feedforward_layer *layer, double *v,
                 double *current, double *s)
{
    for (size_t i = 0; i < image_size(layer->out); i++) {
        current[i] = layer->synaptic_leak * current[i] + s[i];
        double u = layer->leak * v[i] + layer->gain * current[i];
        s[i] = u >= net->threshold ? 1.0 : 0.0;
        v[i] = s[i] > 0 ? (net->soft_reset ? u - net->threshold : 0.0) : u;
    }
}

static void pool(const struct feedforward_layer *layer, const double *s,
                 double *x)
{
    struct image_shape to = feedforward_pooled(layer);
    for (size_t h = 0; h < to.height; h++)
        for (size_t w = 0; w < to.width; w++)
            for (size_t c = 0; c < to.n_channels; c++)
                x[(h * to.width + w) * to.n_channels + c] =
                    (at(layer->out, s, 2 * (long)h, 2 * (long)w, c) +
                     at(layer->out, s, 2 * (long)h, 2 * (long)w + 1, c) +
                     at(layer->out, s, 2 * (long)h + 1, 2 * (long)w, c) +
                     at(layer->out, s, 2 * (long)h + 1, 2 * (long)w + 1, c)) /
                    4;
}

static void step(const struct feedforward *net, const double *image,
                 double v[][TWIN_MAX], double current[][TWIN_MAX],
                 double *features)
{
    static double x[TWIN_MAX], s[TWIN_MAX];
    memcpy(x, image, image_size(net->shape) * sizeof *x);
    for (size_t i = 0; i < net->n_layers; i++) {
        const struct feedforward_layer *layer = &net->layers[i];
        operate(layer, x, s);
        fire(net, layer, v[i], current[i], s);
        if (layer->pooled)
            pool(layer, s, x);
        else
            memcpy(x, s, image_size(layer->out) * sizeof *x);
    }
    size_t n_channels = net->last.n_channels;
    for (size_t i = 0; i < image_size(net->last); i++)
        features[net->averages ? i % n_channels : i] += x[i];
}

void chain_twin_run(const struct feedforward *net, const double *image,
                    double *logits)
{
    static double v[8][TWIN_MAX], current[8][TWIN_MAX], features[TWIN_MAX];
    memset(v, 0, sizeof v);
    memset(current, 0, sizeof current);
    memset(features, 0, sizeof features);
    for (size_t t = 0; t < net->n_steps; t++)
        step(net, image, v, current, features);
    size_t n_pixels = net->averages ? net->last.height * net->last.width : 1;
    for (size_t k = 0; k < net->n_classes; k++) {
        logits[k] = (double)net->readout_bias[k];
        for (size_t i = 0; i < feedforward_count_features(net); i++)
            logits[k] +=
                (double)net->readout_weights[i * net->n_classes + k] *
                features[i] / (double)(net->n_steps * n_pixels);
    }
}

double chain_twin_compare(const struct chain_scene *scene,
                          const struct feedforward *net, const float *wanted)
{
    size_t n = image_size(net->shape);
    double image[TWIN_MAX], logits[16], largest = 0;
    for (size_t b = 0; b < N_IMAGES; b++) {
        size_t place = split_place(&scene->data.test, b);
        for (size_t i = 0; i < n; i++)
            image[i] = (double)scene->data.test.images[place * n + i] / 255;
        chain_twin_run(net, image, logits);
        for (size_t k = 0; k < net->n_classes; k++)
            largest = fmax(largest, fabs(logits[k] -
                                         (double)wanted[b * net->n_classes +
                                                        k]));
    }
    return largest;
}

void chain_assert_lively(const float *logits, size_t n_classes)
{
    float largest = 0;
    for (size_t i = n_classes; i < N_IMAGES * n_classes; i++)
        largest = fmaxf(largest, fabsf(logits[i] - logits[i % n_classes]));
    assert_true(largest > 0.05f);
}

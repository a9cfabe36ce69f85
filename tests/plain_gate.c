/* The gates of the plain twin, by the words of core/gate.h. */
#include "core/gate.h"
#include "core/network.h"
#include "core/rng.h"
#include "tests/plain_parts.h"

#include <math.h>
#include <string.h>

/* Whether a layer's spikes pass gates in this pass. */
static bool is_gated(const struct plain_model *plain,
                     const struct plain_layer *layer)
{
    bool is_last = layer + 1 == plain->layers + plain->n_layers;
    if (!plain->has_gates || !(plain->train || plain->gate.in_tests))
        return false;
    return !plain->gate.only_linear || is_last || layer[1].linear;
}

/* Entry (b, t, e)'s number, by the layout of core/spiking.h. */
static double number_at(const struct plain_model *plain,
                        const struct plain_layer *layer, size_t at)
{
    size_t n = plain_count_outputs(layer), e = at % n;
    size_t t = plain->gate.each_step ? at / n % plain->n_steps : 0;
    size_t n_even = layer->n_out + layer->n_out % 2, first = 0;
    for (const struct plain_layer *other = plain->layers; other < layer;
         other++)
        first += plain->n_steps * plain_count_pixels(other) *
                 (other->n_out + other->n_out % 2);
    size_t pixel = t * plain_count_pixels(layer) + e / layer->n_out;
    struct rng_stream stream = {
        plain->noise_seed, RNG_GATE_TRAIN,
        rng_lane(at / n / plain->n_steps, plain->noise_draw)};
    float u;
    rng_fill_uniform(stream, first + pixel * n_even + e % layer->n_out, 1, &u);
    return (double)u;
}

static double keep_at(const struct plain_model *plain,
                      const struct plain_layer *layer, const double *values,
                      size_t at)
{
    return layer->keeps == SIZE_MAX
               ? plain->gate.keep
               : values[layer->keeps + at % plain_count_outputs(layer)];
}

static double relaxed(const struct plain_model *plain, double p, double u)
{
    double odds = p / (1 - p + 1e-3) * u / (1 - u + 1e-3);
    return 1 / (1 + pow(odds, -1 / plain->gate.temperature));
}

/* Of a learned one the smooth twin has the relaxed form. */
static double gate_at(const struct plain_model *plain,
                      const struct plain_layer *layer, const double *values,
                      size_t at)
{
    double p = keep_at(plain, layer, values, at);
    double u = number_at(plain, layer, at);
    if (plain->smooth && layer->keeps != SIZE_MAX)
        return relaxed(plain, p, u);
    return (u >= 1 - p) / (plain->gate.scaled ? plain->gate.keep : 1);
}

void plain_forward_gates(struct plain_model *plain, struct plain_layer *layer,
                         const double *values)
{
    size_t n = plain_count_rows(plain) * plain_count_outputs(layer);
    memcpy(layer->through, layer->s, n * sizeof *layer->s);
    for (size_t at = 0; is_gated(plain, layer) && at < n; at++)
        layer->through[at] *= gate_at(plain, layer, values, at);
}

void plain_backward_gates(struct plain_model *plain, struct plain_layer *layer,
                          const double *values, double *gradient, double *d_s)
{
    size_t n_outputs = plain_count_outputs(layer);
    size_t n = plain_count_rows(plain) * n_outputs;
    for (size_t at = 0; is_gated(plain, layer) && at < n; at++) {
        if (layer->keeps != SIZE_MAX) {
            double p = keep_at(plain, layer, values, at), h = 1e-6;
            double u = number_at(plain, layer, at);
            double slope =
                (relaxed(plain, p + h, u) - relaxed(plain, p - h, u)) / (2 * h);
            if (plain->gate.published)
                slope /= -(double)plain_count_rows(plain);
            gradient[layer->keeps + at % n_outputs] +=
                d_s[at] * layer->s[at] * slope;
        }
        d_s[at] *= gate_at(plain, layer, values, at);
    }
}

/* The neurons of the plain twin. */
#include "core/rng.h"
#include "core/surrogate.h"
#include "tests/plain_parts.h"

#include <math.h>

/* An activation at z / lambda = u. */
static double activate(const struct plain_model *plain, double u)
{
    double most = (double)plain->n_levels;
    if (plain->smooth)
        return fmin(fmax(u, 0), 1);
    return fmin(fmax(floor(u * most + 0.5), 0), most) / most;
}

static double spike(const struct plain_model *plain,
                    const struct plain_layer *layer, const double *values,
                    double x)
{
    const struct choice *choice = &plain->spec->at[SPEC_SURROGATE];
    if (layer->log_width != SIZE_MAX)
        x /= exp(values[layer->log_width]);
    if (plain->n_levels > 0)
        return activate(plain, x + 1);
    if (plain->smooth)
        return surrogate_of(choice->kind)->primitive(choice->params, x);
    return x >= 0 ? 1 : 0;
}

static double slope(const struct plain_model *plain, struct plain_fit fit,
                    double x)
{
    const struct choice *choice = &plain->spec->at[SPEC_SURROGATE];
    if (plain->n_levels > 0)
        return x > -1 && x < 0 ? 1 : 0;
    if (plain_has_rule(plain, "hart"))
        return plain_hart_slope(plain, x);
    float in = (float)((x - fit.center) / fit.width), out;
    surrogate_of(choice->kind)->derivative(choice->params, 1, &in, &out);
    return (double)out / fit.width;
}

/* Leak and gain of neuron e at step t. */
double plain_leak_at(const struct plain_model *plain,
                     const struct plain_layer *layer, const double *values,
                     size_t t, size_t e)
{
    if (layer->logit != SIZE_MAX)
        return 1 / (1 + exp(-values[layer->logit]));
    if (layer->leaks != SIZE_MAX)
        return values[layer->leaks + t * plain_count_outputs(layer) + e];
    return plain->leak;
}

double plain_gain_at(const struct plain_model *plain,
                     const struct plain_layer *layer, const double *values,
                     size_t t)
{
    if (plain->scale_input)
        return 1 - plain_leak_at(plain, layer, values, t, 0);
    if (layer->lambda != SIZE_MAX)
        return 1 / values[layer->lambda];
    return layer->gains == SIZE_MAX ? 1 : values[layer->gains + t];
}

/* Adds what one neuron's step tells of its leak and gain. */
static void add_own(const struct plain_model *plain,
                    const struct plain_layer *layer, const double *values,
                    size_t t, size_t e, double d_leak, double d_gain,
                    double *gradient)
{
    double leak = plain_leak_at(plain, layer, values, t, e);
    double d_logit = leak * (1 - leak) *
                     (d_leak - (plain->scale_input ? d_gain : 0));
    if (layer->logit != SIZE_MAX) {
        gradient[layer->logit] += d_logit;
        plain->terms[layer->logit] += fabs(d_logit);
    }
    if (layer->leaks != SIZE_MAX)
        gradient[layer->leaks + t * plain_count_outputs(layer) + e] += d_leak;
    if (layer->gains != SIZE_MAX)
        gradient[layer->gains + t] += d_gain;
    if (layer->lambda != SIZE_MAX)
        gradient[layer->lambda] -= d_gain / pow(values[layer->lambda], 2);
}

static double threshold_at(const struct plain_model *plain,
                           const struct plain_layer *layer, size_t at)
{
    if (layer->typical != SIZE_MAX)
        return layer->theta[at];
    return layer->threshold[at / plain_count_outputs(layer) % plain->n_steps];
}

/* The potential that a step leaves. */
static double after_reset(const struct plain_model *plain,
                          const struct plain_layer *layer, size_t at)
{
    double threshold = threshold_at(plain, layer, at);
    double u = layer->x[at] + threshold;
    double by = layer->held ? layer->held[at] : layer->s[at];
    return plain->soft_reset ? u - threshold * by : u * (1 - by);
}

/* What is added to neuron e of image b at step t in training, by the layout
 * of core/spiking.h written out. */
static double noise_at(const struct plain_model *plain,
                       const struct plain_layer *layer, size_t b, size_t t,
                       size_t e)
{
    size_t n_even = layer->n_out + layer->n_out % 2, first = 0;
    if (!plain->train || !(plain->noise > 0))
        return 0;
    for (const struct plain_layer *other = plain->layers; other < layer;
         other++)
        first += plain->n_steps * plain_count_pixels(other) *
                 (other->n_out + other->n_out % 2);
    size_t pixel = t * plain_count_pixels(layer) + e / layer->n_out;
    size_t at = first + pixel * n_even + e % layer->n_out;
    struct rng_stream stream = {plain->noise_seed, RNG_NEURON,
                                rng_lane(b, plain->noise_draw)};
    float pair[2];
    rng_fill_normal(stream, at - at % 2, 2, pair);
    return plain->noise * (double)pair[at % 2];
}

/* A self-predicting neuron's rate, 0 for others, and what goes into the
 * prediction at a step. */
static double rate_of(const struct plain_layer *layer, const double *values)
{
    return layer->rate == SIZE_MAX ? 0 : values[layer->rate];
}

static double surprise_at(const struct plain_model *plain,
                          const struct plain_layer *layer, size_t at,
                          double noise)
{
    return layer->rescaled[at] + noise -
           plain->spike_weight * threshold_at(plain, layer, at) *
               layer->s[at];
}

/* How far a homeostatic neuron's potential is from what is typical. */
static double error_at(const struct plain_model *plain,
                       const struct plain_layer *layer, const double *values,
                       size_t at)
{
    size_t n = plain_count_outputs(layer), t = at / n % plain->n_steps;
    return layer->u[at] - values[layer->typical + t * n + at % n];
}

/* The threshold that it has after a step that is compared with its potential,
 * or before; `theta` is the latest. */
static void move_threshold(const struct plain_model *plain,
                           struct plain_layer *layer, const double *values,
                           size_t at, double *theta)
{
    double before = *theta;
    if (layer->typical == SIZE_MAX)
        return;
    *theta += values[layer->threshold_rate + at % plain_count_outputs(layer)] *
              error_at(plain, layer, values, at);
    layer->theta[at] = plain->delayed ? before : *theta;
}

static void run_neurons(const struct plain_model *plain,
                        struct plain_layer *layer, const double *values)
{
    size_t n = plain_count_outputs(layer), n_steps = plain->n_steps;
    double rate = rate_of(layer, values);
    for (size_t i = 0; i < plain->n_images * n; i++) {
        double v = plain->n_levels > 0 ? 0 : plain->initial, p = 0;
        double current = 0;
        double theta = plain->threshold;
        for (size_t t = 0; t < n_steps; t++) {
            size_t at = (i / n * n_steps + t) * n + i % n;
            double noise = noise_at(plain, layer, i / n, t, i % n);
            current = plain->synaptic_leak * current + layer->rescaled[at] +
                      noise;
            double u = plain_leak_at(plain, layer, values, t, i % n) * v + p +
                       plain_gain_at(plain, layer, values, t) * current;
            layer->u[at] = u;
            move_threshold(plain, layer, values, at, &theta);
            layer->x[at] = u - threshold_at(plain, layer, at);
            layer->s[at] = spike(plain, layer, values, layer->x[at]);
            v = after_reset(plain, layer, at);
            p = plain->leak * p +
                rate * surprise_at(plain, layer, at, noise);
        }
    }
}

/* Mean and deviation of all potentials at a step, added up. */
static double follow_step(const struct plain_model *plain,
                          const struct plain_layer *layer, size_t t)
{
    size_t n = plain_count_outputs(layer);
    double count = (double)(plain->n_images * n), mean = 0, variance = 0;
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < plain->n_images * n; i++) {
            size_t at = (i / n * plain->n_steps + t) * n + i % n;
            double u = layer->x[at] + layer->threshold[t];
            if (pass == 0)
                mean += u / count;
            else
                variance += (u - mean) * (u - mean) / count;
        }
    return mean + sqrt(variance);
}

void plain_forward_neurons(struct plain_model *plain,
                            struct plain_layer *layer, const double *values)
{
    bool follows = layer->follow != SIZE_MAX;
    for (size_t t = 0; t < plain->n_steps; t++)
        layer->threshold[t] =
            follows ? values[layer->follow + t] : plain->threshold;
    for (size_t t = 0; follows && plain->train && t < plain->n_steps; t++) {
        run_neurons(plain, layer, values);
        layer->threshold[t] = follow_step(plain, layer, t);
    }
    run_neurons(plain, layer, values);
}

/* Of one neuron, the gradients by its potential, prediction, threshold and
 * current after step t: on to step t - 1. */
struct carried {
    double v, p, theta, current;
};

/* What goes through the threshold to the potential; `compared` is the gradient
 * by that which was compared with it. */
static double through_threshold(const struct plain_model *plain,
                                const struct plain_layer *layer,
                                const double *values, size_t at,
                                double compared, struct carried *d,
                                double *gradient)
{
    if (layer->typical == SIZE_MAX)
        return 0;
    size_t own = layer->threshold_rate + at % plain_count_outputs(layer);
    double moved = plain->delayed ? d->theta : d->theta + compared;
    gradient[own] += moved * error_at(plain, layer, values, at);
    d->theta += compared;
    return moved * values[own];
}

static void step_back(struct plain_model *plain, struct plain_layer *layer,
                      const double *values, size_t i, size_t t,
                      struct plain_fit fit, const double *d_x,
                      double *gradient, double *d_s, struct carried *d)
{
    size_t n = plain_count_outputs(layer), e = i % n;
    size_t at = (i / n * plain->n_steps + t) * n + e;
    double noise = noise_at(plain, layer, i / n, t, e);
    double threshold = threshold_at(plain, layer, at);
    double u = layer->x[at] + threshold, rate = rate_of(layer, values);
    double by_s = plain->soft_reset ? -threshold : -u;
    double by_u = plain->soft_reset ? 1 : 1 - layer->s[at];
    double all_s = d_s[at] + (plain->detach_reset ? 0 : d->v * by_s) -
                   d->p * rate * plain->spike_weight * threshold;
    double g = slope(plain, fit, layer->x[at]);
    if (layer->sharpness)
        g = layer->sharpness[at] *
            plain->shape(layer->sharpness[at] * layer->x[at]);
    double d_above = all_s * g + (d_x ? d_x[at] : 0);
    double compared =
        -d_above - (plain->soft_reset ? d->v * layer->s[at] : 0);
    double d_u = d->v * by_u + d_above +
                 through_threshold(plain, layer, values, at, compared, d,
                                   gradient);
    if (layer->log_width != SIZE_MAX)
        gradient[layer->log_width] -= d_s[at] * layer->x[at] * g;
    double v = t > 0 ? after_reset(plain, layer, at - n) : 0;
    add_own(plain, layer, values, t, e, d_u * v,
            d_u * (layer->rescaled[at] + noise), gradient);
    if (layer->rate != SIZE_MAX)
        gradient[layer->rate] +=
            d->p * surprise_at(plain, layer, at, noise);
    d->current = plain->synaptic_leak * d->current +
                 plain_gain_at(plain, layer, values, t) * d_u;
    d_s[at] = d->current + rate * d->p;
    d->v = plain_leak_at(plain, layer, values, t, e) * d_u;
    d->p = plain->leak * d->p + d_u;
}

/* d_s becomes d_z in place; d_x is the regularizer's own gradient. */
void plain_backward_neurons(struct plain_model *plain,
                             struct plain_layer *layer, const double *values,
                             const double *d_x, double *gradient, double *d_s)
{
    size_t n = plain_count_outputs(layer), n_channels = layer->n_out;
    const struct plain_fit *fits = plain_take_fits(plain, layer, values);
    bool apart = plain_has_rule(plain, "hart");
    if (plain_goes_by_means(plain)) {
        plain_backward_means(plain, layer, values, d_s);
        return;
    }
    if (layer->logit != SIZE_MAX)
        plain->terms[layer->logit] = 0;
    for (size_t i = 0; i < plain->n_images * n; i++) {
        struct carried d = {0, 0, 0, 0};
        for (size_t t = plain->n_steps; t-- > 0;) {
            if (apart)
                d = (struct carried){0, 0, 0, 0};
            step_back(plain, layer, values, i, t,
                      fits[t * n_channels + i % n_channels], d_x, gradient,
                      d_s, &d);
        }
    }
    if (apart)
        plain_average_steps(plain, layer, d_s);
}

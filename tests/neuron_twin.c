#include "tests/neuron_twin.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

/* samples ------------------------------------------------------------- */

static void set(struct neuron_sample *sample, const char *name,
                const char *text, struct arena *arena)
{
    const struct row *row = kind_find_row(&sample->neuron->kind, name);
    assert_non_null(row);
    assert_int_equal(row_set(row, text, sample->params, arena), STATUS_OK);
}

struct neuron_sample neuron_sample_make(const struct kind *kind, double leak,
                                        bool hard, bool detached,
                                        struct arena *arena)
{
    struct neuron_sample sample = {.neuron = neuron_of(kind),
                                   .params = kind_defaults(kind, arena),
                                   .leak = 1,
                                   .threshold = 1,
                                   .spike_weight = 1,
                                   .hard = hard,
                                   .detached = detached};
    if (kind_find_row(kind, "leak")) {
        sample.leak = leak;
        set(&sample, "leak", arena_print(arena, "%.17g", leak), arena);
    }
    if (kind_find_row(kind, "synaptic_leak")) {
        sample.synaptic_leak = 0.625;
        set(&sample, "synaptic_leak", "0.625", arena);
    }
    if (kind_find_row(kind, "initial")) {
        sample.initial = 0.25;
        set(&sample, "initial", "0.25", arena);
    }
    set(&sample, "reset", hard ? "hard" : "soft", arena);
    set(&sample, "detach_reset", detached ? "true" : "false", arena);
    return sample;
}

void neuron_sample_set_threshold(struct neuron_sample *sample, double threshold,
                          struct arena *arena)
{
    if (!kind_find_row(&sample->neuron->kind, "threshold")) {
        set(sample, "lambda", arena_print(arena, "%.17g", threshold), arena);
        return;
    }
    sample->threshold = threshold;
    set(sample, "threshold", arena_print(arena, "%.17g", threshold), arena);
}

void neuron_sample_take_options(struct neuron_sample *sample,
                                struct arena *arena)
{
    if (kind_find_row(&sample->neuron->kind, "spike_weight")) {
        sample->spike_weight = -0.5;
        set(sample, "spike_weight", "-0.5", arena);
    }
    if (kind_find_row(&sample->neuron->kind, "delayed")) {
        sample->delayed = true;
        set(sample, "delayed", "true", arena);
    }
    if (!kind_find_row(&sample->neuron->kind, "scale_input"))
        return;
    sample->scale_input = true;
    set(sample, "scale_input", "true", arena);
}

/* Value of tensor k for neuron i at step t. */
static double own_at(const struct neuron_sample *sample, size_t k, size_t t,
                     size_t i)
{
    const struct neuron_tensor *tensor = &sample->neuron->tensors[k];
    double at = (tensor->by_step ? 3.7 * (double)t : 0) +
                (tensor->by_neuron ? 1.3 * (double)i : 0) + 0.4 * (double)k;
    return tensor->begin(sample->params) + sample->spread * sin(at + 1);
}

void neuron_sample_put_own(const struct neuron_sample *sample, size_t first,
                    struct neuron_own *values, struct neuron_tile *tile)
{
    for (size_t k = 0; k < sample->neuron->n_tensors; k++) {
        const struct neuron_tensor *tensor = &sample->neuron->tensors[k];
        size_t n = neuron_count_values(tensor, tile->n_steps, tile->n);
        size_t width = tensor->by_neuron ? tile->n : 1;
        assert_in_range(n, 1, NEURON_OWN_MAX);
        for (size_t i = 0; i < n; i++)
            values->at[k][i] = (float)own_at(sample, k, i / width,
                                             first + i % width);
        tile->own[k] = values->at[k];
    }
}

void neuron_sample_for_all(void (*check)(struct neuron_sample sample))
{
    for (size_t k = 0; k < neuron_axis.n_kinds; k++)
        for (int i = 0; i < 4; i++) {
            struct arena arena = arena_open();
            struct neuron_sample sample = neuron_sample_make(
                neuron_axis.kinds[k], 0.75, i & 1, i & 2, &arena);
            check(sample);
            neuron_sample_set_threshold(&sample, 0.625, &arena);
            check(sample);
            sample.spread = 0.25;
            check(sample);
            neuron_sample_take_options(&sample, &arena);
            check(sample);
            arena_close(&arena);
        }
}

/* the twin ------------------------------------------------------------ */

static size_t count_own(const struct neuron_twin *twin, size_t k)
{
    return neuron_count_values(&twin->sample.neuron->tensors[k], TWIN_STEPS,
                               TWIN_NEURONS);
}

void neuron_twin_begin(struct neuron_twin *twin)
{
    for (size_t k = 0; k < twin->sample.neuron->n_tensors; k++) {
        bool by = twin->sample.neuron->tensors[k].by_neuron;
        for (size_t i = 0; i < count_own(twin, k); i++)
            twin->own[k][i] = own_at(&twin->sample, k,
                                     by ? i / TWIN_NEURONS : i,
                                     by ? i % TWIN_NEURONS : 0);
    }
}

static bool is_running(const struct neuron_twin *twin, size_t k)
{
    return twin->sample.neuron->tensors[k].running;
}

static bool is_kind(const struct neuron_twin *twin, const char *name)
{
    return !strcmp(twin->sample.neuron->kind.name, name);
}

static double leak_at(const struct neuron_twin *twin, size_t at)
{
    if (is_kind(twin, "plif"))
        return 1 / (1 + exp(-twin->own[0][0]));
    return is_kind(twin, "feel") ? twin->own[0][at] : twin->sample.leak;
}

static double gain_at(const struct neuron_twin *twin, size_t at)
{
    if (twin->sample.scale_input)
        return 1 - leak_at(twin, at);
    if (is_kind(twin, "pif"))
        return 1 / twin->own[0][0];
    return is_kind(twin, "dlif") ? twin->own[0][at / TWIN_NEURONS] : 1;
}

static double threshold_at(const struct neuron_twin *twin, size_t at)
{
    return is_kind(twin, "adaptive") ? twin->own[0][at / TWIN_NEURONS]
                                     : twin->sample.threshold;
}

/* The threshold that a homeostatic neuron's potential is compared with;
 * `theta` is the latest. */
static double move_threshold(const struct neuron_twin *twin, size_t at,
                             double u, double *theta)
{
    double before = *theta;
    *theta += twin->own[1][at % TWIN_NEURONS] * (u - twin->own[0][at]);
    return twin->sample.delayed ? before : *theta;
}

void neuron_twin_forward(struct neuron_twin *twin, const double *z)
{
    const struct neuron_sample *sample = &twin->sample;
    for (size_t i = 0; i < TWIN_NEURONS; i++) {
        double v = sample->initial, p = 0, current = 0;
        double rate = is_kind(twin, "slif") ? twin->own[0][0] : 0;
        double theta = sample->threshold;
        for (size_t at = i; at < TWIN_ENTRIES; at += TWIN_NEURONS) {
            current = sample->synaptic_leak * current + z[at];
            double u = leak_at(twin, at) * v + gain_at(twin, at) * current + p;
            double threshold =
                is_kind(twin, "talif") ? move_threshold(twin, at, u, &theta)
                                       : threshold_at(twin, at);
            double x = u - threshold;
            double s = twin->surrogate
                           ? twin->surrogate->primitive(twin->params, x)
                           : x >= 0;
            bool detached = sample->detached && twin->freeze;
            double by = detached ? twin->frozen[at] : s;
            v = sample->hard ? u * (1 - by) : u - threshold * by;
            double taken = sample->spike_weight * sample->threshold * s;
            p = leak_at(twin, at) * p + rate * (z[at] - taken);
            twin->x[at] = x;
            twin->u[at] = u;
            twin->s[at] = s;
        }
    }
}

/* Any loss of spikes and potentials, and its gradients. */
static double weigh_spike(size_t at)
{
    return sin(1.7 * (double)at + 0.3);
}

static double weigh_potential(size_t at)
{
    return 0.5 * cos(2.3 * (double)at);
}

static double twin_loss(struct neuron_twin *twin, const double *z, bool direct)
{
    double loss = 0;
    neuron_twin_forward(twin, z);
    for (size_t at = 0; at < TWIN_ENTRIES; at++) {
        loss += weigh_spike(at) * twin->s[at];
        if (direct)
            loss += 0.5 * weigh_potential(at) * twin->x[at] * twin->x[at];
    }
    return loss;
}

void neuron_twin_run_engine(const struct neuron_twin *twin, const double *z,
                            bool direct, float *d_z,
                            double d_own[][TWIN_ENTRIES])
{
    float x[TWIN_ENTRIES], s[TWIN_ENTRIES], g[TWIN_ENTRIES], d_x[TWIN_ENTRIES];
    float u[TWIN_ENTRIES];
    float current[TWIN_ENTRIES], parts[NEURON_TENSORS_MAX][TWIN_ENTRIES];
    const struct neuron_sample *sample = &twin->sample;
    struct neuron_own own;
    for (size_t at = 0; at < TWIN_ENTRIES; at++) {
        x[at] = (float)twin->x[at];
        s[at] = (float)twin->s[at];
        u[at] = (float)twin->u[at];
        current[at] = (float)z[at];
        d_x[at] = (float)(weigh_potential(at) * twin->x[at]);
        d_z[at] = (float)weigh_spike(at);
    }
    struct neuron_tile tile = {TWIN_STEPS, TWIN_NEURONS, {NULL}, current,
                               x,          s,            u};
    struct neuron_gradients gradients = {
        .g = g, .d_s = d_z, .d_x = direct ? d_x : NULL, .d_z = d_z};
    for (size_t k = 0; d_own && k < sample->neuron->n_tensors; k++)
        if (!sample->neuron->tensors[k].running)
            gradients.d_own[k] = parts[k];
    neuron_sample_put_own(sample, 0, &own, &tile);
    twin->surrogate->derivative(twin->params, TWIN_ENTRIES, x, g);
    sample->neuron->backward(sample->params, &tile, &gradients);
    for (size_t k = 0; d_own && k < sample->neuron->n_tensors; k++) {
        const struct neuron_tensor *tensor = &sample->neuron->tensors[k];
        memset(d_own[k], 0, sizeof d_own[k]);
        if (tensor->running)
            continue;
        for (size_t at = 0; at < TWIN_ENTRIES; at++) {
            size_t t = tensor->by_step ? at / TWIN_NEURONS : 0;
            size_t to =
                tensor->by_neuron ? t * TWIN_NEURONS + at % TWIN_NEURONS : t;
            d_own[k][to] += (double)parts[k][at];
        }
    }
}

/* The derivative of the loss by a number, held against `found`. */
static void compare_difference(struct neuron_twin *twin, const double *z,
                               bool direct, double *number, double found)
{
    double held = *number, h = 1e-5;
    *number = held + h;
    double above = twin_loss(twin, z, direct);
    *number = held - h;
    double below = twin_loss(twin, z, direct);
    *number = held;
    double difference = (above - below) / (2 * h);
    assert_true(fabs(found - difference) < 1e-4 * (1 + fabs(difference)));
}

void neuron_twin_compare(struct neuron_twin *twin, bool direct)
{
    double z[TWIN_ENTRIES], d_own[NEURON_TENSORS_MAX][TWIN_ENTRIES];
    float d_z[TWIN_ENTRIES], alone[TWIN_ENTRIES];
    for (size_t at = 0; at < TWIN_ENTRIES; at++)
        z[at] = 0.4 + sin(5.1 * (double)at);
    neuron_twin_begin(twin);
    twin->freeze = false;
    neuron_twin_forward(twin, z);
    memcpy(twin->frozen, twin->s, sizeof twin->frozen);
    neuron_twin_run_engine(twin, z, direct, d_z, d_own);
    neuron_twin_run_engine(twin, z, direct, alone, NULL);
    assert_memory_equal(d_z, alone, sizeof d_z);
    twin->freeze = true;
    for (size_t at = 0; at < TWIN_ENTRIES; at++)
        compare_difference(twin, z, direct, &z[at], (double)d_z[at]);
    for (size_t k = 0; k < twin->sample.neuron->n_tensors; k++)
        for (size_t i = 0; !is_running(twin, k) && i < count_own(twin, k); i++)
            compare_difference(twin, z, direct, &twin->own[k][i],
                               d_own[k][i]);
}

/* Regularizers of single potentials, and of spikes. */
#include "core/regularizer_parts.h"

/* tgo ----------------------------------------------------------------- */

struct tgo {
    double weight, initial, delta;
};

/* Half a cosine from initial * weight to weight. */
static double tgo_weight(const void *params, double progress)
{
    const struct tgo *tgo = params;
    double risen = 0.5 * (1.0 - cos(acos(-1.0) * progress));
    return tgo->weight * (tgo->initial + (1.0 - tgo->initial) * risen);
}

static void tgo_value(const void *params, size_t n, const float *restrict x,
                      float *restrict r)
{
    float delta = (float)((const struct tgo *)params)->delta;
    for (size_t i = 0; i < n; i++) {
        float within = delta - fabsf(x[i]);
        r[i] = within > 0.0f ? within : 0.0f;
    }
}

/* Away from the threshold; at it, where the neuron fires, up. */
static void tgo_slope(const void *params, size_t n, const float *restrict x,
                      float *restrict d_x)
{
    float delta = (float)((const struct tgo *)params)->delta;
    for (size_t i = 0; i < n; i++) {
        float away = x[i] >= 0.0f ? -1.0f : 1.0f;
        d_x[i] = fabsf(x[i]) < delta ? away : 0.0f;
    }
}

static const struct row tgo_rows[] = {
    {.name = "weight", .unit = "1",
     .doc = "lambda_max, its weight at the end of training; the paper's is 0.4 for WRN-16 and 0.6 "
            "for VGG-11",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "0.4", .minimum = 0,
     .maximum = 1000, .offset = offsetof(struct tgo, weight)},
    {.name = "initial", .unit = "1",
     .doc = "the share of it at the beginning, from where it rises by half a cosine; the paper's, "
            "a small one, is not known",
     .type = ROW_REAL, .fallback = "0.1", .minimum = 0, .maximum = 1,
     .offset = offsetof(struct tgo, initial)},
    {.name = "delta", .unit = "1",
     .doc = "how near to the threshold a potential is a neighbour; the paper's is not known",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "0.5",
     .minimum = 0.001, .maximum = 1000, .offset = offsetof(struct tgo, delta)},
};

const struct regularizer regularizer_tgo = {
    .kind = {.name = "tgo",
             .doc = "fewer potentials near the threshold: the sum over layers of the mean of "
                    "max(0, delta - |U - V_th|) over images, steps and neurons (its noise is the "
                    "neuron nlif)",
             .cite = "TGO (arXiv 2602.20548, ICLR 2026), membrane constraint",
             .rows = tgo_rows,
             .n_rows = KIND_COUNT(tgo_rows),
             .params_size = sizeof(struct tgo)},
    .weight = tgo_weight,
    .sums_layers = true,
    .value = tgo_value,
    .slope = tgo_slope,
};

/* firing_rate --------------------------------------------------------- */

enum rate_bound { RATE_BOTH, RATE_UPPER, RATE_LOWER };

struct firing_rate {
    double weight, target;
    int bound; /* enum rate_bound */
};

static double firing_rate_weight(const void *params, double progress)
{
    (void)progress;
    return ((const struct firing_rate *)params)->weight;
}

static double firing_rate_term(const void *params, double rate, double *d_rate)
{
    const struct firing_rate *firing_rate = params;
    double above = rate - firing_rate->target;
    if (firing_rate->bound == RATE_UPPER)
        above = fmax(above, 0.0);
    if (firing_rate->bound == RATE_LOWER)
        above = fmin(above, 0.0);
    *d_rate = 2.0 * above;
    return above * above;
}

static const char *const bound_names[] = {
    [RATE_BOTH] = "both", [RATE_UPPER] = "upper", [RATE_LOWER] = "lower", NULL};

static const struct row firing_rate_rows[] = {
    {.name = "weight", .unit = "1", .doc = "its weight in the loss",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "1", .minimum = 0,
     .maximum = 1e6, .offset = offsetof(struct firing_rate, weight)},
    {.name = "target", .unit = "1",
     .doc = "the firing rate that a layer should have, in spikes a neuron and step",
     .type = ROW_REAL, .fallback = "0.1", .minimum = 0, .maximum = 1,
     .offset = offsetof(struct firing_rate, target)},
    {.name = "bound", .unit = "1",
     .doc = "what target is: both, a rate to come to from either side; or an upper or a lower "
            "bound, with no term on the other side of it",
     .type = ROW_CHOICE, .fallback = "both", .choices = bound_names,
     .offset = offsetof(struct firing_rate, bound)},
};

const struct regularizer regularizer_firing_rate = {
    .kind = {.name = "firing_rate",
             .doc = "the mean over layers of (rate - target)^2, rate the mean over images, steps "
                    "and neurons of a layer's spikes; its gradient goes through the surrogate",
             .cite = "after the bounds of Zenke and Vogels, Neural Computation 33 (2021), methods; "
                     "the lower one is there each neuron's, here the layer's",
             .rows = firing_rate_rows,
             .n_rows = KIND_COUNT(firing_rate_rows),
             .params_size = sizeof(struct firing_rate)},
    .weight = firing_rate_weight,
    .rate = firing_rate_term,
};

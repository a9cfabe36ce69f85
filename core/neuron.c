#include "core/neuron_parts.h"

size_t neuron_count_values(const struct neuron_tensor *tensor, size_t n_steps,
                           size_t n_neurons)
{
    return (tensor->by_step ? n_steps : 1) *
           (tensor->by_neuron ? n_neurons : 1);
}

static void run_forward(struct recurrence by, size_t n_steps, size_t n,
                        const float *z, float *x, float *s)
{
    for (size_t i = 0; i < n; i += NEURON_LANES) {
        float v[NEURON_LANES] = {0};
        for (size_t t = 0; t < n_steps; t++) {
            size_t at = t * n + i;
            neuron_step_forward(by, neuron_lanes_left(n, i), z + at, v, x + at,
                                s + at);
        }
    }
}

/* d_v comes in as dL/dV_t and leaves as dL/dV_{t-1}. d_z may be d_s, hence
 * ivdep instead of restrict. */
static inline void step_backward(struct recurrence by, size_t n,
                                 const float *restrict x,
                                 const float *restrict s,
                                 const float *restrict g, const float *d_s,
                                 const float *d_x, bool direct,
                                 float *restrict d_v, float *d_z)
{
    float by_x = -by.attached * by.by_potential;
    float by_one = -by.attached * by.threshold;
#pragma GCC ivdep
    for (size_t i = 0; i < n; i++) {
        float d_spike = d_s[i] + d_v[i] * (by_x * x[i] + by_one);
        float d_u = d_spike * g[i] + d_v[i] * (1.0f - by.by_potential * s[i]);
        if (direct)
            d_u += d_x[i];
        d_z[i] = d_u;
        d_v[i] = by.leak * d_u;
    }
}

static void run_backward(struct recurrence by, size_t n_steps, size_t n,
                         const float *x, const float *s, const float *g,
                         const float *d_s, const float *d_x, float *d_z)
{
    for (size_t i = 0; i < n; i += NEURON_LANES) {
        float d_v[NEURON_LANES] = {0};
        for (size_t t = n_steps; t-- > 0;) {
            size_t at = t * n + i, m = neuron_lanes_left(n, i);
            if (d_x)
                step_backward(by, m, x + at, s + at, g + at, d_s + at,
                              d_x + at, true, d_v, d_z + at);
            else
                step_backward(by, m, x + at, s + at, g + at, d_s + at, NULL,
                              false, d_v, d_z + at);
        }
    }
}

/* kinds --------------------------------------------------------------- */

const char *const neuron_reset_names[] = {[NEURON_RESET_HARD] = "hard",
                                          [NEURON_RESET_SOFT] = "soft", NULL};

struct recurrence neuron_recurrence(const struct neuron_common *common,
                                    double leak)
{
    bool hard = common->reset == NEURON_RESET_HARD;
    return (struct recurrence){
        .leak = (float)leak,
        .threshold = (float)common->threshold,
        .by_potential = hard ? 1.0f : 0.0f,
        .by_threshold = hard ? 0.0f : 1.0f,
        .attached = common->detach_reset ? 0.0f : 1.0f,
    };
}

double neuron_threshold(const void *params)
{
    return ((const struct neuron_common *)params)->threshold;
}

static void forward_with(const struct neuron_common *common, double leak,
                         const struct neuron_tile *tile)
{
    run_forward(neuron_recurrence(common, leak), tile->n_steps, tile->n,
                tile->z, tile->x, tile->s);
}

static void backward_with(const struct neuron_common *common, double leak,
                          const struct neuron_tile *tile,
                          const struct neuron_gradients *gradients)
{
    run_backward(neuron_recurrence(common, leak), tile->n_steps, tile->n,
                 tile->x, tile->s, gradients->g, gradients->d_s,
                 gradients->d_x, gradients->d_z);
}

/* lif ----------------------------------------------------------------- */

struct lif {
    struct neuron_common common;
    double leak;
};

static void lif_forward(const void *params, const struct neuron_tile *tile)
{
    const struct lif *lif = params;
    forward_with(&lif->common, lif->leak, tile);
}

static void lif_backward(const void *params, const struct neuron_tile *tile,
                         const struct neuron_gradients *gradients)
{
    const struct lif *lif = params;
    backward_with(&lif->common, lif->leak, tile, gradients);
}

static struct neuron_constants lif_linear(const void *params, const float *own)
{
    (void)own;
    return (struct neuron_constants){
        .leak = ((const struct lif *)params)->leak, .gain = 1.0};
}

#define LIF_ROW                                                                \
    {.name = "leak", .unit = "1",                                              \
     .doc = "what is left of the potential after a step, U = leak V + z; of a time constant " \
            "tau (in steps): 1 - 1/tau",                                       \
     .type = ROW_REAL, .fallback = "0.5", .minimum = 0, .maximum = 1,          \
     .offset = offsetof(struct lif, leak)}

static const struct row lif_rows[] = {LIF_ROW, NEURON_COMMON_ROWS};

static const struct neuron lif = {
    .kind = {.name = "lif",
             .doc = "leaky integrate-and-fire, the input not scaled by the "
                    "leak",
             .cite = "Wu et al., Front. Neurosci. 2018 (STBP), iterative LIF",
             .rows = lif_rows,
             .n_rows = KIND_COUNT(lif_rows),
             .params_size = sizeof(struct lif)},
    .threshold = neuron_threshold,
    .linear = lif_linear,
    .forward = lif_forward,
    .backward = lif_backward,
};

/* if ------------------------------------------------------------------ */

struct integrate {
    struct neuron_common common;
};

static void if_forward(const void *params, const struct neuron_tile *tile)
{
    const struct integrate *integrate = params;
    forward_with(&integrate->common, 1.0, tile);
}

static void if_backward(const void *params, const struct neuron_tile *tile,
                        const struct neuron_gradients *gradients)
{
    const struct integrate *integrate = params;
    backward_with(&integrate->common, 1.0, tile, gradients);
}

static struct neuron_constants if_linear(const void *params, const float *own)
{
    (void)params;
    (void)own;
    return (struct neuron_constants){.leak = 1.0, .gain = 1.0};
}

static const struct row if_rows[] = {NEURON_COMMON_ROWS};

static const struct neuron integrate = {
    .kind = {.name = "if",
             .doc = "integrate-and-fire: nothing leaks",
             .cite = "Rueckauer et al., Front. Neurosci. 2017, both resets",
             .rows = if_rows,
             .n_rows = KIND_COUNT(if_rows),
             .params_size = sizeof(struct integrate)},
    .threshold = neuron_threshold,
    .linear = if_linear,
    .forward = if_forward,
    .backward = if_backward,
};

/* nlif ---------------------------------------------------------------- */

struct nlif {
    struct lif lif;
    double deviation;
};

static double nlif_noise(const void *params)
{
    return ((const struct nlif *)params)->deviation;
}

static const struct row nlif_rows[] = {
    {.name = "deviation", .unit = "1",
     .doc = "of the noise, on the scale of the potential; the paper's is not known",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "0.3", .minimum = 0,
     .maximum = 1000, .offset = offsetof(struct nlif, deviation)},
    LIF_ROW,
    NEURON_COMMON_ROWS,
};

static const struct neuron nlif = {
    .kind = {.name = "nlif",
             .doc = "lif with normal noise added to the potential at every "
                    "step in training, where it fires with probability "
                    "Phi((U - V_th) / deviation); none on test data and under "
                    "attack",
             .cite = "TGO (arXiv 2602.20548, ICLR 2026), NLIF; the noise stays "
                     "in the potential, as in Ma et al., Patterns 2023",
             .rows = nlif_rows,
             .n_rows = KIND_COUNT(nlif_rows),
             .params_size = sizeof(struct nlif)},
    .threshold = neuron_threshold,
    .noise = nlif_noise,
    .linear = lif_linear,
    .forward = lif_forward,
    .backward = lif_backward,
};

/* table of contents --------------------------------------------------- */

static const struct kind *const kinds[] = {
    &lif.kind,         &integrate.kind,   &neuron_plif.kind,
    &neuron_pif.kind,  &neuron_dlif.kind, &neuron_feel.kind,
    &nlif.kind,        &neuron_slif.kind, &neuron_adaptive.kind,
    &neuron_talif.kind, &neuron_cuba.kind};

const struct axis neuron_axis = {"neuron",
                                 "the recurrence over time of a spiking layer",
                                 kinds, KIND_COUNT(kinds), "lif"};

const struct neuron *neuron_of(const struct kind *kind)
{
    return (const struct neuron *)kind;
}

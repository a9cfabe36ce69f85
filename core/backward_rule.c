/* How an attack goes back: through time, or by what neurons do on average. */
#include "core/backward_rule.h"
#include "core/spec.h"
#include "core/surrogate.h"

/* what may be combined ------------------------------------------------ */

static const char *rule_applies(const struct spec *spec)
{
    struct surrogate_use use = surrogate_in_attack(spec);
    return use.foreign || use.sharpness != 1
               ? "has a derivative of its own, so surrogate is without effect"
               : NULL;
}

static const char *linear_applies(const struct spec *spec)
{
    return neuron_of(spec->at[SPEC_NEURON].kind)->linear
               ? rule_applies(spec)
               : "needs neurons of one leak, one gain and one threshold a "
                 "layer: lif, if, nlif, plif or pif";
}

/* means over time ----------------------------------------------------- */

enum { LANES = 128 }; /* neurons at a time, whose means stay in the cache */

static void take_means(const struct neuron_tile *tile, const float *of,
                       size_t first, size_t n, float *restrict mean)
{
    for (size_t i = 0; i < n; i++)
        mean[i] = 0.0f;
    for (size_t t = 0; t < tile->n_steps; t++)
        for (size_t i = 0; i < n; i++)
            mean[i] += of[t * tile->n + first + i];
    for (size_t i = 0; i < n; i++)
        mean[i] /= (float)tile->n_steps;
}

static void scale_steps(const struct neuron_tile *tile, size_t first, size_t n,
                        const float *restrict slope, float *restrict d)
{
    for (size_t t = 0; t < tile->n_steps; t++)
        for (size_t i = 0; i < n; i++)
            d[t * tile->n + first + i] *= slope[i];
}

/* The slope of all steps follows from the mean of `of`, [T][n]; `find_slopes`
 * turns n means into slopes. */
static void go_by_means(const void *params, const struct rule_tile *tile,
                        const float *of,
                        void (*find_slopes)(const void *params,
                                            const struct rule_tile *tile,
                                            size_t n, float *at))
{
    float at[LANES];
    size_t n_all = tile->neurons->n;
    for (size_t first = 0; first < n_all; first += LANES) {
        size_t n = n_all - first < LANES ? n_all - first : LANES;
        take_means(tile->neurons, of, first, n, at);
        find_slopes(params, tile, n, at);
        scale_steps(tile->neurons, first, n, at, tile->d);
    }
}

/* 1 over the current that makes a neuron at rest spike at once, and with it
 * spike at every step. */
static float inverse_unit(const struct rule_tile *tile,
                          struct neuron_constants by)
{
    return (float)(by.gain / tile->neuron->threshold(tile->neuron_params));
}

static struct neuron_constants constants_of(const struct rule_tile *tile)
{
    return tile->neuron->linear(tile->neuron_params, tile->neurons->own[0]);
}

/* bptt ---------------------------------------------------------------- */

static const struct backward_rule bptt = {
    .kind = {.name = "bptt",
             .doc = "backpropagation through time: through all steps, the "
                    "spike's derivative replaced by the attack's surrogate",
             .cite = "Wu et al., Front. Neurosci. 2018 (STBP)",
             .later = true},
};

/* bptr ---------------------------------------------------------------- */

static void bptr_slopes(const void *params, const struct rule_tile *tile,
                        size_t n, float *at)
{
    (void)params;
    (void)tile;
    for (size_t i = 0; i < n; i++)
        at[i] = at[i] > 0.0f ? 1.0f : 0.0f;
}

static void bptr_backward(const void *params, const struct rule_tile *tile)
{
    go_by_means(params, tile, tile->neurons->s, bptr_slopes);
}

static const struct backward_rule bptr = {
    .kind = {.name = "bptr",
             .doc = "backward pass through rate: straight through every "
                    "neuron that spikes at least once, dL/dz = dL/ds 1(m(s) > "
                    "0); as in the programs, not divided by a threshold that "
                    "is not 1",
             .cite = "Ding et al., NeurIPS 2022 (SNN-RAT), BPTR; as in the "
                     "programs of Hao et al., ICLR 2024, and Ozdenizci and "
                     "Legenstein, TMLR 2024",
             .applies = rule_applies},
    .backward = bptr_backward,
};

/* rga ----------------------------------------------------------------- */

struct rga {
    double gamma, extent;
};

/* Both pieces hold their ends, and where they meet their slopes add up, as in
 * the program; so does that of if, whose first piece is a point. */
static void rga_slopes(const void *params, const struct rule_tile *tile,
                       size_t n, float *at)
{
    const struct rga *rga = params;
    struct neuron_constants by = constants_of(tile);
    float unit = inverse_unit(tile, by), knee = (float)(1.0 - by.leak);
    float below = (float)rga->gamma * unit, end = (float)(1.0 + rga->extent);
    float above = (float)((1.0 - rga->gamma * (1.0 - by.leak)) /
                          (by.leak + rga->extent)) *
                  unit;
    for (size_t i = 0; i < n; i++) {
        float u = at[i] * unit;
        float slope = u >= knee && u <= end ? above : 0.0f;
        at[i] = slope + (u >= 0.0f && u <= knee ? below : 0.0f);
    }
}

static void rga_backward(const void *params, const struct rule_tile *tile)
{
    go_by_means(params, tile, tile->neurons->z, rga_slopes);
}

static const struct row rga_rows[] = {
    {.name = "gamma", .unit = "1",
     .doc = "the slope where a constant current would never make a neuron spike; 0.2 in the "
            "program",
     .type = ROW_REAL, .fallback = "0.2", .minimum = 0, .maximum = 1,
     .offset = offsetof(struct rga, gamma)},
    {.name = "extent", .unit = "1",
     .doc = "how far beyond V_th the current goes on to count, in units of it; 1 in the program",
     .type = ROW_REAL, .fallback = "1", .minimum = 0.01, .maximum = 1000,
     .offset = offsetof(struct rga, extent)},
};

static const struct backward_rule rga = {
    .kind = {.name = "rga",
             .doc = "rate gradient approximation: m(s) as a function of u = "
                    "gain m(z) / V_th rises by gamma up to 1 - leak and then "
                    "straight to 1 at 1 + extent, by (1 - gamma + gamma leak) "
                    "/ (leak + extent). The paper's V_th is 1; its longer "
                    "simulation of the attacked network is not built",
             .cite = "Bu et al., CVPR 2023 (RGA), the slopes of its program",
             .rows = rga_rows,
             .n_rows = KIND_COUNT(rga_rows),
             .params_size = sizeof(struct rga),
             .applies = linear_applies},
    .backward = rga_backward,
};

/* conversion ---------------------------------------------------------- */

enum activation { ACTIVATION_QCFS, ACTIVATION_RELU };

struct conversion_rule {
    int activation; /* enum activation */
};

static void conversion_slopes(const void *params, const struct rule_tile *tile,
                              size_t n, float *at)
{
    const struct conversion_rule *conversion = params;
    float unit = inverse_unit(tile, constants_of(tile));
    for (size_t i = 0; conversion->activation == ACTIVATION_QCFS && i < n; i++)
        at[i] = at[i] * unit >= 0.0f && at[i] * unit <= 1.0f ? unit : 0.0f;
    for (size_t i = 0; conversion->activation == ACTIVATION_RELU && i < n; i++)
        at[i] = at[i] * unit > 0.0f ? unit : 0.0f;
}

static void conversion_backward(const void *params,
                                const struct rule_tile *tile)
{
    go_by_means(params, tile, tile->neurons->z, conversion_slopes);
}

static const char *const activation_names[] = {
    [ACTIVATION_QCFS] = "qcfs", [ACTIVATION_RELU] = "relu", NULL};

static const struct row conversion_rows[] = {
    {.name = "activation", .unit = "1",
     .doc = "what stands for a neuron: qcfs, clip(u, 0, 1) whose steps the gradient goes straight "
            "through; or relu, max(u, 0)",
     .type = ROW_CHOICE, .fallback = "qcfs", .choices = activation_names,
     .offset = offsetof(struct conversion_rule, activation)},
};

static const struct backward_rule conversion = {
    .kind = {.name = "conversion",
             .doc = "the derivative of an analog network's activation at u = "
                    "gain m(z) / V_th. Only the way back: the published "
                    "programs run the analog network forward, too, so that "
                    "currents and loss are its own; here they are those of "
                    "the spiking network",
             .cite = "Ding et al., NeurIPS 2022 (SNN-RAT), conversion-based "
                     "approximation; qcfs: Bu et al., CVPR 2023; relu: "
                     "Ozdenizci and Legenstein, TMLR 2024",
             .rows = conversion_rows,
             .n_rows = KIND_COUNT(conversion_rows),
             .params_size = sizeof(struct conversion_rule),
             .applies = linear_applies},
    .backward = conversion_backward,
};

/* hart ---------------------------------------------------------------- */

struct hart {
    double gamma;
};

static void take_triangle(float gamma, size_t n, const float *restrict x,
                          float *restrict g)
{
    for (size_t i = 0; i < n; i++) {
        float inside = gamma - (x[i] < 0.0f ? -x[i] : x[i]);
        g[i] = inside > 0.0f ? inside / (gamma * gamma) : 0.0f;
    }
}

/* One step of a tile, as if there were no other. */
static struct neuron_tile step_of(const struct rule_tile *tile, size_t t)
{
    struct neuron_tile step = *tile->neurons;
    size_t n = step.n;
    step.n_steps = 1;
    step.z += t * n;
    step.x += t * n;
    step.s += t * n;
    step.u += t * n;
    for (size_t k = 0; k < tile->neuron->n_tensors; k++) {
        const struct neuron_tensor *tensor = &tile->neuron->tensors[k];
        if (tensor->by_step)
            step.own[k] += tensor->by_neuron ? t * n : t;
    }
    return step;
}

/* Every step has the mean of all. */
static void average(size_t n_steps, size_t n, float *d)
{
    for (size_t t = 1; t < n_steps; t++)
        for (size_t i = 0; i < n; i++)
            d[i] += d[t * n + i];
    for (size_t i = 0; i < n; i++)
        d[i] /= (float)n_steps;
    for (size_t t = 1; t < n_steps; t++)
        for (size_t i = 0; i < n; i++)
            d[t * n + i] = d[i];
}

static void hart_backward(const void *params, const struct rule_tile *tile)
{
    float gamma = (float)((const struct hart *)params)->gamma;
    size_t n = tile->neurons->n, n_steps = tile->neurons->n_steps;
    for (size_t t = 0; t < n_steps; t++) {
        struct neuron_tile step = step_of(tile, t);
        take_triangle(gamma, n, step.x, tile->room);
        struct neuron_gradients gradients = {.g = tile->room,
                                             .d_s = tile->d + t * n,
                                             .d_z = tile->d + t * n};
        tile->neuron->backward(tile->neuron_params, &step, &gradients);
    }
    average(n_steps, n, tile->d);
}

static const struct row hart_rows[] = {
    {.name = "gamma", .unit = "1",
     .doc = "half width of the triangle that stands for the spike's derivative, of area 1; the "
            "paper tunes it for each network, its program among 0.1, 0.15, .. 2.45",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "1", .minimum = 1e-3, .maximum = 1e3,
     .offset = offsetof(struct hart, gamma)},
};

static const struct backward_rule hart = {
    .kind = {.name = "hart",
             .doc = "hybrid of rate and time: what a neuron carries from step "
                    "to step has no gradient, dL/dU_t = dL/ds_t g(U_t - "
                    "V_th), and dL/dz of every step is the mean of all steps'",
             .cite = "Hao et al., ICLR 2024 (HART), as in its program",
             .rows = hart_rows,
             .n_rows = KIND_COUNT(hart_rows),
             .params_size = sizeof(struct hart),
             .applies = rule_applies},
    .backward = hart_backward,
};

/* table of contents --------------------------------------------------- */

static const struct kind *const kinds[] = {
    &bptt.kind, &bptr.kind, &rga.kind, &conversion.kind, &hart.kind};

const struct axis backward_rule_axis = {
    "attack_rule", "how an attack's gradient goes back through spiking neurons",
    kinds, KIND_COUNT(kinds), "bptt"};

const struct backward_rule *backward_rule_of(const struct kind *kind)
{
    return (const struct backward_rule *)kind;
}

struct backward_use backward_rule_in_training(void)
{
    return (struct backward_use){&bptt, NULL};
}

struct backward_use backward_rule_in_attack(const struct spec *spec)
{
    const struct choice *choice = &spec->at[SPEC_ATTACK_RULE];
    if (!choice->kind)
        return backward_rule_in_training();
    return (struct backward_use){backward_rule_of(choice->kind),
                                 choice->params};
}

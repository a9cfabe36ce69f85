/* A kind of neuron whose threshold is learned, and the activation that it turns
 * into when it fires at a rate. */
#include "core/neuron_parts.h"

#include <math.h>

/* pif ----------------------------------------------------------------- */

struct pif {
    struct neuron_common common; /* its threshold is not used */
    double lambda, initial;
};

/* What training leaves of lambda stays above 0. */
static const float LAMBDA_MIN = 1e-3f;

static float lambda_at(const float *own)
{
    return *own > LAMBDA_MIN ? *own : LAMBDA_MIN;
}

static float lambda_of(const struct neuron_tile *tile)
{
    return lambda_at(tile->own[0]);
}

static struct recurrence pif_recurrence(const struct pif *pif)
{
    struct recurrence by = neuron_recurrence(&pif->common, 1.0);
    by.threshold = 1.0f;
    return by;
}

static void divide(size_t n, float by, const float *restrict z,
                   float *restrict out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = z[i] / by;
}

static void pif_forward(const void *params, const struct neuron_tile *tile)
{
    const struct pif *pif = params;
    struct recurrence by = pif_recurrence(pif);
    float lambda = lambda_of(tile), v[NEURON_LANES], share[NEURON_LANES];
    for (size_t first = 0; first < tile->n; first += NEURON_LANES) {
        size_t n = neuron_lanes_left(tile->n, first);
        for (size_t i = 0; i < n; i++)
            v[i] = (float)pif->initial;
        for (size_t t = 0; t < tile->n_steps; t++) {
            size_t at = t * tile->n + first;
            divide(n, lambda, tile->z + at, share);
            neuron_step_forward(by, n, share, v, tile->x + at, tile->s + at);
        }
    }
}

/* From dL/d(z/lambda), which is where d_z will be, to d_z and what it tells of
 * lambda (NULL: not wanted). */
static void put_gradients(size_t n, float lambda, const float *restrict z,
                          float *restrict d_z, float *restrict d_lambda)
{
    for (size_t i = 0; i < n; i++)
        d_z[i] /= lambda;
    for (size_t i = 0; d_lambda && i < n; i++)
        d_lambda[i] = -d_z[i] * z[i] / lambda;
}

/* d_z may be d_s. */
static void pif_backward(const void *params, const struct neuron_tile *tile,
                         const struct neuron_gradients *gradients)
{
    struct recurrence by = pif_recurrence(params);
    for (size_t first = 0; first < tile->n; first += NEURON_LANES) {
        size_t n = neuron_lanes_left(tile->n, first);
        float d_v[NEURON_LANES] = {0};
        for (size_t t = tile->n_steps; t-- > 0;) {
            size_t at = t * tile->n + first;
            neuron_step_backward(by, n, tile->x + at, tile->s + at,
                                 gradients->g + at, gradients->d_s + at,
                                 gradients->d_x ? gradients->d_x + at : NULL,
                                 d_v);
            for (size_t i = 0; i < n; i++)
                gradients->d_z[at + i] = d_v[i];
        }
    }
    put_gradients(tile->n_steps * tile->n, lambda_of(tile), tile->z,
                  gradients->d_z, gradients->d_own[0]);
}

/* as an activation ---------------------------------------------------- */

static const char *clip_objection(const void *params)
{
    return ((const struct pif *)params)->common.reset == NEURON_RESET_SOFT
               ? NULL
               : "needs neuron.reset = soft, since a hard reset forgets what "
                 "is above the threshold";
}

static void clip_forward(const void *params, size_t n_levels,
                         const struct neuron_tile *tile)
{
    (void)params;
    float lambda = lambda_of(tile), most = (float)n_levels;
    const float *restrict z = tile->z;
    float *restrict s = tile->s;
    for (size_t i = 0; i < tile->n_steps * tile->n; i++) {
        float level = floorf(z[i] / lambda * most + 0.5f);
        level = level > 0.0f ? level : 0.0f;
        s[i] = level < most ? level : most;
    }
}

/* The derivative of clip(z/lambda, 0, 1) in place of that of the levels. */
static void clip_backward(const void *params, const struct neuron_tile *tile,
                          const struct neuron_gradients *gradients)
{
    (void)params;
    float lambda = lambda_of(tile);
    size_t n = tile->n_steps * tile->n;
#pragma GCC ivdep
    for (size_t i = 0; i < n; i++) {
        bool inside = tile->z[i] > 0.0f && tile->z[i] < lambda;
        gradients->d_z[i] = inside ? gradients->d_s[i] : 0.0f;
    }
    put_gradients(n, lambda, tile->z, gradients->d_z, gradients->d_own[0]);
}

static const struct neuron_activation pif_activation = {
    .objection = clip_objection,
    .forward = clip_forward,
    .backward = clip_backward,
};

/* the kind ------------------------------------------------------------ */

static double pif_threshold(const void *params)
{
    (void)params;
    return 1.0;
}

static struct neuron_constants pif_linear(const void *params, const float *own)
{
    (void)params;
    return (struct neuron_constants){.leak = 1.0,
                                     .gain = 1.0 / (double)lambda_at(own)};
}

static double pif_begin(const void *params)
{
    return ((const struct pif *)params)->lambda;
}

static const struct neuron_tensor pif_tensors[] = {
    {.name = "lambda", .begin = pif_begin},
};

static const struct row pif_rows[] = {
    {.name = "lambda", .unit = "1",
     .doc = "the threshold at first, in units of the current; not below 0.001, whatever is learned",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "1", .minimum = 0.001, .maximum = 1000,
     .offset = offsetof(struct pif, lambda)},
    {.name = "initial", .unit = "1",
     .doc = "the potential before the first step, as a share of lambda",
     .type = ROW_REAL, .fallback = "0.5", .minimum = 0, .maximum = 1,
     .offset = offsetof(struct pif, initial)},
    NEURON_RESET_ROWS,
};

const struct neuron neuron_pif = {
    .kind = {.name = "pif",
             .doc = "if with a threshold lambda that each layer learns: potentials are in units of "
                    "it, U = V + z / lambda, V_th = 1; a spike is 1, what it would weigh is in "
                    "the next layer's weights",
             .cite = "Bu et al., ICLR 2022 (arXiv 2303.04347, QCFS), the IF neuron with "
                     "theta = lambda and an initial potential of theta / 2, whose spike weighs "
                     "lambda",
             .rows = pif_rows,
             .n_rows = KIND_COUNT(pif_rows),
             .params_size = sizeof(struct pif)},
    .tensors = pif_tensors,
    .n_tensors = KIND_COUNT(pif_tensors),
    .threshold = pif_threshold,
    .linear = pif_linear,
    .forward = pif_forward,
    .backward = pif_backward,
    .activation = &pif_activation,
};

/* Surrogates whose tails fall as a power of |x|, of finite area. */
#include "core/surrogate_parts.h"

/* superspike ---------------------------------------------------------- */

/* Two conventions are in use; both are this one: scale 1 and slope 100 as in
 * Norse (slope 25 in snnTorch's fast_sigmoid), and SpikingJelly's
 * alpha/(1 + |x|)^2 with slope 1 and scale alpha. */
struct superspike {
    double slope, scale;
};

static void superspike_derivative(const void *params, size_t n, const float *x,
                                  float *y)
{
    const struct superspike *superspike = params;
    float slope = (float)superspike->slope, scale = (float)superspike->scale;
#pragma GCC ivdep
    for (size_t i = 0; i < n; i++) {
        float root = 1.0f + slope * fabsf(x[i]);
        y[i] = scale / (root * root);
    }
}

static double superspike_primitive(const void *params, double x)
{
    const struct superspike *superspike = params;
    return superspike->scale * x / (1.0 + superspike->slope * fabs(x));
}

static double superspike_area(const void *params)
{
    const struct superspike *superspike = params;
    return 2.0 * superspike->scale / superspike->slope;
}

static const struct row superspike_rows[] = {
    {.name = "slope", .unit = "1", .doc = "how fast it falls from its peak",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "100", .minimum = 0.001,
     .maximum = 10000, .offset = offsetof(struct superspike, slope)},
    {.name = "scale", .unit = "1", .doc = "its peak", .type = ROW_REAL,
     .scale = SCALE_LOG, .fallback = "1", .minimum = 0.001, .maximum = 1000,
     .offset = offsetof(struct superspike, scale)},
};

const struct surrogate surrogate_superspike = {
    .kind = {.name = "superspike",
             .doc = "g'(x) = scale / (1 + slope |x|)^2; SpikingJelly's SuperSpike(alpha) is "
                    "slope 1, scale alpha; snnTorch's fast_sigmoid slope 25",
             .cite = "Zenke and Ganguli, Neural Computation 30 (2018): "
                     "sigma'(U) = (1 + |beta (U - V_th)|)^-2",
             .rows = superspike_rows,
             .n_rows = KIND_COUNT(superspike_rows),
             .params_size = sizeof(struct superspike)},
    .derivative = superspike_derivative,
    .primitive = superspike_primitive,
    .half_width = surrogate_unbounded,
    .area = superspike_area,
};

/* fast_sigmoid -------------------------------------------------------- */

static void fast_sigmoid_derivative(const void *params, size_t n,
                                    const float *x, float *y)
{
    float slope = (float)((const struct surrogate_slope *)params)->slope;
#pragma GCC ivdep
    for (size_t i = 0; i < n; i++) {
        float root = 1.0f + slope * fabsf(x[i]);
        y[i] = 1.0f / (root * root);
    }
}

static double fast_sigmoid_primitive(const void *params, double x)
{
    double slope = ((const struct surrogate_slope *)params)->slope;
    return x / (1.0 + slope * fabs(x));
}

static double fast_sigmoid_area(const void *params)
{
    return 2.0 / ((const struct surrogate_slope *)params)->slope;
}

static const struct row fast_sigmoid_rows[] = {
    SURROGATE_ROW(surrogate_slope, slope,
                  "k; the peak is 1 and the area 2/k", "25"),
};

const struct surrogate surrogate_fast_sigmoid = {
    .kind = {.name = "fast_sigmoid",
             .doc = "g'(x) = 1/(1 + slope |x|)^2: superspike of scale 1 at snnTorch's slope; "
                    "softsign is the same of area 1",
             .cite = "Zenke and Vogels, Neural Computation 33 (2021); "
                     "snnTorch's fast_sigmoid",
             .rows = fast_sigmoid_rows,
             .n_rows = KIND_COUNT(fast_sigmoid_rows),
             .params_size = sizeof(struct surrogate_slope)},
    .derivative = fast_sigmoid_derivative,
    .primitive = fast_sigmoid_primitive,
    .half_width = surrogate_unbounded,
    .area = fast_sigmoid_area,
};

/* softsign ------------------------------------------------------------ */

static void softsign_derivative(const void *params, size_t n, const float *x,
                                float *y)
{
    float slope = (float)((const struct surrogate_slope *)params)->slope;
#pragma GCC ivdep
    for (size_t i = 0; i < n; i++) {
        float root = 1.0f + slope * fabsf(x[i]);
        y[i] = 0.5f * slope / (root * root);
    }
}

static double softsign_primitive(const void *params, double x)
{
    double scaled = ((const struct surrogate_slope *)params)->slope * x;
    return 0.5 + 0.5 * scaled / (1.0 + fabs(scaled));
}

static const struct row softsign_rows[] = {
    SURROGATE_ROW(surrogate_slope, slope, "alpha; the peak is alpha/2", "2"),
};

const struct surrogate surrogate_softsign = {
    .kind = {.name = "softsign",
             .doc = "g'(x) = slope / (2 (1 + slope |x|)^2)",
             .cite = "SpikingJelly's SoftSign",
             .rows = softsign_rows,
             .n_rows = KIND_COUNT(softsign_rows),
             .params_size = sizeof(struct surrogate_slope)},
    .derivative = softsign_derivative,
    .primitive = softsign_primitive,
    .half_width = surrogate_unbounded,
    .area = surrogate_unit_area,
};

/* atan ---------------------------------------------------------------- */

struct atan_params {
    double slope;
};

static void atan_derivative(const void *params, size_t n, const float *x,
                            float *y)
{
    double slope = ((const struct atan_params *)params)->slope;
    float peak = (float)(0.5 * slope);
    float stretch = (float)(0.5 * SURROGATE_PI * slope);
#pragma GCC ivdep
    for (size_t i = 0; i < n; i++) {
        float scaled = stretch * x[i];
        y[i] = peak / (1.0f + scaled * scaled);
    }
}

static double atan_primitive(const void *params, double x)
{
    double slope = ((const struct atan_params *)params)->slope;
    return atan(0.5 * SURROGATE_PI * slope * x) / SURROGATE_PI + 0.5;
}

static const struct row atan_rows[] = {
    {.name = "slope", .unit = "1", .doc = "alpha; the peak is alpha/2",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "2", .minimum = 0.001,
     .maximum = 1000, .offset = offsetof(struct atan_params, slope)},
};

const struct surrogate surrogate_atan = {
    .kind = {.name = "atan",
             .doc = "g'(x) = slope / (2 (1 + (pi slope x / 2)^2))",
             .cite = "Fang et al., ICCV 2021 (PLIF, arXiv 2007.05785), "
                     "supplement; SpikingJelly's ATan",
             .rows = atan_rows,
             .n_rows = KIND_COUNT(atan_rows),
             .params_size = sizeof(struct atan_params)},
    .derivative = atan_derivative,
    .primitive = atan_primitive,
    .half_width = surrogate_unbounded,
    .area = surrogate_unit_area,
};

/* q_pseudospike ------------------------------------------------------- */

struct q_pseudospike {
    double exponent;
};

/* A power is exp(-exponent ln base); of a product below 85 the logarithm's
 * error is at most 5e-6. */
static void q_pseudospike_derivative(const void *params, size_t n,
                                     const float *x, float *y)
{
    double exponent = ((const struct q_pseudospike *)params)->exponent;
    float power = (float)exponent, rate = (float)(2.0 / (exponent - 1.0));
#pragma GCC ivdep
    for (size_t i = 0; i < n; i++)
        y[i] = surrogate_exp_minus(
            power * surrogate_log(1.0f + rate * fabsf(x[i])));
}

static double q_pseudospike_primitive(const void *params, double x)
{
    double exponent = ((const struct q_pseudospike *)params)->exponent;
    double base = 1.0 + 2.0 * fabs(x) / (exponent - 1.0);
    double rest = 0.5 * pow(base, 1.0 - exponent);
    return x < 0 ? rest : 1.0 - rest;
}

static const struct row q_pseudospike_rows[] = {
    {.name = "exponent", .unit = "1",
     .doc = "alpha, how fast the tails fall; 2: softsign of slope 2",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "2", .minimum = 1.5,
     .maximum = 100, .offset = offsetof(struct q_pseudospike, exponent)},
};

const struct surrogate surrogate_q_pseudospike = {
    .kind = {.name = "q_pseudospike",
             .doc = "g'(x) = (1 + 2 |x|/(exponent - 1))^-exponent",
             .cite = "Herranz-Celotti and Rouat, arXiv 2202.00282, "
                     "q-PseudoSpike; SpikingJelly's QPseudoSpike",
             .rows = q_pseudospike_rows,
             .n_rows = KIND_COUNT(q_pseudospike_rows),
             .params_size = sizeof(struct q_pseudospike)},
    .derivative = q_pseudospike_derivative,
    .primitive = q_pseudospike_primitive,
    .half_width = surrogate_unbounded,
    .area = surrogate_unit_area,
};

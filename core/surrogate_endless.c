/* Surrogates without a finite area: their tails fall as 1/|x| or not at all. */
#include "core/surrogate_parts.h"

/* s2nn ---------------------------------------------------------------- */

struct s2nn {
    double slope, scale;
};

static void s2nn_derivative(const void *params, size_t n, const float *x,
                            float *y)
{
    const struct s2nn *s2nn = params;
    float slope = (float)s2nn->slope, scale = (float)s2nn->scale;
#pragma GCC ivdep
    for (size_t i = 0; i < n; i++) {
        float e = surrogate_exp_minus(slope * fabsf(x[i]));
        float whole = 1.0f + e;
        float below = slope * e / (whole * whole);
        float above = scale / (1.0f + fabsf(x[i]));
        y[i] = x[i] < 0.0f ? below : above;
    }
}

static double s2nn_primitive(const void *params, double x)
{
    const struct s2nn *s2nn = params;
    return x < 0 ? 1.0 / (1.0 + exp(-s2nn->slope * x))
                 : 0.5 + s2nn->scale * log1p(x);
}

static const struct row s2nn_rows[] = {
    SURROGATE_ROW(s2nn, slope, "alpha, of the sigmoid below", "4"),
    SURROGATE_ROW(s2nn, scale, "beta, of the logarithm above", "1"),
};

const struct surrogate surrogate_s2nn = {
    .kind = {.name = "s2nn",
             .doc = "g'(x) = slope s (1 - s), s = 1/(1 + exp(-slope x)), for x < 0; scale/(1 + "
                    "x) for x >= 0",
             .cite = "Suetake et al., Neural Networks 159 (2023, S3NN, arXiv "
                     "2201.10879); SpikingJelly's S2NN",
             .rows = s2nn_rows,
             .n_rows = KIND_COUNT(s2nn_rows),
             .params_size = sizeof(struct s2nn)},
    .derivative = s2nn_derivative,
    .primitive = s2nn_primitive,
    .half_width = surrogate_unbounded,
    .area = surrogate_infinite_area,
    .lopsided = true,
};

/* nonzero_sign_log_abs ------------------------------------------------ */

static void log_abs_derivative(const void *params, size_t n, const float *x,
                               float *y)
{
    double slope = ((const struct surrogate_slope *)params)->slope;
    float inverse = (float)(1.0 / slope);
#pragma GCC ivdep
    for (size_t i = 0; i < n; i++)
        y[i] = 1.0f / (inverse + fabsf(x[i]));
}

static double log_abs_primitive(const void *params, double x)
{
    double slope = ((const struct surrogate_slope *)params)->slope;
    return copysign(log1p(slope * fabs(x)), x);
}

static const struct row log_abs_rows[] = {
    SURROGATE_ROW(surrogate_slope, slope, "alpha, the peak", "1"),
};

const struct surrogate surrogate_nonzero_sign_log_abs = {
    .kind = {.name = "nonzero_sign_log_abs",
             .doc = "g'(x) = 1/(1/slope + |x|), of g = sign(x) ln(1 + slope |x|)",
             .cite = "SpikingJelly's NonzeroSignLogAbs",
             .rows = log_abs_rows,
             .n_rows = KIND_COUNT(log_abs_rows),
             .params_size = sizeof(struct surrogate_slope)},
    .derivative = log_abs_derivative,
    .primitive = log_abs_primitive,
    .half_width = surrogate_unbounded,
    .area = surrogate_infinite_area,
};

/* piecewise_leaky_relu ------------------------------------------------ */

struct piecewise_leaky {
    double width, leak;
};

static void piecewise_leaky_derivative(const void *params, size_t n,
                                       const float *x, float *y)
{
    const struct piecewise_leaky *leaky = params;
    float width = (float)leaky->width, leak = (float)leaky->leak;
    float height = (float)(0.5 / leaky->width);
#pragma GCC ivdep
    for (size_t i = 0; i < n; i++)
        y[i] = fabsf(x[i]) < width ? height : leak;
}

static double piecewise_leaky_primitive(const void *params, double x)
{
    const struct piecewise_leaky *leaky = params;
    double within = fmin(fmax(x, -leaky->width), leaky->width);
    return 0.5 + 0.5 * within / leaky->width + leaky->leak * (x - within);
}

/* Without a leak it is rectangular. */
static double piecewise_leaky_half_width(const void *params)
{
    const struct piecewise_leaky *leaky = params;
    return leaky->leak > 0 ? (double)INFINITY : leaky->width;
}

static double piecewise_leaky_area(const void *params)
{
    const struct piecewise_leaky *leaky = params;
    return leaky->leak > 0 ? (double)INFINITY : 1.0;
}

static const struct row piecewise_leaky_rows[] = {
    SURROGATE_ROW(piecewise_leaky, width, "w, half width of the middle", "1"),
    {.name = "leak", .unit = "1", .doc = "c, what it is outside of the middle",
     .type = ROW_REAL, .fallback = "0.01", .minimum = 0, .maximum = 1,
     .offset = offsetof(struct piecewise_leaky, leak)},
};

const struct surrogate surrogate_piecewise_leaky_relu = {
    .kind = {.name = "piecewise_leaky_relu",
             .doc = "g'(x) = 1/(2 width) if |x| < width, else leak",
             .cite = "Yin et al., BioCAS 2017; SpikingJelly's PiecewiseLeakyReLU",
             .rows = piecewise_leaky_rows,
             .n_rows = KIND_COUNT(piecewise_leaky_rows),
             .params_size = sizeof(struct piecewise_leaky)},
    .derivative = piecewise_leaky_derivative,
    .primitive = piecewise_leaky_primitive,
    .half_width = piecewise_leaky_half_width,
    .area = piecewise_leaky_area,
    .rises = true,
};

/* leaky_k_relu -------------------------------------------------------- */

struct leaky_k {
    double leak, slope;
};

static void leaky_k_derivative(const void *params, size_t n, const float *x,
                               float *y)
{
    const struct leaky_k *leaky = params;
    float leak = (float)leaky->leak, slope = (float)leaky->slope;
#pragma GCC ivdep
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] >= 0.0f ? slope : leak;
}

static double leaky_k_primitive(const void *params, double x)
{
    const struct leaky_k *leaky = params;
    return (x >= 0 ? leaky->slope : leaky->leak) * x;
}

static const struct row leaky_k_rows[] = {
    {.name = "leak", .unit = "1", .doc = "slope below the threshold",
     .type = ROW_REAL, .fallback = "0", .minimum = 0, .maximum = 1000,
     .offset = offsetof(struct leaky_k, leak)},
    SURROGATE_ROW(leaky_k, slope, "k, slope from the threshold on", "1"),
};

const struct surrogate surrogate_leaky_k_relu = {
    .kind = {.name = "leaky_k_relu",
             .doc = "g'(x) = slope if x >= 0, else leak",
             .cite = "SpikingJelly's LeakyKReLU",
             .rows = leaky_k_rows,
             .n_rows = KIND_COUNT(leaky_k_rows),
             .params_size = sizeof(struct leaky_k)},
    .derivative = leaky_k_derivative,
    .primitive = leaky_k_primitive,
    .half_width = surrogate_unbounded,
    .area = surrogate_infinite_area,
    .lopsided = true,
};

/* log_tailed_relu ----------------------------------------------------- */

struct log_tailed {
    double leak;
};

static void log_tailed_derivative(const void *params, size_t n, const float *x,
                                  float *y)
{
    float leak = (float)((const struct log_tailed *)params)->leak;
#pragma GCC ivdep
    for (size_t i = 0; i < n; i++) {
        float above = 1.0f / (x[i] > 1.0f ? x[i] : 1.0f);
        y[i] = x[i] > 0.0f ? above : leak;
    }
}

static double log_tailed_primitive(const void *params, double x)
{
    if (x <= 0)
        return ((const struct log_tailed *)params)->leak * x;
    return x <= 1 ? x : 1.0 + log(x);
}

static const struct row log_tailed_rows[] = {
    {.name = "leak", .unit = "1", .doc = "alpha, slope up to the threshold",
     .type = ROW_REAL, .fallback = "0", .minimum = 0, .maximum = 1000,
     .offset = offsetof(struct log_tailed, leak)},
};

const struct surrogate surrogate_log_tailed_relu = {
    .kind = {.name = "log_tailed_relu",
             .doc = "g'(x) = leak for x <= 0, 1 for 0 < x <= 1, 1/x for x > 1",
             .cite = "Cai et al., CVPR 2017 (half-wave Gaussian quantization, "
                     "arXiv 1702.00953), log-tailed ReLU; SpikingJelly's "
                     "LogTailedReLU",
             .rows = log_tailed_rows,
             .n_rows = KIND_COUNT(log_tailed_rows),
             .params_size = sizeof(struct log_tailed)},
    .derivative = log_tailed_derivative,
    .primitive = log_tailed_primitive,
    .half_width = surrogate_unbounded,
    .area = surrogate_infinite_area,
    .lopsided = true,
};

/* fake_numerical ------------------------------------------------------ */

static void fake_numerical_derivative(const void *params, size_t n,
                                      const float *x, float *y)
{
    double peak = ((const struct surrogate_slope *)params)->slope;
    float most = (float)peak, from = (float)(1.0 / peak);
#pragma GCC ivdep
    for (size_t i = 0; i < n; i++) {
        float far = fabsf(x[i]);
        y[i] = far <= from ? most : 1.0f / (far > from ? far : from);
    }
}

static double fake_numerical_primitive(const void *params, double x)
{
    double scaled = ((const struct surrogate_slope *)params)->slope * x;
    return fabs(scaled) <= 1 ? scaled
                             : copysign(1.0 + log(fabs(scaled)), scaled);
}

static const struct row fake_numerical_rows[] = {
    SURROGATE_ROW(surrogate_slope, slope, "alpha, the peak", "0.3"),
};

const struct surrogate surrogate_fake_numerical = {
    .kind = {.name = "fake_numerical",
             .doc = "g'(x) = min(1/|x|, slope): the difference quotient of a step of 1, bounded",
             .cite = "SpikingJelly's FakeNumericalGradient",
             .rows = fake_numerical_rows,
             .n_rows = KIND_COUNT(fake_numerical_rows),
             .params_size = sizeof(struct surrogate_slope)},
    .derivative = fake_numerical_derivative,
    .primitive = fake_numerical_primitive,
    .half_width = surrogate_unbounded,
    .area = surrogate_infinite_area,
};

/* straight_through ---------------------------------------------------- */

static void straight_derivative(const void *params, size_t n, const float *x,
                                float *y)
{
    (void)params;
    (void)x;
    for (size_t i = 0; i < n; i++)
        y[i] = 1.0f;
}

static double straight_primitive(const void *params, double x)
{
    (void)params;
    return x;
}

const struct surrogate surrogate_straight_through = {
    .kind = {.name = "straight_through",
             .doc = "g'(x) = 1: the gradient goes through as if there were no spike",
             .cite = "Bengio et al., arXiv 1308.3432, straight-through "
                     "estimator"},
    .derivative = straight_derivative,
    .primitive = straight_primitive,
    .half_width = surrogate_unbounded,
    .area = surrogate_infinite_area,
};

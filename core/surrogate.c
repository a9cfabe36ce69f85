#include "core/surrogate.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* The derivatives are the inner loops of every backward pass: plain loops
 * over arrays without branches or calls, so that the compiler makes vectors
 * of them. `ivdep` says that x and y may be one array but never overlap
 * otherwise. All are even in x and use |x| only. */

/* triangular ---------------------------------------------------------- */

struct triangular {
    double width;
};

static void triangular_derivative(const void *params, size_t n, const float *x,
                                  float *y)
{
    const struct triangular *triangular = params;
    float width = (float)triangular->width;
    float slope = (float)(1.0 / (triangular->width * triangular->width));
#pragma GCC ivdep
    for (size_t i = 0; i < n; i++) {
        float inside = width - fabsf(x[i]);
        y[i] = slope * (inside > 0.0f ? inside : 0.0f);
    }
}

static double triangular_primitive(const void *params, double x)
{
    const struct triangular *triangular = params;
    double rest = fmax(1.0 - fabs(x) / triangular->width, 0.0);
    return x < 0 ? 0.5 * rest * rest : 1.0 - 0.5 * rest * rest;
}

static double triangular_half_width(const void *params)
{
    return ((const struct triangular *)params)->width;
}

static double unit_area(const void *params)
{
    (void)params;
    return 1.0;
}

static const struct row triangular_rows[] = {
    {.name = "width", .unit = "1",
     .doc = "gamma, half width of the support; the peak is 1/gamma",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "1", .minimum = 0.001,
     .maximum = 1000, .offset = offsetof(struct triangular, width)},
};

static const struct surrogate triangular = {
    .kind = {.name = "triangular",
             .doc = "g'(x) = max(0, width - |x|) / width^2",
             .cite = "Bellec et al., NeurIPS 2018 (arXiv 1803.09574), "
                     "pseudo-derivative; in this form MPD-SGR, arXiv "
                     "2511.12199",
             .rows = triangular_rows,
             .n_rows = KIND_COUNT(triangular_rows),
             .params_size = sizeof(struct triangular)},
    .derivative = triangular_derivative,
    .primitive = triangular_primitive,
    .half_width = triangular_half_width,
    .area = unit_area,
};

/* rectangular --------------------------------------------------------- */

struct rectangular {
    double width;
};

static void rectangular_derivative(const void *params, size_t n,
                                   const float *x, float *y)
{
    const struct rectangular *rectangular = params;
    float half = (float)(0.5 * rectangular->width);
    float height = (float)(1.0 / rectangular->width);
#pragma GCC ivdep
    for (size_t i = 0; i < n; i++)
        y[i] = fabsf(x[i]) < half ? height : 0.0f;
}

static double rectangular_primitive(const void *params, double x)
{
    const struct rectangular *rectangular = params;
    return fmin(fmax(x / rectangular->width + 0.5, 0.0), 1.0);
}

static double rectangular_half_width(const void *params)
{
    return 0.5 * ((const struct rectangular *)params)->width;
}

static const struct row rectangular_rows[] = {
    {.name = "width", .unit = "1",
     .doc = "kappa, full width of the support, its ends excluded; the height is 1/kappa",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "1", .minimum = 0.001,
     .maximum = 1000, .offset = offsetof(struct rectangular, width)},
};

static const struct surrogate rectangular = {
    .kind = {.name = "rectangular",
             .doc = "g'(x) = 1/width if |x| < width/2, else 0",
             .cite = "Wu et al., Front. Neurosci. 2018 (STBP), h1",
             .rows = rectangular_rows,
             .n_rows = KIND_COUNT(rectangular_rows),
             .params_size = sizeof(struct rectangular)},
    .derivative = rectangular_derivative,
    .primitive = rectangular_primitive,
    .half_width = rectangular_half_width,
    .area = unit_area,
};

/* sigmoid ------------------------------------------------------------- */

struct sigmoid {
    double slope;
};

static double unbounded(const void *params)
{
    (void)params;
    return (double)INFINITY;
}

/* exp(-a) for a >= 0, relative error below 2e-7 down to 1e-37, where it stays.
 * The C library's expf is a call, which would keep the loop from being
 * vectorized. -a = k ln 2 + r with |r| <= ln(2)/2; exp(r) is its Taylor
 * polynomial of degree 7 (remainder 5e-9), and k goes into the exponent. */
static inline float exp_minus(float a)
{
    float bounded = a < 85.0f ? a : 85.0f;
    float k = rintf(bounded * -1.44269504f);
    float r = -bounded - k * 0.693145752f - k * 1.42860677e-6f;
    float sum = 1.0f / 5040.0f;
    sum = sum * r + 1.0f / 720.0f;
    sum = sum * r + 1.0f / 120.0f;
    sum = sum * r + 1.0f / 24.0f;
    sum = sum * r + 1.0f / 6.0f;
    sum = sum * r + 0.5f;
    sum = sum * r + 1.0f;
    sum = sum * r + 1.0f;
    int32_t bits;
    memcpy(&bits, &sum, sizeof bits);
    bits += (int32_t)k * (1 << 23);
    memcpy(&sum, &bits, sizeof sum);
    return sum;
}

/* s(1 - s) of s = 1/(1 + e) is e/(1 + e)^2: no difference of nearly equal
 * numbers, and e never overflows. */
static void sigmoid_derivative(const void *params, size_t n, const float *x,
                               float *y)
{
    float slope = (float)((const struct sigmoid *)params)->slope;
#pragma GCC ivdep
    for (size_t i = 0; i < n; i++) {
        float e = exp_minus(slope * fabsf(x[i]));
        float whole = 1.0f + e;
        y[i] = slope * e / (whole * whole);
    }
}

static double sigmoid_primitive(const void *params, double x)
{
    return 1.0 / (1.0 + exp(-((const struct sigmoid *)params)->slope * x));
}

static const struct row sigmoid_rows[] = {
    {.name = "slope", .unit = "1", .doc = "alpha; the peak is alpha/4",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "4", .minimum = 0.001,
     .maximum = 1000, .offset = offsetof(struct sigmoid, slope)},
};

static const struct surrogate sigmoid = {
    .kind = {.name = "sigmoid",
             .doc = "g'(x) = slope s (1 - s), s = 1/(1 + exp(-slope x))",
             .cite = "Wu et al., Front. Neurosci. 2018 (STBP), h3",
             .rows = sigmoid_rows,
             .n_rows = KIND_COUNT(sigmoid_rows),
             .params_size = sizeof(struct sigmoid)},
    .derivative = sigmoid_derivative,
    .primitive = sigmoid_primitive,
    .half_width = unbounded,
    .area = unit_area,
};

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

static const struct surrogate superspike = {
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
    .half_width = unbounded,
    .area = superspike_area,
};

/* atan ---------------------------------------------------------------- */

struct atan_params {
    double slope;
};

static const double PI = 3.14159265358979323846;

static void atan_derivative(const void *params, size_t n, const float *x,
                            float *y)
{
    double slope = ((const struct atan_params *)params)->slope;
    float peak = (float)(0.5 * slope), stretch = (float)(0.5 * PI * slope);
#pragma GCC ivdep
    for (size_t i = 0; i < n; i++) {
        float scaled = stretch * x[i];
        y[i] = peak / (1.0f + scaled * scaled);
    }
}

static double atan_primitive(const void *params, double x)
{
    double slope = ((const struct atan_params *)params)->slope;
    return atan(0.5 * PI * slope * x) / PI + 0.5;
}

static const struct row atan_rows[] = {
    {.name = "slope", .unit = "1", .doc = "alpha; the peak is alpha/2",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "2", .minimum = 0.001,
     .maximum = 1000, .offset = offsetof(struct atan_params, slope)},
};

static const struct surrogate atan_surrogate = {
    .kind = {.name = "atan",
             .doc = "g'(x) = slope / (2 (1 + (pi slope x / 2)^2))",
             .cite = "Fang et al., ICCV 2021 (PLIF, arXiv 2007.05785), "
                     "supplement; SpikingJelly's ATan",
             .rows = atan_rows,
             .n_rows = KIND_COUNT(atan_rows),
             .params_size = sizeof(struct atan_params)},
    .derivative = atan_derivative,
    .primitive = atan_primitive,
    .half_width = unbounded,
    .area = unit_area,
};

/* table of contents --------------------------------------------------- */

static const struct kind *const kinds[] = {
    &triangular.kind, &rectangular.kind, &sigmoid.kind, &superspike.kind,
    &atan_surrogate.kind};

const struct axis surrogate_axis = {
    "surrogate", "what stands in for the derivative of the spike", kinds,
    KIND_COUNT(kinds), "triangular"};

const struct surrogate *surrogate_of(const struct kind *kind)
{
    return (const struct surrogate *)kind;
}

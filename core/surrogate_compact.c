/* Surrogates of bounded support. */
#include "core/surrogate_parts.h"

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

static const struct row triangular_rows[] = {
    {.name = "width", .unit = "1",
     .doc = "gamma, half width of the support; the peak is 1/gamma",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "1", .minimum = 0.001,
     .maximum = 1000, .offset = offsetof(struct triangular, width)},
};

const struct surrogate surrogate_triangular = {
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
    .area = surrogate_unit_area,
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

const struct surrogate surrogate_rectangular = {
    .kind = {.name = "rectangular",
             .doc = "g'(x) = 1/width if |x| < width/2, else 0",
             .cite = "Wu et al., Front. Neurosci. 2018 (STBP), h1",
             .rows = rectangular_rows,
             .n_rows = KIND_COUNT(rectangular_rows),
             .params_size = sizeof(struct rectangular)},
    .derivative = rectangular_derivative,
    .primitive = rectangular_primitive,
    .half_width = rectangular_half_width,
    .area = surrogate_unit_area,
};

/* poisson_pass -------------------------------------------------------- */

struct poisson_pass {
    double offset;
};

static void poisson_pass_derivative(const void *params, size_t n,
                                    const float *x, float *y)
{
    float offset = (float)((const struct poisson_pass *)params)->offset;
#pragma GCC ivdep
    for (size_t i = 0; i < n; i++) {
        float chance = x[i] + offset;
        float above = chance >= 0.0f ? 1.0f : 0.0f;
        y[i] = chance <= 1.0f ? above : 0.0f;
    }
}

static double poisson_pass_primitive(const void *params, double x)
{
    double offset = ((const struct poisson_pass *)params)->offset;
    return fmin(fmax(x + offset, 0.0), 1.0);
}

static double poisson_pass_half_width(const void *params)
{
    return 1.0 - ((const struct poisson_pass *)params)->offset;
}

static const struct row poisson_pass_rows[] = {
    {.name = "offset", .unit = "1",
     .doc = "the chance of a spike at the threshold; 0 is SpikingJelly's",
     .type = ROW_REAL, .fallback = "0", .minimum = 0, .maximum = 0.5,
     .offset = offsetof(struct poisson_pass, offset)},
};

const struct surrogate surrogate_poisson_pass = {
    .kind = {.name = "poisson_pass",
             .doc = "g'(x) = 1 where a spike's chance p = x + offset is in [0, 1], the slope of "
                    "a Bernoulli draw's mean; 0 elsewhere, where there is no such draw (a "
                    "reconstruction: SpikingJelly has no rule there)",
             .cite = "SpikingJelly's poisson_pass: s ~ Bernoulli(p), the "
                     "gradient handed on as it is",
             .rows = poisson_pass_rows,
             .n_rows = KIND_COUNT(poisson_pass_rows),
             .params_size = sizeof(struct poisson_pass)},
    .derivative = poisson_pass_derivative,
    .primitive = poisson_pass_primitive,
    .half_width = poisson_pass_half_width,
    .area = surrogate_unit_area,
    .lopsided = true,
};

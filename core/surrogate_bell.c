/* Surrogates whose tails fall exponentially or faster. */
#include "core/surrogate_parts.h"

/* sigmoid ------------------------------------------------------------- */

struct sigmoid {
    double slope;
};

/* s(1 - s) of s = 1/(1 + e) is e/(1 + e)^2: no difference of nearly equal
 * numbers, and e never overflows. */
static void sigmoid_derivative(const void *params, size_t n, const float *x,
                               float *y)
{
    float slope = (float)((const struct sigmoid *)params)->slope;
#pragma GCC ivdep
    for (size_t i = 0; i < n; i++) {
        float e = surrogate_exp_minus(slope * fabsf(x[i]));
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

const struct surrogate surrogate_sigmoid = {
    .kind = {.name = "sigmoid",
             .doc = "g'(x) = slope s (1 - s), s = 1/(1 + exp(-slope x))",
             .cite = "Wu et al., Front. Neurosci. 2018 (STBP), h3",
             .rows = sigmoid_rows,
             .n_rows = KIND_COUNT(sigmoid_rows),
             .params_size = sizeof(struct sigmoid)},
    .derivative = sigmoid_derivative,
    .primitive = sigmoid_primitive,
    .half_width = surrogate_unbounded,
    .area = surrogate_unit_area,
};

/* piecewise_exp ------------------------------------------------------- */

struct piecewise_exp {
    double slope, area;
};

static void piecewise_exp_derivative(const void *params, size_t n,
                                     const float *x, float *y)
{
    const struct piecewise_exp *piecewise_exp = params;
    float slope = (float)piecewise_exp->slope;
    float peak = (float)(0.5 * piecewise_exp->slope * piecewise_exp->area);
#pragma GCC ivdep
    for (size_t i = 0; i < n; i++)
        y[i] = peak * surrogate_exp_minus(slope * fabsf(x[i]));
}

static double piecewise_exp_area(const void *params)
{
    return ((const struct piecewise_exp *)params)->area;
}

static double piecewise_exp_primitive(const void *params, double x)
{
    const struct piecewise_exp *piecewise_exp = params;
    double rest = 0.5 * exp(-piecewise_exp->slope * fabs(x));
    return piecewise_exp->area * (x < 0 ? rest : 1.0 - rest);
}

static const struct row piecewise_exp_rows[] = {
    SURROGATE_ROW(piecewise_exp, slope, "alpha, how fast it falls", "1"),
    SURROGATE_ROW(piecewise_exp, area,
                  "its integral; the peak is area slope/2", "1"),
};

const struct surrogate surrogate_piecewise_exp = {
    .kind = {.name = "piecewise_exp",
             .doc = "g'(x) = area slope/2 exp(-slope |x|); SpikingJelly's PiecewiseExp(alpha) is "
                    "slope alpha, area 1; a exp(-b |x|) is slope b, area 2a/b",
             .cite = "Shrestha and Orchard, NeurIPS 2018 (SLAYER, arXiv "
                     "1810.08646), the spike function's derivative",
             .rows = piecewise_exp_rows,
             .n_rows = KIND_COUNT(piecewise_exp_rows),
             .params_size = sizeof(struct piecewise_exp)},
    .derivative = piecewise_exp_derivative,
    .primitive = piecewise_exp_primitive,
    .half_width = surrogate_unbounded,
    .area = piecewise_exp_area,
};

/* erf ----------------------------------------------------------------- */

/* exp(-(x rate)^2) peak, squared after scaling: x^2 alone would overflow
 * earlier and lose small x. */
static void bell_derivative(float peak, float rate, size_t n, const float *x,
                            float *y)
{
#pragma GCC ivdep
    for (size_t i = 0; i < n; i++) {
        float scaled = rate * x[i];
        y[i] = peak * surrogate_exp_minus(scaled * scaled);
    }
}

static void erf_derivative(const void *params, size_t n, const float *x,
                           float *y)
{
    double slope = ((const struct surrogate_slope *)params)->slope;
    bell_derivative((float)(slope / sqrt(SURROGATE_PI)), (float)slope, n, x,
                    y);
}

static double erf_primitive(const void *params, double x)
{
    double slope = ((const struct surrogate_slope *)params)->slope;
    return 0.5 * erfc(-slope * x);
}

static const struct row erf_rows[] = {
    SURROGATE_ROW(surrogate_slope, slope,
                  "alpha; the peak is alpha/sqrt(pi)", "2"),
};

const struct surrogate surrogate_erf = {
    .kind = {.name = "erf",
             .doc = "g'(x) = slope/sqrt(pi) exp(-(slope x)^2), a normal density of deviation "
                    "1/(slope sqrt(2))",
             .cite = "Wu et al., Front. Neurosci. 2018 (STBP), h4; "
                     "SpikingJelly's Erf",
             .rows = erf_rows,
             .n_rows = KIND_COUNT(erf_rows),
             .params_size = sizeof(struct surrogate_slope)},
    .derivative = erf_derivative,
    .primitive = erf_primitive,
    .half_width = surrogate_unbounded,
    .area = surrogate_unit_area,
};

/* gaussian, noisy_lif ------------------------------------------------- */

struct gaussian {
    double sigma;
};

static void gaussian_derivative(const void *params, size_t n, const float *x,
                                float *y)
{
    double sigma = ((const struct gaussian *)params)->sigma;
    bell_derivative((float)(1.0 / (sqrt(2.0 * SURROGATE_PI) * sigma)),
                    (float)(sqrt(0.5) / sigma), n, x, y);
}

static double gaussian_primitive(const void *params, double x)
{
    double sigma = ((const struct gaussian *)params)->sigma;
    return 0.5 * erfc(-sqrt(0.5) * x / sigma);
}

static const struct row gaussian_rows[] = {
    SURROGATE_ROW(gaussian, sigma, "its deviation", "0.5"),
};

const struct surrogate surrogate_gaussian = {
    .kind = {.name = "gaussian",
             .doc = "g'(x) = exp(-x^2/(2 sigma^2)) / (sqrt(2 pi) sigma)",
             .cite = "Yin et al., ICONS 2020 (arXiv 2005.11633), Gaussian",
             .rows = gaussian_rows,
             .n_rows = KIND_COUNT(gaussian_rows),
             .params_size = sizeof(struct gaussian)},
    .derivative = gaussian_derivative,
    .primitive = gaussian_primitive,
    .half_width = surrogate_unbounded,
    .area = surrogate_unit_area,
};

static const struct row noisy_lif_rows[] = {
    SURROGATE_ROW(gaussian, sigma,
                  "deviation of the potential's noise; the paper's value is "
                  "not known",
                  "0.5"),
};

const struct surrogate surrogate_noisy_lif = {
    .kind = {.name = "noisy_lif",
             .doc = "density at -x of noise N(0, sigma^2) on the potential, which is the exact "
                    "derivative of a noisy neuron's chance to spike, Phi(x/sigma)",
             .cite = "TGO, ICLR 2026 (arXiv 2602.20548), noisy LIF; the form "
                     "is a reconstruction",
             .rows = noisy_lif_rows,
             .n_rows = KIND_COUNT(noisy_lif_rows),
             .params_size = sizeof(struct gaussian)},
    .derivative = gaussian_derivative,
    .primitive = gaussian_primitive,
    .half_width = surrogate_unbounded,
    .area = surrogate_unit_area,
};

/* multi_gaussian ------------------------------------------------------ */

struct multi_gaussian {
    double sigma, height, stretch, scale;
};

static void multi_gaussian_derivative(const void *params, size_t n,
                                      const float *x, float *y)
{
    const struct multi_gaussian *multi = params;
    double unit = multi->scale / (sqrt(2.0 * SURROGATE_PI) * multi->sigma);
    float peak = (float)((1.0 + multi->height) * unit);
    float side = (float)(multi->height * unit / multi->stretch);
    float rate = (float)(sqrt(0.5) / multi->sigma);
    float far_rate = (float)(sqrt(0.5) / (multi->stretch * multi->sigma));
    float sigma = (float)multi->sigma;
#pragma GCC ivdep
    for (size_t i = 0; i < n; i++) {
        float near = rate * fabsf(x[i]);
        float left = far_rate * (fabsf(x[i]) + sigma);
        float right = far_rate * (fabsf(x[i]) - sigma);
        float lobes = surrogate_exp_minus(left * left) +
                      surrogate_exp_minus(right * right);
        y[i] = peak * surrogate_exp_minus(near * near) - side * lobes;
    }
}

static double normal_below(double x, double sigma)
{
    return 0.5 * erfc(-sqrt(0.5) * x / sigma);
}

static double multi_gaussian_primitive(const void *params, double x)
{
    const struct multi_gaussian *multi = params;
    double sigma = multi->sigma, wide = multi->stretch * sigma;
    double lobes =
        normal_below(x - sigma, wide) + normal_below(x + sigma, wide);
    return multi->scale * ((1.0 + multi->height) * normal_below(x, sigma) -
                           multi->height * lobes);
}

static double multi_gaussian_area(const void *params)
{
    const struct multi_gaussian *multi = params;
    return multi->scale * (1.0 - multi->height);
}

static const struct row multi_gaussian_rows[] = {
    SURROGATE_ROW(multi_gaussian, sigma,
                  "deviation of the middle, distance of the side lobes",
                  "0.5"),
    {.name = "height", .unit = "1", .doc = "h, weight of the side lobes",
     .type = ROW_REAL, .fallback = "0.15", .minimum = 0, .maximum = 0.9,
     .offset = offsetof(struct multi_gaussian, height)},
    {.name = "stretch", .unit = "1",
     .doc = "s, how much wider the side lobes are", .type = ROW_REAL,
     .scale = SCALE_LOG, .fallback = "6", .minimum = 1, .maximum = 100,
     .offset = offsetof(struct multi_gaussian, stretch)},
    SURROGATE_ROW(multi_gaussian, scale, "of the whole; 0.5 in the code",
                  "0.5"),
};

const struct surrogate surrogate_multi_gaussian = {
    .kind = {.name = "multi_gaussian",
             .doc = "g'(x) = scale ((1 + h) N(x; 0, sigma) - h N(x; sigma, s sigma) - h N(x; "
                    "-sigma, s sigma)), N(x; mean, deviation) normal densities",
             .cite = "Yin et al., Nature Machine Intelligence 3 (2021), "
                     "multi-Gaussian; scale as in its code",
             .rows = multi_gaussian_rows,
             .n_rows = KIND_COUNT(multi_gaussian_rows),
             .params_size = sizeof(struct multi_gaussian)},
    .derivative = multi_gaussian_derivative,
    .primitive = multi_gaussian_primitive,
    .half_width = surrogate_unbounded,
    .area = multi_gaussian_area,
    .rises = true,
};

/* Surrogates whose width and place follow their layer's neurons. */
#include "core/normalization.h"
#include "core/spec.h"
#include "core/surrogate_parts.h"

/* No width is below this share of the threshold or of its first value: there
 * its peak would be as large as the rounding errors it would be due to. */
static const double SHARE_MIN = 1e-3;

static void put_step(const struct surrogate_layer *layer, size_t t,
                     double width, float *inverse, float *center)
{
    for (size_t c = 0; c < layer->n_channels; c++) {
        inverse[t * layer->n_channels + c] = (float)(1.0 / width);
        center[t * layer->n_channels + c] = 0.0f;
    }
}

/* pdsg ---------------------------------------------------------------- */

struct pdsg {
    double stretch, shift;
};

static void pdsg_derivative(const void *params, size_t n, const float *x,
                            float *y)
{
    surrogate_gaussian.derivative(params, n, x, y);
}

static double pdsg_primitive(const void *params, double x)
{
    return surrogate_gaussian.primitive(params, x);
}

/* The deviation over all steps up to t of a channel, from each step's. */
static double deviation_until(const struct surrogate_layer *layer, size_t t,
                              size_t c)
{
    double sum = 0.0, spread = 0.0, count = (double)(t + 1);
    for (size_t i = 0; i <= t; i++)
        sum += (double)layer->mean[i * layer->n_channels + c];
    for (size_t i = 0; i <= t; i++) {
        size_t at = i * layer->n_channels + c;
        double above = (double)layer->mean[at] - sum / count;
        double deviation = (double)layer->deviation[at];
        spread += above * above + deviation * deviation;
    }
    return sqrt(spread / count);
}

static void pdsg_fit(const void *params, const struct surrogate_layer *layer,
                     float *inverse, float *center)
{
    const struct pdsg *pdsg = params;
    for (size_t t = 0; t < layer->n_steps; t++)
        for (size_t c = 0; c < layer->n_channels; c++) {
            size_t at = t * layer->n_channels + c;
            double sigma = deviation_until(layer, t, c);
            if (sigma < SHARE_MIN * layer->threshold)
                sigma = 1.0;
            inverse[at] = (float)(1.0 / sigma);
            center[at] = (float)(pdsg->shift * sigma);
        }
}

static const struct row pdsg_rows[] = {
    SURROGATE_ROW(pdsg, stretch, "its deviation, in sigmas", "1"),
    {.name = "shift", .unit = "1", .doc = "how far right it lies, in sigmas",
     .type = ROW_REAL, .fallback = "0.5", .minimum = -10, .maximum = 10,
     .offset = offsetof(struct pdsg, shift)},
};

const struct surrogate surrogate_pdsg = {
    .kind = {.name = "pdsg",
             .doc = "g'(x) = N(x; shift sigma, stretch sigma), sigma the deviation of U - V_th in "
                    "the channel over the batch, its pixels and the steps so far (1 where there is "
                    "none); in attacks over the first 256 clean test images, where the paper's "
                    "own, of the images under attack, follow these",
             .cite = "PDSG, CVPR 2025 (arXiv 2503.03272): "
                     "exp(-(x - sigma/2)^2/(2 sigma^2)) / (sqrt(2 pi) sigma)",
             .rows = pdsg_rows,
             .n_rows = KIND_COUNT(pdsg_rows),
             .params_size = sizeof(struct pdsg)},
    .derivative = pdsg_derivative,
    .primitive = pdsg_primitive,
    .half_width = surrogate_unbounded,
    .area = surrogate_unit_area,
    .fit = pdsg_fit,
    .fits_moments = true,
};

/* mpd_agl ------------------------------------------------------------- */

/* Begins as struct rectangular. */
struct fitted_box {
    double width;
    int by; /* enum atgo_by; ds_atgo only */
};

static void box_derivative(const void *params, size_t n, const float *x,
                           float *y)
{
    surrogate_rectangular.derivative(params, n, x, y);
}

static double box_primitive(const void *params, double x)
{
    return surrogate_rectangular.primitive(params, x);
}

static double box_half_width(const void *params)
{
    return surrogate_rectangular.half_width(params);
}

static double mean_gain(const struct surrogate_layer *layer)
{
    double sum = 0.0, count = (double)layer->n_channels;
    if (!layer->gain)
        return 1.0;
    for (size_t c = 0; c < layer->n_channels; c++)
        sum += (double)layer->gain[c];
    return fmax(fabs(sum / count), SHARE_MIN);
}

/* The first step's potential is the current alone, of deviation gamma V_th;
 * later ones have that of the step before on top, times the leak. */
static void mpd_agl_fit(const void *params,
                        const struct surrogate_layer *layer, float *inverse,
                        float *center)
{
    (void)params;
    double first = mean_gain(layer) * layer->threshold;
    double later = first * sqrt(1.0 + layer->leak * layer->leak);
    for (size_t t = 0; t < layer->n_steps; t++)
        put_step(layer, t, t == 0 ? first : later, inverse, center);
}

static const char *mpd_agl_applies(const struct spec *spec)
{
    const struct normalization *normalization =
        normalization_of(spec->at[SPEC_NORMALIZATION].kind);
    if (normalization->by_step)
        return "its width is the normalization's learned scale, and there is "
               "one for every step";
    return normalization->uses_statistics
               ? NULL
               : "its width is the normalization's learned scale, and there is "
                 "none";
}

static const struct row mpd_agl_rows[] = {
    SURROGATE_ROW(fitted_box, width,
                  "full width of the box, in gamma V_th", "2"),
};

const struct surrogate surrogate_mpd_agl = {
    .kind = {.name = "mpd_agl",
             .doc = "rectangular of width kappa = width gamma V_th at the first step, times "
                    "sqrt(1 + leak^2) at later ones; gamma: mean of the layer's learned scales "
                    "(1 where a layer is not normalized), its part of the gradient left out",
             .cite = "MPD-AGL, IJCAI 2025 (arXiv 2505.11863), and its code",
             .rows = mpd_agl_rows,
             .n_rows = KIND_COUNT(mpd_agl_rows),
             .params_size = sizeof(struct fitted_box),
             .applies = mpd_agl_applies},
    .derivative = box_derivative,
    .primitive = box_primitive,
    .half_width = box_half_width,
    .area = surrogate_unit_area,
    .fit = mpd_agl_fit,
};

/* ds_atgo ------------------------------------------------------------- */

enum atgo_by { ATGO_BY_THRESHOLD, ATGO_BY_DEVIATION };

/* Mean and deviation of U of all neurons of a layer at a step. */
static void layer_moments(const struct surrogate_layer *layer, size_t t,
                          double *mean, double *deviation)
{
    double sum = 0.0, spread = 0.0, count = (double)layer->n_channels;
    for (size_t c = 0; c < layer->n_channels; c++)
        sum += (double)layer->mean[t * layer->n_channels + c];
    for (size_t c = 0; c < layer->n_channels; c++) {
        size_t at = t * layer->n_channels + c;
        double above = (double)layer->mean[at] - sum / count;
        double own = (double)layer->deviation[at];
        spread += above * above + own * own;
    }
    *mean = sum / count + layer->threshold;
    *deviation = sqrt(spread / count);
}

/* tanh is odd, so that the paper's two cases are one. */
static void ds_atgo_fit(const void *params,
                        const struct surrogate_layer *layer, float *inverse,
                        float *center)
{
    const struct fitted_box *box = params;
    for (size_t t = 0; t < layer->n_steps; t++) {
        double mean = 0.0, deviation = 0.0;
        layer_moments(layer, t, &mean, &deviation);
        double estimate =
            box->by == ATGO_BY_THRESHOLD ? mean + deviation : deviation;
        double factor = 1.0 + tanh(estimate - layer->threshold);
        put_step(layer, t, fmax(factor, SHARE_MIN), inverse, center);
    }
}

static const char *const atgo_names[] = {[ATGO_BY_THRESHOLD] = "threshold",
                                         [ATGO_BY_DEVIATION] = "deviation",
                                         NULL};

static const struct row ds_atgo_rows[] = {
    SURROGATE_ROW(fitted_box, width, "k before it is fitted, the full width",
                  "1"),
    {.name = "by", .unit = "1",
     .doc = "what V_th is compared with: the threshold mean + deviation of U, as in the paper, or "
            "the deviation alone, as in its code",
     .type = ROW_CHOICE, .fallback = "threshold", .choices = atgo_names,
     .offset = offsetof(struct fitted_box, by)},
};

const struct surrogate surrogate_ds_atgo = {
    .kind = {.name = "ds_atgo",
             .doc = "rectangular of width (1 + tanh(V' - V_th)) width, V' from the moments of U "
                    "in the layer over the batch, in attacks over the first 256 clean test images, "
                    "at each step (from the first width at each step anew: whether it builds up is "
                    "not told)",
             .cite = "DS-ATGO, AAAI 2026 (arXiv 2511.13050), eq. 4 and 7",
             .rows = ds_atgo_rows,
             .n_rows = KIND_COUNT(ds_atgo_rows),
             .params_size = sizeof(struct fitted_box)},
    .derivative = box_derivative,
    .primitive = box_primitive,
    .half_width = box_half_width,
    .area = surrogate_unit_area,
    .fit = ds_atgo_fit,
    .fits_moments = true,
};

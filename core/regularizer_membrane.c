/* Regularizers of the membrane. */
#include "core/regularizer_parts.h"

/* mpd_sgr ------------------------------------------------------------- */

struct mpd_sgr {
    double weight, range, share;
};

static double mpd_sgr_weight(const void *params, double progress)
{
    (void)progress;
    return ((const struct mpd_sgr *)params)->weight;
}

/* Below this share of gamma a deviation counts as none. The derivatives grow
 * as 1/sigma at the edge of the range, and there a silent channel sits exactly
 * (x = -V_th = -gamma): without the bound, rounding errors of its deviation
 * would decide about gradients of any size. */
static const double SIGMA_OF_GAMMA_MIN = 1e-3;

static double mpd_sgr_moments(const void *params, double gamma, size_t n,
                              const float *mu, const float *sigma, float *d_mu,
                              float *d_sigma)
{
    (void)params;
    double sum = 0.0, least = SIGMA_OF_GAMMA_MIN * gamma;
    for (size_t i = 0; i < n; i++) {
        double mean = (double)mu[i], deviation = (double)sigma[i];
        if (deviation < least)
            deviation = 0.0;
        sum += omega_value(mean, deviation, gamma);
        d_mu[i] = (float)omega_by_mu(mean, deviation, gamma);
        d_sigma[i] = (float)omega_by_sigma(mean, deviation, gamma);
    }
    return sum;
}

static double mpd_sgr_gamma(const void *params, const struct spec *spec)
{
    const struct mpd_sgr *mpd_sgr = params;
    const struct choice *choice = &spec->at[SPEC_SURROGATE];
    if (mpd_sgr->range > 0)
        return mpd_sgr->range;
    if (mpd_sgr->share > 0)
        return surrogate_holding_width(surrogate_of(choice->kind),
                                       choice->params, mpd_sgr->share);
    return regularizer_support(spec);
}

static const char *mpd_sgr_applies(const struct spec *spec)
{
    const struct mpd_sgr *mpd_sgr = spec->at[SPEC_REGULARIZER].params;
    if (regularizer_gamma(spec) > 0)
        return NULL;
    return mpd_sgr->share > 0
               ? "the surrogate has no finite area to take share of; give range"
               : "the surrogate has no bounded support; give range or share";
}

static const struct row mpd_sgr_rows[] = {
    {.name = "weight", .unit = "1", .doc = "eta, its weight in the loss",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "0.1", .minimum = 0,
     .maximum = 1000, .offset = offsetof(struct mpd_sgr, weight)},
    {.name = "range", .unit = "1",
     .doc = "gamma, half width of the range of U - V_th to be kept empty; 0: the surrogate's "
            "own support",
     .type = ROW_REAL, .fallback = "0", .minimum = 0, .maximum = 1000,
     .offset = offsetof(struct mpd_sgr, range)},
    {.name = "share", .unit = "1",
     .doc = "if range is 0: gamma is the half width within which the surrogate holds this share "
            "of its area, also if its support is unbounded (the paper's choice for such is not "
            "known); 0: its own support",
     .type = ROW_REAL, .fallback = "0", .minimum = 0, .maximum = 0.9999,
     .later = true, .offset = offsetof(struct mpd_sgr, share)},
};

const struct regularizer regularizer_mpd_sgr = {
    .kind = {.name = "mpd_sgr",
             .doc = "fewer membrane potentials within the surrogate's range: mean of Omega over "
                    "layers, channels and steps, from the batch's mean and deviation",
             .cite = "Jiang et al., AAAI 2026 (MPD-SGR, arXiv 2511.12199), "
                     "section 3",
             .rows = mpd_sgr_rows,
             .n_rows = KIND_COUNT(mpd_sgr_rows),
             .params_size = sizeof(struct mpd_sgr),
             .applies = mpd_sgr_applies},
    .weight = mpd_sgr_weight,
    .gamma = mpd_sgr_gamma,
    .moments = mpd_sgr_moments,
};

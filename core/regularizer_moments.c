/* Regularizers of the membrane's mean and deviation. */
#include "core/attention.h"
#include "core/network.h"
#include "core/neuron.h"
#include "core/regularizer_parts.h"

#include <string.h>

/* the range ----------------------------------------------------------- */

/* Parameters that these kinds begin with. */
struct ranged {
    double weight, range, share;
};

static double ranged_weight(const void *params, double progress)
{
    (void)progress;
    return ((const struct ranged *)params)->weight;
}

static double ranged_gamma(const void *params, const struct spec *spec)
{
    const struct ranged *ranged = params;
    const struct choice *choice = &spec->at[SPEC_SURROGATE];
    if (ranged->range > 0)
        return ranged->range;
    if (ranged->share > 0)
        return surrogate_holding_width(surrogate_of(choice->kind),
                                       choice->params, ranged->share);
    return regularizer_support(spec);
}

static const char *ranged_applies(const struct spec *spec)
{
    const struct ranged *ranged = spec->at[SPEC_REGULARIZER].params;
    if (regularizer_gamma(spec) > 0)
        return NULL;
    return ranged->share > 0
               ? "the surrogate has no finite area to take share of; give range"
               : "the surrogate has no bounded support; give range or share";
}

/* Below this share of gamma a deviation counts as none. The derivatives grow
 * as 1/sigma at the edge of the range, and there a silent channel sits exactly
 * (x = -V_th = -gamma): without the bound, rounding errors of its deviation
 * would decide about gradients of any size. */
static const double SIGMA_OF_GAMMA_MIN = 1e-3;

/* The sum of Omega, and its derivatives times `sign`. */
static double sum_omega(double sign, double gamma, size_t n, const float *mu,
                        const float *sigma, float *d_mu, float *d_sigma)
{
    double sum = 0.0, least = SIGMA_OF_GAMMA_MIN * gamma;
    for (size_t i = 0; i < n; i++) {
        double mean = (double)mu[i], deviation = (double)sigma[i];
        if (deviation < least)
            deviation = 0.0;
        sum += omega_value(mean, deviation, gamma);
        d_mu[i] = (float)(sign * omega_by_mu(mean, deviation, gamma));
        d_sigma[i] = (float)(sign * omega_by_sigma(mean, deviation, gamma));
    }
    return sum;
}

/* mpd_sgr ------------------------------------------------------------- */

enum mpd_sgr_statistics { MPD_SGR_EMPIRICAL, MPD_SGR_ANALYTIC };
enum mpd_sgr_first { MPD_SGR_CONSTANT, MPD_SGR_INDEPENDENT };

struct mpd_sgr {
    struct ranged ranged;
    int statistics;  /* enum mpd_sgr_statistics */
    int first_layer; /* enum mpd_sgr_first */
};

static double mpd_sgr_moments(const void *params, double gamma, size_t n,
                              const float *mu, const float *sigma, float *d_mu,
                              float *d_sigma)
{
    (void)params;
    return sum_omega(1.0, gamma, n, mu, sigma, d_mu, d_sigma);
}

static enum regularizer_statistics mpd_sgr_statistics(const void *params)
{
    const struct mpd_sgr *mpd_sgr = params;
    if (mpd_sgr->statistics == MPD_SGR_EMPIRICAL)
        return STATISTICS_EMPIRICAL;
    return mpd_sgr->first_layer == MPD_SGR_CONSTANT ? STATISTICS_ANALYTIC
                                                    : STATISTICS_INDEPENDENT;
}

/* What the theorem does not say anything about. */
static const char *object_to_blocks(const struct spec *spec)
{
    const struct choice *choice = &spec->at[SPEC_NETWORK];
    struct block blocks[NETWORK_BLOCKS_MAX] = {{0}};
    size_t n = network_of(choice->kind)->describe(choice->params, blocks);
    bool normalizes = false;
    for (size_t i = 0; i < n; i++) {
        normalizes |= blocks[i].normalized;
        if (blocks[i].shortcut != SHORTCUT_NONE &&
            (blocks[i].join == JOIN_NORMALIZED ||
             blocks[i].join == JOIN_MEMBRANE))
            return "statistics = analytic knows normalized currents only, to "
                   "which no shortcut adds its own";
    }
    return normalizes ? NULL
                      : "statistics = analytic needs a normalized layer";
}

static const char *mpd_sgr_applies(const struct spec *spec)
{
    const struct mpd_sgr *mpd_sgr = spec->at[SPEC_REGULARIZER].params;
    const struct neuron *neuron = neuron_of(spec->at[SPEC_NEURON].kind);
    const char *objection = ranged_applies(spec);
    if (objection || mpd_sgr->statistics == MPD_SGR_EMPIRICAL)
        return objection;
    if (strcmp(spec->at[SPEC_NORMALIZATION].kind->name, "tdbn") != 0)
        return "statistics = analytic follows from tdbn's scale and shift: it "
               "needs normalization tdbn";
    if (attention_of(spec->at[SPEC_ATTENTION].kind)->n_hidden)
        return "statistics = analytic knows normalized currents only, not "
               "what an attention makes of them";
    if ((neuron->n_tensors > 0 && !neuron->constants) || neuron->noise)
        return "statistics = analytic needs neurons of one leak and one "
               "threshold a layer, without noise: lif, if or plif";
    return object_to_blocks(spec);
}

static const char *const statistics_names[] = {
    [MPD_SGR_EMPIRICAL] = "empirical", [MPD_SGR_ANALYTIC] = "analytic", NULL};
static const char *const first_layer_names[] = {
    [MPD_SGR_CONSTANT] = "constant", [MPD_SGR_INDEPENDENT] = "independent",
    NULL};

static const struct row mpd_sgr_rows[] = {
    {.name = "weight", .unit = "1", .doc = "eta, its weight in the loss",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "0.1", .minimum = 0,
     .maximum = 1000, .offset = offsetof(struct ranged, weight)},
    {.name = "range", .unit = "1",
     .doc = "gamma, half width of the range of U - V_th to be kept empty; 0: the surrogate's "
            "own support",
     .type = ROW_REAL, .fallback = "0", .minimum = 0, .maximum = 1000,
     .offset = offsetof(struct ranged, range)},
    {.name = "share", .unit = "1",
     .doc = "if range is 0: gamma is the half width within which the surrogate holds this share "
            "of its area, also if its support is unbounded (the paper's choice for such is not "
            "known); 0: its own support",
     .type = ROW_REAL, .fallback = "0", .minimum = 0, .maximum = 0.9999,
     .later = true, .offset = offsetof(struct ranged, share)},
    {.name = "statistics", .unit = "1",
     .doc = "mean and deviation: empirical, those of the batch's potentials; or analytic, those of "
            "Theorem 1 from tdbn's shift and scale, which alone they then train (and plif's leak), "
            "with the batch's spikes in S(t), each of which takes V_th (too little if the reset is "
            "hard), and without layers that are not normalized (which ones the paper takes is not "
            "known)",
     .type = ROW_CHOICE, .fallback = "empirical", .choices = statistics_names,
     .later = true, .offset = offsetof(struct mpd_sgr, statistics)},
    {.name = "first_layer", .unit = "1",
     .doc = "of analytic, where a layer's current is the same at all steps (encoding direct): its "
            "deviation is lambda alpha V_th D(tau, t), that of a constant current; or that of "
            "independent ones, sqrt(D(tau^2, t)) instead, as the theorem has it for all layers",
     .type = ROW_CHOICE, .fallback = "constant", .choices = first_layer_names,
     .later = true, .offset = offsetof(struct mpd_sgr, first_layer)},
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
    .weight = ranged_weight,
    .gamma = ranged_gamma,
    .moments = mpd_sgr_moments,
    .statistics = mpd_sgr_statistics,
};

/* pda ----------------------------------------------------------------- */

enum pda_form { PDA_DISTANCE, PDA_SHARE };

struct pda {
    struct ranged ranged;
    int form; /* enum pda_form */
    double reach;
};

/* How far the farther of mu +- reach sigma is outside of the range, squared, in
 * units of gamma. */
static double sum_distances(double reach, double gamma, size_t n,
                            const float *mu, const float *sigma, float *d_mu,
                            float *d_sigma)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        double farther = fabs((double)mu[i]) + reach * (double)sigma[i];
        double outside = fmax(farther / gamma - 1.0, 0.0);
        double slope = 2.0 * outside / gamma;
        sum += outside * outside;
        d_mu[i] = (float)(mu[i] < 0 ? -slope : slope);
        d_sigma[i] = (float)(reach * slope);
    }
    return sum;
}

static double pda_moments(const void *params, double gamma, size_t n,
                          const float *mu, const float *sigma, float *d_mu,
                          float *d_sigma)
{
    const struct pda *pda = params;
    if (pda->form == PDA_DISTANCE)
        return sum_distances(pda->reach, gamma, n, mu, sigma, d_mu, d_sigma);
    return (double)n - sum_omega(-1.0, gamma, n, mu, sigma, d_mu, d_sigma);
}

static const char *const form_names[] = {
    [PDA_DISTANCE] = "distance", [PDA_SHARE] = "share", NULL};

static const struct row pda_rows[] = {
    {.name = "weight", .unit = "1", .doc = "its weight in the loss",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "0.1", .minimum = 0,
     .maximum = 1000, .offset = offsetof(struct ranged, weight)},
    {.name = "range", .unit = "1",
     .doc = "gamma, half width of the range of U - V_th that potentials should be in; 0: the "
            "surrogate's own support",
     .type = ROW_REAL, .fallback = "0", .minimum = 0, .maximum = 1000,
     .offset = offsetof(struct ranged, range)},
    {.name = "share", .unit = "1",
     .doc = "if range is 0: gamma is the half width within which the surrogate holds this share "
            "of its area; 0: its own support",
     .type = ROW_REAL, .fallback = "0", .minimum = 0, .maximum = 0.9999,
     .offset = offsetof(struct ranged, share)},
    {.name = "form", .unit = "1",
     .doc = "of a channel at a step: distance, max(0, (|mu| + reach sigma)/gamma - 1)^2; or share, "
            "1 - Omega(mu, sigma; gamma), which no longer pulls at what is far out",
     .type = ROW_CHOICE, .fallback = "distance", .choices = form_names,
     .offset = offsetof(struct pda, form)},
    {.name = "reach", .unit = "1",
     .doc = "of distance: the deviations from the mean that should be in the range",
     .type = ROW_REAL, .fallback = "1", .minimum = 0, .maximum = 10,
     .offset = offsetof(struct pda, reach)},
};

const struct regularizer regularizer_pda = {
    .kind = {.name = "pda",
             .doc = "potential distribution adjustment: a loss on undesired potentials, outside of "
                    "the surrogate's range, by mean and deviation, the mean over layers, channels "
                    "and steps; a reconstruction, the paper's formula is not known",
             .cite = "Wang et al., Neurocomputing 620 (2025) 129189 (PDA, "
                     "arXiv 2304.13289), its aim only",
             .rows = pda_rows,
             .n_rows = KIND_COUNT(pda_rows),
             .params_size = sizeof(struct pda),
             .applies = ranged_applies},
    .weight = ranged_weight,
    .gamma = ranged_gamma,
    .moments = pda_moments,
};

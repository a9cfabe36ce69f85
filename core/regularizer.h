/*
 * The axis "regularizer": what is added to the loss in training,
 *
 *     L = L_task + weight * R,
 *
 * R a function of x = U - V_th in the training pass at hand, that of the clean
 * images where these are learned, else of the perturbed ones; or of two passes.
 * Kinds:
 *
 * none.
 * mpd_sgr (arXiv 2511.12199, section 3): the mean over layers, channels and
 *     steps of Omega(mu, sigma; gamma), mu and sigma the batch's empirical mean
 *     and deviation of x ("variant A"), or those that tdBN gives by Theorem 1
 *     ("variant B", core/model_tdbn.c).
 * tgo (arXiv 2602.20548): the sum over layers of the mean of
 *     max(0, delta - |x|), its weight rising over training.
 * pda (arXiv 2304.13289, a reconstruction): what mean and deviation have
 *     outside of the range.
 * firing_rate: the mean over layers of the square of rate - target.
 * gradient_sparsity (Liu et al., ICML 2024): how far the label's share moves
 *     when the images move along its gradient.
 * perturbation (Ding et al., ICML 2024): how far the adversary moves the last
 *     layer's membranes.
 */
#ifndef CORE_REGULARIZER_H
#define CORE_REGULARIZER_H

#include "core/kind.h"

/* Whose mean and deviation `moments` gets: the batch's; those of Theorem 1,
 * where a layer's current is the same at all steps those of such a current;
 * those of the theorem as it stands, for independent currents, everywhere. */
enum regularizer_statistics {
    STATISTICS_EMPIRICAL,
    STATISTICS_ANALYTIC,
    STATISTICS_INDEPENDENT
};

/* Currents into the last layer's neurons in two passes, [n_images][T][n]. */
struct current_pair {
    size_t n_images, n_steps, n;
    const float *clean;
    float *perturbed;
};

struct regularizer {
    struct kind kind;
    /* Its weight in the loss when this share of training's steps, in [0, 1],
     * has been taken. */
    double (*weight)(const void *params, double progress);
    /* Optional: the half width of a range of its own (regularizer_gamma). */
    double (*gamma)(const void *params, const struct spec *spec);
    bool sums_layers; /* R is the sum over layers; else the mean */
    /* One of the next three, or none that looks at the membrane. */

    /* A regularizer of the membrane's moments. For n pairs of mean and
     * deviation: writes d_mu = dR_i/dmu_i and d_sigma = dR_i/dsigma_i (of each
     * pair's own term, not divided by n), returns the sum of the terms. gamma
     * is the half width of the range (see regularizer_gamma). */
    double (*moments)(const void *params, double gamma, size_t n,
                      const float *mu, const float *sigma, float *d_mu,
                      float *d_sigma);
    enum regularizer_statistics (*statistics)(const void *params);
    /* A regularizer of single potentials: R is the mean over images, steps and
     * neurons of r(x). For n of them: r(x); dr/dx. */
    void (*value)(const void *params, size_t n, const float *x, float *r);
    void (*slope)(const void *params, size_t n, const float *x, float *d_x);
    /* A regularizer of a layer's mean firing rate, in spikes a neuron and step:
     * returns the layer's term, writes its derivative. */
    double (*rate)(const void *params, double rate, double *d_rate);
    /* Optional: h, if R is the mean over the batch of
     * ((f(x + h v) - f(x)) / h)^2 with f the label's share against its rival
     * at x (core/loss.h) and v the sign of f's gradient by x, which is a
     * constant. */
    double (*probe)(const void *params);
    /* Optional: a regularizer of the currents of clean images and of perturbed
     * ones. Returns R, and leaves factor dR/d perturbed in the place of the
     * latter. dR/d clean is minus that, or, if it `holds` the clean ones, not
     * wanted. */
    double (*drift)(const void *params, double factor,
                    const struct current_pair *currents);
    bool (*holds)(const void *params);
};

extern const struct axis regularizer_axis;
const struct regularizer *regularizer_of(const struct kind *kind);

/* Whether it looks at the membrane at all; whether at its spikes. */
bool regularizer_watches(const struct regularizer *regularizer);
bool regularizer_counts(const struct regularizer *regularizer,
                        const void *params);

/* STATISTICS_EMPIRICAL unless it says otherwise. */
enum regularizer_statistics
regularizer_statistics(const struct regularizer *regularizer,
                       const void *params);

/* The half width gamma of the range in this spec: the regularizer's own `range`
 * if it is above 0, else the half width within which the surrogate holds the
 * regularizer's `share` of its area if that is above 0, else the half width of
 * the surrogate's support; 0 if there is none (spec_objection refuses to train
 * such an mpd_sgr; measurements then use 1). */
double regularizer_gamma(const struct spec *spec);

/* Omega(mu, sigma; gamma) = Phi((mu + gamma)/sigma) - Phi((mu - gamma)/sigma):
 * the share of a normal distribution within (-gamma, gamma). Exact in the
 * tails: taken by erfc of |mu|. sigma = 0 gives the limit, 0 or 1. */
double omega_value(double mu, double sigma, double gamma);
double omega_by_mu(double mu, double sigma, double gamma);
double omega_by_sigma(double mu, double sigma, double gamma);

#endif

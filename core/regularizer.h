/*
 * The axis "regularizer": what is added to the loss in training,
 *
 *     L = L_task + weight * R.
 *
 * Kinds: none, mpd_sgr (arXiv 2511.12199, eq. of section 3: R is the mean over
 * layers, channels and time steps of Omega(mu, sigma; gamma), with mu and
 * sigma the batch's empirical mean and deviation of U - V_th, "variant A").
 */
#ifndef CORE_REGULARIZER_H
#define CORE_REGULARIZER_H

#include "core/kind.h"

struct regularizer {
    struct kind kind;
    /* Its weight in the loss when this share of training's steps, in [0, 1],
     * has been taken. */
    double (*weight)(const void *params, double progress);
    /* Optional: the half width of a range of its own (regularizer_gamma). */
    double (*gamma)(const void *params, const struct spec *spec);
    /* Optional: a regularizer of the membrane's moments. For n pairs of mean
     * and deviation: writes d_mu = dR_i/dmu_i and d_sigma = dR_i/dsigma_i (of
     * each pair's own term, not divided by n), returns the sum of the terms.
     * gamma is the half width of the range (see regularizer_gamma). */
    double (*moments)(const void *params, double gamma, size_t n,
                      const float *mu, const float *sigma, float *d_mu,
                      float *d_sigma);
};

extern const struct axis regularizer_axis;
const struct regularizer *regularizer_of(const struct kind *kind);

/* The half width gamma that Omega is taken over in this spec: the
 * regularizer's own `range` if it is above 0, else the half width within which
 * the surrogate holds the regularizer's `share` of its area if that is above
 * 0, else the half width of the surrogate's support; 0 if there is none
 * (spec_objection refuses to train such an mpd_sgr; measurements then use 1).
 */
double regularizer_gamma(const struct spec *spec);

/* Omega(mu, sigma; gamma) = Phi((mu + gamma)/sigma) - Phi((mu - gamma)/sigma):
 * the share of a normal distribution within (-gamma, gamma). Exact in the
 * tails: taken by erfc of |mu|. sigma = 0 gives the limit, 0 or 1. */
double omega_value(double mu, double sigma, double gamma);
double omega_by_mu(double mu, double sigma, double gamma);
double omega_by_sigma(double mu, double sigma, double gamma);

#endif

/*
 * Distributions that tests and intervals go by, in double precision.
 * Relative errors are below 1e-11, of F and beta below 1e-8 where both of their
 * parameters are beyond 1e4. NaN, or a parameter that is not above 0, gives
 * NaN.
 */
#ifndef ANALYSIS_DISTRIBUTION_H
#define ANALYSIS_DISTRIBUTION_H

/* The regularized incomplete beta function I_x(a, b) for x in [0, 1], by its
 * continued fraction (NIST Digital Library of Mathematical Functions, 8.17.22
 * and, where that converges slowly, 8.17.4). */
double distribution_beta(double a, double b, double x);

/* P(Z >= z) of the standard normal distribution, and the z with
 * P(Z <= z) = p for p in (0, 1). */
double distribution_normal_above(double z);
double distribution_normal_quantile(double p);

/* P(|T| >= |t|) of Student's t with df degrees of freedom (Abramowitz and
 * Stegun, 26.5.27 and 26.7.1), and the t with P(T <= t) = p. */
double distribution_t_beyond(double t, double df);
double distribution_t_quantile(double p, double df);

/* P(F >= f) of the F distribution (Abramowitz and Stegun, 26.6.2). */
double distribution_f_above(double f, double df_above, double df_below);

#endif

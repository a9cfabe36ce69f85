/* Omega, the share of a normal distribution within (-gamma, gamma). Even in
 * mu, so |mu| is used throughout; m is the standardized distance from |mu| to
 * the nearer edge and the farther edge enters through
 *
 *     phi((|mu| + gamma)/sigma) = phi(m) exp(-2 |mu| gamma / sigma^2)
 *
 * so that no two nearly equal numbers are subtracted. */
#include "core/regularizer.h"

#include <math.h>

static const double SQRT_HALF = 0.70710678118654752440;
static const double DENSITY_AT_0 = 0.39894228040143267794; /* 1/sqrt(2 pi) */

static double density(double standardized)
{
    return DENSITY_AT_0 * exp(-0.5 * standardized * standardized);
}

double omega_value(double mu, double sigma, double gamma)
{
    double distance = fabs(mu);
    if (sigma <= 0)
        return distance < gamma ? 1.0 : 0.0;
    double scale = SQRT_HALF / sigma;
    return 0.5 * (erfc((distance - gamma) * scale) -
                  erfc((distance + gamma) * scale));
}

/* exp(-2 |mu| gamma / sigma^2) - 1, in (-1, 0]. */
static double far_edge(double distance, double sigma, double gamma)
{
    return expm1(-2.0 * (distance / sigma) * (gamma / sigma));
}

double omega_by_mu(double mu, double sigma, double gamma)
{
    double distance = fabs(mu);
    if (sigma <= 0)
        return 0.0;
    double slope = density((distance - gamma) / sigma) / sigma *
                   far_edge(distance, sigma, gamma);
    return mu < 0 ? -slope : slope;
}

double omega_by_sigma(double mu, double sigma, double gamma)
{
    double distance = fabs(mu);
    if (sigma <= 0)
        return 0.0;
    double edges = (distance + gamma) * far_edge(distance, sigma, gamma) +
                   2.0 * gamma;
    return -density((distance - gamma) / sigma) / sigma * (edges / sigma);
}

#include "analysis/distribution.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

static const double pi = 3.14159265358979323846;

/* lgamma proper writes a global. */
static double log_gamma(double x)
{
    int sign;
    return lgamma_r(x, &sign);
}

/* the incomplete beta function ---------------------------------------- */

/* The n-th numerator of 8.17.22, from 1. */
static double numerator(double a, double b, double x, size_t n)
{
    double m = (double)(n / 2);
    if (n % 2 == 0)
        return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
}

/* 1 + d_1 / (1 + d_2 / (1 + ...)) by the modified Lentz algorithm (Thompson
 * and Barnett, J. Comput. Phys. 64 (1986), appendix). */
static double fraction(double a, double b, double x)
{
    static const double tiny = 1e-300, enough = 1e-16;
    enum { N_MAX = 100000 }; /* it takes some sqrt(max(a, b)) */
    double value = 1, c = 1, d = 0;
    for (size_t n = 1; n <= N_MAX; n++) {
        double by = numerator(a, b, x, n);
        d = 1 + by * d;
        d = 1 / (fabs(d) < tiny ? tiny : d);
        c = 1 + by / c;
        c = fabs(c) < tiny ? tiny : c;
        value *= c * d;
        if (fabs(c * d - 1) <= enough)
            break;
    }
    return value;
}

/* What log_gamma has beyond Stirling's formula (DLMF 5.11.1), for x of 20 and
 * more to a double's last bit. */
static double beyond_stirling(double x)
{
    double square = 1 / (x * x);
    return (1.0 / 12 +
            square * (-1.0 / 360 +
                      square * (1.0 / 1260 + square * (-1.0 / 1680)))) /
           x;
}

/* log of Gamma(a + b) / Gamma(a): their difference where that keeps its
 * digits. */
static double log_gamma_ratio(double a, double b)
{
    if (a < 20)
        return log_gamma(a + b) - log_gamma(a);
    return (a - 0.5) * log1p(b / a) + b * (log(a + b) - 1) +
           beyond_stirling(a + b) - beyond_stirling(a);
}

/* log of x, y being 1 - x. */
static double log_of(double x, double y)
{
    return x > 0.5 ? log1p(-y) : log(x);
}

/* Where the fraction converges fast; y is 1 - x. */
static double beta_below_mean(double a, double b, double x, double y)
{
    double log_factor = a * log_of(x, y) + b * log_of(y, x) +
                        log_gamma_ratio(fmax(a, b), fmin(a, b)) -
                        log_gamma(fmin(a, b));
    return exp(log_factor) / (a * fraction(a, b, x));
}

/* y is 1 - x, but not by subtraction: near 1 that would take x's digits. */
static double beta(double a, double b, double x, double y)
{
    if (!(a > 0) || !(b > 0) || !(x >= 0) || !(y >= 0))
        return NAN;
    if (x == 0 || y == 0)
        return x == 0 ? 0 : 1;
    if (x <= (a + 1) / (a + b + 2))
        return beta_below_mean(a, b, x, y);
    return 1 - beta_below_mean(b, a, y, x);
}

double distribution_beta(double a, double b, double x)
{
    return beta(a, b, x, 1 - x);
}

/* the normal distribution --------------------------------------------- */

double distribution_normal_above(double z)
{
    return 0.5 * erfc(z / sqrt(2));
}

/* What Newton's method needs to find z >= 0 where a tail is as small as wanted.
 * Tails are convex there: from 0 it climbs to the root and never passes it. */
struct tail {
    double df; /* 0: normal */
    double (*above)(const struct tail *tail, double z);
    double (*density)(const struct tail *tail, double z);
};

static double find_tail(const struct tail *tail, double wanted)
{
    enum { N_MAX = 5000 };
    double z = 0;
    for (size_t i = 0; i < N_MAX; i++) {
        double step =
            (tail->above(tail, z) - wanted) / tail->density(tail, z);
        if (!(step > 1e-16 * z))
            break;
        z += step;
    }
    return z;
}

static double quantile(const struct tail *tail, double p)
{
    if (!(p > 0) || !(p < 1))
        return NAN;
    return p < 0.5 ? -find_tail(tail, p) : find_tail(tail, 1 - p);
}

static double normal_above(const struct tail *tail, double z)
{
    (void)tail;
    return distribution_normal_above(z);
}

static double normal_density(const struct tail *tail, double z)
{
    (void)tail;
    return exp(-0.5 * z * z) / sqrt(2 * pi);
}

double distribution_normal_quantile(double p)
{
    struct tail tail = {.above = normal_above, .density = normal_density};
    return quantile(&tail, p);
}

/* Student's t and F --------------------------------------------------- */

double distribution_t_beyond(double t, double df)
{
    if (isinf(t) && df > 0)
        return 0;
    double square = t * t;
    return beta(0.5 * df, 0.5, df / (df + square), square / (df + square));
}

static double t_above(const struct tail *tail, double t)
{
    return 0.5 * distribution_t_beyond(t, tail->df);
}

static double t_density(const struct tail *tail, double t)
{
    double df = tail->df;
    return exp(log_gamma_ratio(0.5 * df, 0.5) -
               0.5 * (df + 1) * log1p(t * t / df)) /
           sqrt(df * pi);
}

double distribution_t_quantile(double p, double df)
{
    struct tail tail = {df, t_above, t_density};
    return df > 0 ? quantile(&tail, p) : NAN;
}

double distribution_f_above(double f, double df_above, double df_below)
{
    if (!(df_above > 0) || !(df_below > 0) || !(f >= 0))
        return NAN;
    if (isinf(f))
        return 0;
    double whole = df_below + df_above * f;
    return beta(0.5 * df_below, 0.5 * df_above, df_below / whole,
                df_above * f / whole);
}

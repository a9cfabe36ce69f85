/* What core/surrogate*.c share; private to them. */
#ifndef CORE_SURROGATE_PARTS_H
#define CORE_SURROGATE_PARTS_H

#include "core/surrogate.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* The derivatives are the inner loops of every backward pass: plain loops
 * over arrays without branches or calls, so that the compiler makes vectors
 * of them. `ivdep` says that x and y may be one array but never overlap
 * otherwise. */

static const double SURROGATE_PI = 3.14159265358979323846;

/* Of kinds with one parameter, the first of their struct. */
struct surrogate_slope {
    double slope;
};

/* A row of a width or a slope. */
#define SURROGATE_ROW(struct_tag, member, text, value)                         \
    {.name = #member, .unit = "1", .doc = text, .type = ROW_REAL,              \
     .scale = SCALE_LOG, .fallback = value, .minimum = 0.001,                  \
     .maximum = 1000, .offset = offsetof(struct struct_tag, member)}

double surrogate_unit_area(const void *params);     /* 1 */
double surrogate_infinite_area(const void *params); /* it diverges */
double surrogate_unbounded(const void *params);     /* no half width */

/* exp(-a) for a >= 0, relative error below 2e-7 down to 1e-37, where it stays.
 * The C library's expf is a call, which would keep the loop from being
 * vectorized. -a = k ln 2 + r with |r| <= ln(2)/2; exp(r) is its Taylor
 * polynomial of degree 7 (remainder 5e-9), and k goes into the exponent. */
static inline float surrogate_exp_minus(float a)
{
    float bounded = a < 85.0f ? a : 85.0f;
    float k = rintf(bounded * -1.44269504f);
    float r = -bounded - k * 0.693145752f - k * 1.42860677e-6f;
    float sum = 1.0f / 5040.0f;
    sum = sum * r + 1.0f / 720.0f;
    sum = sum * r + 1.0f / 120.0f;
    sum = sum * r + 1.0f / 24.0f;
    sum = sum * r + 1.0f / 6.0f;
    sum = sum * r + 0.5f;
    sum = sum * r + 1.0f;
    sum = sum * r + 1.0f;
    int32_t bits;
    memcpy(&bits, &sum, sizeof bits);
    bits += (int32_t)k * (1 << 23);
    memcpy(&sum, &bits, sizeof sum);
    return sum;
}

/* ln(a) for 1 <= a, at most 1e38, beyond which it stays: the exponent times
 * ln 2, and of what is left, m in [sqrt(1/2), sqrt(2)), the series
 * ln m = 2 (s + s^3/3 + ...), s = (m - 1)/(m + 1), |s| < 0.172, up to s^9
 * (remainder 7e-10). */
static inline float surrogate_log(float a)
{
    float bounded = a < 1e38f ? a : 1e38f;
    int32_t bits, above, root = 0x3f3504f3;
    memcpy(&bits, &bounded, sizeof bits);
    above = (bits - root) >> 23;
    bits -= above * (1 << 23);
    memcpy(&bounded, &bits, sizeof bounded);
    float s = (bounded - 1.0f) / (bounded + 1.0f), z = s * s;
    float sum = 2.0f / 9.0f;
    sum = sum * z + 2.0f / 7.0f;
    sum = sum * z + 2.0f / 5.0f;
    sum = sum * z + 2.0f / 3.0f;
    sum = sum * z + 2.0f;
    return (float)above * 0.693147182f + s * sum;
}

/* By family: of bounded support; with tails that fall exponentially, or as a
 * power; without a finite area; fitted. */
/* Of attacks only, and no struct surrogate: what was trained with. */
extern const struct kind surrogate_own;

extern const struct surrogate surrogate_triangular, surrogate_rectangular,
    surrogate_poisson_pass;
extern const struct surrogate surrogate_sigmoid, surrogate_piecewise_exp,
    surrogate_erf, surrogate_gaussian, surrogate_multi_gaussian,
    surrogate_noisy_lif;
extern const struct surrogate surrogate_superspike, surrogate_fast_sigmoid,
    surrogate_softsign, surrogate_atan, surrogate_q_pseudospike;
extern const struct surrogate surrogate_s2nn,
    surrogate_nonzero_sign_log_abs, surrogate_piecewise_leaky_relu,
    surrogate_leaky_k_relu, surrogate_log_tailed_relu,
    surrogate_fake_numerical, surrogate_straight_through,
    surrogate_squarewave_fourier;
extern const struct surrogate surrogate_assg;
extern const struct surrogate surrogate_pdsg, surrogate_mpd_agl,
    surrogate_ds_atgo, surrogate_psg;

#endif

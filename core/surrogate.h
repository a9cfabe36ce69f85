/*
 * The axis "surrogate": what stands in for the derivative of the spike.
 *
 * The spike is the Heaviside step of x = U - V_th (1 where x >= 0); backward,
 * its derivative is replaced by g'(x), in units of 1/potential.
 *
 * Kinds: triangular, rectangular, sigmoid, superspike, atan.
 */
#ifndef CORE_SURROGATE_H
#define CORE_SURROGATE_H

#include "core/kind.h"

struct surrogate {
    struct kind kind;
    /* y[i] = g'(x[i]) for i below n; finite for every finite x. x and y may
     * be the same array. */
    void (*derivative)(const void *params, size_t n, const float *x, float *y);
    /* g(x), an antiderivative of g', for the smooth twin; in double. */
    double (*primitive)(const void *params, double x);
    /* w of the support [-w, w] outside which g' is 0; INFINITY if none. */
    double (*half_width)(const void *params);
    /* The integral of g' over the whole line. */
    double (*area)(const void *params);
};

extern const struct axis surrogate_axis;

/* The surrogate that a spec's choice names. */
const struct surrogate *surrogate_of(const struct kind *kind);

#endif

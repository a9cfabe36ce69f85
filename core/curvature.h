/*
 * The largest eigenvalue of a loss' second derivative, by power iteration on
 * differences of its gradient (Pearlmutter 1994; Yao et al., PyHessian, 2020).
 */
#ifndef CORE_CURVATURE_H
#define CORE_CURVATURE_H

#include <stddef.h>

/* A loss around a point. */
struct curvature {
    size_t n;
    float *point;          /* [n]; moved, and put back */
    const float *gradient; /* [n]; what `find` makes at the point */
    void *self;
    void (*find)(void *self);
    float *held, *direction, *product; /* [n] scratch */
};

/* In `direction` a vector to begin with, not of length 0. Each iteration takes
 * the product of the second derivative H with the unit vector v,
 *
 *     H v = (gradient(w + h v) - gradient(w - h v)) / 2h,  h = step |w|
 *
 * (h = step at w = 0), and goes on with its direction. Returns v H v of the
 * last one, which tends to the eigenvalue of largest magnitude; 0 if H v is 0.
 * n_iterations is at least 1. */
double curvature_largest(const struct curvature *curvature,
                         size_t n_iterations, double step);

#endif

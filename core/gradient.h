/*
 * What is done to a gradient between backpropagation and the optimizer. All
 * sums are taken in one order, whatever the machine.
 */
#ifndef CORE_GRADIENT_H
#define CORE_GRADIENT_H

#include <stddef.h>

/* Adds that of l1 sum |w| + l2 sum w^2 / 2 over n weights; returns this
 * penalty. The slope of |w| at 0 is 0. */
double gradient_penalize(size_t n, double l1, double l2, const float *weights,
                         float *gradient);

/* The Euclidean norm. */
double gradient_norm(size_t n, const float *gradient);

/* Each entry to within +-limit. What is not a number stays so. */
void gradient_clip_values(size_t n, double limit, float *gradient);

/* Scales by limit / (norm + 1e-6) where that is less than 1 (Pascanu et al.,
 * ICML 2013, algorithm 1, as PyTorch's clip_grad_norm_). */
void gradient_clip_norm(size_t n, double limit, double norm, float *gradient);

#endif

/*
 * The L-infinity ball around a clean image, within the box [0, 1], to the last
 * bit: no float that comes out is farther than epsilon from the clean one,
 * whatever x + epsilon is rounded to.
 */
#ifndef CORE_BALL_H
#define CORE_BALL_H

#include <stddef.h>

/* images <- clip(images + step sign(direction)); n entries. A direction of
 * zero, or one that is not a number, moves nothing. */
void ball_step(size_t n, float epsilon, float step,
               const float *restrict clean, const float *restrict direction,
               float *restrict images);

/* images <- clip(images) */
void ball_clip(size_t n, float epsilon, const float *restrict clean,
               float *restrict images);

/* images, uniform in [0, 1), to uniform in the ball. */
void ball_spread(size_t n, float epsilon, const float *restrict clean,
                 float *restrict images);

#endif

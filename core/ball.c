#include "core/ball.h"

#include <stdint.h>
#include <string.h>

/* a + b - fl(a + b), exactly (Knuth, TAOCP 2, sec. 4.2.2, theorem B). */
static inline float rounded_off(float a, float b)
{
    float sum = a + b, b_share = sum - a;
    return (a - (sum - b_share)) + (b - b_share);
}

/* The clip bounds of a pixel. x + epsilon is rounded, perhaps to a float that
 * is farther than epsilon from x; its neighbour towards x is not, since the
 * exact bound lies between the two. Bits of floats above 0 are ordered as the
 * floats are, so the neighbour is one bit away, without a branch. */
static inline float upper_bound(float x, float epsilon)
{
    float bound = x + epsilon;
    int32_t bits;
    memcpy(&bits, &bound, sizeof bits);
    bits -= rounded_off(x, epsilon) < 0.0f;
    memcpy(&bound, &bits, sizeof bound);
    return bound < 1.0f ? bound : 1.0f;
}

static inline float lower_bound(float x, float epsilon)
{
    float bound = x - epsilon;
    int32_t bits;
    memcpy(&bits, &bound, sizeof bits);
    bits += rounded_off(x, -epsilon) > 0.0f;
    memcpy(&bound, &bits, sizeof bound);
    return bound > 0.0f ? bound : 0.0f;
}

static inline float clip(float moved, float x, float epsilon)
{
    float low = lower_bound(x, epsilon), high = upper_bound(x, epsilon);
    moved = moved > low ? moved : low;
    return moved < high ? moved : high;
}

void ball_step(size_t n, float epsilon, float step,
               const float *restrict clean, const float *restrict direction,
               float *restrict images)
{
    for (size_t i = 0; i < n; i++) {
        float up = direction[i] > 0.0f ? step : 0.0f;
        float down = direction[i] < 0.0f ? step : 0.0f;
        images[i] = clip(images[i] + (up - down), clean[i], epsilon);
    }
}

void ball_clip(size_t n, float epsilon, const float *restrict clean,
               float *restrict images)
{
    for (size_t i = 0; i < n; i++)
        images[i] = clip(images[i], clean[i], epsilon);
}

void ball_spread(size_t n, float epsilon, const float *restrict clean,
                 float *restrict images)
{
    for (size_t i = 0; i < n; i++) {
        float offset = epsilon * (2.0f * images[i] - 1.0f);
        images[i] = clip(clean[i] + offset, clean[i], epsilon);
    }
}

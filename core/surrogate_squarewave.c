/* The surrogate squarewave_fourier. */
#include "core/surrogate_parts.h"

struct squarewave {
    size_t n_terms;
    double period;
};

enum { BLOCK = 64 };

/* cos(2 pi turns) of |turns| <= 1/2, error below 3e-7: sin of the distance to a
 * quarter turn, by its Taylor polynomial up to the 11th power. */
static inline float cos_of_turns(float turns)
{
    float from = 0.25f - fabsf(turns), z = from * from;
    float sum = -15.0946426f;
    sum = sum * z + 42.0586939f;
    sum = sum * z - 76.7058598f;
    sum = sum * z + 81.6052493f;
    sum = sum * z - 41.3417022f;
    sum = sum * z + 6.28318531f;
    return from * sum;
}

/* Blocks hold x while the terms are added up in y, which may be the same
 * array. What is too far out to have a place in its period counts as 0. */
static void add_terms(const struct squarewave *wave, size_t n,
                      const float *turns, float *y)
{
    float factor = (float)(4.0 / wave->period);
    for (size_t i = 0; i < n; i++)
        y[i] = 0.0f;
    for (size_t k = 0; k < wave->n_terms; k++) {
        float odd = (float)(2 * k + 1);
        for (size_t i = 0; i < n; i++) {
            float all = odd * turns[i];
            y[i] += factor * cos_of_turns(all - rintf(all));
        }
    }
}

static void squarewave_derivative(const void *params, size_t n, const float *x,
                                  float *y)
{
    const struct squarewave *wave = params;
    float rate = (float)(1.0 / wave->period), turns[BLOCK], sums[BLOCK];
    for (size_t first = 0; first < n; first += BLOCK) {
        size_t left = n - first, n_block = left < BLOCK ? left : BLOCK;
        for (size_t i = 0; i < n_block; i++) {
            float all = rate * x[first + i];
            turns[i] = fabsf(all) < 8388608.0f ? all - rintf(all) : 0.0f;
        }
        add_terms(wave, n_block, turns, sums);
        memcpy(y + first, sums, n_block * sizeof *y);
    }
}

static double squarewave_primitive(const void *params, double x)
{
    const struct squarewave *wave = params;
    double sum = 0.0, turns = remainder(x / wave->period, 1.0);
    for (size_t k = 0; k < wave->n_terms; k++) {
        double odd = (double)(2 * k + 1);
        sum += sin(2.0 * SURROGATE_PI * odd * turns) / odd;
    }
    return 0.5 + 2.0 / SURROGATE_PI * sum;
}

static double no_area(const void *params)
{
    (void)params;
    return (double)NAN;
}

static const struct row squarewave_rows[] = {
    {.name = "n_terms", .unit = "1",
     .doc = "terms of the series; the peak is 4 n_terms/period",
     .type = ROW_COUNT, .fallback = "2", .minimum = 1, .maximum = 64,
     .offset = offsetof(struct squarewave, n_terms)},
    SURROGATE_ROW(squarewave, period, "T, of the square wave", "8"),
};

const struct surrogate surrogate_squarewave_fourier = {
    .kind = {.name = "squarewave_fourier",
             .doc = "g'(x) = 4/period sum over k = 1..n_terms of cos((2k - 1) 2 pi x/period); "
                    "SpikingJelly's code sums n - 1 terms of its n",
             .cite = "SpikingJelly's SquarewaveFourierSeries",
             .rows = squarewave_rows,
             .n_rows = KIND_COUNT(squarewave_rows),
             .params_size = sizeof(struct squarewave)},
    .derivative = squarewave_derivative,
    .primitive = squarewave_primitive,
    .half_width = surrogate_unbounded,
    .area = no_area,
    .rises = true,
};

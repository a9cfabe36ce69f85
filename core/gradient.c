#include "core/gradient.h"

#include <math.h>

/* Partial sums side by side, so that loops become vectors of any length. */
enum { N_PARTS = 16 };

static double add_parts(const double parts[N_PARTS])
{
    double sum = 0.0;
    for (size_t k = 0; k < N_PARTS; k++)
        sum += parts[k];
    return sum;
}

double gradient_penalize(size_t n, double l1, double l2, const float *weights,
                         float *gradient)
{
    double magnitudes = 0.0, squares = 0.0;
    for (size_t i = 0; i < n; i++) {
        double weight = (double)weights[i];
        double sign = (double)((weight > 0) - (weight < 0));
        magnitudes += fabs(weight);
        squares += weight * weight;
        gradient[i] += (float)(l1 * sign + l2 * weight);
    }
    return l1 * magnitudes + 0.5 * l2 * squares;
}

double gradient_norm(size_t n, const float *gradient)
{
    double parts[N_PARTS] = {0};
    size_t n_whole = n - n % N_PARTS;
    for (size_t i = 0; i < n_whole; i += N_PARTS)
        for (size_t k = 0; k < N_PARTS; k++)
            parts[k] += (double)gradient[i + k] * (double)gradient[i + k];
    for (size_t i = n_whole; i < n; i++)
        parts[i - n_whole] += (double)gradient[i] * (double)gradient[i];
    return sqrt(add_parts(parts));
}

void gradient_clip_values(size_t n, double limit, float *gradient)
{
    float most = (float)limit;
    for (size_t i = 0; i < n; i++) {
        float value = gradient[i];
        value = value > most ? most : value;
        gradient[i] = value < -most ? -most : value;
    }
}

void gradient_clip_norm(size_t n, double limit, double norm, float *gradient)
{
    double scale = limit / (norm + 1e-6);
    if (scale >= 1.0)
        return;
    for (size_t i = 0; i < n; i++)
        gradient[i] *= (float)scale;
}

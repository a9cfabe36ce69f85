#include "core/curvature.h"
#include "core/gradient.h"

#include <string.h>

/* The gradient at h along the direction from where it was held. */
static void find_along(const struct curvature *curvature, double h)
{
    for (size_t i = 0; i < curvature->n; i++)
        curvature->point[i] = (float)((double)curvature->held[i] +
                                      h * (double)curvature->direction[i]);
    curvature->find(curvature->self);
}

/* H v in `product`; v H v. */
static double multiply(const struct curvature *curvature, double h)
{
    double sum = 0.0;
    find_along(curvature, h);
    memcpy(curvature->product, curvature->gradient,
           curvature->n * sizeof *curvature->product);
    find_along(curvature, -h);
    for (size_t i = 0; i < curvature->n; i++) {
        double slope = ((double)curvature->product[i] -
                        (double)curvature->gradient[i]) /
                       (2.0 * h);
        curvature->product[i] = (float)slope;
        sum += slope * (double)curvature->direction[i];
    }
    return sum;
}

static void set_direction(const struct curvature *curvature,
                          const float *vector, double length)
{
    for (size_t i = 0; i < curvature->n; i++)
        curvature->direction[i] = (float)((double)vector[i] / length);
}

double curvature_largest(const struct curvature *curvature,
                         size_t n_iterations, double step)
{
    size_t n = curvature->n;
    double size = gradient_norm(n, curvature->point), found = 0.0;
    double length = gradient_norm(n, curvature->direction);
    memcpy(curvature->held, curvature->point, n * sizeof *curvature->held);
    set_direction(curvature, curvature->direction, length);
    for (size_t i = 0; i < n_iterations; i++) {
        found = multiply(curvature, size > 0 ? step * size : step);
        length = gradient_norm(n, curvature->product);
        if (length == 0.0)
            break;
        set_direction(curvature, curvature->product, length);
    }
    memcpy(curvature->point, curvature->held, n * sizeof *curvature->held);
    return found;
}

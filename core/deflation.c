#include "core/deflation.h"
#include "core/linalg.h"
#include "core/rng.h"
#include "core/spec.h"
#include "core/training.h"

#include <math.h>

/* none ---------------------------------------------------------------- */

static const struct deflation none = {
    .kind = {.name = "none", .doc = "gradients stay as they are",
             .cite = "standard", .later = true},
};

/* dominant ------------------------------------------------------------ */

struct dominant {
    double tolerance;
    size_t n_iterations;
};

/* The power iteration's start: the same for all, nearly orthogonal to no
 * vector that matters. */
static void start(size_t n, double *v)
{
    struct rng_stream stream = {0, RNG_DEFLATION, 0};
    for (size_t i = 0; i < n; i++)
        v[i] = 0.5 + rng_word(stream, i) * 0x1p-32;
}

static double norm_of(size_t n, const double *v)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i] * v[i];
    return sqrt(sum);
}

/* image = square v; rows are added, since sums in vectors would be in another
 * order. */
static void apply(size_t n, const float *square, const double *restrict v,
                  double *restrict image)
{
    for (size_t i = 0; i < n; i++)
        image[i] = 0;
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < n; i++)
            image[i] += v[k] * (double)square[k * n + i];
}

/* |image - (v image) v| over |image|: the sine of the angle between them, 0 for
 * an eigenvector. */
static double residual_of(size_t n, const double *v, const double *image)
{
    double along = 0, off = 0;
    for (size_t i = 0; i < n; i++)
        along += v[i] * image[i];
    for (size_t i = 0; i < n; i++)
        off += (image[i] - along * v[i]) * (image[i] - along * v[i]);
    return sqrt(off) / norm_of(n, image);
}

/* The unit vector v of the largest eigenvalue of a square, and its residual,
 * which can be larger than the tolerance if the iterations did not suffice: v
 * lies among the largest eigenvalues' vectors then. v is 0 if the square is. */
static double find_dominant(const struct dominant *dominant, size_t n,
                            const float *square, double *v, double *image)
{
    double residual = 0;
    start(n, v);
    double norm = norm_of(n, v);
    for (size_t i = 0; i < n; i++)
        v[i] /= norm;
    for (size_t k = 0; k < dominant->n_iterations; k++) {
        apply(n, square, v, image);
        norm = norm_of(n, image);
        bool is_something = norm > 0 && isfinite(norm);
        residual = is_something ? residual_of(n, v, image) : 0;
        for (size_t i = 0; i < n; i++)
            v[i] = is_something ? image[i] / norm : 0;
        if (residual <= dominant->tolerance)
            break;
    }
    return residual;
}

/* G - (G v) v', which is G - sigma u v' of its largest singular value. */
static void subtract(const struct deflated_matrix *matrix, const double *v)
{
    size_t n = matrix->n_columns;
    for (size_t i = 0; i < matrix->n_rows; i++) {
        float *restrict row = matrix->at + i * n;
        double along = 0;
        for (size_t k = 0; k < n; k++)
            along += (double)row[k] * v[k];
        for (size_t k = 0; k < n; k++)
            row[k] -= (float)(along * v[k]);
    }
}

static double deflate(const void *params, const struct deflated_matrix *matrix)
{
    size_t n = matrix->n_columns;
    struct matrix gradient = {matrix->at, n};
    linalg_product_left_transposed(n, n, matrix->n_rows, gradient, gradient,
                                   0.0f, matrix->square, n);
    double residual = find_dominant(params, n, matrix->square, matrix->vectors,
                                    matrix->vectors + n);
    subtract(matrix, matrix->vectors);
    return residual;
}

static const char *dominant_applies(const struct spec *spec)
{
    return spec->at[SPEC_TRAINING].kind == training_kind_dummy
               ? "training dummy has no gradients"
               : NULL;
}

static const struct row dominant_rows[] = {
    {.name = "tolerance", .unit = "1",
     .doc = "the power iteration ends when the residual of its eigenvector is below this share of "
            "the eigenvalue",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "0.001",
     .minimum = 1e-09, .maximum = 0.5,
     .offset = offsetof(struct dominant, tolerance)},
    {.name = "n_iterations", .unit = "1",
     .doc = "of the power iteration at most; the largest residual of an epoch is kept with the "
            "results",
     .type = ROW_COUNT, .fallback = "1000", .minimum = 1, .maximum = 1000000,
     .offset = offsetof(struct dominant, n_iterations)},
};

static const struct deflation dominant = {
    .kind = {.name = "dominant",
             .doc = "of every weight matrix' gradient its dominant singular component is "
                    "subtracted: G - sigma_1 u_1 v_1'",
             .cite = "DEP (arXiv 2505.11134; DSD, ICLR 2026), method: after "
                     "the backward pass, before the optimizer",
             .rows = dominant_rows,
             .n_rows = KIND_COUNT(dominant_rows),
             .params_size = sizeof(struct dominant),
             .applies = dominant_applies},
    .change = deflate,
};

/* table of contents --------------------------------------------------- */

static const struct kind *const kinds[] = {&none.kind, &dominant.kind};

const struct axis deflation_axis = {
    "deflation", "what becomes of gradients before the optimizer's step", kinds,
    KIND_COUNT(kinds), "none"};

const struct deflation *deflation_of(const struct kind *kind)
{
    return (const struct deflation *)kind;
}

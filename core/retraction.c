#include "core/retraction.h"
#include "core/linalg.h"
#include "core/spec.h"
#include "core/training.h"

/* none ---------------------------------------------------------------- */

static const struct retraction none = {
    .kind = {.name = "none", .doc = "weights stay as the optimizer left them",
             .cite = "standard", .later = true},
};

/* parseval ------------------------------------------------------------ */

struct parseval {
    double beta, share;
    size_t share_from;
};

/* The outputs that are retracted, in the order of a permutation: all, or of
 * large linear layers a random share. */
static size_t choose(const struct parseval *parseval,
                     const struct retracted *matrix)
{
    size_t n = matrix->n_columns;
    for (size_t i = 0; i < n; i++)
        matrix->order[i] = (uint32_t)i;
    if (!matrix->is_linear || n < parseval->share_from)
        return n;
    rng_permute(matrix->stream, n, matrix->order);
    size_t n_some = (size_t)(parseval->share * (double)n);
    return n_some > 0 ? n_some : 1;
}

static void gather(const struct retracted *matrix, size_t n)
{
    for (size_t i = 0; i < matrix->n_rows; i++)
        for (size_t k = 0; k < n; k++)
            matrix->some[i * n + k] =
                matrix->at[i * matrix->n_columns + matrix->order[k]];
}

/* From W W' to (1 + beta) - beta W W'. */
static void turn_square(float *square, size_t n, float beta)
{
    for (size_t i = 0; i < n * n; i++)
        square[i] *= -beta;
    for (size_t i = 0; i < n; i++)
        square[i * n + i] += 1 + beta;
}

static void scatter(const struct retracted *matrix, size_t n)
{
    for (size_t i = 0; i < matrix->n_rows; i++)
        for (size_t k = 0; k < n; k++)
            matrix->at[i * matrix->n_columns + matrix->order[k]] =
                matrix->image[i * n + k];
}

/* W <- (1 + beta) W - beta W W' W, transposed: W' ((1 + beta) - beta W W'). */
static void parseval_retract(const void *params, const struct retracted *matrix)
{
    enum { TILE = 256 }; /* rows that linalg_product likes */
    const struct parseval *parseval = params;
    size_t n = choose(parseval, matrix), n_rows = matrix->n_rows;
    struct matrix some = {matrix->some, n}, square = {matrix->square, n};
    gather(matrix, n);
    linalg_product_left_transposed(n, n, n_rows, some, some, 0.0f,
                                   matrix->square, n);
    turn_square(matrix->square, n, (float)parseval->beta);
    for (size_t i = 0; i < n_rows; i += TILE)
        linalg_product(n_rows - i < TILE ? n_rows - i : TILE, n, n,
                       (struct matrix){some.at + i * n, n}, square, 0.0f,
                       matrix->image + i * n, n);
    scatter(matrix, n);
}

static const char *parseval_applies(const struct spec *spec)
{
    return spec->at[SPEC_TRAINING].kind == training_kind_dummy
               ? "training dummy has no weights"
               : NULL;
}

static const struct row parseval_rows[] = {
    {.name = "beta", .unit = "1", .doc = "how far a step goes towards orthogonal rows",
     .type = ROW_REAL, .scale = SCALE_LOG, .fallback = "0.0005", .minimum = 0,
     .maximum = 0.5, .offset = offsetof(struct parseval, beta)},
    {.name = "share", .unit = "1",
     .doc = "of the outputs of a large linear layer that a step takes, drawn anew each time",
     .type = ROW_REAL, .fallback = "0.3", .minimum = 0.001, .maximum = 1,
     .offset = offsetof(struct parseval, share)},
    {.name = "share_from", .unit = "1",
     .doc = "outputs from which on a linear layer is large", .type = ROW_COUNT,
     .fallback = "200", .minimum = 1, .maximum = 1000000,
     .offset = offsetof(struct parseval, share_from)},
};

static const struct retraction parseval = {
    .kind = {.name = "parseval",
             .doc = "a step towards orthonormal rows, W <- (1 + beta) W - beta W W' W, a row an "
                    "output, of every operation and the read-out; use it with weight decay 0",
             .cite = "Cisse et al., ICML 2017 (Parseval networks, arXiv "
                     "1704.08847), eq. 7; shares as in SNN-RAT, Ding et al., "
                     "NeurIPS 2022",
             .rows = parseval_rows,
             .n_rows = KIND_COUNT(parseval_rows),
             .params_size = sizeof(struct parseval),
             .applies = parseval_applies},
    .retract = parseval_retract,
};

/* table of contents --------------------------------------------------- */

static const struct kind *const kinds[] = {&none.kind, &parseval.kind};

const struct axis retraction_axis = {
    "retraction", "what is done to the weights after the optimizer's step",
    kinds, KIND_COUNT(kinds), "none"};

const struct retraction *retraction_of(const struct kind *kind)
{
    return (const struct retraction *)kind;
}

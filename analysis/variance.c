#include "analysis/variance.h"
#include "analysis/distribution.h"
#include "core/status.h"

#include <math.h>
#include <string.h>

/* The model is a table of columns, 0 or 1 for each value: one for each level of
 * a factor, one for each pair of levels. Only their products are kept, among
 * themselves and with the values; columns that say nothing new fall out when
 * they are eliminated. */
struct model {
    size_t n_factors, n_terms, n_columns;
    const struct variance_factor *factors;
    struct variance_term *terms;
    size_t *starts;   /* [n_terms + 1] columns of each term */
    double *products; /* [n_columns + 2]^2: columns, 1, the value */
};

static size_t count_levels(const struct variance_factor *factor)
{
    return factor->n + 1; /* one for those without a level */
}

static size_t level_of(const struct variance_factor *factor, size_t i)
{
    return factor->of[i] < 0 ? factor->n : (size_t)factor->of[i];
}

static size_t count_columns(const struct model *model,
                            const struct variance_term *term)
{
    size_t n = count_levels(&model->factors[term->a]);
    return term->b == term->a ? n
                              : n * count_levels(&model->factors[term->b]);
}

static void add_term(struct model *model, size_t a, size_t b)
{
    struct variance_term *term = &model->terms[model->n_terms];
    *term = (struct variance_term){.a = a, .b = b};
    model->starts[model->n_terms++] = model->n_columns;
    model->n_columns += count_columns(model, term);
    model->starts[model->n_terms] = model->n_columns;
}

static struct model lay_out(const struct variance_factor *factors, size_t n,
                            bool pairs, struct arena *arena)
{
    size_t n_most = n + n * n;
    struct model model = {
        .n_factors = n,
        .factors = factors,
        .terms = ARENA_ARRAY(arena, struct variance_term, n_most + 1),
        .starts = ARENA_ARRAY(arena, size_t, n_most + 2),
    };
    for (size_t a = 0; a < n; a++)
        add_term(&model, a, a);
    for (size_t a = 0; pairs && a < n; a++)
        for (size_t b = a + 1; b < n; b++)
            add_term(&model, a, b);
    return model;
}

/* products ------------------------------------------------------------ */

/* The columns in which value i has a 1. */
static void find_columns(const struct model *model, size_t i, size_t *columns)
{
    for (size_t t = 0; t < model->n_terms; t++) {
        const struct variance_term *term = &model->terms[t];
        size_t at = level_of(&model->factors[term->a], i);
        if (term->b != term->a)
            at = at * count_levels(&model->factors[term->b]) +
                 level_of(&model->factors[term->b], i);
        columns[t] = model->starts[t] + at;
    }
}

/* `mean` is taken off first: sums of squares keep their digits. */
static void add_up(struct model *model, const double *values, size_t n_values,
                   double mean, struct arena *arena)
{
    size_t n = model->n_columns + 2;
    size_t *columns = ARENA_ARRAY(arena, size_t, model->n_terms + 2);
    double *sums = model->products = ARENA_ARRAY(arena, double, n * n);
    for (size_t i = 0; i < n_values; i++) {
        if (isnan(values[i]))
            continue;
        double value = values[i] - mean;
        find_columns(model, i, columns);
        columns[model->n_terms] = n - 2;
        for (size_t j = 0; j <= model->n_terms; j++) {
            for (size_t k = 0; k <= model->n_terms; k++)
                sums[columns[j] * n + columns[k]] += 1;
            sums[columns[j] * n + n - 1] += value;
            sums[(n - 1) * n + columns[j]] += value;
        }
        sums[n * n - 1] += value * value;
    }
}

/* elimination --------------------------------------------------------- */

/* Sums of products of what columns leave of each other; those that were
 * eliminated explain what they can. */
struct elimination {
    size_t n;
    double *sums;
    const double *first; /* the sums as they were */
};

/* False if the column says nothing beyond those before it. */
static bool eliminate(struct elimination *at, size_t column)
{
    static const double nothing = 1e-9; /* of the column's own square */
    size_t n = at->n;
    double *row = at->sums + column * n, pivot = row[column];
    if (!(pivot > nothing * at->first[column * n + column]))
        return false;
    for (size_t i = 0; i < n; i++) {
        double factor = at->sums[i * n + column] / pivot;
        if (i == column || factor == 0)
            continue;
        for (size_t k = 0; k < n; k++)
            at->sums[i * n + k] -= factor * row[k];
    }
    for (size_t k = 0; k < n; k++)
        row[k] = 0;
    return true;
}

static size_t eliminate_term(struct elimination *at, const struct model *model,
                             size_t term)
{
    size_t n = 0;
    for (size_t c = model->starts[term]; c < model->starts[term + 1]; c++)
        n += eliminate(at, c);
    return n;
}

static double left(const struct elimination *at)
{
    return fmax(at->sums[at->n * at->n - 1], 0);
}

static struct elimination begin(const struct model *model, struct arena *arena)
{
    size_t n = model->n_columns + 2;
    struct elimination at = {
        .n = n,
        .sums = ARENA_ARRAY(arena, double, n * n),
        .first = model->products,
    };
    memcpy(at.sums, model->products, n * n * sizeof *at.sums);
    eliminate(&at, n - 2); /* the mean */
    return at;
}

/* sums of squares ----------------------------------------------------- */

static bool contains(const struct variance_term *outer,
                     const struct variance_term *inner)
{
    return outer->a != outer->b && inner->a == inner->b &&
           (outer->a == inner->a || outer->b == inner->a);
}

/* What a term adds to all others that do not contain it. */
static void measure_term(const struct model *model, size_t i)
{
    struct arena arena = arena_open();
    struct elimination at = begin(model, &arena);
    struct variance_term *term = &model->terms[i];
    for (size_t k = 0; k < model->n_terms; k++)
        if (k != i && !contains(&model->terms[k], term))
            eliminate_term(&at, model, k);
    double before = left(&at);
    term->df = eliminate_term(&at, model, i);
    term->sum_squares = term->df ? fmax(before - left(&at), 0) : 0;
    arena_close(&arena);
}

/* Of the whole model; the degrees of freedom that it takes. */
static size_t measure_error(const struct model *model, double *error)
{
    struct arena arena = arena_open();
    struct elimination at = begin(model, &arena);
    size_t n = 1;
    for (size_t k = 0; k < model->n_terms; k++)
        n += eliminate_term(&at, model, k);
    *error = left(&at);
    arena_close(&arena);
    return n;
}

static void judge_term(const struct variance *variance,
                       struct variance_term *term)
{
    double df = (double)term->df, sum = term->sum_squares;
    double df_error = (double)variance->df_error;
    double mean_error = variance->error / df_error;
    bool has_error = variance->df_error > 0 && term->df > 0;
    term->eta = sum / variance->total;
    term->eta_partial = sum / (sum + variance->error);
    term->f = term->p = term->omega = NAN;
    if (!has_error)
        return;
    term->omega = (sum - df * mean_error) / (variance->total + mean_error);
    term->f = sum / df / mean_error;
    term->p = distribution_f_above(term->f, df, df_error);
}

static void count_values(struct variance *variance, const double *values,
                         size_t n)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i])) {
            variance->n++;
            sum += values[i];
        }
    variance->mean = sum / (double)variance->n;
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i]))
            squares += (values[i] - variance->mean) *
                       (values[i] - variance->mean);
    variance->total = squares;
}

static struct model make_model(const struct variance *variance,
                               const double *values, size_t n_values,
                               const struct variance_factor *factors,
                               size_t n_factors, bool pairs,
                               struct arena *arena)
{
    struct model model = lay_out(factors, n_factors, pairs, arena);
    add_up(&model, values, n_values, variance->mean, arena);
    return model;
}

/* Rounding of values near 1 leaves so much of what is explained. */
static double without_rounding(const struct variance *variance)
{
    return variance->error > 1e-12 * variance->total ? variance->error : 0;
}

struct variance variance_analyze(const double *values, size_t n_values,
                                 const struct variance_factor *factors,
                                 size_t n_factors, struct arena *arena)
{
    struct variance found = {0};
    count_values(&found, values, n_values);
    size_t n_columns = lay_out(factors, n_factors, true, arena).n_columns;
    found.has_pairs = n_factors > 1 && n_columns <= VARIANCE_COLUMNS_MAX;
    struct model model = make_model(&found, values, n_values, factors,
                                    n_factors, found.has_pairs, arena);
    size_t n_taken = measure_error(&model, &found.error);
    if (found.has_pairs && n_taken >= found.n) {
        found.has_pairs = false;
        model = make_model(&found, values, n_values, factors, n_factors, false,
                           arena);
        n_taken = measure_error(&model, &found.error);
    }
    found.df_error = found.n > n_taken ? found.n - n_taken : 0;
    found.error = found.df_error ? without_rounding(&found) : 0;
    for (size_t i = 0; i < model.n_terms; i++) {
        measure_term(&model, i);
        judge_term(&found, &model.terms[i]);
    }
    found.n_terms = model.n_terms;
    found.terms = model.terms;
    return found;
}

struct variance_level variance_level(const struct variance *variance,
                                     const double *values, size_t n_values,
                                     const struct variance_factor *factor,
                                     int32_t level, double confidence)
{
    struct variance_level found = {0, NAN, NAN, NAN};
    double sum = 0, df = (double)variance->df_error;
    for (size_t i = 0; i < n_values; i++)
        if (!isnan(values[i]) && factor->of[i] == level) {
            sum += values[i];
            found.n++;
        }
    if (found.n == 0)
        return found;
    found.mean = sum / (double)found.n;
    double half = distribution_t_quantile(0.5 + 0.5 * confidence, df) *
                  sqrt(variance->error / df / (double)found.n);
    found.low = found.mean - half;
    found.high = found.mean + half;
    return found;
}

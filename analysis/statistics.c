#include "analysis/distribution.h"
#include "analysis/statistics_parts.h"
#include "core/arena.h"

#include <math.h>
#include <stdlib.h>

static const double closeness = 1e-9; /* of the largest magnitude */

/* values -------------------------------------------------------------- */

struct values statistics_take(const double *x, const double *y, size_t n,
                              double *room)
{
    struct values values = {0, room, 0};
    double largest = 0;
    for (size_t i = 0; i < n; i++) {
        double other = y ? y[i] : 0;
        if (isnan(x[i]) || isnan(other))
            continue;
        values.at[values.n++] = x[i] - other;
        largest = fmax(largest, fmax(fabs(x[i]), fabs(other)));
    }
    values.close = closeness * largest;
    return values;
}

double statistics_average(const struct values *values)
{
    double sum = 0;
    for (size_t i = 0; i < values->n; i++)
        sum += values->at[i];
    return values->n ? sum / (double)values->n : NAN;
}

double statistics_product(const struct values *x, const struct values *y)
{
    double mean_x = statistics_average(x), mean_y = statistics_average(y);
    double sum = 0;
    for (size_t i = 0; i < x->n; i++)
        sum += (x->at[i] - mean_x) * (y->at[i] - mean_y);
    return sum;
}

/* means --------------------------------------------------------------- */

static struct estimate estimate_mean(const struct values *values, double level)
{
    double n = (double)values->n;
    struct estimate estimate = {values->n, statistics_average(values), NAN,
                                NAN, NAN};
    if (values->n < 2)
        return estimate;
    estimate.deviation = sqrt(statistics_product(values, values) / (n - 1));
    double half = distribution_t_quantile(0.5 + 0.5 * level, n - 1) *
                  estimate.deviation / sqrt(n);
    estimate.low = estimate.mean - half;
    estimate.high = estimate.mean + half;
    return estimate;
}

struct estimate statistics_difference(const double *a, const double *b,
                                      size_t n, double level)
{
    struct arena arena = arena_open();
    struct values values =
        statistics_take(a, b, n, ARENA_ARRAY(&arena, double, n + 1));
    struct estimate estimate = estimate_mean(&values, level);
    arena_close(&arena);
    return estimate;
}

struct estimate statistics_mean(const double *x, size_t n, double level)
{
    return statistics_difference(x, NULL, n, level);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double interpolate(const struct values *sorted, double share)
{
    if (sorted->n == 0 || !(share >= 0) || !(share <= 1))
        return NAN;
    double place = share * (double)(sorted->n - 1), below = floor(place);
    const double *at = sorted->at + (size_t)below;
    return place > below ? at[0] + (place - below) * (at[1] - at[0]) : at[0];
}

double statistics_quantile(const double *x, size_t n, double share)
{
    struct arena arena = arena_open();
    struct values values =
        statistics_take(x, NULL, n, ARENA_ARRAY(&arena, double, n + 1));
    qsort(values.at, values.n, sizeof *values.at, by_value);
    double value = interpolate(&values, share);
    arena_close(&arena);
    return value;
}

/* Student's test ------------------------------------------------------ */

static bool all_close(const struct values *values)
{
    for (size_t i = 1; i < values->n; i++)
        if (fabs(values->at[i] - values->at[0]) > values->close)
            return false;
    return true;
}

static struct significance test_mean(const struct values *values)
{
    struct significance found = {values->n, NAN, NAN, true};
    if (values->n < 2 || all_close(values))
        return found;
    struct estimate estimate = estimate_mean(values, 0.95);
    double n = (double)values->n;
    found.statistic = estimate.mean / (estimate.deviation / sqrt(n));
    found.p = distribution_t_beyond(found.statistic, n - 1);
    return found;
}

struct significance statistics_t_test(const double *a, const double *b,
                                      size_t n)
{
    struct arena arena = arena_open();
    struct values values =
        statistics_take(a, b, n, ARENA_ARRAY(&arena, double, n + 1));
    struct significance found = test_mean(&values);
    arena_close(&arena);
    return found;
}

/* many comparisons ---------------------------------------------------- */

struct finding_p {
    double p;
    size_t i;
};

static int by_p(const void *a, const void *b)
{
    const struct finding_p *x = a, *y = b;
    int order = (x->p > y->p) - (x->p < y->p);
    return order ? order : (x->i > y->i) - (x->i < y->i);
}

static size_t sort_p(const double *p, size_t n, struct finding_p *sorted)
{
    size_t n_known = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(p[i]))
            sorted[n_known++] = (struct finding_p){p[i], i};
    qsort(sorted, n_known, sizeof *sorted, by_p);
    return n_known;
}

void statistics_holm(const double *p, size_t n, double *adjusted)
{
    struct arena arena = arena_open();
    struct finding_p *sorted = ARENA_ARRAY(&arena, struct finding_p, n + 1);
    size_t n_known = sort_p(p, n, sorted);
    for (size_t i = 0; i < n; i++)
        adjusted[i] = NAN;
    double largest = 0;
    for (size_t i = 0; i < n_known; i++) {
        largest = fmax(largest, sorted[i].p * (double)(n_known - i));
        adjusted[sorted[i].i] = fmin(largest, 1);
    }
    arena_close(&arena);
}

void statistics_benjamini_hochberg(const double *p, size_t n,
                                   double *adjusted)
{
    struct arena arena = arena_open();
    struct finding_p *sorted = ARENA_ARRAY(&arena, struct finding_p, n + 1);
    size_t n_known = sort_p(p, n, sorted);
    for (size_t i = 0; i < n; i++)
        adjusted[i] = NAN;
    double smallest = 1;
    for (size_t i = n_known; i-- > 0;) {
        smallest =
            fmin(smallest, sorted[i].p * (double)n_known / (double)(i + 1));
        adjusted[sorted[i].i] = smallest;
    }
    arena_close(&arena);
}

#include "analysis/distribution.h"
#include "analysis/statistics_parts.h"
#include "core/arena.h"
#include "core/status.h"

#include <math.h>

/* Pairs of which none is missing, with the group of each. */
struct pairs {
    struct values x, y;
    size_t *group;
};

static struct pairs take_pairs(const double *x, const double *y,
                               const size_t *group, size_t n,
                               struct arena *arena)
{
    double *known_x = ARENA_ARRAY(arena, double, n + 1);
    double *known_y = ARENA_ARRAY(arena, double, n + 1);
    size_t *known_group = ARENA_ARRAY(arena, size_t, n + 1), n_known = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(x[i]) || isnan(y[i]))
            continue;
        known_x[n_known] = x[i];
        known_y[n_known] = y[i];
        known_group[n_known++] = group ? group[i] : 0;
    }
    return (struct pairs){statistics_take(known_x, NULL, n_known, known_x),
                          statistics_take(known_y, NULL, n_known, known_y),
                          known_group};
}

/* A coefficient with its test and interval. `n_lost`: degrees of freedom that
 * went to other means than the two; `widening`: z's variance times the
 * (n - n_lost - 3) that it would be 1 of for normal values. */
static struct correlation judge(size_t n, size_t n_lost, double r,
                                double widening, double level)
{
    struct correlation found = {n, r, NAN, NAN, NAN};
    double df = (double)n - (double)n_lost - 2;
    if (isnan(r) || df < 1)
        return (struct correlation){n, NAN, NAN, NAN, NAN};
    double rest = fmax((1 - r) * (1 + r), 0);
    found.p = distribution_t_beyond(r * sqrt(df / rest), df);
    if (df < 2)
        return found;
    double half = distribution_normal_quantile(0.5 + 0.5 * level) *
                  sqrt(widening / (df - 1));
    found.low = tanh(atanh(r) - half);
    found.high = tanh(atanh(r) + half);
    return found;
}

static bool varies(const struct values *values)
{
    for (size_t i = 1; i < values->n; i++)
        if (fabs(values->at[i] - values->at[0]) > values->close)
            return true;
    return false;
}

static double correlate(const struct values *x, const struct values *y)
{
    if (!varies(x) || !varies(y))
        return NAN;
    double r = statistics_product(x, y) / sqrt(statistics_product(x, x)) /
               sqrt(statistics_product(y, y));
    return fmax(-1, fmin(r, 1));
}

struct correlation statistics_pearson(const double *x, const double *y,
                                      size_t n, double level)
{
    struct arena arena = arena_open();
    struct pairs pairs = take_pairs(x, y, NULL, n, &arena);
    double r = correlate(&pairs.x, &pairs.y);
    arena_close(&arena);
    return judge(pairs.x.n, 0, r, 1, level);
}

/* The two most extreme of the orders in which n ranks may stand, as their log:
 * no test by ranks is more certain, whatever t says of so few. */
static double log_least(size_t n)
{
    int sign;
    return -lgamma_r((double)n + 1, &sign);
}

static struct correlation limit(struct correlation found, double log_least_p)
{
    double least = fmin(2 * exp(log_least_p), 1);
    if (found.p < least)
        found.p = least;
    return found;
}

static void rank_both(struct pairs *pairs, struct arena *arena)
{
    double *x = ARENA_ARRAY(arena, double, pairs->x.n + 1);
    double *y = ARENA_ARRAY(arena, double, pairs->y.n + 1);
    statistics_rank_close(&pairs->x, x);
    statistics_rank_close(&pairs->y, y);
    pairs->x = (struct values){pairs->x.n, x, 0};
    pairs->y = (struct values){pairs->y.n, y, 0};
}

struct correlation statistics_spearman(const double *x, const double *y,
                                       size_t n, double level)
{
    struct arena arena = arena_open();
    struct pairs pairs = take_pairs(x, y, NULL, n, &arena);
    rank_both(&pairs, &arena);
    double r = correlate(&pairs.x, &pairs.y);
    arena_close(&arena);
    return limit(judge(pairs.x.n, 0, r, 1 + r * r / 2, level),
                 log_least(pairs.x.n));
}

/* within groups ------------------------------------------------------- */

/* The pairs of one group after the other; `starts` has n_groups + 1. */
static struct pairs sort_by_group(const struct pairs *pairs, size_t n_groups,
                                  size_t *starts, struct arena *arena)
{
    size_t n = pairs->x.n, *next = ARENA_ARRAY(arena, size_t, n_groups + 1);
    struct pairs sorted = *pairs;
    sorted.x.at = ARENA_ARRAY(arena, double, n + 1);
    sorted.y.at = ARENA_ARRAY(arena, double, n + 1);
    for (size_t i = 0; i < n; i++) {
        MUST(pairs->group[i] < n_groups);
        starts[pairs->group[i] + 1]++;
    }
    for (size_t g = 0; g < n_groups; g++)
        starts[g + 1] += starts[g];
    for (size_t g = 0; g < n_groups; g++)
        next[g] = starts[g];
    for (size_t i = 0; i < n; i++) {
        size_t to = next[pairs->group[i]]++;
        sorted.x.at[to] = pairs->x.at[i];
        sorted.y.at[to] = pairs->y.at[i];
    }
    return sorted;
}

static void centre(struct values *values)
{
    double mean = statistics_average(values);
    for (size_t i = 0; i < values->n; i++)
        values->at[i] -= mean;
}

/* One group's pairs, their averages taken off, to the end of `all`. */
static void add_group(struct pairs *all, const struct pairs *sorted,
                      size_t start, size_t end, bool by_ranks)
{
    struct arena arena = arena_open();
    struct pairs one = *sorted;
    one.x.n = one.y.n = end - start;
    one.x.at += start;
    one.y.at += start;
    if (by_ranks)
        rank_both(&one, &arena);
    centre(&one.x);
    centre(&one.y);
    for (size_t i = 0; i < one.x.n; i++) {
        all->x.at[all->x.n++] = one.x.at[i];
        all->y.at[all->y.n++] = one.y.at[i];
    }
    arena_close(&arena);
}

struct correlation statistics_within(const double *x, const double *y,
                                     const size_t *group, size_t n,
                                     size_t n_groups, bool by_ranks,
                                     double level)
{
    struct arena arena = arena_open();
    size_t *starts = ARENA_ARRAY(&arena, size_t, n_groups + 2), n_counted = 0;
    struct pairs pairs = take_pairs(x, y, group, n, &arena);
    struct pairs sorted = sort_by_group(&pairs, n_groups, starts, &arena);
    double log_p = 0;
    pairs.x.n = pairs.y.n = 0;
    if (by_ranks)
        pairs.x.close = pairs.y.close = 0;
    for (size_t g = 0; g < n_groups; g++) {
        if (starts[g + 1] - starts[g] < 2)
            continue;
        n_counted++;
        log_p += log_least(starts[g + 1] - starts[g]);
        add_group(&pairs, &sorted, starts[g], starts[g + 1], by_ranks);
    }
    double r = correlate(&pairs.x, &pairs.y);
    arena_close(&arena);
    struct correlation found =
        judge(pairs.x.n, n_counted ? n_counted - 1 : 0, r,
              by_ranks ? 1 + r * r / 2 : 1, level);
    return by_ranks ? limit(found, log_p) : found;
}

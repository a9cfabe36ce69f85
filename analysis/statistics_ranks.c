#include "analysis/distribution.h"
#include "analysis/statistics_parts.h"
#include "core/arena.h"

#include <math.h>
#include <stdlib.h>

/* ranks --------------------------------------------------------------- */

struct place {
    double value;
    size_t i;
};

static int by_value(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    int order = (x->value > y->value) - (x->value < y->value);
    return order ? order : (x->i > y->i) - (x->i < y->i);
}

static size_t tie_end(const struct place *places, size_t n, size_t start,
                      double close)
{
    size_t end = start + 1;
    while (end < n && places[end].value - places[end - 1].value <= close)
        end++;
    return end;
}

double statistics_rank_close(const struct values *values, double *ranks)
{
    struct arena arena = arena_open();
    size_t n = values->n;
    struct place *places = ARENA_ARRAY(&arena, struct place, n + 1);
    for (size_t i = 0; i < n; i++)
        places[i] = (struct place){values->at[i], i};
    qsort(places, n, sizeof *places, by_value);
    double ties = 0;
    for (size_t i = 0, end; i < n; i = end) {
        end = tie_end(places, n, i, values->close);
        double n_tied = (double)(end - i);
        ties += n_tied * n_tied * n_tied - n_tied;
        for (size_t j = i; j < end; j++)
            ranks[places[j].i] = 0.5 * (double)(i + 1 + end);
    }
    arena_close(&arena);
    return ties;
}

void statistics_rank(const double *x, size_t n, double *ranks)
{
    struct arena arena = arena_open();
    struct values values =
        statistics_take(x, NULL, n, ARENA_ARRAY(&arena, double, n + 1));
    statistics_rank_close(&values, ranks);
    arena_close(&arena);
}

/* signed ranks -------------------------------------------------------- */

/* Differences that are not 0, with the ranks of their magnitudes. */
struct signed_ranks {
    size_t n;
    double *ranks, *differences;
    double ties; /* the sum of t^3 - t */
};

static struct signed_ranks rank_signed(struct values differences,
                                       struct arena *arena)
{
    size_t n = 0;
    double *magnitudes = ARENA_ARRAY(arena, double, differences.n + 1);
    for (size_t i = 0; i < differences.n; i++) {
        if (fabs(differences.at[i]) <= differences.close)
            continue;
        magnitudes[n] = fabs(differences.at[i]);
        differences.at[n++] = differences.at[i];
    }
    struct values known = {n, magnitudes, differences.close};
    struct signed_ranks signed_ranks = {
        n, ARENA_ARRAY(arena, double, n + 1), differences.at, 0};
    signed_ranks.ties = statistics_rank_close(&known, signed_ranks.ranks);
    return signed_ranks;
}

static double sum_positive(const struct signed_ranks *at)
{
    double sum = 0;
    for (size_t i = 0; i < at->n; i++)
        sum += at->differences[i] > 0 ? at->ranks[i] : 0;
    return sum;
}

/* chances[s]: that positive ranks, doubled to be whole, add up to s, with each
 * sign as likely as the other. Returns the largest s. */
static size_t find_chances(const struct signed_ranks *at, double *chances)
{
    size_t top = 0;
    chances[0] = 1;
    for (size_t i = 0; i < at->n; i++) {
        size_t rank = (size_t)(2 * at->ranks[i]);
        for (size_t s = top + 1; s <= top + rank; s++)
            chances[s] = 0;
        top += rank;
        for (size_t s = top + 1; s-- > 0;)
            chances[s] =
                0.5 * (chances[s] + (s >= rank ? chances[s - rank] : 0));
    }
    return top;
}

static double find_exactly(const struct signed_ranks *at, double sum,
                           struct arena *arena)
{
    double *chances = ARENA_ARRAY(arena, double, at->n * (at->n + 1) + 1);
    size_t top = find_chances(at, chances), seen = (size_t)(2 * sum);
    double below = 0, above = 0;
    for (size_t s = 0; s <= seen; s++)
        below += chances[s];
    for (size_t s = top + 1; s-- > seen;)
        above += chances[s];
    return fmin(1, 2 * fmin(below, above));
}

static double find_nearly(const struct signed_ranks *at, double sum)
{
    double n = (double)at->n, mean = n * (n + 1) / 4;
    double variance = n * (n + 1) * (2 * n + 1) / 24 - at->ties / 48;
    double distance = fmax(fabs(sum - mean) - 0.5, 0);
    return 2 * distribution_normal_above(distance / sqrt(variance));
}

struct significance statistics_wilcoxon(const double *a, const double *b,
                                        size_t n)
{
    struct arena arena = arena_open();
    struct values differences =
        statistics_take(a, b, n, ARENA_ARRAY(&arena, double, n + 1));
    struct signed_ranks at = rank_signed(differences, &arena);
    double sum = sum_positive(&at);
    bool exact = at.n <= STATISTICS_WILCOXON_EXACT;
    double p = exact ? find_exactly(&at, sum, &arena) : find_nearly(&at, sum);
    arena_close(&arena);
    return (struct significance){at.n, sum, p, exact};
}

/* analysis/statistics.c and analysis/distribution.c against SciPy, mpmath and
 * enumeration: tests/oracle/statistics.py, which says how the numbers are made,
 * and tests/oracle/statistics.txt. */
#include "analysis/distribution.h"
#include "analysis/statistics.h"
#include "tests/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_MAX = 400 };

/* A line's numbers, taken one after the other. */
struct line {
    char name[32];
    double at[N_MAX];
    size_t n, i;
    double slack; /* beyond a relative error of 1e-11 */
};

static double take(struct line *line)
{
    assert_true(line->i < line->n);
    return line->at[line->i++];
}

static const double *take_many(struct line *line, size_t n)
{
    assert_true(line->i + n <= line->n);
    line->i += n;
    return line->at + line->i - n;
}

static size_t take_count(struct line *line)
{
    return (size_t)take(line);
}

/* What is left on the line are these values. */
static void expect(struct line *line, size_t n, const double *found)
{
    for (size_t i = 0; i < n; i++) {
        double wanted = take(line), most = 1e-11 * fabs(wanted) + line->slack;
        if (!(fabs(found[i] - wanted) <= most))
            fail_msg("%s: %.17g instead of %.17g (value %zu)", line->name,
                     found[i], wanted, line->i);
    }
    assert_int_equal(line->i, line->n);
}

#define EXPECT(line, ...)                                                      \
    expect(line, sizeof((double[]){__VA_ARGS__}) / sizeof(double),             \
           (double[]){__VA_ARGS__})

/* distributions ------------------------------------------------------- */

static void check_beta(struct line *line)
{
    double a = take(line), b = take(line), x = take(line);
    EXPECT(line, distribution_beta(a, b, x));
}

static void check_t(struct line *line)
{
    double t = take(line), df = take(line);
    EXPECT(line, distribution_t_beyond(t, df));
}

static void check_t_quantile(struct line *line)
{
    double p = take(line), df = take(line);
    EXPECT(line, distribution_t_quantile(p, df));
}

static void check_f(struct line *line)
{
    double f = take(line), above = take(line), below = take(line);
    EXPECT(line, distribution_f_above(f, above, below));
}

static void check_normal(struct line *line)
{
    double z = take(line);
    EXPECT(line, distribution_normal_above(z));
}

static void check_normal_quantile(struct line *line)
{
    double p = take(line);
    EXPECT(line, distribution_normal_quantile(p));
}

/* statistics ---------------------------------------------------------- */

static void check_mean(struct line *line)
{
    double level = take(line);
    size_t n = take_count(line);
    struct estimate found = statistics_mean(take_many(line, n), n, level);
    assert_int_equal(found.n, n);
    EXPECT(line, found.mean, found.deviation, found.low, found.high);
}

static void check_quantile(struct line *line)
{
    double share = take(line);
    size_t n = take_count(line);
    EXPECT(line, statistics_quantile(take_many(line, n), n, share));
}

static void check_t_test(struct line *line)
{
    size_t n = take_count(line);
    const double *a = take_many(line, n), *b = take_many(line, n);
    struct significance found = statistics_t_test(a, b, n);
    EXPECT(line, found.statistic, found.p);
}

static void check_wilcoxon(struct line *line)
{
    size_t n = take_count(line);
    const double *a = take_many(line, n), *b = take_many(line, n);
    struct significance found = statistics_wilcoxon(a, b, n);
    EXPECT(line, found.statistic, found.p, found.exact);
}

static void check_holm(struct line *line)
{
    size_t n = take_count(line);
    double adjusted[N_MAX];
    statistics_holm(take_many(line, n), n, adjusted);
    expect(line, n, adjusted);
}

static void check_bh(struct line *line)
{
    size_t n = take_count(line);
    double adjusted[N_MAX];
    statistics_benjamini_hochberg(take_many(line, n), n, adjusted);
    expect(line, n, adjusted);
}

static void check_pearson(struct line *line)
{
    double level = take(line);
    size_t n = take_count(line);
    const double *x = take_many(line, n), *y = take_many(line, n);
    struct correlation found = statistics_pearson(x, y, n, level);
    EXPECT(line, found.r, found.p, found.low, found.high);
}

static void check_spearman(struct line *line)
{
    double level = take(line);
    size_t n = take_count(line);
    const double *x = take_many(line, n), *y = take_many(line, n);
    struct correlation found = statistics_spearman(x, y, n, level);
    EXPECT(line, found.r, found.p, found.low, found.high);
}

static void check_within(struct line *line)
{
    bool by_ranks = take(line) != 0;
    size_t n = take_count(line), n_groups = take_count(line);
    size_t group[N_MAX];
    for (size_t i = 0; i < n; i++)
        group[i] = take_count(line);
    const double *x = take_many(line, n), *y = take_many(line, n);
    struct correlation found =
        statistics_within(x, y, group, n, n_groups, by_ranks, 0.95);
    assert_int_equal(found.n, n);
    EXPECT(line, found.r, found.p, found.low, found.high);
}

/* the file ------------------------------------------------------------ */

static const struct {
    const char *name;
    void (*check)(struct line *line);
    size_t n;     /* lines there are of it */
    double slack; /* tails are small numbers, sums of values may be 0 */
} checks[] = {
    {"beta", check_beta, 8, 1e-300},
    {"t", check_t, 47, 1e-300},
    {"t_quantile", check_t_quantile, 48, 1e-300},
    {"f", check_f, 6, 1e-300},
    {"normal", check_normal, 7, 1e-300},
    {"normal_quantile", check_normal_quantile, 7, 1e-300},
    {"mean", check_mean, 10, 1e-14},
    {"quantile", check_quantile, 25, 1e-14},
    {"t_test", check_t_test, 16, 1e-14},
    {"wilcoxon", check_wilcoxon, 16, 1e-14},
    {"holm", check_holm, 4, 1e-14},
    {"bh", check_bh, 4, 1e-14},
    {"pearson", check_pearson, 12, 1e-14},
    {"spearman", check_spearman, 6, 1e-14},
    {"within", check_within, 6, 1e-14},
};

static void read_line(char *text, struct line *line)
{
    *line = (struct line){0};
    char *rest, *word = strtok_r(text, " \n", &rest);
    snprintf(line->name, sizeof line->name, "%s", word);
    while ((word = strtok_r(NULL, " \n", &rest))) {
        assert_true(line->n < N_MAX);
        line->at[line->n++] = strtod(word, NULL);
    }
}

/* Checks the lines of a name. */
static size_t check_lines(size_t i)
{
    FILE *file = fopen("tests/oracle/statistics.txt", "r");
    assert_non_null(file);
    size_t n = 0;
    char text[16384];
    while (fgets(text, sizeof text, file)) {
        struct line line;
        read_line(text, &line);
        if (strcmp(line.name, checks[i].name))
            continue;
        line.slack = checks[i].slack;
        checks[i].check(&line);
        n++;
    }
    fclose(file);
    return n;
}

static void all_of_it_agrees_with_independent_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        assert_int_equal(check_lines(i), checks[i].n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_it_agrees_with_independent_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

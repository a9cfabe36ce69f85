/* analysis/variance.c against statsmodels (tests/oracle/variance.py, which says
 * how its numbers are made), and where closed forms tell what must come out. */
#include "analysis/variance.h"
#include "tests/test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { N_MAX = 64, FACTORS_MAX = 3 };

struct design {
    char name[32];
    size_t n, n_factors, n_levels[FACTORS_MAX];
    int pairs;
    int32_t of[FACTORS_MAX][N_MAX];
    double values[N_MAX];
    struct variance_factor factors[FACTORS_MAX];
};

static void expect_close(double found, double wanted)
{
    if (!(fabs(found - wanted) <= 1e-9 * fabs(wanted) + 1e-13))
        fail_msg("%.12g instead of %.12g", found, wanted);
}

static bool read_design(FILE *file, struct design *design)
{
    *design = (struct design){0};
    if (fscanf(file, "%31s %zu %zu %d", design->name, &design->n,
               &design->n_factors, &design->pairs) != 4)
        return false;
    assert_true(design->n <= N_MAX && design->n_factors <= FACTORS_MAX);
    for (size_t i = 0; i < design->n; i++) {
        for (size_t k = 0; k < design->n_factors; k++) {
            assert_int_equal(fscanf(file, "%d", &design->of[k][i]), 1);
            size_t n = (size_t)design->of[k][i] + 1;
            if (n > design->n_levels[k])
                design->n_levels[k] = n;
        }
        assert_int_equal(fscanf(file, "%lf", &design->values[i]), 1);
    }
    for (size_t k = 0; k < design->n_factors; k++)
        design->factors[k] =
            (struct variance_factor){design->n_levels[k], design->of[k]};
    return true;
}

static struct variance analyze(const struct design *design,
                               struct arena *arena)
{
    return variance_analyze(design->values, design->n, design->factors,
                            design->n_factors, arena);
}

static void check_terms(FILE *file, const struct variance *found)
{
    double sum, f, p;
    size_t a, b, df;
    for (size_t i = 0; i < found->n_terms; i++) {
        assert_int_equal(fscanf(file, "%zu %zu %zu %lf %lf %lf", &a, &b, &df,
                                &sum, &f, &p),
                         6);
        const struct variance_term *term = &found->terms[i];
        assert_int_equal(term->a, a);
        assert_int_equal(term->b, b);
        assert_int_equal(term->df, df);
        expect_close(term->sum_squares, sum);
        expect_close(term->f, f);
        expect_close(term->p, p);
    }
    assert_int_equal(fscanf(file, "%zu %lf", &df, &sum), 2);
    assert_int_equal(found->df_error, df);
    expect_close(found->error, sum);
}

static void sums_of_squares_are_those_of_statsmodels(void **state)
{
    (void)state;
    FILE *file = fopen("tests/oracle/variance.txt", "r");
    assert_non_null(file);
    struct design design;
    size_t n = 0;
    for (; read_design(file, &design); n++) {
        struct arena arena = arena_open();
        struct variance found = analyze(&design, &arena);
        assert_int_equal(found.has_pairs, design.pairs);
        check_terms(file, &found);
        arena_close(&arena);
    }
    assert_int_equal(n, 6);
    fclose(file);
}

/* A design of two factors, each combination n times. */
static void fill(struct design *design, size_t n_a, size_t n_b, size_t n,
                 double (*value)(size_t a, size_t b, size_t i))
{
    *design = (struct design){.n_factors = 2};
    for (size_t a = 0; a < n_a; a++)
        for (size_t b = 0; b < n_b; b++)
            for (size_t i = 0; i < n; i++) {
                design->of[0][design->n] = (int32_t)a;
                design->of[1][design->n] = (int32_t)b;
                design->values[design->n++] = value(a, b, i);
            }
    design->factors[0] = (struct variance_factor){n_a, design->of[0]};
    design->factors[1] = (struct variance_factor){n_b, design->of[1]};
}

static double mixed(size_t a, size_t b, size_t i)
{
    return 0.5 + 0.1 * (double)a - 0.05 * (double)(b * b) +
           0.02 * (double)(a * b) + 0.01 * ((double)i - 0.5);
}

static void sums_of_a_balanced_design_add_up(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct design design;
    fill(&design, 3, 4, 2, mixed);
    struct variance found = analyze(&design, &arena);
    double sum = found.error, share = 0;
    for (size_t i = 0; i < found.n_terms; i++) {
        sum += found.terms[i].sum_squares;
        share += found.terms[i].eta;
    }
    assert_int_equal(found.n_terms, 3);
    expect_close(sum, found.total);
    expect_close(share + found.error / found.total, 1);
    expect_close(found.error, 12 * 2 * 0.005 * 0.005);
    assert_int_equal(found.df_error, 12);
    arena_close(&arena);
}

static double of_a_alone(size_t a, size_t b, size_t i)
{
    (void)b;
    (void)i;
    return (double)a;
}

static void what_one_factor_explains_is_all_its_own(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct design design;
    fill(&design, 3, 2, 3, of_a_alone);
    struct variance found = analyze(&design, &arena);
    expect_close(found.terms[0].eta, 1);
    expect_close(found.terms[1].eta, 0);
    expect_close(found.terms[2].eta, 0);
    expect_close(found.error, 0);
    assert_true(found.terms[0].p == 0);
    arena_close(&arena);
}

static double by_hand(size_t a, size_t b, size_t i)
{
    static const double values[2][3] = {{1, 2, 6}, {5, 7, 9}};
    (void)b;
    return values[a][i];
}

/* Means 3 and 7, squares within 14 + 8, between 24: F = 24 / (22 / 4). */
static void figures_of_one_factor_are_those_by_hand(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct design design;
    fill(&design, 2, 1, 3, by_hand);
    design.n_factors = 1;
    struct variance found = analyze(&design, &arena);
    const struct variance_term *term = &found.terms[0];
    expect_close(term->sum_squares, 24);
    expect_close(term->f, 24 / 5.5);
    expect_close(term->eta, 24.0 / 46);
    expect_close(term->omega, (24 - 5.5) / (46 + 5.5));
    struct variance_level level = variance_level(
        &found, design.values, design.n, &design.factors[0], 1, 0.95);
    assert_int_equal(level.n, 3);
    expect_close(level.mean, 7);
    /* t(4) for 95 % is 2.7764451. */
    assert_true(fabs(level.high - 7 - 2.7764451 * sqrt(5.5 / 3)) < 1e-6);
    expect_close(level.high - 7, 7 - level.low);
    arena_close(&arena);
}

static void pairs_are_left_out_where_nothing_is_left_to_hold_them_to(
    void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct design design;
    fill(&design, 3, 3, 1, mixed);
    struct variance found = analyze(&design, &arena);
    assert_false(found.has_pairs);
    assert_int_equal(found.n_terms, 2);
    assert_int_equal(found.df_error, 4);
    arena_close(&arena);
}

static void missing_values_and_missing_levels_do_no_harm(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct design design, less;
    fill(&design, 3, 2, 3, mixed);
    less = design;
    design.values[4] = NAN;
    less.n--;
    memmove(less.values + 4, less.values + 5, 13 * sizeof *less.values);
    for (size_t k = 0; k < 2; k++)
        memmove(less.of[k] + 4, less.of[k] + 5, 13 * sizeof **less.of);
    less.factors[0].of = less.of[0];
    less.factors[1].of = less.of[1];
    struct variance a = analyze(&design, &arena), b = analyze(&less, &arena);
    assert_int_equal(a.n, 17);
    for (size_t i = 0; i < a.n_terms; i++)
        expect_close(a.terms[i].sum_squares, b.terms[i].sum_squares);
    for (size_t i = 0; i < less.n; i++) /* the last level has no name */
        less.of[0][i] = less.of[0][i] == 2 ? -1 : less.of[0][i];
    less.factors[0].n = 2;
    struct variance c = analyze(&less, &arena);
    expect_close(c.terms[0].sum_squares, b.terms[0].sum_squares);
    arena_close(&arena);
}

/* Two factors that are the same cannot both explain it. */
static void what_others_explain_is_no_terms_own(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct design design;
    fill(&design, 3, 1, 4, mixed);
    memcpy(design.of[1], design.of[0], sizeof design.of[0]);
    design.factors[1] = (struct variance_factor){3, design.of[1]};
    struct variance found = analyze(&design, &arena);
    assert_int_equal(found.terms[0].df, 0);
    assert_int_equal(found.terms[1].df, 0);
    assert_true(isnan(found.terms[0].p));
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_of_squares_are_those_of_statsmodels),
        cmocka_unit_test(sums_of_a_balanced_design_add_up),
        cmocka_unit_test(what_one_factor_explains_is_all_its_own),
        cmocka_unit_test(figures_of_one_factor_are_those_by_hand),
        cmocka_unit_test(
            pairs_are_left_out_where_nothing_is_left_to_hold_them_to),
        cmocka_unit_test(missing_values_and_missing_levels_do_no_harm),
        cmocka_unit_test(what_others_explain_is_no_terms_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

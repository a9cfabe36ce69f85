#include "tests/test.h"

#include "core/linalg.h"
#include "core/rng.h"

#include <math.h>
#include <string.h>

enum { M_MAX = 256, N_MAX = 330, K_MAX = 1200, WIDE = 7 };

/* Matrices a [m][k] or [k][m], b [k][n], c [m][n], rows WIDE apart. */
static float a[K_MAX * (K_MAX + WIDE)], b[K_MAX * (N_MAX + WIDE)];
static float c[K_MAX * (N_MAX + WIDE)], whole[M_MAX * N_MAX];

static void fill_one(uint64_t lane, size_t n, float *at)
{
    rng_fill_uniform((struct rng_stream){1, RNG_NOISE, lane}, 0, n, at);
    for (size_t i = 0; i < n; i++)
        at[i] -= 0.5f;
}

static void fill(void)
{
    fill_one(0, sizeof a / sizeof *a, a);
    fill_one(1, sizeof b / sizeof *b, b);
}

static const size_t ns[] = {1, 2, 3, 5, 10, 16, 17, 33, 64, 128, 300};
static const size_t ks[] = {1, 9, 27, 64, 100, 101, 257, 288, 784, 1170};
enum { N_NS = 11, N_KS = 10 };

/* sizes --------------------------------------------------------------- */

static double plain_sum(size_t i, size_t j, size_t k, size_t by_row,
                        size_t by_step, size_t stride_b)
{
    double sum = 0;
    for (size_t l = 0; l < k; l++)
        sum += (double)a[i * by_row + l * by_step] *
               (double)b[l * stride_b + j];
    return sum;
}

static void check_product(size_t m, size_t n, size_t k, float beta,
                          float before)
{
    size_t stride_a = k + WIDE, stride_b = n + WIDE, stride_c = n + WIDE;
    for (size_t i = 0; i < m * stride_c; i++)
        c[i] = before;
    linalg_product(m, n, k, (struct matrix){a, stride_a},
                   (struct matrix){b, stride_b}, beta, c, stride_c);
    for (size_t i = 0; i < m * stride_c; i++) {
        if (i % stride_c >= n) {
            assert_memory_equal(&c[i], &before, sizeof before);
            continue;
        }
        double sum =
            plain_sum(i / stride_c, i % stride_c, k, stride_a, 1, stride_b);
        sum += beta != 0.0f ? (double)(beta * before) : 0;
        assert_true(fabs((double)c[i] - sum) <
                    1e-6 * (1 + sqrt((double)k)));
    }
}

static void a_product_is_the_sum_of_products(void **state)
{
    (void)state;
    static const size_t ms[] = {1, 6, 77};
    fill();
    for (size_t i = 0; i < 3 * N_NS * N_KS; i++) {
        size_t m = ms[i % 3], n = ns[i / 3 % N_NS], k = ks[i / 3 / N_NS];
        check_product(m, n, k, 0, NAN);
        check_product(m, n, k, 1, 0.25f);
    }
}

static void check_left(size_t m, size_t n, size_t k, float beta, float before)
{
    size_t stride_a = m + WIDE, stride_b = n + WIDE;
    for (size_t i = 0; i < m * n; i++)
        c[i] = before;
    linalg_product_left_transposed(m, n, k, (struct matrix){a, stride_a},
                                   (struct matrix){b, stride_b}, beta, c, n);
    for (size_t i = 0; i < m * n; i++) {
        double sum = plain_sum(i / n, i % n, k, 1, stride_a, stride_b);
        sum += beta != 0.0f ? (double)(beta * before) : 0;
        assert_true(fabs((double)c[i] - sum) <
                    1e-6 * (1 + sqrt((double)k)));
    }
}

static void a_product_may_take_its_left_side_transposed(void **state)
{
    (void)state;
    static const size_t ms[] = {1, 9, 288};
    fill();
    for (size_t i = 0; i < 3 * N_NS * 3; i++) {
        size_t m = ms[i % 3], n = ns[i / 3 % N_NS];
        size_t k = (size_t[]){1, 63, 256}[i / 3 / N_NS];
        check_left(m, n, k, 0, NAN);
        check_left(m, n, k, 1, -0.5f);
    }
}

/* sameness ------------------------------------------------------------ */

static void check_rows(size_t n, size_t k)
{
    static const size_t ms[] = {1, 2, 5, 6, 7, 13, 64, 130, 255};
    struct matrix right = {b, n};
    linalg_product(M_MAX, n, k, (struct matrix){a, k}, right, 0, whole, n);
    for (size_t i = 0; i < sizeof ms / sizeof *ms; i++)
        for (size_t first = 0; first + ms[i] <= M_MAX; first += 61) {
            linalg_product(ms[i], n, k, (struct matrix){a + first * k, k},
                           right, 0, c, n);
            assert_memory_equal(c, whole + first * n,
                                ms[i] * n * sizeof *c);
        }
}

/* On this the results of attacks rest: they do not depend on batch sizes. */
static void a_row_has_the_same_bits_in_any_company(void **state)
{
    (void)state;
    fill();
    for (size_t i = 0; i < N_NS * N_KS; i++)
        check_rows(ns[i % N_NS], ks[i / N_NS]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_product_is_the_sum_of_products),
        cmocka_unit_test(a_product_may_take_its_left_side_transposed),
        cmocka_unit_test(a_row_has_the_same_bits_in_any_company),
    };
    return cmocka_run_group_tests_name("linalg", tests, NULL, NULL);
}

#include "tests/test.h"

#include "core/curvature.h"

#include <math.h>
#include <string.h>

enum { N = 24 };

/* L = sum of eigenvalue_i (q_i . w)^2 / 2 with orthonormal q_i: the cosine
 * transform's. */
struct quadratic {
    double eigenvalues[N];
    float weights[N], gradient[N];
    size_t n_calls;
};

static double basis(size_t i, size_t k)
{
    double scale = i == 0 ? sqrt(1.0 / N) : sqrt(2.0 / N);
    return scale * cos(acos(-1) * (double)i * ((double)k + 0.5) / N);
}

static void find(void *self)
{
    struct quadratic *quadratic = self;
    double gradient[N] = {0};
    for (size_t i = 0; i < N; i++) {
        double along = 0;
        for (size_t k = 0; k < N; k++)
            along += basis(i, k) * (double)quadratic->weights[k];
        for (size_t k = 0; k < N; k++)
            gradient[k] += quadratic->eigenvalues[i] * along * basis(i, k);
    }
    for (size_t k = 0; k < N; k++)
        quadratic->gradient[k] = (float)gradient[k];
    quadratic->n_calls++;
}

static double largest_of(struct quadratic *quadratic, size_t n_iterations)
{
    float held[N], direction[N], product[N];
    for (size_t k = 0; k < N; k++)
        direction[k] = (float)sin(3.7 * (double)k + 1);
    struct curvature curvature = {N,         quadratic->weights,
                                  quadratic->gradient, quadratic,
                                  find,      held,
                                  direction, product};
    return curvature_largest(&curvature, n_iterations, 0.01);
}

static struct quadratic make(double first, double second)
{
    struct quadratic quadratic = {.n_calls = 0};
    for (size_t i = 0; i < N; i++) {
        quadratic.eigenvalues[i] = 0.5 * sin((double)i);
        quadratic.weights[i] = (float)cos((double)i);
    }
    quadratic.eigenvalues[5] = first;
    quadratic.eigenvalues[9] = second;
    return quadratic;
}

static void the_largest_eigenvalue_is_found(void **state)
{
    (void)state;
    struct quadratic quadratic = make(3, 1.5);
    assert_true(fabs(largest_of(&quadratic, 40) - 3) < 1e-3);
    assert_int_equal(quadratic.n_calls, 80);
}

static void so_is_one_below_zero(void **state)
{
    (void)state;
    struct quadratic quadratic = make(1, -4);
    assert_true(fabs(largest_of(&quadratic, 40) + 4) < 1e-3);
}

/* At the bottom there is no gradient, but a curvature. */
static void the_bottom_is_no_exception(void **state)
{
    (void)state;
    struct quadratic quadratic = make(3, 1.5);
    memset(quadratic.weights, 0, sizeof quadratic.weights);
    assert_true(fabs(largest_of(&quadratic, 40) - 3) < 1e-3);
}

static void a_plane_has_none(void **state)
{
    (void)state;
    struct quadratic quadratic = make(0, 0);
    memset(quadratic.eigenvalues, 0, sizeof quadratic.eigenvalues);
    assert_true(largest_of(&quadratic, 5) == 0);
    assert_int_equal(quadratic.n_calls, 2);
}

static void the_point_is_put_back_and_the_answer_the_same_again(void **state)
{
    (void)state;
    struct quadratic quadratic = make(3, 1.5), fresh = make(3, 1.5);
    double first = largest_of(&quadratic, 7);
    assert_memory_equal(quadratic.weights, fresh.weights,
                        sizeof fresh.weights);
    assert_true(largest_of(&quadratic, 7) == first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_largest_eigenvalue_is_found),
        cmocka_unit_test(so_is_one_below_zero),
        cmocka_unit_test(the_bottom_is_no_exception),
        cmocka_unit_test(a_plane_has_none),
        cmocka_unit_test(
            the_point_is_put_back_and_the_answer_the_same_again),
    };
    return cmocka_run_group_tests_name("curvature", tests, NULL, NULL);
}

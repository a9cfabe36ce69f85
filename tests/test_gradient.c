#include "tests/test.h"

#include "core/gradient.h"

#include <math.h>

enum { N = 37 };

static void fill(float *values, double size)
{
    for (size_t i = 0; i < N; i++)
        values[i] = (float)(size * sin(1.7 * (double)i));
}

static double plain_norm(size_t n, const float *values)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)values[i] * (double)values[i];
    return sqrt(sum);
}

static void the_norm_is_the_root_of_the_sum_of_squares(void **state)
{
    (void)state;
    float values[N];
    fill(values, 3);
    for (size_t n = 0; n <= N; n++)
        assert_true(fabs(gradient_norm(n, values) - plain_norm(n, values)) <
                    1e-12);
    static const float triangle[2] = {3, -4};
    assert_true(gradient_norm(2, triangle) == 5);
}

/* The same direction, and the length that is allowed. */
static void a_long_gradient_is_made_shorter(void **state)
{
    (void)state;
    float values[N], clipped[N];
    fill(values, 3);
    fill(clipped, 3);
    double norm = gradient_norm(N, values);
    gradient_clip_norm(N, 0.5, norm, clipped);
    assert_true(fabs(plain_norm(N, clipped) - 0.5) < 1e-6);
    for (size_t i = 0; i < N; i++)
        assert_true(fabs((double)clipped[i] - (double)values[i] * 0.5 / norm) <
                    1e-6);
}

static void a_short_gradient_stays_as_it_is(void **state)
{
    (void)state;
    float values[N], same[N];
    fill(values, 3);
    fill(same, 3);
    gradient_clip_norm(N, 100, gradient_norm(N, values), values);
    gradient_clip_values(N, 3, values);
    for (size_t i = 0; i < N; i++)
        assert_true(values[i] == same[i]);
}

static void values_stay_within_the_limit(void **state)
{
    (void)state;
    float values[5] = {-7, -0.5f, 0, 0.25f, NAN};
    gradient_clip_values(5, 0.375, values);
    assert_true(values[0] == -0.375f && values[1] == -0.375f);
    assert_true(values[2] == 0 && values[3] == 0.25f);
    assert_true(isnan(values[4]));
}

/* Against central differences of the penalty itself. */
static void the_penalty_has_its_own_gradient(void **state)
{
    (void)state;
    float weights[N], gradient[N], ignored[N];
    double step = 1.0 / 1024;
    fill(weights, 2);
    for (size_t i = 0; i < N; i++)
        gradient[i] = 1;
    gradient_penalize(N, 0.5, 0.25, weights, gradient);
    for (size_t i = 1; i < N; i++) {
        float held = weights[i];
        weights[i] = held + (float)step;
        double above = gradient_penalize(N, 0.5, 0.25, weights, ignored);
        double width = (double)weights[i];
        weights[i] = held - (float)step;
        double below = gradient_penalize(N, 0.5, 0.25, weights, ignored);
        width -= (double)weights[i];
        weights[i] = held;
        assert_true(fabs((above - below) / width + 1 - (double)gradient[i]) <
                    1e-6);
    }
    assert_true(weights[0] == 0 && gradient[0] == 1);
}

static void the_penalty_has_this_value(void **state)
{
    (void)state;
    static const float weights[3] = {1, -2, 0};
    float gradient[3] = {0};
    assert_true(gradient_penalize(3, 0.5, 0, weights, gradient) == 1.5);
    assert_true(gradient_penalize(3, 0, 0.5, weights, gradient) == 1.25);
    assert_true(gradient[0] == 1 && gradient[1] == -1.5f && gradient[2] == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_norm_is_the_root_of_the_sum_of_squares),
        cmocka_unit_test(a_long_gradient_is_made_shorter),
        cmocka_unit_test(a_short_gradient_stays_as_it_is),
        cmocka_unit_test(values_stay_within_the_limit),
        cmocka_unit_test(the_penalty_has_its_own_gradient),
        cmocka_unit_test(the_penalty_has_this_value),
    };
    return cmocka_run_group_tests_name("gradient", tests, NULL, NULL);
}

#include "core/objective.h"
#include "tests/test.h"

#include <math.h>
#include <stdlib.h>

enum { K_MAX = 10 };

/* Written out once more, by sorting. */
static int fall(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

static double expect(enum objective_name name, size_t n_classes,
                     const double *z, size_t y, size_t t)
{
    double sorted[K_MAX + 2], sum = 0, rival = (double)-INFINITY;
    for (size_t k = 0; k < n_classes; k++) {
        sorted[k] = z[k];
        sum += exp(z[k]);
        rival = k == y ? rival : fmax(rival, z[k]);
    }
    qsort(sorted, n_classes, sizeof *sorted, fall);
    for (size_t k = n_classes; k < 4; k++)
        sorted[k] = sorted[k - 1];
    switch (name) {
    case OBJECTIVE_CE:
        return log(sum) - z[y];
    case OBJECTIVE_MARGIN:
        return rival - z[y];
    case OBJECTIVE_DLR:
        return (rival - z[y]) / (sorted[0] - sorted[2]);
    case OBJECTIVE_CE_TARGET:
        return z[t] - log(sum);
    case OBJECTIVE_MARGIN_TARGET:
        return z[t] - z[y];
    case OBJECTIVE_DLR_TARGET:
        return (z[t] - z[y]) / (sorted[0] - (sorted[2] + sorted[3]) / 2);
    case OBJECTIVE_N:
        break;
    }
    return NAN;
}

static const double logits[] = {0.25, -1.5, 2.0, 0.75, -0.125,
                                1.25, 3.5,  -2, 0.5,  1.75};

static void for_all(void (*check)(enum objective_name name, size_t n_classes,
                                  uint8_t label, uint8_t target))
{
    for (int name = 0; name < OBJECTIVE_N; name++)
        for (size_t n_classes = 2; n_classes <= K_MAX; n_classes += 2)
            for (size_t y = 0; y < n_classes; y++)
                check((enum objective_name)name, n_classes, (uint8_t)y,
                      (uint8_t)((y + 1) % n_classes));
}

static float find(enum objective_name name, size_t n_classes, const float *z,
                  uint8_t label, uint8_t target, float *d_z)
{
    float loss;
    objectives[name].find(1, n_classes, z, &label, &target, &loss, d_z);
    return loss;
}

static void check_value(enum objective_name name, size_t n_classes,
                        uint8_t label, uint8_t target)
{
    float z[K_MAX] = {0};
    for (size_t k = 0; k < n_classes; k++)
        z[k] = (float)logits[k];
    double expected = expect(name, n_classes, logits, label, target);
    double loss = (double)find(name, n_classes, z, label, target, NULL);
    assert_true(fabs(loss - expected) < 1e-6 * (1 + fabs(expected)));
}

static void an_objective_is_its_formula(void **state)
{
    (void)state;
    for_all(check_value);
}

static void check_gradient(enum objective_name name, size_t n_classes,
                           uint8_t label, uint8_t target)
{
    float z[K_MAX] = {0}, d_z[K_MAX];
    double at[K_MAX];
    for (size_t k = 0; k < n_classes; k++)
        z[k] = (float)(at[k] = logits[k]);
    find(name, n_classes, z, label, target, d_z);
    for (size_t k = 0; k < n_classes; k++) {
        const double h = 1e-6;
        at[k] = logits[k] + h;
        double above = expect(name, n_classes, at, label, target);
        at[k] = logits[k] - h;
        double below = expect(name, n_classes, at, label, target);
        at[k] = logits[k];
        assert_true(fabs((double)d_z[k] - (above - below) / (2 * h)) < 1e-5);
    }
}

static void its_gradient_is_that_of_central_differences(void **state)
{
    (void)state;
    for_all(check_gradient);
}

static void dlr_knows_neither_shift_nor_scale(void **state)
{
    (void)state;
    float z[K_MAX], other[K_MAX];
    for (size_t k = 0; k < K_MAX; k++) {
        z[k] = (float)logits[k];
        other[k] = 4096 * z[k] - 512;
    }
    for (uint8_t y = 0; y < K_MAX; y++) {
        uint8_t t = (uint8_t)((y + 3) % K_MAX);
        for (int i = 0; i < 2; i++) {
            enum objective_name name =
                i ? OBJECTIVE_DLR_TARGET : OBJECTIVE_DLR;
            assert_true(fabsf(find(name, K_MAX, z, y, t, NULL) -
                              find(name, K_MAX, other, y, t, NULL)) < 1e-6f);
        }
    }
}

/* At the largest logits, at equal ones, and at what is not a number. */
static void all_stays_finite_but_nan(void **state)
{
    (void)state;
    for (int name = 0; name < OBJECTIVE_N; name++) {
        float flat[3] = {0}, huge[3] = {1e18f, -1e18f, 0}, d_z[3];
        float broken[3] = {0, NAN, 1};
        enum objective_name objective = (enum objective_name)name;
        for (uint8_t y = 0; y < 3; y++) {
            uint8_t t = (uint8_t)((y + 1) % 3);
            assert_true(isfinite(find(objective, 3, flat, y, t, d_z)));
            assert_true(isfinite(d_z[0] + d_z[1] + d_z[2]));
            assert_true(isfinite(find(objective, 3, huge, y, t, d_z)));
            assert_true(isfinite(d_z[0] + d_z[1] + d_z[2]));
            assert_true(isnan(find(objective, 3, broken, y, t, d_z)));
        }
    }
}

static void choices_are_the_untargeted_objectives(void **state)
{
    (void)state;
    size_t n = 0;
    for (; objective_choices[n]; n++) {
        assert_string_equal(objectives[n].name, objective_choices[n]);
        assert_false(objectives[n].targeted);
        assert_true(objectives[objective_targeted((enum objective_name)n)]
                        .targeted);
    }
    assert_int_equal(n, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_objective_is_its_formula),
        cmocka_unit_test(its_gradient_is_that_of_central_differences),
        cmocka_unit_test(dlr_knows_neither_shift_nor_scale),
        cmocka_unit_test(all_stays_finite_but_nan),
        cmocka_unit_test(choices_are_the_untargeted_objectives),
    };
    return cmocka_run_group_tests_name("objective", tests, NULL, NULL);
}

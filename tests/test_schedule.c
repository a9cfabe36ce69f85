#include "tests/test.h"

#include "core/schedule.h"

#include <math.h>
#include <stdbool.h>

static double factor(const char *name, const char *floor, size_t epoch,
                     size_t n_epochs)
{
    struct arena arena = arena_open();
    const struct kind *kind = kind_find(&schedule_axis, name);
    assert_non_null(kind);
    void *params = kind_defaults(kind, &arena);
    if (floor)
        assert_int_equal(row_set(kind_find_row(kind, "floor"), floor, params,
                                 &arena),
                         STATUS_OK);
    double found = schedule_of(kind)->factor(params, epoch, n_epochs);
    arena_close(&arena);
    return found;
}

static void every_schedule_begins_with_the_whole_rate(void **state)
{
    (void)state;
    for (size_t k = 0; k < schedule_axis.n_kinds; k++)
        for (size_t n = 1; n < 20; n++) {
            const char *name = schedule_axis.kinds[k]->name;
            assert_true(factor(name, NULL, 0, n) == 1);
            for (size_t epoch = 0; epoch < n; epoch++) {
                double at = factor(name, NULL, epoch, n);
                assert_true(at > 0 && at <= 1);
            }
        }
}

static void constant_is_constant(void **state)
{
    (void)state;
    for (size_t epoch = 0; epoch < 9; epoch++)
        assert_true(factor("constant", NULL, epoch, 9) == 1);
}

/* cos of 0, 60, 90, 120 and 150 degrees. */
static void the_cosine_has_these_values(void **state)
{
    (void)state;
    double third = sqrt(0.75);
    assert_true(fabs(factor("cosine", NULL, 2, 6) - 0.75) < 1e-12);
    assert_true(fabs(factor("cosine", NULL, 3, 6) - 0.5) < 1e-12);
    assert_true(fabs(factor("cosine", NULL, 4, 6) - 0.25) < 1e-12);
    assert_true(fabs(factor("cosine", NULL, 5, 6) - (1 - third) / 2) < 1e-12);
    assert_true(fabs(factor("cosine", "0.2", 3, 6) - 0.6) < 1e-12);
}

static void the_cosine_falls_towards_its_floor(void **state)
{
    (void)state;
    static const char *const floors[] = {"0", "0.25", "1"};
    static const double values[] = {0, 0.25, 1};
    for (size_t i = 0; i < 3; i++) {
        double before = 2;
        for (size_t epoch = 0; epoch < 1000; epoch++) {
            double at = factor("cosine", floors[i], epoch, 1000);
            assert_true(at >= values[i]);
            assert_true(i == 2 ? at == 1 : at < before);
            before = at;
        }
        assert_true(before - values[i] < 1e-5);
        double after = factor("cosine", floors[i], 1000, 1000);
        assert_true(fabs(after - values[i]) < 1e-12);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_schedule_begins_with_the_whole_rate),
        cmocka_unit_test(constant_is_constant),
        cmocka_unit_test(the_cosine_has_these_values),
        cmocka_unit_test(the_cosine_falls_towards_its_floor),
    };
    return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}

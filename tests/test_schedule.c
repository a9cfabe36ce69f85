#include "tests/test.h"

#include "core/schedule.h"
#include "core/spec.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static double factor_at(const char *text, struct schedule_time time)
{
    struct arena arena = arena_open();
    struct spec spec;
    assert_int_equal(spec_parse(text, &spec, &arena), STATUS_OK);
    const struct choice *choice = &spec.at[SPEC_SCHEDULE];
    double found =
        schedule_factor(schedule_of(choice->kind), choice->params, time);
    arena_close(&arena);
    return found;
}

static const char *text_of(const char *name, struct arena *arena)
{
    return arena_print(arena, "schedule = %s\n", name);
}

static double factor(const char *name, const char *floor, size_t epoch,
                     size_t n_epochs)
{
    struct arena arena = arena_open();
    const char *text = text_of(name, &arena);
    if (floor)
        text = arena_print(&arena, "%sschedule.floor = %s\n", text, floor);
    double found =
        factor_at(text, (struct schedule_time){epoch, n_epochs, 0, 1});
    arena_close(&arena);
    return found;
}

/* But one_cycle, which has a rise of its own. */
static void every_schedule_begins_with_the_whole_rate(void **state)
{
    (void)state;
    for (size_t k = 0; k < schedule_axis.n_kinds; k++)
        for (size_t n = 1; n < 20; n++) {
            const char *name = schedule_axis.kinds[k]->name;
            if (strcmp(name, "one_cycle") != 0)
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

/* falls --------------------------------------------------------------- */

static void a_step_falls_every_so_many_epochs(void **state)
{
    (void)state;
    static const char text[] = "schedule = step\nschedule.every = 3\n"
                               "schedule.factor = 0.5\n";
    static const double expected[] = {1,    1,    1,    0.5,  0.5,
                                      0.5,  0.25, 0.25, 0.25, 0.125};
    for (size_t e = 0; e < 10; e++)
        for (size_t i = 0; i < 4; i++)
            assert_true(factor_at(text, (struct schedule_time){e, 10, i, 4}) ==
                        expected[e]);
}

static void milestones_are_where_it_falls(void **state)
{
    (void)state;
    static const char text[] = "schedule = milestones\n"
                               "schedule.epochs = [5, 2]\n"
                               "schedule.factor = 0.25\n";
    static const double expected[] = {1, 1, 0.25, 0.25, 0.25, 0.0625, 0.0625};
    for (size_t e = 0; e < 7; e++)
        assert_true(factor_at(text, (struct schedule_time){e, 7, 1, 2}) ==
                    expected[e]);
}

/* warm-up ------------------------------------------------------------- */

static void a_warm_up_is_a_straight_line(void **state)
{
    (void)state;
    static const char text[] = "schedule = constant\n"
                               "schedule.warmup_epochs = 2\n"
                               "schedule.warmup_from = 0.25\n";
    for (size_t i = 0; i < 15; i++) {
        struct schedule_time time = {i / 5, 3, i % 5, 5};
        double line = i < 10 ? 0.25 + 0.75 * (double)i / 10 : 1;
        assert_true(fabs(factor_at(text, time) - line) < 1e-12);
    }
}

/* After it a schedule is what it is in as many epochs as are left. */
static void after_a_warm_up_the_schedule_has_the_other_epochs(void **state)
{
    (void)state;
    size_t n = 0;
    for (size_t k = 0; k < schedule_axis.n_kinds; k++) {
        const struct kind *kind = schedule_axis.kinds[k];
        if (!schedule_of(kind)->warms_up)
            continue;
        struct arena arena = arena_open();
        const char *bare = text_of(kind->name, &arena);
        const char *warm = arena_print(
            &arena, "%sschedule.warmup_epochs = 3\n", bare);
        n++;
        assert_true(fabs(factor_at(warm, (struct schedule_time){0, 40, 0, 9}) -
                         0.1) < 1e-12);
        for (size_t e = 0; e < 37; e++)
            assert_true(
                factor_at(warm, (struct schedule_time){e + 3, 40, 4, 9}) ==
                factor_at(bare, (struct schedule_time){e, 37, 4, 9}));
        /* no epoch is left for the schedule */
        double last = factor_at(warm, (struct schedule_time){1, 2, 8, 9});
        assert_true(last > 0.1 && last < 1);
        arena_close(&arena);
    }
    assert_int_equal(n, schedule_axis.n_kinds - 1);
}

/* one cycle ----------------------------------------------------------- */

/* PyTorch's OneCycleLR as its source has it, of 40 steps: pct_start 0.3 is a
 * peak at step 11. */
static void one_cycle_goes_up_and_down_as_pytorchs(void **state)
{
    (void)state;
    static const char text[] = "schedule = one_cycle\n";
    double pi = acos(-1);
    for (size_t i = 0; i < 40; i++) {
        double lowest = 1.0 / 25, end = lowest / 10000, expected;
        if (i <= 11)
            expected = 1 + (lowest - 1) / 2 * (1 + cos(pi * (double)i / 11));
        else
            expected =
                end + (1 - end) / 2 * (1 + cos(pi * (double)(i - 11) / 28));
        double at = factor_at(text, (struct schedule_time){i / 8, 5, i % 8, 8});
        assert_true(fabs(at - expected) < 1e-12);
    }
}

static void one_cycle_can_go_in_straight_lines(void **state)
{
    (void)state;
    static const char text[] = "schedule = one_cycle\n"
                               "schedule.anneal = linear\n"
                               "schedule.peak_at = 0.5\n"
                               "schedule.start_divisor = 4\n"
                               "schedule.end_divisor = 2\n";
    static const double expected[] = {0.25,       0.5,        0.75, 1,
                                      1 - 0.21875, 1 - 0.4375, 1 - 0.65625,
                                      0.125};
    for (size_t i = 0; i < 8; i++) {
        struct schedule_time time = {i / 2, 4, i % 2, 2};
        assert_true(fabs(factor_at(text, time) - expected[i]) < 1e-12);
    }
}

/* Where there is no step for a way up, or none for a way down. */
static void one_cycle_of_few_steps_is_still_one(void **state)
{
    (void)state;
    static const char text[] = "schedule = one_cycle\nschedule.peak_at = 0\n";
    for (size_t n = 1; n < 5; n++)
        for (size_t i = 0; i < n; i++) {
            struct schedule_time time = {i, n, 0, 1};
            double at = factor_at(text, time);
            assert_true(at > 0 && at <= 1);
            assert_true(i + 1 < n || fabs(at - 4e-6) < 1e-12);
            at = factor_at("schedule = one_cycle\nschedule.peak_at = 0.99\n",
                           time);
            assert_true(at > 0 && at <= 1);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_schedule_begins_with_the_whole_rate),
        cmocka_unit_test(constant_is_constant),
        cmocka_unit_test(the_cosine_has_these_values),
        cmocka_unit_test(the_cosine_falls_towards_its_floor),
        cmocka_unit_test(a_step_falls_every_so_many_epochs),
        cmocka_unit_test(milestones_are_where_it_falls),
        cmocka_unit_test(a_warm_up_is_a_straight_line),
        cmocka_unit_test(after_a_warm_up_the_schedule_has_the_other_epochs),
        cmocka_unit_test(one_cycle_goes_up_and_down_as_pytorchs),
        cmocka_unit_test(one_cycle_can_go_in_straight_lines),
        cmocka_unit_test(one_cycle_of_few_steps_is_still_one),
    };
    return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}

#include "tests/checks_stage.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

static void fill(struct fixture *at)
{
    for (size_t e = 0; e < N_EPSILONS; e++) {
        at->epsilon[e] = (double)e / 4;
        at->accuracy[e] = 1 - (double)e / N_EPSILONS;
        at->distance_max[e] = at->epsilon[e];
        at->pixel_max[e] = 1;
        for (size_t i = 0; i < N_SAMPLES; i++) {
            bool is_wrong = i < 5 * e;
            at->label[i] = at->clean_prediction[i] = i % 2;
            at->prediction[e][i] = is_wrong ? !at->label[i] : at->label[i];
            at->n_backward[e][i] = is_wrong ? 3 : e > 0 ? 10 : 1;
            at->n_forward[e][i] = at->n_backward[e][i] + 1;
        }
    }
}

static struct settings settings_of(const struct kind *kind, const char *more,
                                   struct arena *arena)
{
    const char *text =
        arena_print(arena, "%sattack = %s\n", more, kind->name);
    for (size_t i = 0; i < kind->n_rows; i++)
        text = arena_print(arena, "%sattack.%s = %s\n", text,
                           kind->rows[i].name, kind->rows[i].fallback);
    return settings_parse(text, arena);
}

void fixture_open(struct fixture *at, const char *name, const char *more)
{
    const struct kind *kind = kind_find(&attack_axis, name);
    assert_non_null(kind);
    memset(at, 0, sizeof *at);
    at->arena = arena_open();
    at->settings = settings_of(kind, more, &at->arena);
    fill(at);
    at->curve = (struct check_curve){
        .attack = attack_of(kind),
        .settings = &at->settings,
        .n_epsilons = N_EPSILONS,
        .n_samples = N_SAMPLES,
        .epsilon = at->epsilon,
        .accuracy = at->accuracy,
        .distance_max = at->distance_max,
        .pixel_min = at->pixel_min,
        .pixel_max = at->pixel_max,
        .n_zero_gradient = at->n_zero_gradient,
        .n_between = at->n_between,
        .prediction = at->prediction[0],
        .n_forward = at->n_forward[0],
        .n_backward = at->n_backward[0],
        .loss_change = at->loss_change,
        .label = at->label,
        .clean_prediction = at->clean_prediction,
        .twin_accuracy = NAN,
    };
}

void fixture_close(struct fixture *at)
{
    arena_close(&at->arena);
}

static const struct check_cell plain = {.n_classes = 2};

void fixture_check(const struct check_cell *cell,
                   const struct check_curve *curves, size_t n, size_t i,
                   struct check_result results[CHECK_N])
{
    struct check_curve told[FIXTURE_CURVES];
    struct arena arena = arena_open();
    assert_true(n <= FIXTURE_CURVES);
    memcpy(told, curves, n * sizeof *told);
    double *worst = ARENA_ARRAY(&arena, double, told[i].n_epsilons);
    for (size_t e = 0; e < told[i].n_epsilons; e++)
        worst[e] = check_over_norm(curves, n, i, e).worst;
    told[i].worst_case = worst;
    check_curve(cell, told, n, i, results);
    arena_close(&arena);
}

struct check_result fixture_judge(const struct fixture *at, enum check check)
{
    struct check_result results[CHECK_N];
    fixture_check(&plain, &at->curve, 1, 0, results);
    return results[check];
}

struct check_result fixture_judge_pair(const struct fixture *at,
                                       const struct fixture *other,
                                       enum check check)
{
    struct check_curve curves[2] = {at->curve, other->curve};
    struct check_result results[CHECK_N];
    fixture_check(&plain, curves, 2, 0, results);
    return results[check];
}

void expect_result(struct check_result result, enum check_verdict verdict,
                   double figure)
{
    assert_string_equal(check_verdict_names[result.verdict],
                        check_verdict_names[verdict]);
    assert_true(fabs(result.figure - figure) < 1e-12);
}

void expect_nothing(struct check_result result)
{
    assert_int_equal(result.verdict, VERDICT_NOT_APPLICABLE);
    assert_true(isnan(result.figure));
}

/* The audit of real networks: a sound one, and one with each defect. */
#include "tests/checks_stage.h"
#include "tests/small_evaluation.h"
#include "tests/small_net.h"
#include "tests/test.h"

#include "core/backward_rule.h"
#include "core/checks.h"
#include "core/model.h"

#include <math.h>
#include <string.h>

enum { N_MAX = FIXTURE_CURVES };

#define EPSILONS "attack.epsilons = [0, 0.05, 0.1, 0.3, 1]\n"

/* One trained network under several attacks, as the store would see it. */
struct bench {
    struct small_trial trial;
    const char *text;
    size_t n;
    struct evaluation evaluations[N_MAX];
    struct settings settings[N_MAX];
    struct check_curve curves[N_MAX];
};

static void open_bench(struct bench *bench, const char *text)
{
    *bench = (struct bench){.text = text};
    small_trial_train(&bench->trial, text);
}

static void close_bench(struct bench *bench)
{
    for (size_t i = 0; i < bench->n; i++)
        arena_close(&bench->evaluations[i].arena);
    small_trial_close(&bench->trial);
}

static struct check_curve curve_of(const struct bench *bench, size_t i)
{
    const struct evaluation *evaluation = &bench->evaluations[i];
    const struct record *record = &evaluation->record;
    const struct record *clean = &bench->trial.record;
    return (struct check_curve){
        .attack = attack_of(evaluation->spec.at[SPEC_ATTACK].kind),
        .settings = &bench->settings[i],
        .n_epsilons = record->extent[DIM_EPSILON],
        .n_samples = record->extent[DIM_SAMPLE],
        .epsilon = record_f64(record, FIELD_EPSILON),
        .accuracy = record_f64(record, FIELD_ROBUST_ACCURACY),
        .distance_max = record_f64(record, FIELD_DISTANCE_MAX),
        .pixel_min = record_f64(record, FIELD_PIXEL_MIN),
        .pixel_max = record_f64(record, FIELD_PIXEL_MAX),
        .n_zero_gradient = record_u64(record, FIELD_N_ZERO_GRADIENT),
        .n_between = record_u64(record, FIELD_N_BETWEEN),
        .prediction = record_u8(record, FIELD_ROBUST_PREDICTION),
        .n_forward = record_u32(record, FIELD_SAMPLE_FORWARD),
        .n_backward = record_u32(record, FIELD_SAMPLE_BACKWARD),
        .loss_change = record_f64(record, FIELD_LOSS_CHANGE),
        .label = record_u8(clean, FIELD_LABEL),
        .clean_prediction = record_u8(clean, FIELD_CLEAN_PREDICTION),
        .twin_accuracy = NAN,
    };
}

static void attack(struct bench *bench, const char *text)
{
    size_t i = bench->n++;
    struct evaluation *evaluation = &bench->evaluations[i];
    MUST(i < N_MAX);
    evaluate_well(&bench->trial, bench->text, text, evaluation);
    bench->settings[i] =
        settings_parse(spec_print(&evaluation->spec, true, &evaluation->arena),
                       &evaluation->arena);
    bench->curves[i] = curve_of(bench, i);
}

static struct check_result judge(const struct bench *bench, size_t i,
                                 enum check check)
{
    struct check_cell cell = {
        .n_classes = bench->trial.data.n_classes,
        .random = trial_is_random(&bench->evaluations[i].spec)};
    struct check_result results[CHECK_N];
    fixture_check(&cell, bench->curves, bench->n, i, results);
    return results[check];
}

static void expect(const struct bench *bench, size_t i, enum check check,
                   enum check_verdict verdict)
{
    struct check_result result = judge(bench, i, check);
    if (result.verdict != verdict)
        print_error("%s of attack %zu: figure %g\n", check_rows[check].name, i,
                    result.figure);
    assert_string_equal(check_verdict_names[result.verdict],
                        check_verdict_names[verdict]);
}

/* a sound network ----------------------------------------------------- */

static const char *const whole_suite[] = {
    "pgd\nattack.epsilons = [0, 0.05, 0.1]\nattack.n_doublings = 9\n"
    "attack.n_steps = 40\nattack.n_restarts = 3\n",
    "pgd\n" EPSILONS "attack.n_steps = 40\nattack.n_restarts = 3\n"
    "attack.objective = dlr\n",
    "pgd\n" EPSILONS "attack.n_steps = 40\nattack.n_restarts = 3\n"
    "attack.n_targets = 3\n",
    "fgsm\n" EPSILONS,
    "square\n" EPSILONS "attack.n_queries = 200\n",
    "gaussian\n" EPSILONS,
    "uniform\n" EPSILONS};
enum { N_SUITE = 7, N_STRONG = 3 };

static void nothing_fires_on_a_sound_network(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench, SMALL_MLP);
    for (size_t i = 0; i < N_SUITE; i++)
        attack(&bench, whole_suite[i]);
    for (size_t i = 0; i < N_SUITE; i++)
        for (int check = 0; check < CHECK_N; check++) {
            struct check_result result = judge(&bench, i, (enum check)check);
            bool is_weak = i >= N_STRONG; /* one step, chance, noise */
            if (check == CHECK_SURROGATES && i <= N_STRONG)
                continue; /* three others are in a test of their own */
            if (result.verdict == VERDICT_FAIL ||
                (result.verdict == VERDICT_WARN && !is_weak))
                fail_msg("%s of attack %zu: figure %g", check_rows[check].name,
                         i, result.figure);
        }
    close_bench(&bench);
}

/* defects ------------------------------------------------------------- */

static void scale_read_out(struct bench *bench, float factor)
{
    struct tensor_place places[TRIAL_TENSORS_MAX];
    struct arena arena = arena_open();
    struct spec spec = small_spec(bench->text, &arena);
    size_t n = trial_places(&spec, &bench->trial.data, places);
    for (size_t i = 0; i < n; i++) {
        size_t n_values = 1;
        for (size_t k = 0; k < places[i].rank; k++)
            n_values *= places[i].extent[k];
        bool is_read_out = !strncmp(places[i].name, "readout", 7);
        for (size_t k = 0; is_read_out && k < n_values; k++)
            bench->trial.weights.at[places[i].offset + k] *= factor;
    }
    arena_close(&arena);
}

/* The cross-entropy of logits in the millions is flat; what does not depend on
 * their scale sees the same slope as ever. */
static void huge_logits_mask_the_gradient(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench, SMALL_MLP);
    attack(&bench, "pgd\n" EPSILONS);
    expect(&bench, 0, CHECK_ZERO_GRADIENT, VERDICT_PASS);
    scale_read_out(&bench, 1e7f);
    attack(&bench, "pgd\n" EPSILONS);
    attack(&bench, "pgd\n" EPSILONS "attack.objective = dlr\n");
    expect(&bench, 1, CHECK_ZERO_GRADIENT, VERDICT_FAIL);
    expect(&bench, 2, CHECK_ZERO_GRADIENT, VERDICT_PASS);
    expect(&bench, 1, CHECK_OBJECTIVES, VERDICT_FAIL);
    expect(&bench, 2, CHECK_OBJECTIVES, VERDICT_PASS);
    close_bench(&bench);
}

static void a_surrogate_without_slope_gives_no_gradient(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench,
               SMALL_MLP "surrogate = triangular\nsurrogate.width = 0.001\n"
                         "optimizer.learning_rate = 1e-08\n");
    attack(&bench, "pgd\n" EPSILONS);
    expect(&bench, 0, CHECK_ZERO_GRADIENT, VERDICT_FAIL);
    close_bench(&bench);
}

static void drawn_answers_without_expectation_are_found(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench, SMALL_MLP "encoding = poisson\n");
    attack(&bench, "pgd\n" EPSILONS "attack.n_draws = 1\n");
    expect(&bench, 0, CHECK_DRAWS, VERDICT_FAIL);
    expect(&bench, 0, CHECK_FIXED_DRAWS, VERDICT_WARN);
    attack(&bench, "pgd\n" EPSILONS "attack.n_draws = 8\n");
    attack(&bench, "pgd\n" EPSILONS "attack.fixed_draw = true\n");
    expect(&bench, 1, CHECK_DRAWS, VERDICT_PASS);
    expect(&bench, 1, CHECK_FIXED_DRAWS, VERDICT_PASS);
    close_bench(&bench);
}

/* Steps that reach the ball's edge with the last one only: what FGSM's one step
 * does not find is found late, by more steps soon. */
static void too_few_steps_are_found(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench, SMALL_CSNN);
    attack(&bench, "bim\nattack.epsilons = [0.16]\nattack.n_steps = 8\n"
                   "attack.step = 0.02\n");
    attack(&bench, "bim\nattack.epsilons = [0.16]\nattack.n_steps = 80\n"
                   "attack.step = 0.02\n");
    expect(&bench, 0, CHECK_CONVERGED, VERDICT_FAIL);
    assert_int_not_equal(judge(&bench, 1, CHECK_CONVERGED).verdict,
                         VERDICT_FAIL);
    close_bench(&bench);
}

/* What an attack of twice the size found, sold as one of this size. */
static void a_broken_ball_is_found(void **state)
{
    (void)state;
    static double halves[5];
    struct bench bench;
    open_bench(&bench, SMALL_MLP);
    attack(&bench, "fgsm\n" EPSILONS);
    expect(&bench, 0, CHECK_BALL_AND_BOX, VERDICT_PASS);
    for (size_t e = 0; e < 5; e++)
        halves[e] = bench.curves[0].epsilon[e] / 2;
    bench.curves[0].epsilon = halves;
    expect(&bench, 0, CHECK_BALL_AND_BOX, VERDICT_FAIL);
    close_bench(&bench);
}

/* Every rule but bptt leaves something out. */
static void a_gradient_that_is_not_the_whole_is_told(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench, SMALL_MLP);
    for (size_t i = 0; i < backward_rule_axis.n_kinds; i++) {
        const char *kind = backward_rule_axis.kinds[i]->name;
        attack(&bench, arena_print(&bench.trial.arena,
                                   "fgsm\n" EPSILONS "attack_rule = %s\n",
                                   kind));
        expect(&bench, i, CHECK_WHOLE_GRADIENT,
               strcmp(kind, "bptt") != 0 ? VERDICT_WARN : VERDICT_PASS);
    }
    close_bench(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_fires_on_a_sound_network),
        cmocka_unit_test(huge_logits_mask_the_gradient),
        cmocka_unit_test(a_surrogate_without_slope_gives_no_gradient),
        cmocka_unit_test(drawn_answers_without_expectation_are_found),
        cmocka_unit_test(too_few_steps_are_found),
        cmocka_unit_test(a_broken_ball_is_found),
        cmocka_unit_test(a_gradient_that_is_not_the_whole_is_told),
    };
    return cmocka_run_group_tests_name("audit_nets", tests, NULL, NULL);
}

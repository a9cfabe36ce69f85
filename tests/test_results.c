#include "tests/fake_record.h"
#include "tests/results_stage.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

/* numbers ------------------------------------------------------------- */

static double mean_of(const double *values, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return sum / (double)n;
}

static void assert_trial(const struct fake_sweep *sweep,
                         const struct results *results, size_t cell)
{
    struct arena arena = arena_open();
    struct spec spec = fake_sweep_spec(sweep, cell, &arena);
    struct record record = fake_record_train(sweep, &spec, &arena);
    const struct result_trial *trial =
        &results->trials[results_stage_find_trial(results, &spec)];
    size_t n = record.extent[DIM_LAYER] * record.extent[DIM_STEP];
    assert_string_equal(trial->spec, spec_print(&spec, false, &arena));
    assert_string_equal(trial->state, "done");
    assert_string_equal(trial->host, "node1");
    assert_true(trial->clean_accuracy ==
                *record_f64(&record, FIELD_CLEAN_ACCURACY));
    assert_true(trial->clean_loss == 0.5 && trial->wall_s == 12.5);
    assert_true(trial->cpu_s == 12.25 && trial->started_s == 1.7e9);
    assert_true(trial->n_parameters == 421642 && trial->attempts == 1);
    assert_true(trial->peak_bytes == 100 << 20 && trial->gamma == 1);
    assert_true(trial->omega ==
                mean_of(record_f64(&record, FIELD_MEMBRANE_OMEGA), n));
    assert_true(trial->inside ==
                mean_of(record_f64(&record, FIELD_MEMBRANE_INSIDE), n));
    assert_true(trial->firing_rate ==
                mean_of(record_f64(&record, FIELD_FIRING_RATE), n));
    arena_close(&arena);
}

static void trials_are_what_their_records_say(void **state)
{
    (void)state;
    struct results_stage stage = results_stage_open(&fake_sweep_small);
    assert_int_equal(stage.results.n_trials, 12);
    assert_int_equal(stage.results.n_epochs, 3);
    assert_int_equal(stage.results.n_samples, 200);
    for (size_t i = 0; i < 12; i++)
        assert_trial(&fake_sweep_small, &stage.results, i);
    results_stage_close(&stage);
}

static void assert_evaluation(const struct fake_sweep *sweep,
                              const struct results *results, size_t cell,
                              size_t k)
{
    struct arena arena = arena_open();
    struct spec spec = fake_sweep_attack(sweep, cell, k, &arena);
    struct record record = fake_record_attack(sweep, &spec, &arena);
    size_t trial = results_stage_find_trial(results, &spec);
    size_t attack = results_stage_find_attack(results, k);
    const struct result_evaluation *evaluation =
        results_evaluation(results, trial, attack);
    assert_string_equal(evaluation->state, "done");
    assert_true(evaluation->n_samples == 200 && evaluation->wall_s == 12.5);
    for (size_t e = 0; e < FAKE_EPSILONS; e++) {
        assert_true(results->epsilons[e] ==
                    record_f64(&record, FIELD_EPSILON)[e]);
        assert_true(results_accuracy(results, trial, attack, e) ==
                    record_f64(&record, FIELD_ROBUST_ACCURACY)[e]);
    }
    arena_close(&arena);
}

static void accuracies_are_what_their_records_say(void **state)
{
    (void)state;
    struct results_stage stage = results_stage_open(&fake_sweep_small);
    assert_int_equal(stage.results.n_attacks, FAKE_ATTACKS);
    assert_int_equal(stage.results.n_epsilons, FAKE_EPSILONS);
    for (size_t i = 0; i < 12; i++)
        for (size_t k = 0; k < FAKE_ATTACKS; k++)
            assert_evaluation(&fake_sweep_small, &stage.results, i, k);
    results_stage_close(&stage);
}

static void assert_membrane(const struct fake_sweep *sweep,
                            const struct results *results, size_t cell)
{
    struct arena arena = arena_open();
    struct result_membrane membrane;
    struct spec spec = fake_sweep_spec(sweep, cell, &arena);
    struct record record = fake_record_train(sweep, &spec, &arena);
    size_t trial = results_stage_find_trial(results, &spec);
    assert_int_equal(results_membrane(results, trial, &arena, &membrane),
                     STATUS_OK);
    size_t n = record.extent[DIM_LAYER] * record.extent[DIM_STEP];
    size_t n_bins = record.extent[DIM_BIN];
    assert_int_equal(membrane.n_layers, record.extent[DIM_LAYER]);
    assert_int_equal(membrane.n_steps, record.extent[DIM_STEP]);
    assert_int_equal(membrane.n_bins, n_bins);
    assert_true(membrane.gamma == 1 && isinf(membrane.edges[0]));
    assert_memory_equal(membrane.edges,
                        record_f64(&record, FIELD_MEMBRANE_EDGE), 8 * n_bins);
    assert_memory_equal(membrane.counts,
                        record_u64(&record, FIELD_MEMBRANE_COUNT),
                        8 * n * n_bins);
    assert_memory_equal(membrane.mean,
                        record_f64(&record, FIELD_MEMBRANE_MEAN), 8 * n);
    assert_memory_equal(membrane.deviation,
                        record_f64(&record, FIELD_MEMBRANE_DEVIATION), 8 * n);
    assert_memory_equal(membrane.omega,
                        record_f64(&record, FIELD_MEMBRANE_OMEGA), 8 * n);
    assert_memory_equal(membrane.inside,
                        record_f64(&record, FIELD_MEMBRANE_INSIDE), 8 * n);
    assert_memory_equal(membrane.firing_rate,
                        record_f64(&record, FIELD_FIRING_RATE), 8 * n);
    arena_close(&arena);
}

static void membranes_are_what_their_records_say(void **state)
{
    (void)state;
    struct results_stage stage = results_stage_open(&fake_sweep_small);
    for (size_t i = 0; i < 12; i++)
        assert_membrane(&fake_sweep_small, &stage.results, i);
    results_stage_close(&stage);
}

/* Other numbers of layers, epochs and samples in one file. */
static void a_small_trial_beside_a_large_one_keeps_its_size(void **state)
{
    (void)state;
    struct fake_sweep small = {
        .n_seeds = 1, .n_test = 100, .n_epochs = 2, .n_hidden = 2};
    struct results_stage stage = results_stage_open(&small);
    fake_sweep_write(stage.scratch.folder, &fake_sweep_small);
    results_stage_rebuild(&stage);
    results_close(&stage.results);
    results_stage_read(&stage);
    assert_int_equal(stage.results.n_trials, 24);
    assert_int_equal(stage.results.n_layers, 3);
    for (size_t i = 0; i < 12; i++) {
        assert_membrane(&small, &stage.results, i);
        assert_membrane(&fake_sweep_small, &stage.results, i);
        assert_trial(&small, &stage.results, i);
    }
    results_stage_close(&stage);
}

/* states -------------------------------------------------------------- */

static void assert_no_numbers(const struct result_trial *trial)
{
    assert_true(isnan(trial->clean_accuracy) && isnan(trial->omega) &&
                isnan(trial->firing_rate) && isnan(trial->gamma) &&
                isnan(trial->n_parameters));
}

static void failures_come_with_their_causes(void **state)
{
    (void)state;
    struct fake_sweep sweep = fake_sweep_small;
    sweep.fails = true;
    struct results_stage stage = results_stage_open(&sweep);
    struct spec specs[4];
    size_t at[4];
    for (size_t i = 0; i < 4; i++) {
        specs[i] = fake_sweep_spec(&sweep, i, &stage.arena);
        at[i] = results_stage_find_trial(&stage.results, &specs[i]);
    }
    const struct result_trial *trials = stage.results.trials;
    struct result_membrane membrane;
    assert_string_equal(trials[at[1]].state, "failed");
    assert_string_equal(trials[at[1]].cause, "signal 11 (Segmentation fault)");
    assert_non_null(strstr(trials[at[1]].message, "n < <b>max</b>"));
    assert_no_numbers(&trials[at[1]]);
    assert_int_equal(results_membrane(&stage.results, at[1], &stage.arena,
                                      &membrane),
                     STATUS_OK);
    assert_int_equal(membrane.n_layers, 0);
    assert_string_equal(results_evaluation(&stage.results, at[1], 0)->state,
                        "pending");
    const struct result_evaluation *late = results_evaluation(
        &stage.results, at[2], results_stage_find_attack(&stage.results, 1));
    assert_string_equal(late->state, "timed out");
    assert_string_equal(late->cause, "more than 3600 s");
    assert_true(isnan(late->n_samples));
    assert_string_equal(trials[at[3]].state, "diverged");
    assert_true(!isnan(trials[at[3]].clean_accuracy));
    results_stage_close(&stage);
}

/* checks -------------------------------------------------------------- */

static size_t find_check(const struct results *results, const char *name)
{
    for (size_t i = 0; i < results->n_checks; i++)
        if (!strcmp(results->checks[i].name, name))
            return i;
    fail_msg("no check %s", name);
    return 0;
}

static size_t count_verdicts(const struct results *results,
                             enum check_verdict verdict)
{
    size_t n = 0;
    for (size_t i = 0; i < results->n_trials; i++)
        for (size_t k = 0; k < results->n_attacks; k++)
            for (size_t c = 0; c < results->n_checks; c++)
                n += results_verdict(results, i, k, c) == verdict;
    return n;
}

/* What evidence is missing is told; nothing else is found. */
static void sound_attacks_fail_no_check(void **state)
{
    (void)state;
    static const char *const lone[] = {"chance",        "targets",
                                       "gradient_free", "surrogates",
                                       "fixed_draws",   "worst_case"};
    struct results_stage stage = results_stage_open(&fake_sweep_small);
    const struct results *results = &stage.results;
    assert_int_equal(results->n_checks, CHECK_N);
    assert_int_equal(count_verdicts(results, VERDICT_FAIL), 0);
    size_t n_warnings = count_verdicts(results, VERDICT_WARN);
    for (size_t i = 0; i < sizeof lone / sizeof *lone; i++)
        for (size_t t = 0; t < results->n_trials; t++)
            for (size_t k = 0; k < results->n_attacks; k++)
                n_warnings -= results_verdict(results, t, k,
                                              find_check(results, lone[i])) ==
                              VERDICT_WARN;
    assert_int_equal(n_warnings, 0);
    results_stage_close(&stage);
}

static bool is_twin(const struct settings *defended,
                    const struct settings *other)
{
    for (size_t i = 0; i < defended->n; i++) {
        const char *key = defended->at[i].key;
        const char *value = settings_get(other, key);
        if (strncmp(key, "regularizer", strlen("regularizer")) != 0 &&
            (!value || strcmp(value, defended->at[i].value) != 0))
            return false;
    }
    return !strcmp(settings_get(other, "regularizer"), "none");
}

/* Defended cells have the undefended one of their seed as twin, which falls. */
static void an_undefended_twin_is_found_by_itself(void **state)
{
    (void)state;
    struct results_stage stage = results_stage_open(&fake_sweep_small);
    const struct results *results = &stage.results;
    size_t twin = find_check(results, "twin"), last = results->n_epsilons - 1;
    size_t fgsm = results_stage_find_attack(results, 0);
    for (size_t i = 0; i < results->n_trials; i++) {
        const struct settings *settings = &results->trials[i].settings;
        bool defended =
            strcmp(settings_get(settings, "regularizer"), "none") != 0;
        double figure = results_figure(results, i, fgsm, twin);
        assert_int_equal(isnan(figure), !defended);
        for (size_t k = 0; defended && k < results->n_trials; k++)
            if (is_twin(settings, &results->trials[k].settings))
                assert_true(figure == results_accuracy(results, k, fgsm, last));
    }
    results_stage_close(&stage);
}

static void unsound_attacks_are_found_out(void **state)
{
    (void)state;
    struct fake_sweep sweep = fake_sweep_small;
    sweep.unsound = true;
    struct results_stage stage = results_stage_open(&sweep);
    struct spec weak = fake_sweep_spec(&sweep, 1, &stage.arena);
    struct spec strong = fake_sweep_spec(&sweep, 2, &stage.arena);
    const struct results *results = &stage.results;
    size_t out = results_stage_find_trial(results, &weak);
    size_t masked = results_stage_find_trial(results, &strong);
    size_t fgsm = results_stage_find_attack(results, 0);
    size_t pgd = results_stage_find_attack(results, 1);
    size_t ball = find_check(results, "ball_and_box");
    size_t monotone = find_check(results, "monotone");
    size_t iterative = find_check(results, "iterative");
    assert_int_equal(results_verdict(results, out, pgd, ball), VERDICT_FAIL);
    assert_true(fabs(results_figure(results, out, pgd, ball) - 0.01) < 1e-9);
    assert_int_equal(results_verdict(results, masked, fgsm, monotone),
                     VERDICT_FAIL);
    assert_int_equal(results_verdict(results, masked, pgd, iterative),
                     VERDICT_FAIL);
    assert_true(results_figure(results, masked, pgd, iterative) > 0.02);
    assert_int_equal(results_verdict(results, masked, pgd, monotone),
                     VERDICT_PASS);
    results_stage_close(&stage);
}

static void checks_come_with_rule_and_thresholds(void **state)
{
    (void)state;
    struct results_stage stage = results_stage_open(&fake_sweep_small);
    for (size_t i = 0; i < CHECK_N; i++) {
        const struct result_check *check = &stage.results.checks[i];
        assert_string_equal(check->name, check_rows[i].name);
        assert_string_equal(check->rule, check_rows[i].rule);
        assert_string_equal(check->meaning, check_rows[i].figure);
        assert_true(check->warn_above == check_rows[i].warn_above);
        assert_true(check->fail_above == check_rows[i].fail_above);
    }
    results_stage_close(&stage);
}

/* an open file ---------------------------------------------------------- */

static void a_reader_keeps_the_file_that_it_opened(void **state)
{
    (void)state;
    struct fake_sweep more = fake_sweep_small;
    struct results_stage stage = results_stage_open(&fake_sweep_small);
    struct results_stage later = stage;
    more.n_test = 100;
    fake_sweep_write(stage.scratch.folder, &more);
    results_stage_rebuild(&stage);
    later.arena = arena_open();
    results_stage_read(&later);
    assert_int_equal(later.results.n_trials, 24);
    assert_int_equal(stage.results.n_trials, 12);
    for (size_t i = 0; i < 12; i++)
        assert_membrane(&fake_sweep_small, &stage.results, i);
    results_close(&later.results);
    arena_close(&later.arena);
    results_stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trials_are_what_their_records_say),
        cmocka_unit_test(accuracies_are_what_their_records_say),
        cmocka_unit_test(membranes_are_what_their_records_say),
        cmocka_unit_test(a_small_trial_beside_a_large_one_keeps_its_size),
        cmocka_unit_test(failures_come_with_their_causes),
        cmocka_unit_test(sound_attacks_fail_no_check),
        cmocka_unit_test(an_undefended_twin_is_found_by_itself),
        cmocka_unit_test(unsound_attacks_are_found_out),
        cmocka_unit_test(checks_come_with_rule_and_thresholds),
        cmocka_unit_test(a_reader_keeps_the_file_that_it_opened),
    };
    return cmocka_run_group_tests_name("results", tests, NULL, NULL);
}

#include "tests/results_stage.h"
#include "tests/test.h"
#include "tests/text.h"

#include <math.h>
#include <string.h>

/* Two sweeps that share their first seed; of the first some tasks failed. */
static const struct fake_sweep one = {
    .n_seeds = 1, .n_test = 20, .n_epochs = 1, .n_hidden = 1, .fails = true};
static const struct fake_sweep two = {
    .n_seeds = 2, .n_test = 20, .n_epochs = 1, .n_hidden = 2};

struct pair {
    struct results_stage stages[2];
    struct results joint;
};

static struct pair open_pair(const struct fake_sweep *a,
                             const struct fake_sweep *b)
{
    struct pair pair = {{results_stage_open(a), results_stage_open(b)}, {0}};
    struct results sources[] = {pair.stages[0].results,
                                pair.stages[1].results};
    results_join(sources, 2, &pair.stages[0].arena, &pair.joint);
    return pair;
}

static size_t find(const struct results *results, const char *id)
{
    size_t i = 0;
    while (i < results->n_trials && strcmp(results->trials[i].id, id) != 0)
        i++;
    return i;
}

static void close_pair(struct pair *pair)
{
    results_close(&pair->joint);
    for (size_t i = 0; i < 2; i++) {
        scratch_remove(&pair->stages[i].scratch);
        arena_close(&pair->stages[i].arena);
    }
}

static void a_trial_of_both_is_there_once(void **state)
{
    (void)state;
    struct pair pair = open_pair(&one, &two);
    const struct results *joint = &pair.joint;
    assert_int_equal(joint->n_trials, 24);
    for (size_t s = 0; s < 2; s++) {
        const struct results *source = &pair.stages[s].results;
        for (size_t i = 0; i < source->n_trials; i++)
            assert_true(find(joint, source->trials[i].id) < 24);
    }
    for (size_t i = 1; i < 24; i++)
        assert_true(settings_compare(&joint->trials[i - 1].settings,
                                     &joint->trials[i].settings) < 0);
    close_pair(&pair);
}

static bool is_final(const char *state)
{
    return !strcmp(state, "done") || !strcmp(state, "diverged");
}

/* From the definition: the first source in which it is done, else the first. */
static const struct result_evaluation *
expect(const struct pair *pair, const char *id, size_t attack, size_t *source)
{
    const struct result_evaluation *first = NULL;
    for (size_t s = 0; s < 2; s++) {
        const struct results *results = &pair->stages[s].results;
        size_t trial = find(results, id);
        if (trial == results->n_trials)
            continue;
        const struct result_evaluation *own =
            results_evaluation(results, trial, attack);
        bool better = first && !is_final(first->state) &&
                      (is_final(own->state) ||
                       !strcmp(first->state, "pending"));
        if (first && !better)
            continue;
        first = own;
        *source = s;
    }
    return first;
}

static void what_is_done_in_one_file_stands_for_what_failed(void **state)
{
    (void)state;
    struct pair pair = open_pair(&one, &two);
    const struct results *joint = &pair.joint;
    size_t n_from[2] = {0};
    assert_int_equal(joint->n_attacks, FAKE_ATTACKS);
    for (size_t i = 0; i < joint->n_trials; i++)
        for (size_t k = 0; k < joint->n_attacks; k++) {
            size_t s = 0;
            const struct result_evaluation *expected =
                expect(&pair, joint->trials[i].id, k, &s);
            const struct results *from = &pair.stages[s].results;
            size_t row = find(from, joint->trials[i].id);
            assert_string_equal(results_evaluation(joint, i, k)->state,
                                expected->state);
            n_from[s]++;
            for (size_t e = 0; e < joint->n_epsilons; e++) {
                double a = results_accuracy(joint, i, k, e);
                double b = results_accuracy(from, row, k, e);
                assert_memory_equal(&a, &b, sizeof a);
            }
            for (size_t c = 0; c < joint->n_checks; c++)
                assert_int_equal(results_verdict(joint, i, k, c),
                                 results_verdict(from, row, k, c));
        }
    assert_true(n_from[0] > 30 && n_from[1] > 48);
    close_pair(&pair);
}

static void the_worst_case_of_two_files_is_not_known(void **state)
{
    (void)state;
    struct pair pair = open_pair(&one, &two);
    const struct results *joint = &pair.joint;
    size_t n_unknown = 0, n_known = 0;
    for (size_t i = 0; i < joint->n_trials; i++) {
        bool sources[2] = {false, false};
        for (size_t k = 0; k < joint->n_attacks; k++) {
            size_t s = 0;
            const struct result_evaluation *expected =
                expect(&pair, joint->trials[i].id, k, &s);
            sources[s] |= strcmp(expected->state, "pending") != 0;
        }
        bool unknown = isnan(results_worst_case(joint, i, 0, 2));
        if (sources[0] && sources[1])
            assert_true(unknown);
        n_unknown += unknown;
        n_known += !unknown;
    }
    assert_true(n_unknown > 0 && n_known > 12);
    close_pair(&pair);
}

static void cells_and_attacks_are_named_by_what_varies_in_all(void **state)
{
    (void)state;
    struct pair pair = open_pair(&one, &two);
    text_assert_has(pair.joint.trials[0].cell, "seed=1");
    assert_null(strstr(pair.stages[0].results.trials[0].cell, "seed"));
    assert_string_equal(pair.joint.attacks[1].name, "pgd n_steps=7");
    close_pair(&pair);
}

static void a_trials_membrane_is_read_from_its_file(void **state)
{
    (void)state;
    struct pair pair = open_pair(&one, &two);
    struct arena arena = arena_open();
    for (size_t i = 0; i < pair.joint.n_trials; i++) {
        const struct result_trial *trial = &pair.joint.trials[i];
        struct result_membrane joint = {0}, own = {0};
        assert_int_equal(results_membrane(&pair.joint, i, &arena, &joint),
                         STATUS_OK);
        assert_int_equal(results_membrane(&pair.stages[trial->source].results,
                                          trial->row, &arena, &own),
                         STATUS_OK);
        assert_int_equal(joint.n_layers, own.n_layers);
        size_t n = own.n_layers * own.n_steps * own.n_bins;
        if (n)
            assert_memory_equal(joint.counts, own.counts,
                                n * sizeof *own.counts);
        assert_string_equal(trial->file,
                            pair.stages[trial->source].results.path);
    }
    arena_close(&arena);
    close_pair(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trial_of_both_is_there_once),
        cmocka_unit_test(what_is_done_in_one_file_stands_for_what_failed),
        cmocka_unit_test(the_worst_case_of_two_files_is_not_known),
        cmocka_unit_test(cells_and_attacks_are_named_by_what_varies_in_all),
        cmocka_unit_test(a_trials_membrane_is_read_from_its_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

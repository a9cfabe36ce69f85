#include "sweep/ledger.h"
#include "tests/fake_play.h"
#include "tests/test.h"

#include <stdio.h>

/* Two cells with three attacks each: tasks 0 to 3 and 4 to 7. */
static struct play play;
enum { TRAIN_A = 0, ATTACK_A = 1, TRAIN_B = 4, ATTACK_B = 5, N_TASKS = 8 };

static int open_shared(void **state)
{
    (void)state;
    play_open(&play, 2, 3);
    return 0;
}

static int close_shared(void **state)
{
    (void)state;
    play_close(&play);
    return 0;
}

struct scene {
    struct arena arena;
    struct ledger ledger;
};

/* The ledger of a run, recalling n outcomes first. */
static struct ledger *open_scene(struct scene *scene, size_t n,
                                 const struct outcome *outcomes)
{
    scene->arena = arena_open();
    ledger_open(&play.experiment, &play.cells, 3, &scene->arena,
                &scene->ledger);
    for (size_t i = 0; i < n; i++)
        ledger_recall(&scene->ledger, &outcomes[i]);
    return &scene->ledger;
}

static void close_scene(struct scene *scene)
{
    arena_close(&scene->arena);
}

static struct outcome outcome_of(size_t task, enum outcome_state state)
{
    return play_outcome(&play, task, state, 1);
}

/* An outcome comes and is permanent. */
static bool settle(struct ledger *ledger, size_t task,
                   enum outcome_state state)
{
    struct outcome outcome = outcome_of(task, state);
    if (!ledger_arrive(ledger, &ledger->tasks[task], &outcome))
        return false;
    assert_int_equal(ledger->tasks[task].state, TASK_ARRIVED);
    ledger_settle(ledger, &ledger->tasks[task], state);
    return true;
}

static void assert_next(struct ledger *ledger, size_t expected)
{
    struct task *task = ledger_next(ledger);
    assert_non_null(task);
    assert_int_equal(task - ledger->tasks, expected);
    assert_int_equal(task->state, TASK_RUNNING);
}

static void assert_counts(const struct ledger *ledger)
{
    size_t count[TASK_N_STATES] = {0};
    for (size_t i = 0; i < ledger->n_tasks; i++)
        count[ledger->tasks[i].state]++;
    for (size_t s = 0; s < TASK_N_STATES; s++)
        assert_int_equal(ledger->count[s], count[s]);
    assert_int_equal(ledger_count_ready(ledger), count[TASK_READY]);
}

/* opening ------------------------------------------------------------- */

static void a_cell_has_its_training_and_its_attacks(void **state)
{
    (void)state;
    struct scene scene;
    struct ledger *ledger = open_scene(&scene, 0, NULL);
    assert_int_equal(ledger->n_tasks, N_TASKS);
    for (size_t i = 0; i < N_TASKS; i++) {
        const struct task *task = &ledger->tasks[i];
        assert_int_equal(task->cell, i / 4);
        assert_int_equal(task->attack, i % 4 ? i % 4 - 1 : LEDGER_TRAIN);
        assert_ptr_equal(ledger_find(ledger, task->digest), task);
        struct spec spec = ledger_spec(ledger, task);
        assert_true(digest_equal(spec_digest(&spec), task->digest));
        assert_int_equal(spec.at[SPEC_ATTACK].kind != NULL, i % 4 != 0);
    }
    assert_null(ledger_find(ledger, (struct digest){1, 2}));
    assert_false(ledger_is_complete(ledger));
    close_scene(&scene);
}

/* running ------------------------------------------------------------- */

static void attacks_wait_for_their_training_and_then_come_first(void **state)
{
    (void)state;
    struct scene scene;
    struct ledger *ledger = open_scene(&scene, 0, NULL);
    ledger_start(ledger);
    assert_int_equal(ledger_count_ready(ledger), 2);
    assert_next(ledger, TRAIN_A);
    assert_true(settle(ledger, TRAIN_A, OUTCOME_DONE));
    for (size_t k = 0; k < 3; k++)
        assert_next(ledger, ATTACK_A + k);
    assert_next(ledger, TRAIN_B);
    assert_null(ledger_next(ledger));
    assert_counts(ledger);
    close_scene(&scene);
}

static void arrived_is_not_done(void **state)
{
    (void)state;
    struct scene scene;
    struct ledger *ledger = open_scene(&scene, 0, NULL);
    struct outcome outcome = outcome_of(TRAIN_A, OUTCOME_DONE);
    ledger_start(ledger);
    assert_next(ledger, TRAIN_A);
    assert_true(ledger_arrive(ledger, &ledger->tasks[TRAIN_A], &outcome));
    assert_false(ledger_arrive(ledger, &ledger->tasks[TRAIN_A], &outcome));
    assert_next(ledger, TRAIN_B);
    assert_null(ledger_next(ledger));
    ledger_settle(ledger, &ledger->tasks[TRAIN_A], OUTCOME_DONE);
    assert_int_equal(ledger->tasks[TRAIN_A].state, TASK_DONE);
    assert_next(ledger, ATTACK_A);
    assert_false(ledger_arrive(ledger, &ledger->tasks[TRAIN_A], &outcome));
    close_scene(&scene);
}

static void a_training_without_a_network_voids_its_attacks(void **state)
{
    (void)state;
    struct scene scene;
    struct ledger *ledger = open_scene(&scene, 0, NULL);
    ledger_start(ledger);
    assert_next(ledger, TRAIN_A);
    assert_next(ledger, TRAIN_B);
    assert_true(settle(ledger, TRAIN_A, OUTCOME_DIVERGED));
    assert_int_equal(ledger->count[TASK_VOID], 3);
    for (int i = 0; i < 3; i++) {
        assert_false(ledger_is_complete(ledger));
        assert_int_equal(ledger->count[TASK_VOID], 3);
        assert_true(settle(ledger, TRAIN_B,
                           i ? OUTCOME_TIMED_OUT : OUTCOME_FAILED));
    }
    assert_int_equal(ledger->tasks[TRAIN_B].state, TASK_FAILED);
    assert_int_equal(ledger->count[TASK_VOID], 6);
    assert_true(ledger_is_complete(ledger));
    assert_counts(ledger);
    close_scene(&scene);
}

static void what_was_interrupted_is_tried_in_any_case(void **state)
{
    (void)state;
    struct scene scene;
    struct ledger *ledger = open_scene(&scene, 0, NULL);
    ledger_start(ledger);
    for (int i = 0; i < 10; i++) {
        assert_next(ledger, i % 2 ? TRAIN_B : TRAIN_A);
        assert_true(settle(ledger, i % 2 ? TRAIN_B : TRAIN_A,
                           OUTCOME_INTERRUPTED));
    }
    assert_int_equal(ledger->tasks[TRAIN_A].state, TASK_READY);
    assert_int_equal(ledger->tasks[TRAIN_A].failures, 0);
    assert_counts(ledger);
    close_scene(&scene);
}

static void a_returned_task_is_handed_out_again(void **state)
{
    (void)state;
    struct scene scene;
    struct ledger *ledger = open_scene(&scene, 0, NULL);
    ledger_start(ledger);
    assert_next(ledger, TRAIN_A);
    ledger_return(ledger, &ledger->tasks[TRAIN_A]);
    ledger_return(ledger, &ledger->tasks[TRAIN_A]);
    assert_counts(ledger);
    assert_next(ledger, TRAIN_B);
    assert_next(ledger, TRAIN_A);
    assert_null(ledger_next(ledger));
    close_scene(&scene);
}

/* A rank that was believed lost comes back with what it was asked for. */
static void a_late_outcome_saves_the_work(void **state)
{
    (void)state;
    struct scene scene;
    struct ledger *ledger = open_scene(&scene, 0, NULL);
    ledger_start(ledger);
    assert_next(ledger, TRAIN_A);
    ledger_return(ledger, &ledger->tasks[TRAIN_A]);
    assert_true(settle(ledger, TRAIN_A, OUTCOME_DONE));
    assert_counts(ledger);
    for (size_t k = 0; k < 3; k++)
        assert_next(ledger, ATTACK_A + k);
    assert_next(ledger, TRAIN_B);
    assert_null(ledger_next(ledger));
    close_scene(&scene);
}

/* recalling ----------------------------------------------------------- */

static void results_are_recalled_and_failures_tried_again(void **state)
{
    (void)state;
    struct scene scene;
    const struct outcome outcomes[] = {
        outcome_of(TRAIN_A, OUTCOME_FAILED),
        play_outcome(&play, TRAIN_A, OUTCOME_DONE, 2),
        outcome_of(ATTACK_A, OUTCOME_DONE),
        outcome_of(ATTACK_A + 1, OUTCOME_TIMED_OUT),
        outcome_of(ATTACK_A + 2, OUTCOME_INTERRUPTED),
        outcome_of(TRAIN_B, OUTCOME_DIVERGED),
        {.task = {1, 2}, .state = OUTCOME_DONE, .attempt = 1, .cause = ""},
    };
    struct ledger *ledger =
        open_scene(&scene, KIND_COUNT(outcomes), outcomes);
    ledger_start(ledger);
    assert_int_equal(ledger->tasks[TRAIN_A].attempts, 2);
    assert_int_equal(ledger->tasks[ATTACK_A + 1].attempts, 1);
    assert_int_equal(ledger->tasks[ATTACK_A + 1].failures, 0);
    assert_int_equal(ledger->count[TASK_DONE], 2);
    assert_int_equal(ledger->count[TASK_DIVERGED], 1);
    assert_int_equal(ledger->count[TASK_VOID], 3);
    assert_next(ledger, ATTACK_A + 1);
    assert_next(ledger, ATTACK_A + 2);
    assert_null(ledger_next(ledger));
    close_scene(&scene);
}

static void a_result_is_never_given_up(void **state)
{
    (void)state;
    static const enum outcome_state later[] = {
        OUTCOME_FAILED, OUTCOME_TIMED_OUT, OUTCOME_INTERRUPTED};
    for (size_t i = 0; i < KIND_COUNT(later); i++) {
        struct scene scene;
        const struct outcome outcomes[] = {
            outcome_of(TRAIN_A, OUTCOME_DONE),
            play_outcome(&play, TRAIN_A, later[i], 2)};
        struct ledger *ledger = open_scene(&scene, 2, outcomes);
        assert_int_equal(ledger->tasks[TRAIN_A].state, TASK_DONE);
        assert_int_equal(ledger->tasks[TRAIN_A].attempts, 2);
        close_scene(&scene);
    }
}

/* Its segment was lost, that of its attacks was not. */
static void results_of_attacks_outlive_that_of_their_training(void **state)
{
    (void)state;
    struct scene scene;
    const struct outcome outcome = outcome_of(ATTACK_A, OUTCOME_DONE);
    struct ledger *ledger = open_scene(&scene, 1, &outcome);
    ledger_start(ledger);
    assert_next(ledger, TRAIN_A);
    assert_true(settle(ledger, TRAIN_A, OUTCOME_DONE));
    assert_next(ledger, ATTACK_A + 1);
    assert_next(ledger, ATTACK_A + 2);
    assert_next(ledger, TRAIN_B);
    close_scene(&scene);
}

static void a_network_is_trained_again_if_an_attack_needs_it(void **state)
{
    (void)state;
    struct scene scene;
    const struct outcome outcomes[] = {
        outcome_of(TRAIN_A, OUTCOME_DONE),
        outcome_of(ATTACK_A, OUTCOME_DONE),
        outcome_of(ATTACK_A + 1, OUTCOME_DONE),
        outcome_of(ATTACK_A + 2, OUTCOME_FAILED),
        outcome_of(TRAIN_B, OUTCOME_DONE),
        outcome_of(ATTACK_B, OUTCOME_DONE),
        outcome_of(ATTACK_B + 1, OUTCOME_DONE),
        outcome_of(ATTACK_B + 2, OUTCOME_DONE),
    };
    struct ledger *ledger =
        open_scene(&scene, KIND_COUNT(outcomes), outcomes);
    assert_true(ledger_needs_network(ledger, 0));
    assert_false(ledger_needs_network(ledger, 1));
    ledger_reopen(ledger, &ledger->tasks[TRAIN_A]);
    ledger_start(ledger);
    assert_next(ledger, TRAIN_A);
    assert_null(ledger_next(ledger));
    assert_true(settle(ledger, TRAIN_A, OUTCOME_DONE));
    assert_next(ledger, ATTACK_A + 2);
    assert_null(ledger_next(ledger));
    assert_true(settle(ledger, ATTACK_A + 2, OUTCOME_DONE));
    assert_true(ledger_is_complete(ledger));
    close_scene(&scene);
}

/* An attack that failed for want of a network, its outcome on disk. */
static bool lose_network(struct ledger *ledger, size_t task)
{
    struct outcome outcome = outcome_of(task, OUTCOME_FAILED);
    assert_true(ledger_arrive(ledger, &ledger->tasks[task], &outcome));
    return ledger_lose_networks(ledger, &ledger->tasks[task], true, false);
}

static void a_network_that_is_lost_is_trained_again(void **state)
{
    (void)state;
    struct scene scene;
    struct ledger *ledger = open_scene(&scene, 0, NULL);
    ledger_start(ledger);
    assert_next(ledger, TRAIN_A);
    assert_true(settle(ledger, TRAIN_A, OUTCOME_DONE));
    for (size_t i = 0; i < 2; i++)
        assert_next(ledger, ATTACK_A + i);
    assert_true(lose_network(ledger, ATTACK_A));
    assert_counts(ledger);
    assert_int_equal(ledger->tasks[ATTACK_A].failures, 0);
    assert_int_equal(ledger->tasks[ATTACK_A + 2].state, TASK_WAITING);
    assert_next(ledger, TRAIN_B);
    assert_next(ledger, TRAIN_A);
    assert_true(lose_network(ledger, ATTACK_A + 1));
    assert_null(ledger_next(ledger));
    assert_true(settle(ledger, TRAIN_A, OUTCOME_DONE));
    for (size_t i = 0; i < 3; i++)
        assert_next(ledger, ATTACK_A + i);
    assert_counts(ledger);
    close_scene(&scene);
}

/* Else a disk that damages every file would keep the sweep busy for ever. */
static void a_network_is_trained_again_once(void **state)
{
    (void)state;
    struct scene scene;
    struct ledger *ledger = open_scene(&scene, 0, NULL);
    ledger_start(ledger);
    for (int i = 0; i < 2; i++) {
        assert_next(ledger, TRAIN_A);
        if (i == 0)
            assert_next(ledger, TRAIN_B);
        assert_true(settle(ledger, TRAIN_A, OUTCOME_DONE));
        assert_next(ledger, ATTACK_A);
        assert_int_equal(lose_network(ledger, ATTACK_A), i == 0);
    }
    ledger_settle(ledger, &ledger->tasks[ATTACK_A], OUTCOME_FAILED);
    assert_int_equal(ledger->tasks[ATTACK_A].failures, 1);
    assert_int_equal(ledger->tasks[ATTACK_A].state, TASK_READY);
    assert_int_equal(ledger->tasks[TRAIN_A].state, TASK_DONE);
    assert_counts(ledger);
    close_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cell_has_its_training_and_its_attacks),
        cmocka_unit_test(attacks_wait_for_their_training_and_then_come_first),
        cmocka_unit_test(arrived_is_not_done),
        cmocka_unit_test(a_training_without_a_network_voids_its_attacks),
        cmocka_unit_test(what_was_interrupted_is_tried_in_any_case),
        cmocka_unit_test(a_returned_task_is_handed_out_again),
        cmocka_unit_test(a_late_outcome_saves_the_work),
        cmocka_unit_test(results_are_recalled_and_failures_tried_again),
        cmocka_unit_test(a_result_is_never_given_up),
        cmocka_unit_test(results_of_attacks_outlive_that_of_their_training),
        cmocka_unit_test(a_network_is_trained_again_if_an_attack_needs_it),
        cmocka_unit_test(a_network_that_is_lost_is_trained_again),
        cmocka_unit_test(a_network_is_trained_again_once),
    };
    return cmocka_run_group_tests_name("ledger", tests, open_shared,
                                       close_shared);
}

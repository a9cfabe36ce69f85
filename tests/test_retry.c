/* What is tried again, and what is set aside. */
#include "sweep/only.h"
#include "sweep/retry.h"
#include "tests/fake_play.h"
#include "tests/test.h"

#include <string.h>

/* causes -------------------------------------------------------------- */

static enum retry_cause cause_of(const char *cause)
{
    struct outcome outcome = {
        .state = OUTCOME_FAILED, .cause = cause, .attempt = 1};
    return retry_find_cause(&outcome);
}

static void causes_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum retry_cause cause;
    } wanted[] = {
        {"signal 11 (Segmentation fault)", RETRY_DIED},
        {"signal 9 (Killed), perhaps out of memory", RETRY_DIED},
        {"signal 9 (Killed), out of memory as the system says", RETRY_MEMORY},
        {"signal 24 (CPU time limit exceeded)", RETRY_LIMIT},
        {"exit status 1", RETRY_DIED},
        {"exit status 2", RETRY_REFUSED},
        {"exit status 23", RETRY_DIED},
        {"exit status 0 without a whole record", RETRY_DIED},
        {"out of memory", RETRY_MEMORY},
        {"not started", RETRY_START},
        {"does not fit in memory", RETRY_ROOM},
        {"", RETRY_DIED},
    };
    for (size_t i = 0; i < KIND_COUNT(wanted); i++)
        if (cause_of(wanted[i].text) != wanted[i].cause)
            fail_msg("%s", wanted[i].text);
    struct outcome late = {.state = OUTCOME_TIMED_OUT, .cause = "killed"};
    assert_int_equal(retry_find_cause(&late), RETRY_LIMIT);
}

/* What the job's end explains is nobody's fault. */
static void only_what_failed_is_a_death(void **state)
{
    (void)state;
    for (int i = 0; i < OUTCOME_N_STATES; i++) {
        struct outcome outcome = {.state = (enum outcome_state)i,
                                  .cause = "signal 9 (Killed)",
                                  .attempt = 1};
        assert_int_equal(retry_is_death(&outcome),
                         i == OUTCOME_FAILED || i == OUTCOME_SET_ASIDE);
    }
    struct outcome hungry = {
        .state = OUTCOME_FAILED, .cause = "out of memory", .attempt = 1};
    assert_false(retry_is_death(&hungry));
}

static void lists_are_read_or_refused(void **state)
{
    (void)state;
    struct retry_policy policy = {0};
    assert_int_equal(retry_read("memory,died", &policy), STATUS_OK);
    for (int i = 0; i < RETRY_N_CAUSES; i++)
        assert_int_equal(policy.not_again[i],
                         i != RETRY_MEMORY && i != RETRY_DIED);
    assert_int_equal(retry_read("all", &policy), STATUS_OK);
    for (int i = 0; i < RETRY_N_CAUSES; i++)
        assert_false(policy.not_again[i]);
    assert_int_equal(retry_read("none", &policy), STATUS_OK);
    for (int i = 0; i < RETRY_N_CAUSES; i++)
        assert_true(policy.not_again[i]);
    static const char *const wrong[] = {
        "", ",", "died,", "dead", "all,died", "died memory", "diedmemory"};
    for (size_t i = 0; i < KIND_COUNT(wrong); i++) {
        assert_int_equal(retry_read(wrong[i], &policy), STATUS_INVALID);
        status_forget();
    }
}

/* the ledger ---------------------------------------------------------- */

/* Two cells with two attacks each, whose evaluations may be cut. */
struct scene {
    struct play play;
    struct arena arena;
    struct ledger ledger;
    struct retry_policy policy;
};

static void open_run(struct scene *scene, size_t cut)
{
    scene->arena = arena_open();
    ledger_open(&scene->play.cut[cut], &scene->play.cells, 1, &scene->arena,
                &scene->ledger);
    scene->ledger.retry = scene->policy;
}

static struct scene open_scene(uint64_t max_attempts, uint64_t max_deaths)
{
    struct scene scene = {.policy = {max_attempts, max_deaths, {false}}};
    play_open(&scene.play, 2, 2);
    return scene;
}

static void close_scene(struct scene *scene)
{
    arena_close(&scene->arena);
    play_close(&scene->play);
}

static struct outcome death_of(const struct scene *scene, size_t i,
                               const char *cause)
{
    struct outcome outcome = play_outcome(&scene->play, i, OUTCOME_FAILED, 1);
    outcome.cause = cause;
    return outcome;
}

/* The next task fails; returns the state in which that is kept. */
static enum outcome_state fail_next(struct scene *scene, const char *cause,
                                    struct task **task)
{
    struct ledger *ledger = &scene->ledger;
    *task = ledger_next(ledger);
    assert_non_null(*task);
    struct outcome outcome =
        death_of(scene, (size_t)(*task - ledger->tasks), cause);
    enum outcome_state kept = ledger_judge(ledger, *task, &outcome);
    assert_true(ledger_arrive(ledger, *task, &outcome));
    ledger_settle(ledger, *task, kept);
    return kept;
}

static void the_last_death_sets_aside(void **state)
{
    (void)state;
    struct scene scene = open_scene(100, 3);
    struct task *task;
    open_run(&scene, 0);
    ledger_start(&scene.ledger);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(fail_next(&scene, "signal 6 (Aborted)", &task),
                         OUTCOME_FAILED);
        assert_int_equal(task->state, TASK_READY);
    }
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(fail_next(&scene, "signal 6 (Aborted)", &task),
                         OUTCOME_SET_ASIDE);
        assert_int_equal(task->state, TASK_ASIDE);
    }
    assert_int_equal(scene.ledger.count[TASK_ASIDE], 2);
    assert_int_equal(scene.ledger.count[TASK_VOID], 4);
    assert_true(ledger_is_complete(&scene.ledger));
    close_scene(&scene);
}

static void what_is_explained_sets_nothing_aside(void **state)
{
    (void)state;
    struct scene scene = open_scene(10, 2);
    struct task *task;
    open_run(&scene, 0);
    ledger_start(&scene.ledger);
    for (size_t i = 0; i < 20; i++)
        assert_int_equal(fail_next(&scene, "out of memory", &task),
                         OUTCOME_FAILED);
    assert_int_equal(scene.ledger.count[TASK_FAILED], 2);
    assert_int_equal(task->deaths, 0);
    close_scene(&scene);
}

static void what_the_policy_bars_is_tried_once(void **state)
{
    (void)state;
    struct scene scene = open_scene(10, 0);
    struct task *task;
    assert_int_equal(retry_read("died", &scene.policy), STATUS_OK);
    open_run(&scene, 0);
    ledger_start(&scene.ledger);
    fail_next(&scene, "out of memory", &task);
    assert_int_equal(task->state, TASK_FAILED);
    for (size_t i = 0; i < 10; i++) {
        assert_int_equal(task->state, i ? TASK_READY : TASK_FAILED);
        fail_next(&scene, "signal 6 (Aborted)", &task);
    }
    assert_int_equal(task->state, TASK_FAILED);
    assert_true(ledger_is_complete(&scene.ledger));
    close_scene(&scene);
}

static struct outcome aside_of(const struct scene *scene, size_t i)
{
    struct outcome outcome = death_of(scene, i, "signal 6 (Aborted)");
    outcome.state = OUTCOME_SET_ASIDE;
    return outcome;
}

/* Deaths of earlier runs count, and begin anew after a setting aside. */
static void deaths_are_recalled(void **state)
{
    (void)state;
    struct scene scene = open_scene(100, 3);
    open_run(&scene, 0);
    struct ledger *ledger = &scene.ledger;
    struct outcome death = death_of(&scene, 0, "signal 6 (Aborted)");
    struct outcome memory = death_of(&scene, 0, "out of memory");
    struct outcome aside = aside_of(&scene, 0);
    ledger_recall(ledger, &death);
    ledger_recall(ledger, &memory);
    ledger_recall(ledger, &death);
    assert_int_equal(ledger->tasks[0].deaths, 2);
    ledger_recall(ledger, &aside);
    assert_int_equal(ledger->tasks[0].state, TASK_ASIDE);
    assert_int_equal(ledger->tasks[0].recalled, OUTCOME_SET_ASIDE);
    ledger_recall(ledger, &death);
    assert_int_equal(ledger->tasks[0].deaths, 1);
    assert_int_equal(ledger->tasks[0].state, TASK_READY);
    close_scene(&scene);
}

static void what_is_aside_stays_so_and_a_result_stands(void **state)
{
    (void)state;
    struct scene scene = open_scene(100, 3);
    open_run(&scene, 0);
    struct ledger *ledger = &scene.ledger;
    struct outcome first = aside_of(&scene, 0), second = aside_of(&scene, 3);
    struct outcome done = play_outcome(&scene.play, 3, OUTCOME_DONE, 2);
    ledger_recall(ledger, &first);
    ledger_recall(ledger, &done);
    ledger_recall(ledger, &second);
    ledger_start(ledger);
    assert_int_equal(ledger->tasks[0].state, TASK_ASIDE);
    assert_int_equal(ledger->count[TASK_VOID], 2);
    assert_int_equal(ledger->tasks[3].state, TASK_DONE);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(ledger_next(ledger)->cell, 1);
    assert_null(ledger_next(ledger));
    close_scene(&scene);
}

/* Of parts that now have another size. */
static void parts_keep_their_deaths(void **state)
{
    (void)state;
    struct scene scene = open_scene(100, 9);
    open_run(&scene, 1);
    struct outcome death = death_of(&scene, 1, "signal 6 (Aborted)");
    struct task *part = ledger_find(&scene.ledger, death.task);
    struct span span = part->span;
    arena_close(&scene.arena);
    open_run(&scene, 2);
    struct ledger *ledger = &scene.ledger;
    struct outcome done = play_outcome(&scene.play, 1, OUTCOME_DONE, 1);
    death.span = ledger_find(ledger, death.task)->span;
    done.span = span;
    assert_false(span_equal(span, death.span));
    ledger_recall(ledger, &death);
    ledger_recall(ledger, &death);
    ledger_recall(ledger, &done);
    ledger_cut(ledger);
    part = ledger_find_part(ledger, death.task, span);
    assert_int_equal(part->state, TASK_DONE);
    assert_int_equal(part->deaths, 0);
    for (size_t i = 0; i < ledger->n_tasks; i++)
        if (span_equal(ledger->tasks[i].span, death.span) &&
            digest_equal(ledger->tasks[i].digest, death.task))
            assert_int_equal(ledger->tasks[i].deaths, 2);
    close_scene(&scene);
}

/* some cells ---------------------------------------------------------- */

static size_t choose(struct scene *scene, const char *text)
{
    struct only only;
    assert_int_equal(only_read(text, &scene->play.cells, &scene->arena, &only),
                     STATUS_OK);
    size_t n = only_apply(&only, &scene->ledger);
    ledger_start(&scene->ledger);
    return n;
}

static void cells_that_are_not_asked_for_are_left_out(void **state)
{
    (void)state;
    struct scene scene = open_scene(1, 3);
    open_run(&scene, 0);
    struct ledger *ledger = &scene.ledger;
    assert_int_equal(choose(&scene, "1"), 3);
    assert_int_equal(ledger->count[TASK_LEFT_OUT], 3);
    struct task *task = ledger_next(ledger);
    assert_int_equal(task->cell, 1);
    assert_null(ledger_next(ledger));
    assert_false(ledger_is_complete(ledger));
    assert_false(ledger_needs_network(ledger, 0));
    close_scene(&scene);
}

/* One attack of a cell failed, another one was never begun: both are to do. */
static void failed_cells_are_those_with_a_failed_task(void **state)
{
    (void)state;
    struct scene scene = open_scene(1, 3);
    open_run(&scene, 0);
    struct outcome outcomes[] = {
        play_outcome(&scene.play, 0, OUTCOME_DONE, 1),
        play_outcome(&scene.play, 3, OUTCOME_DONE, 1),
        play_outcome(&scene.play, 5, OUTCOME_TIMED_OUT, 1)};
    for (size_t i = 0; i < KIND_COUNT(outcomes); i++)
        ledger_recall(&scene.ledger, &outcomes[i]);
    assert_int_equal(choose(&scene, "failed"), 2);
    assert_int_equal(scene.ledger.count[TASK_LEFT_OUT], 2);
    assert_int_equal(scene.ledger.count[TASK_DONE], 2);
    close_scene(&scene);
}

/* A failure that a later attempt has made good. */
static void what_was_made_good_has_not_failed(void **state)
{
    (void)state;
    struct scene scene = open_scene(1, 3);
    open_run(&scene, 0);
    struct outcome death = death_of(&scene, 0, "signal 6 (Aborted)");
    struct outcome done = play_outcome(&scene.play, 0, OUTCOME_DONE, 2);
    ledger_recall(&scene.ledger, &death);
    ledger_recall(&scene.ledger, &done);
    assert_int_equal(choose(&scene, "failed"), 0);
    assert_true(ledger_is_complete(&scene.ledger));
    close_scene(&scene);
}

static void what_is_aside_is_tried_if_asked_for(void **state)
{
    (void)state;
    struct scene scene = open_scene(1, 3);
    open_run(&scene, 0);
    struct outcome aside = aside_of(&scene, 0);
    ledger_recall(&scene.ledger, &aside);
    assert_int_equal(choose(&scene, "0"), 3);
    struct task *task = ledger_next(&scene.ledger);
    assert_int_equal(task->cell, 0);
    assert_int_equal(task->deaths, 0);
    close_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(causes_are_told_apart),
        cmocka_unit_test(only_what_failed_is_a_death),
        cmocka_unit_test(lists_are_read_or_refused),
        cmocka_unit_test(the_last_death_sets_aside),
        cmocka_unit_test(what_is_explained_sets_nothing_aside),
        cmocka_unit_test(what_the_policy_bars_is_tried_once),
        cmocka_unit_test(deaths_are_recalled),
        cmocka_unit_test(what_is_aside_stays_so_and_a_result_stands),
        cmocka_unit_test(parts_keep_their_deaths),
        cmocka_unit_test(cells_that_are_not_asked_for_are_left_out),
        cmocka_unit_test(failed_cells_are_those_with_a_failed_task),
        cmocka_unit_test(what_was_made_good_has_not_failed),
        cmocka_unit_test(what_is_aside_is_tried_if_asked_for),
    };
    return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}

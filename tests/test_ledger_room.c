/* The ledger and tasks for which there is no room in memory. */
#include "sweep/ledger.h"
#include "tests/fake_play.h"
#include "tests/test.h"

/* A cell with two attacks. */
struct scene {
    struct play play;
    struct arena arena;
    struct ledger ledger;
};

/* The ledger of a run with three attempts, recalling an outcome first. */
static void open_scene(struct scene *scene, const struct outcome *outcome)
{
    play_open(&scene->play, 1, 2);
    scene->arena = arena_open();
    ledger_open(&scene->play.experiment, &scene->play.cells, 3, &scene->arena,
                &scene->ledger);
    if (outcome)
        ledger_recall(&scene->ledger, outcome);
    ledger_start(&scene->ledger);
}

static void close_scene(struct scene *scene)
{
    arena_close(&scene->arena);
    play_close(&scene->play);
}

/* The next task ends as failed in this attempt; 0: it was not started. */
static struct task *fail_next(struct scene *scene, uint64_t attempt)
{
    struct task *task = ledger_next(&scene->ledger);
    assert_non_null(task);
    struct outcome outcome =
        play_outcome(&scene->play, (size_t)(task - scene->ledger.tasks),
                     OUTCOME_FAILED, attempt);
    assert_true(ledger_arrive(&scene->ledger, task, &outcome));
    ledger_settle(&scene->ledger, task, OUTCOME_FAILED);
    return task;
}

static void what_does_not_fit_is_not_tried_again(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, NULL);
    struct task *task = fail_next(&scene, 0);
    assert_int_equal(task->state, TASK_FAILED);
    assert_int_equal(task->attempts, 0);
    assert_int_equal(scene.ledger.count[TASK_VOID], 2);
    assert_true(ledger_is_complete(&scene.ledger));
    close_scene(&scene);
}

/* Where there may be more room. */
static void it_is_tried_by_the_next_run(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, NULL);
    struct outcome outcome = play_outcome(&scene.play, 0, OUTCOME_FAILED, 0);
    close_scene(&scene);
    open_scene(&scene, &outcome);
    assert_int_equal(ledger_next(&scene.ledger)->attempts, 0);
    close_scene(&scene);
}

static void attempts_that_were_made_count_before_it(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, NULL);
    assert_int_equal(fail_next(&scene, 1)->state, TASK_READY);
    struct task *task = fail_next(&scene, 0);
    assert_int_equal(task->state, TASK_FAILED);
    assert_int_equal(task->attempts, 1);
    close_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_does_not_fit_is_not_tried_again),
        cmocka_unit_test(it_is_tried_by_the_next_run),
        cmocka_unit_test(attempts_that_were_made_count_before_it),
    };
    return cmocka_run_group_tests_name("ledger_room", tests, NULL, NULL);
}

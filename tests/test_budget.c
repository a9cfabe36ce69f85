/* A budget in core-hours: when a sweep stops to begin cells, and goes on. */
#include "sweep/ledger.h"
#include "tests/read_experiment.h"
#include "tests/test.h"

#include <string.h>

enum { N_CELLS = 10, OUTCOMES_MAX = 64 };

/* An experiment of ten cells with an attack each, and what is on its disk. */
struct scene {
    struct arena arena;
    struct experiment experiment;
    struct cells cells;
    struct ledger ledger;
    size_t n_outcomes;
    struct outcome outcomes[OUTCOMES_MAX];
};

static void begin(struct scene *scene, double hours, const char *rest)
{
    struct arena *arena = &scene->arena;
    scene->experiment = read_experiment_text(
        arena, arena_print(arena, "budget = { core_hours = %g; }; seeds = 10; "
                                  "%s", hours, rest));
    scene->cells = space_enumerate(&scene->experiment, arena);
    ledger_open(&scene->experiment, &scene->cells, 1, arena, &scene->ledger);
    for (size_t i = 0; i < scene->n_outcomes; i++)
        ledger_recall(&scene->ledger, &scene->outcomes[i]);
    ledger_start(&scene->ledger);
}

static const char attack[] = "attacks = \"fgsm\";";

static void finish(struct scene *scene, struct task *task,
                   enum outcome_state state, double wall_s, const char *means)
{
    struct outcome outcome = {
        .task = task->digest, .cell = scene->cells.at[task->cell].digest,
        .span = task->span, .spec = "", .state = state, .cause = "",
        .message = "", .host = "", .means = means,
        .attempt = task->attempts + 1, .wall_s = wall_s};
    assert_true(scene->n_outcomes < OUTCOMES_MAX);
    scene->outcomes[scene->n_outcomes++] = outcome;
    assert_true(ledger_arrive(&scene->ledger, task, &outcome));
    ledger_settle(&scene->ledger, task, state);
}

/* One task after the other, as long as there are any; returns their number. */
static size_t run(struct scene *scene, double wall_s, const char *means)
{
    size_t n = 0;
    for (struct task *task; (task = ledger_next(&scene->ledger)) != NULL; n++)
        finish(scene, task, OUTCOME_DONE, wall_s, means);
    assert_true(ledger_is_complete(&scene->ledger));
    return n;
}

static size_t count_trained(const struct scene *scene)
{
    size_t n = 0;
    for (size_t i = 0; i < scene->ledger.n_tasks; i++) {
        const struct task *task = &scene->ledger.tasks[i];
        n += task->attack == LEDGER_TRAIN && task->state == TASK_DONE;
    }
    return n;
}

static void close_scene(struct scene *scene)
{
    arena_close(&scene->arena);
    memset(scene, 0, sizeof *scene);
}

/* Training and attack take ten minutes each: of an hour, three cells. */
static void no_cell_is_begun_once_it_is_used_up(void **state)
{
    (void)state;
    struct scene scene = {.arena = arena_open()};
    begin(&scene, 1, attack);
    assert_int_equal(run(&scene, 600, "1 thread"), 6);
    assert_int_equal(count_trained(&scene), 3);
    assert_int_equal(scene.ledger.spending.n_cells, N_CELLS - 3);
    assert_int_equal(scene.ledger.count[TASK_LEFT_OUT], 2 * (N_CELLS - 3));
    for (size_t i = 0; i < 6; i++) /* the first in their order */
        assert_int_equal(scene.ledger.tasks[i].state, TASK_DONE);
    close_scene(&scene);
}

static void a_larger_budget_goes_on(void **state)
{
    (void)state;
    struct scene scene = {.arena = arena_open()};
    begin(&scene, 1, attack);
    assert_int_equal(run(&scene, 600, "1 thread"), 6);
    begin(&scene, 1, attack);
    assert_int_equal(run(&scene, 600, "1 thread"), 0);
    assert_true(scene.ledger.spending.used_s == 3600);
    begin(&scene, 2, attack);
    assert_int_equal(run(&scene, 600, "1 thread"), 6);
    assert_int_equal(count_trained(&scene), 6);
    begin(&scene, 100, attack);
    assert_int_equal(run(&scene, 600, "1 thread"), 8);
    assert_int_equal(count_trained(&scene), N_CELLS);
    assert_false(scene.ledger.spending.ended);
    close_scene(&scene);
}

static void threads_and_failures_count(void **state)
{
    (void)state;
    struct scene scene = {.arena = arena_open()};
    begin(&scene, 1, attack);
    assert_int_equal(run(&scene, 600, "2 threads, recomputing"), 4);
    close_scene(&scene);
    scene.arena = arena_open();
    begin(&scene, 1, "");
    for (size_t i = 0; i < 2; i++)
        finish(&scene, ledger_next(&scene.ledger), OUTCOME_FAILED, 1800, "");
    assert_null(ledger_next(&scene.ledger));
    assert_int_equal(scene.ledger.spending.n_cells, N_CELLS - 2);
    close_scene(&scene);
    scene.arena = arena_open();
    begin(&scene, 1, "");
    assert_non_null(ledger_next(&scene.ledger));
    ledger_spend(&scene.ledger, 3600); /* a rank was lost */
    assert_null(ledger_next(&scene.ledger));
    close_scene(&scene);
}

/* What others have computed did not cost this sweep. */
static void results_taken_over_cost_nothing(void **state)
{
    (void)state;
    struct scene scene = {.arena = arena_open()};
    begin(&scene, 1, "");
    finish(&scene, ledger_next(&scene.ledger), OUTCOME_DONE, 5000, "1 thread");
    assert_null(ledger_next(&scene.ledger));
    scene.outcomes[0].origin = "other.sweep";
    begin(&scene, 1, "");
    assert_true(scene.ledger.spending.used_s == 0);
    assert_int_equal(run(&scene, 1800, "1 thread"), 2);
    close_scene(&scene);
}

static void what_has_begun_is_finished(void **state)
{
    (void)state;
    struct scene scene = {.arena = arena_open()};
    begin(&scene, 1, attack);
    struct task *one = ledger_next(&scene.ledger);
    struct task *two = ledger_next(&scene.ledger);
    struct task *three = ledger_next(&scene.ledger);
    finish(&scene, one, OUTCOME_DONE, 4000, "1 thread");
    assert_int_equal(ledger_next(&scene.ledger)->cell, 0); /* its attack */
    assert_null(ledger_next(&scene.ledger));
    finish(&scene, two, OUTCOME_DONE, 10, "1 thread");
    assert_int_equal(ledger_next(&scene.ledger)->cell, 1);
    finish(&scene, three, OUTCOME_INTERRUPTED, 10, "1 thread");
    /* In the next run, too, where the training comes first. */
    begin(&scene, 1, attack);
    assert_int_equal(run(&scene, 600, "1 thread"), 4);
    assert_int_equal(count_trained(&scene), 3);
    close_scene(&scene);
}

/* Four ranks at a time: what each of them has begun is as good as spent. */
static void what_has_begun_counts_before_it_is_done(void **state)
{
    (void)state;
    struct scene scene = {.arena = arena_open()};
    begin(&scene, 1, attack);
    struct task *one = ledger_next(&scene.ledger);
    struct task *two = ledger_next(&scene.ledger);
    finish(&scene, one, OUTCOME_DONE, 600, "1 thread");
    finish(&scene, ledger_next(&scene.ledger), OUTCOME_DONE, 600, "1 thread");
    /* 1200 s are spent, the second cell will take as much. */
    struct task *three = ledger_next(&scene.ledger);
    assert_non_null(three);
    /* A fourth one would be too much. */
    assert_null(ledger_next(&scene.ledger));
    assert_false(ledger_is_complete(&scene.ledger));
    assert_false(scene.ledger.spending.ended);
    finish(&scene, two, OUTCOME_DONE, 600, "1 thread");
    struct task *attack_on_two = ledger_next(&scene.ledger);
    assert_int_equal(attack_on_two->cell, two->cell);
    assert_null(ledger_next(&scene.ledger));
    finish(&scene, attack_on_two, OUTCOME_DONE, 600, "1 thread");
    assert_null(ledger_next(&scene.ledger));
    finish(&scene, three, OUTCOME_DONE, 600, "1 thread");
    assert_int_equal(run(&scene, 600, "1 thread"), 1);
    assert_true(scene.ledger.spending.used_s == 3600);
    assert_int_equal(count_trained(&scene), 3);
    close_scene(&scene);
}

/* It took less than was expected: there is room for another one after all. */
static void who_was_waited_for_in_vain_makes_room(void **state)
{
    (void)state;
    struct scene scene = {.arena = arena_open()};
    begin(&scene, 1, "");
    struct task *one = ledger_next(&scene.ledger);
    struct task *two = ledger_next(&scene.ledger);
    finish(&scene, one, OUTCOME_DONE, 2000, "1 thread");
    assert_null(ledger_next(&scene.ledger));
    finish(&scene, two, OUTCOME_DONE, 10, "1 thread");
    struct task *three = ledger_next(&scene.ledger);
    assert_non_null(three);
    ledger_return(&scene.ledger, three); /* its rank is lost */
    assert_non_null(ledger_next(&scene.ledger));
    close_scene(&scene);
}

/* Attacks of a cell that has begun are made on a network that is not there. */
static void networks_for_attacks_of_begun_cells_are_trained(void **state)
{
    (void)state;
    struct scene scene = {.arena = arena_open()};
    begin(&scene, 1, "attacks = ( { kind = \"fgsm\"; source = { seed = 11; }; "
                     "} );");
    assert_int_equal(scene.cells.n, N_CELLS + 1);
    finish(&scene, ledger_next(&scene.ledger), OUTCOME_DONE, 3600, "1 thread");
    struct task *source = ledger_next(&scene.ledger);
    assert_int_equal(source->cell, N_CELLS);
    finish(&scene, source, OUTCOME_DONE, 10, "1 thread");
    assert_int_equal(run(&scene, 10, "1 thread"), 1);
    assert_int_equal(count_trained(&scene), 2);
    close_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_cell_is_begun_once_it_is_used_up),
        cmocka_unit_test(a_larger_budget_goes_on),
        cmocka_unit_test(threads_and_failures_count),
        cmocka_unit_test(results_taken_over_cost_nothing),
        cmocka_unit_test(what_has_begun_is_finished),
        cmocka_unit_test(what_has_begun_counts_before_it_is_done),
        cmocka_unit_test(who_was_waited_for_in_vain_makes_room),
        cmocka_unit_test(networks_for_attacks_of_begun_cells_are_trained),
    };
    return cmocka_run_group_tests_name("budget", tests, NULL, NULL);
}

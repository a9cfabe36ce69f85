/* Attacks that are made on other cells: what is trained, and who waits for
 * whom. */
#include "sweep/ledger.h"
#include "tests/read_experiment.h"
#include "tests/test.h"

#include <string.h>

struct scene {
    struct arena arena;
    struct experiment experiment;
    struct cells cells;
    struct ledger ledger;
};

static void open_scene(struct scene *scene, const char *text)
{
    scene->arena = arena_open();
    scene->experiment = read_experiment_text(&scene->arena, text);
    scene->cells = space_enumerate(&scene->experiment, &scene->arena);
    ledger_open(&scene->experiment, &scene->cells, 1, &scene->arena,
                &scene->ledger);
}

static struct task *training(struct scene *scene, size_t cell)
{
    return &scene->ledger.tasks[scene->ledger.first[cell]];
}

static void settle(struct ledger *ledger, struct task *task,
                   enum outcome_state state)
{
    struct outcome outcome = {.task = task->digest,
                              .state = state,
                              .attempt = task->attempts + 1,
                              .cause = ""};
    assert_true(ledger_arrive(ledger, task, &outcome));
    ledger_settle(ledger, task, state);
}

/* The next is a training; ends it so. */
static void train(struct scene *scene, size_t cell, enum outcome_state state)
{
    struct task *task = ledger_next(&scene->ledger);
    assert_ptr_equal(task, training(scene, cell));
    settle(&scene->ledger, task, state);
}

#define TWO "seeds = 2; attacks = { kind = \"fgsm\"; source = { seed = 2; }; };"

/* Cell 0 is of seed 1, cell 1 of seed 2, which is its own source. */
static void an_attack_waits_for_both_trainings(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, TWO);
    struct ledger *ledger = &scene.ledger;
    assert_int_equal(ledger->n_tasks, 4);
    assert_int_equal(ledger->tasks[1].source, 1);
    assert_int_equal(ledger->tasks[3].source, 1);
    ledger_start(ledger);
    train(&scene, 0, OUTCOME_DONE);
    assert_int_equal(ledger->tasks[1].state, TASK_WAITING);
    train(&scene, 1, OUTCOME_DONE);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(ledger->tasks[1 + 2 * i].state, TASK_READY);
    for (size_t i = 0; i < 2; i++)
        settle(ledger, ledger_next(ledger), OUTCOME_DONE);
    assert_null(ledger_next(ledger));
    assert_true(ledger_is_complete(ledger));
    arena_close(&scene.arena);
}

static void without_the_sources_network_it_is_void(void **state)
{
    (void)state;
    for (int fails = 0; fails < 2; fails++) {
        struct scene scene;
        open_scene(&scene, TWO);
        ledger_start(&scene.ledger);
        train(&scene, 0, OUTCOME_DONE);
        train(&scene, 1, fails ? OUTCOME_FAILED : OUTCOME_DIVERGED);
        assert_null(ledger_next(&scene.ledger));
        assert_true(ledger_is_complete(&scene.ledger));
        assert_int_equal(scene.ledger.count[TASK_VOID], 2);
        arena_close(&scene.arena);
    }
}

static void a_source_that_is_lost_is_trained_again(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, TWO);
    struct ledger *ledger = &scene.ledger;
    ledger_start(ledger);
    train(&scene, 0, OUTCOME_DONE);
    train(&scene, 1, OUTCOME_DONE);
    assert_true(ledger_needs_network(ledger, 1));
    struct task *task = ledger_next(ledger), *own = &ledger->tasks[3];
    assert_int_equal(task->cell, 0);
    assert_int_equal(own->state, TASK_READY);
    struct outcome outcome = {.task = task->digest,
                              .state = OUTCOME_FAILED,
                              .attempt = 1,
                              .cause = ""};
    assert_true(ledger_arrive(ledger, task, &outcome));
    assert_true(ledger_lose_networks(ledger, task, false, true));
    assert_int_equal(task->state, TASK_WAITING);
    assert_int_equal(own->state, TASK_WAITING);
    train(&scene, 1, OUTCOME_DONE);
    assert_ptr_equal(ledger_next(ledger), task);
    settle(ledger, task, OUTCOME_DONE);
    assert_true(ledger_needs_network(ledger, 1));
    assert_ptr_equal(ledger_next(ledger), own);
    settle(ledger, own, OUTCOME_DONE);
    assert_false(ledger_needs_network(ledger, 1));
    assert_true(ledger_is_complete(ledger));
    arena_close(&scene.arena);
}

static void both_networks_that_are_lost_are_trained_again(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, TWO);
    struct ledger *ledger = &scene.ledger;
    ledger_start(ledger);
    train(&scene, 0, OUTCOME_DONE);
    train(&scene, 1, OUTCOME_DONE);
    struct task *task = ledger_next(ledger);
    struct outcome outcome = {.task = task->digest,
                              .state = OUTCOME_FAILED,
                              .attempt = 1,
                              .cause = ""};
    assert_true(ledger_arrive(ledger, task, &outcome));
    assert_false(ledger_lose_networks(ledger, task, false, false));
    assert_true(ledger_lose_networks(ledger, task, true, true));
    for (size_t cell = 0; cell < 2; cell++) {
        assert_int_equal(task->state, TASK_WAITING);
        train(&scene, cell, OUTCOME_DONE);
    }
    /* Once in a run. */
    struct task *next[2] = {ledger_next(ledger), ledger_next(ledger)};
    assert_true(task == next[0] || task == next[1]);
    outcome.attempt = 2;
    assert_true(ledger_arrive(ledger, task, &outcome));
    assert_false(ledger_lose_networks(ledger, task, true, true));
    arena_close(&scene.arena);
}

/* Its cell is none of the file's: it is trained, and not attacked. */
static void a_source_that_no_cell_is_is_trained_besides(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene,
               "surrogate = [\"triangular\", \"atan\"]; seeds = 2;"
               "attacks = ( \"fgsm\", { kind = \"pgd\"; source = ( \"own\","
               " { surrogate = \"atan\"; }, { seed = 5; } ); } );");
    assert_int_equal(space_count_attacks(&scene.experiment), 4);
    assert_int_equal(scene.cells.n, 6);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(scene.cells.at[i].only_source, i >= 4);
    assert_int_equal(scene.ledger.n_tasks, 4 * 5 + 2);
    for (size_t i = 0; i < 4; i++) {
        struct arena arena = arena_open();
        for (size_t k = 0; k < 4; k++) {
            struct evaluation evaluation = space_evaluation(
                &scene.experiment, &scene.cells.at[i], k, &arena);
            assert_null(evaluation.pruned);
            assert_int_equal(evaluation.has_source, k >= 2);
            struct spec cell = spec_without_attack(evaluation.source);
            size_t source =
                scene.ledger.tasks[scene.ledger.first[i] + 1 + k].source;
            assert_int_equal(source, k < 2   ? i
                                     : k < 3 ? 2 + i % 2
                                             : 4 + i / 2);
            assert_true(k < 2 ||
                        digest_equal(spec_digest(&cell),
                                     scene.cells.at[source].digest));
        }
        arena_close(&arena);
    }
    arena_close(&scene.arena);
}

#define ANALOG                                                                 \
    "neuron = { kind = \"pif\"; reset = \"soft\"; }; conversion = \"qcfs\";"

/* The weights are the cell's own: nothing else is trained. */
static void a_converted_cell_may_be_its_own_analog_source(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, ANALOG "attacks = { source = { analog = true; }; };");
    assert_int_equal(scene.cells.n, 1);
    assert_int_equal(scene.ledger.n_tasks, 2);
    assert_int_equal(scene.ledger.tasks[1].source, 0);
    ledger_start(&scene.ledger);
    train(&scene, 0, OUTCOME_DONE);
    settle(&scene.ledger, ledger_next(&scene.ledger), OUTCOME_DONE);
    assert_true(ledger_is_complete(&scene.ledger));
    arena_close(&scene.arena);
}

static void a_source_that_makes_no_sense_prunes_the_attack(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"attacks = { source = { neuron = \"pif\"; conversion = \"qcfs\";"
         " encoding = \"poisson\"; }; };",
         "attack_source: its conversion qcfs"},
        {"attacks = { source = { seed = 2; analog = true; }; };",
         "no conversion"},
        {ANALOG "attacks = { surrogate = \"atan\"; source = { analog = true; };"
                " };", "analog neurons"},
        {ANALOG "attacks = { surrogate = { kind = \"own\"; scale = 2; };"
                " source = { analog = true; }; };", "surrogate is without"},
        {ANALOG "attacks = { rule = \"bptr\"; source = { analog = true; }; };",
         "rule would be another's"},
        {"neuron = ( { kind = \"lif\"; leak = 0.5; }, \"if\" );"
         "exclude = { neuron = \"lif\"; };"
         "attacks = { source = { neuron = { leak = 0.9; }; }; };",
         "no parameter leak"},
    };
    for (size_t i = 0; i < KIND_COUNT(cases); i++) {
        struct arena arena = arena_open();
        struct experiment experiment =
            read_experiment_text(&arena, cases[i].text);
        struct cells cells = space_enumerate(&experiment, &arena);
        assert_int_equal(cells.n, 1);
        struct evaluation evaluation =
            space_evaluation(&experiment, &cells.at[0], 0, &arena);
        assert_non_null(evaluation.pruned);
        assert_non_null(strstr(evaluation.pruned, cases[i].part));
        arena_close(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_attack_waits_for_both_trainings),
        cmocka_unit_test(without_the_sources_network_it_is_void),
        cmocka_unit_test(a_source_that_is_lost_is_trained_again),
        cmocka_unit_test(both_networks_that_are_lost_are_trained_again),
        cmocka_unit_test(a_source_that_no_cell_is_is_trained_besides),
        cmocka_unit_test(a_converted_cell_may_be_its_own_analog_source),
        cmocka_unit_test(a_source_that_makes_no_sense_prunes_the_attack),
    };
    return cmocka_run_group_tests_name("ledger source", tests, NULL, NULL);
}

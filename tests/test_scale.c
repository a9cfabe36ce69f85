/*
 * The coordinator and the ledger with tens of thousands of tasks: what a task
 * costs must not grow with their number, nor with that of ranks.
 */
#include "core/spec.h"
#include "tests/bench_clock.h"
#include "tests/fake_job.h"
#include "tests/read_experiment.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

static const struct job_terms terms = {.n_ranks = 1000,
                                       .latency_s = 1e-5,
                                       .message_s = 1e-6,
                                       .hand_out_s = 1e-5,
                                       .flush_s = 5e-3,
                                       .nap_s = 5e-3,
                                       .median_s = 10e-3,
                                       .sigma = 0.3,
                                       .training_factor = 1};

struct scene {
    struct arena arena;
    struct experiment experiment;
    struct cells cells;
    struct ledger ledger;
};

static void open_scene(struct scene *scene, size_t n_seeds)
{
    scene->arena = arena_open();
    scene->experiment = read_experiment_text(
        &scene->arena,
        arena_print(&scene->arena,
                    "dataset = \"synthetic\";\n"
                    "surrogate = [ \"triangular\", \"rectangular\" ];\n"
                    "encoding = [ \"direct\", \"poisson\" ];\n"
                    "seeds = %zu;\n"
                    "exclude = ( { encoding = \"poisson\"; attack = \"fgsm\"; } );\n"
                    "attacks = ( { kind = \"fgsm\"; samples_per_task = 100; },\n"
                    "            { kind = \"pgd\"; n_steps = [7, 20, 7]; } );\n",
                    n_seeds));
    scene->cells = space_enumerate(&scene->experiment, &scene->arena);
    for (size_t i = 0; i < scene->cells.n; i++)
        scene->cells.at[i].n_test = 200;
    ledger_open(&scene->experiment, &scene->cells, 3, &scene->arena,
                &scene->ledger);
}

static struct job_figures run(struct scene *scene,
                              const struct job_terms *of)
{
    ledger_start(&scene->ledger);
    return fake_job_run(of, &scene->ledger, (struct demand){NULL, NULL});
}

/* Microseconds of processor time; four times the aim, for busy machines. */
static const double LEDGER_US = 80, TASK_US = 80, MESSAGE_US = 40;

static void a_task_costs_microseconds_however_many_there_are(void **state)
{
    (void)state;
    struct scene scene;
    struct bench_times start = bench_now();
    open_scene(&scene, 2000);
    double opening_s = bench_since(start).cpu_s;
    struct job_figures figures = run(&scene, &terms);
    double n = (double)scene.ledger.n_tasks;
    /* Per seed four trainings, eight pgd, and two of two parts each of fgsm. */
    assert_int_equal(scene.ledger.n_tasks, 2000 * (4 + 8 + 4));
    assert_int_equal(figures.n_outcomes, scene.ledger.n_tasks);
    assert_true(1e6 * opening_s / n < LEDGER_US);
    assert_true(1e6 * figures.cpu_s / n < TASK_US);
    arena_close(&scene.arena);
}

static void many_ranks_make_a_task_no_dearer(void **state)
{
    (void)state;
    struct scene scene;
    struct job_terms many = terms;
    many.n_ranks = 10000;
    many.median_s = 100; /* one message at a time */
    many.sigma = 1;
    many.progress = true;
    many.nap_s = 0.1;
    open_scene(&scene, 700);
    struct job_figures figures = run(&scene, &many);
    assert_int_equal(figures.n_outcomes, scene.ledger.n_tasks);
    assert_true(figures.n_steps > scene.ledger.n_tasks / 2);
    assert_true(1e6 * figures.cpu_s <
                MESSAGE_US * (double)figures.n_messages);
    arena_close(&scene.arena);
}

/* Ranks that fall silent, attempts that fail, and a job that is stopped. */
static void nothing_is_lost_or_doubled_among_many_ranks(void **state)
{
    (void)state;
    struct scene scene;
    struct job_terms hard = terms;
    hard.n_ranks = 3000;
    hard.progress = true;
    hard.nap_s = 0.1;
    hard.median_s = 30;
    hard.sigma = 1;
    hard.failing_share = 0.01;
    hard.dying_share = 0.1;
    hard.dying_within_s = 100;
    open_scene(&scene, 1000);
    struct job_figures figures = run(&scene, &hard);
    assert_true(ledger_is_complete(&scene.ledger));
    assert_in_range(figures.n_lost, 200, 400);
    assert_true(figures.n_outcomes > scene.ledger.n_tasks);
    assert_true(fake_job_utilisation(&figures) > 0.9);
    arena_close(&scene.arena);
    open_scene(&scene, 1000);
    hard.stop_s = 50;
    hard.leave_s = 15;
    figures = run(&scene, &hard);
    assert_false(ledger_is_complete(&scene.ledger));
    assert_true(figures.end_s < 50 + 15 + 121);
    assert_true(figures.tail_s >= 50 && figures.tail_s < 51);
    arena_close(&scene.arena);
}

/* What is made once for all cells is what each would make of its own. */
static void tasks_are_what_their_specs_say(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, 200);
    for (size_t i = 0; i < scene.ledger.n_tasks; i += 7) {
        struct arena arena = arena_open();
        const struct task *task = &scene.ledger.tasks[i];
        const struct cell *cell = &scene.cells.at[task->cell];
        struct spec spec = ledger_spec(&scene.ledger, task);
        assert_true(digest_equal(spec_digest(&spec), task->digest));
        assert_string_equal(ledger_print(&scene.ledger, task, &arena),
                            spec_print(&spec, true, &arena));
        if (task->attack != LEDGER_TRAIN) {
            struct evaluation evaluation = space_evaluation(
                &scene.experiment, cell, task->attack, &arena);
            assert_true(digest_equal(evaluation.digest, task->digest));
            assert_null(evaluation.pruned);
        }
        arena_close(&arena);
    }
    arena_close(&scene.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_costs_microseconds_however_many_there_are),
        cmocka_unit_test(many_ranks_make_a_task_no_dearer),
        cmocka_unit_test(nothing_is_lost_or_doubled_among_many_ranks),
        cmocka_unit_test(tasks_are_what_their_specs_say),
    };
    return cmocka_run_group_tests_name("scale", tests, NULL, NULL);
}

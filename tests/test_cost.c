/* What is begun first, and what is not begun any more. */
#include "sweep/coordinator_parts.h"
#include "tests/fake_play.h"
#include "tests/test.h"

#include <math.h>
#include <stdlib.h>

/* guesses ------------------------------------------------------------- */

static double guess(const char *settings)
{
    struct arena arena = arena_open();
    struct spec spec;
    const char *text = arena_print(
        &arena, "dataset = synthetic\nnetwork = mlp\ntraining = bptt\n%s",
        settings);
    assert_int_equal(spec_parse(text, &spec, &arena), STATUS_OK);
    double cost = cost_guess(&spec, (struct span){0}, 1 << 20, 1000, 100);
    arena_close(&arena);
    return cost;
}

static double passes(const char *attack)
{
    struct arena arena = arena_open();
    struct spec spec;
    const char *text =
        arena_print(&arena, "training = bptt\nattack = %s", attack);
    assert_int_equal(spec_parse(text, &spec, &arena), STATUS_OK);
    double n = cost_count_passes(&spec.at[SPEC_ATTACK]);
    arena_close(&arena);
    return n;
}

static void more_epochs_and_more_images_cost_more(void **state)
{
    (void)state;
    double one = guess("training.n_epochs = 1\n");
    assert_true(one > 0);
    assert_true(fabs(guess("training.n_epochs = 7\n") - 7 * one) < 1e-6 * one);
    struct arena arena = arena_open();
    struct spec spec;
    assert_int_equal(
        spec_parse("training = bptt\nattack = fgsm\n", &spec, &arena),
        STATUS_OK);
    struct span part = {10, 25, 100};
    double whole = cost_guess(&spec, (struct span){0}, 1 << 20, 1000, 100);
    double quarter = cost_guess(&spec, part, 1 << 20, 1000, 100);
    assert_true(fabs(whole - 4 * quarter) < 1e-6 * whole);
    assert_true(cost_guess(&spec, part, 2 << 20, 1000, 100) > quarter);
    assert_true(cost_guess(&spec, part, 0, 0, 0) == 0);
    arena_close(&arena);
}

static void queries_are_counted(void **state)
{
    (void)state;
    double fgsm =
        passes("fgsm\nattack.epsilons = [0, 0.1]\nattack.n_draws = 1\n");
    assert_true(fgsm == 2);
    assert_true(passes("pgd\nattack.epsilons = [0, 0.1]\nattack.n_steps = 7\n"
                       "attack.n_draws = 3\nattack.n_restarts = 2\n") ==
                2 * 7 * 3 * 2);
    assert_true(passes("square\nattack.epsilons = [0.1]\nattack.n_queries = "
                       "500\nattack.n_draws = 1\n") == 500);
}

/* order --------------------------------------------------------------- */

/* Cells by their seed, 1, 2, ..: it is what they cost. */
static double cost_of_seed(void *self, const struct spec *spec,
                           struct span span)
{
    (void)span;
    struct arena arena = arena_open();
    const struct choice *training = &spec->at[SPEC_TRAINING];
    const struct row *row = kind_find_row(training->kind, "seed");
    double seed = strtod(row_print(row, training->params, &arena), NULL);
    arena_close(&arena);
    return seed * *(const double *)self;
}

static bool always(void *self, const struct spec *spec)
{
    (void)self;
    (void)spec;
    return true;
}

static bool never(void *self, const struct spec *spec)
{
    (void)self;
    (void)spec;
    return false;
}

struct scene {
    struct play play;
    struct arena arena;
    struct ledger ledger;
    struct coordinator coordinator;
    struct fake_wire wire;
    struct chance chance;
    double unit;
};

static void open_scene(struct scene *scene, double unit,
                       bool (*keeps)(void *self, const struct spec *spec))
{
    *scene = (struct scene){.unit = unit, .arena = arena_open()};
    play_open(&scene->play, 5, 2);
    fake_wire_open(&scene->wire, 1, &scene->chance);
    ledger_open(&scene->play.experiment, &scene->play.cells, 1, &scene->arena,
                &scene->ledger);
    scene->ledger.rule = (struct cost_rule){&scene->unit, cost_of_seed, keeps};
    ledger_start(&scene->ledger);
    coordinator_open(&scene->wire.at[0], &scene->ledger, (struct keeper){0},
                     &scene->arena, &scene->coordinator);
}

static void close_scene(struct scene *scene)
{
    coordinator_close(&scene->coordinator);
    fake_wire_close(&scene->wire);
    arena_close(&scene->arena);
    play_close(&scene->play);
}

static void the_costliest_training_is_begun_first(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, 1, always);
    double last = (double)INFINITY;
    for (size_t i = 0; i < 5; i++) {
        double cost = ledger_cost(&scene.ledger, ledger_next(&scene.ledger));
        assert_true(cost < last && cost > 0);
        last = cost;
    }
    close_scene(&scene);
}

/* Where nothing is known, in the order of the file. */
static void what_costs_the_same_keeps_its_order(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, 0, always);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(ledger_next(&scene.ledger)->cell, i);
    close_scene(&scene);
}

/* time ---------------------------------------------------------------- */

/* One training of cost 2 has taken 20 s. */
static void know_pace(struct scene *scene)
{
    scene->coordinator.pace[0] =
        (struct pace){.n = 1, .share = 1, .cost = 2, .wall_s = 20};
}

static void seconds_are_scaled_by_the_cost(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, 1, never);
    struct task *task = ledger_next(&scene.ledger);
    assert_true(isnan(coordinator_expect(&scene.coordinator, task)));
    know_pace(&scene);
    double cost = ledger_cost(&scene.ledger, task);
    assert_true(fabs(coordinator_expect(&scene.coordinator, task) - 10 * cost) <
                1e-9);
    close_scene(&scene);
}

static void what_cannot_end_in_time_is_not_begun(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, 1, never);
    struct task *task = ledger_next(&scene.ledger);
    double seconds = 10 * ledger_cost(&scene.ledger, task);
    know_pace(&scene);
    assert_true(coordinator_may_begin(&scene.coordinator, task, 1e9));
    scene.coordinator.end_s = 1000;
    assert_true(
        coordinator_may_begin(&scene.coordinator, task, 1000 - seconds - 1));
    assert_false(
        coordinator_may_begin(&scene.coordinator, task, 1000 - seconds + 1));
    assert_false(coordinator_may_begin(&scene.coordinator, task, 1001));
    close_scene(&scene);
}

static void what_can_be_left_is_begun_as_long_as_it_is_of_use(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, 1, always);
    struct task *task = ledger_next(&scene.ledger);
    scene.coordinator.end_s = 1000;
    scene.coordinator.useful_s = 5;
    assert_true(coordinator_may_begin(&scene.coordinator, task, 994));
    assert_false(coordinator_may_begin(&scene.coordinator, task, 996));
    know_pace(&scene);
    scene.coordinator.pace[0].wall_s = 0.1; /* so short that it may end */
    assert_true(coordinator_may_begin(&scene.coordinator, task, 996));
    close_scene(&scene);
}

static void what_is_left_out_ends_the_run(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, 1, never);
    assert_false(coordinator_is_too_late(&scene.coordinator));
    for (size_t i = 0; i < 5; i++) {
        assert_false(coordinator_is_too_late(&scene.coordinator));
        ledger_leave(&scene.ledger, ledger_next(&scene.ledger));
        scene.coordinator.n_late++;
    }
    assert_null(ledger_next(&scene.ledger));
    assert_true(coordinator_is_too_late(&scene.coordinator));
    close_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_epochs_and_more_images_cost_more),
        cmocka_unit_test(queries_are_counted),
        cmocka_unit_test(the_costliest_training_is_begun_first),
        cmocka_unit_test(what_costs_the_same_keeps_its_order),
        cmocka_unit_test(seconds_are_scaled_by_the_cost),
        cmocka_unit_test(what_cannot_end_in_time_is_not_begun),
        cmocka_unit_test(what_can_be_left_is_begun_as_long_as_it_is_of_use),
        cmocka_unit_test(what_is_left_out_ends_the_run),
    };
    return cmocka_run_group_tests_name("cost", tests, NULL, NULL);
}

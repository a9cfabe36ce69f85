/* How far an experiment is, by the folder of a fake sweep. */
#include "sweep/coverage.h"
#include "tests/fake_wire.h"
#include "tests/store_stage.h"
#include "tests/test.h"

#include <string.h>

struct scene {
    struct results_stage stage;
    struct experiment experiment;
    struct cells cells;
    struct ledger ledger;
    struct coverage coverage;
};

static void take(struct scene *scene, const struct presences *presences)
{
    struct arena *arena = &scene->stage.arena;
    const char *path = scratch_path(&scene->stage.scratch, "experiment.cfg");
    assert_int_equal(experiment_read(path, arena, &scene->experiment),
                     STATUS_OK);
    scene->cells = space_enumerate(&scene->experiment, arena);
    ledger_open(&scene->experiment, &scene->cells, 1, arena, &scene->ledger);
    assert_int_equal(coverage_take(&scene->ledger,
                                   store_stage_segments(&scene->stage),
                                   presences, arena, &scene->coverage),
                     STATUS_OK);
}

static void assert_counts(const size_t counts[COVERAGE_N],
                          const size_t wanted[COVERAGE_N])
{
    for (int i = 0; i < COVERAGE_N; i++)
        if (counts[i] != wanted[i])
            fail_msg("%s: %zu, not %zu", coverage_name(i), counts[i],
                     wanted[i]);
}

/* Of the numbers in each state every task is in one. */
static void assert_covers(const struct scene *scene,
                          const size_t trainings[COVERAGE_N],
                          const size_t attacks[COVERAGE_N])
{
    assert_int_equal(scene->coverage.n_cells, 12);
    assert_int_equal(scene->coverage.n_tasks, 12 * STORE_TASKS);
    assert_counts(scene->coverage.trainings, trainings);
    assert_counts(scene->coverage.attacks, attacks);
}

static const struct presences nobody = {0, NULL};

static void what_nobody_has_begun_is_pending(void **state)
{
    (void)state;
    struct scene scene = {.stage = store_stage_open(&fake_sweep_small)};
    store_stage_add(&scene.stage, &fake_sweep_small, FAKE_ATTACKS,
                    OUTCOME_DONE, 1);
    store_stage_add(&scene.stage, &fake_sweep_small, 0, OUTCOME_FAILED, 1);
    take(&scene, &nobody);
    assert_covers(&scene,
                  (size_t[COVERAGE_N]){[OUTCOME_DONE] = 1,
                                       [COVERAGE_PENDING] = 11},
                  (size_t[COVERAGE_N]){[OUTCOME_FAILED] = 1,
                                       [COVERAGE_PENDING] = 47});
    assert_int_equal(scene.coverage.n_results, 1);
    assert_false(coverage_is_complete(&scene.coverage));
    store_stage_close(&scene.stage);
}

static void what_runs_is_told_unless_it_has_a_result(void **state)
{
    (void)state;
    struct scene scene = {.stage = store_stage_open(&fake_sweep_small)};
    store_stage_add(&scene.stage, &fake_sweep_small, FAKE_ATTACKS,
                    OUTCOME_DONE, 1);
    store_stage_add(&scene.stage, &fake_sweep_small, 0, OUTCOME_FAILED, 1);
    struct digest running[4] = {{1, 2}};
    for (size_t i = 0; i < 3; i++) {
        struct arena *arena = &scene.stage.arena;
        struct spec spec =
            i ? fake_sweep_attack(&fake_sweep_small, 0, i - 1, arena)
              : fake_sweep_spec(&fake_sweep_small, 0, arena);
        running[i + 1] = spec_digest(&spec);
    }
    struct presence presence = {.n_running = 4, .running = running};
    take(&scene, &(struct presences){1, &presence});
    assert_covers(&scene,
                  (size_t[COVERAGE_N]){[OUTCOME_DONE] = 1,
                                       [COVERAGE_PENDING] = 11},
                  (size_t[COVERAGE_N]){[COVERAGE_RUNNING] = 2,
                                       [COVERAGE_PENDING] = 46});
    store_stage_close(&scene.stage);
}

/* Two of three parts of an attack, of 60, 60 and 80 samples, are done: both
 * count, and what is left of it is one task, which runs. */
static void parts_are_tasks_of_their_own(void **state)
{
    (void)state;
    struct scene scene = {.stage = store_stage_open(&fake_sweep_small)};
    struct arena *arena = &scene.stage.arena;
    struct spec spec = fake_sweep_attack(&fake_sweep_small, 0, 0, arena);
    struct bytes bytes = {0};
    struct segment_writer writer;
    struct outcome outcome =
        fake_sweep_outcome(&fake_sweep_small, &spec, &bytes, arena);
    assert_int_equal(segment_open(store_stage_segments(&scene.stage), &writer),
                     STATUS_OK);
    outcome.span = (struct span){0, 60, 200};
    segment_append(&writer, &outcome);
    outcome.span = (struct span){60, 60, 200};
    segment_append(&writer, &outcome);
    assert_int_equal(segment_flush(&writer), STATUS_OK);
    segment_close(&writer);
    struct digest running =
        span_digest((struct span){120, 80, 200}, outcome.task);
    struct presence presence = {.n_running = 1, .running = &running};
    take(&scene, &(struct presences){1, &presence});
    assert_int_equal(scene.coverage.n_tasks, 12 * STORE_TASKS + 2);
    assert_counts(scene.coverage.attacks,
                  (size_t[COVERAGE_N]){[OUTCOME_DONE] = 2,
                                       [COVERAGE_RUNNING] = 1,
                                       [COVERAGE_PENDING] = 47});
    assert_int_equal(scene.coverage.n_results, 2);
    bytes_free(&bytes);
    store_stage_close(&scene.stage);
}

/* One training failed, one diverged, one attack was killed. */
static void attacks_of_what_diverged_have_no_network(void **state)
{
    (void)state;
    struct fake_sweep sweep = fake_sweep_small;
    sweep.fails = true;
    struct scene scene = {.stage = store_stage_open(&sweep)};
    fake_sweep_write(scene.stage.scratch.folder, &sweep);
    take(&scene, &nobody);
    assert_covers(&scene,
                  (size_t[COVERAGE_N]){[OUTCOME_DONE] = 10,
                                       [OUTCOME_DIVERGED] = 1,
                                       [OUTCOME_FAILED] = 1},
                  (size_t[COVERAGE_N]){[OUTCOME_DONE] = 39,
                                       [OUTCOME_TIMED_OUT] = 1,
                                       [COVERAGE_PENDING] = 4,
                                       [COVERAGE_NO_NETWORK] = 4});
    assert_false(coverage_is_complete(&scene.coverage));
    store_stage_close(&scene.stage);
}

static void results_of_cells_that_are_gone_are_counted_apart(void **state)
{
    (void)state;
    struct fake_sweep other = fake_sweep_small;
    other.n_epochs++;
    struct scene scene = {.stage = store_stage_open(&fake_sweep_small)};
    fake_sweep_write(scene.stage.scratch.folder, &fake_sweep_small);
    for (uint64_t i = 0; i < 2; i++)
        store_stage_add(&scene.stage, &other, FAKE_ATTACKS, OUTCOME_DONE, i);
    store_stage_add(&scene.stage, &other, 0, OUTCOME_DONE, 1);
    store_stage_add(&scene.stage, &other, 1, OUTCOME_FAILED, 1);
    take(&scene, &nobody);
    assert_int_equal(scene.coverage.n_gone, 2);
    assert_int_equal(scene.coverage.n_gone_cells, 1);
    assert_int_equal(scene.coverage.n_gone_attacks, 0);
    assert_int_equal(scene.coverage.n_results, 12 * STORE_TASKS);
    assert_true(coverage_is_complete(&scene.coverage));
    store_stage_close(&scene.stage);
}

static void damage_is_named(void **state)
{
    (void)state;
    struct scene scene = {.stage = store_stage_open(&fake_sweep_small)};
    fake_sweep_write(scene.stage.scratch.folder, &fake_sweep_small);
    scratch_write(
        scratch_path(&scene.stage.scratch, "segments/00000099-00000009.seg"),
        "rubbish", 7);
    take(&scene, &nobody);
    const char *damage = scene.coverage.damage;
    assert_int_equal(strncmp(damage, "00000099-00000009.seg: ", 23), 0);
    assert_true(coverage_is_complete(&scene.coverage));
    store_stage_close(&scene.stage);
}

/* counting by ourselves ----------------------------------------------- */

enum { N_CELLS = 12, N_TASKS = N_CELLS * STORE_TASKS, N_RUNNING = 6 };

static bool is_result(int state)
{
    return state == OUTCOME_DONE || state == OUTCOME_DIVERGED;
}

/* So many outcomes of tasks and in states by chance; what counts of each task
 * goes into `states`. */
static void write_chance(struct scene *scene, struct chance *chance,
                         size_t n_outcomes, int states[N_TASKS])
{
    struct segment_writer writer;
    assert_int_equal(segment_open(store_stage_segments(&scene->stage), &writer),
                     STATUS_OK);
    for (size_t i = 0; i < N_TASKS; i++)
        states[i] = COVERAGE_PENDING;
    for (size_t i = 0; i < n_outcomes; i++) {
        size_t task = chance_below(chance, N_TASKS);
        int state = (int)chance_below(chance, OUTCOME_N_STATES);
        store_stage_append(&writer, &fake_sweep_small, task,
                           (enum outcome_state)state, 1);
        if (is_result(state) || !is_result(states[task]))
            states[task] = state;
    }
    assert_int_equal(segment_flush(&writer), STATUS_OK);
    segment_close(&writer);
}

static struct digest digest_of_task(struct scene *scene, size_t task)
{
    struct arena *arena = &scene->stage.arena;
    size_t cell = task / STORE_TASKS, attack = task % STORE_TASKS;
    struct spec spec =
        attack == FAKE_ATTACKS
            ? fake_sweep_spec(&fake_sweep_small, cell, arena)
            : fake_sweep_attack(&fake_sweep_small, cell, attack, arena);
    return spec_digest(&spec);
}

static void count_states(const int states[N_TASKS],
                         size_t trainings[COVERAGE_N],
                         size_t attacks[COVERAGE_N])
{
    for (size_t i = 0; i < N_TASKS; i++) {
        int training = states[i - i % STORE_TASKS + FAKE_ATTACKS];
        bool is_training = i % STORE_TASKS == FAKE_ATTACKS;
        bool lacks_network =
            training == OUTCOME_DIVERGED || training == OUTCOME_SET_ASIDE;
        if (is_training)
            trainings[states[i]]++;
        else if (states[i] == COVERAGE_PENDING && lacks_network)
            attacks[COVERAGE_NO_NETWORK]++;
        else
            attacks[states[i]]++;
    }
}

static void every_task_is_in_one_state_whatever_happened(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct scene scene = {.stage = store_stage_open(&fake_sweep_small)};
        struct chance chance = {.seed = seed};
        int states[N_TASKS];
        struct digest running[N_RUNNING];
        write_chance(&scene, &chance, 1 + chance_below(&chance, 200), states);
        for (size_t i = 0; i < N_RUNNING; i++) {
            size_t task = chance_below(&chance, N_TASKS);
            running[i] = digest_of_task(&scene, task);
            if (!is_result(states[task]))
                states[task] = COVERAGE_RUNNING;
        }
        struct presence presence = {.n_running = N_RUNNING, .running = running};
        take(&scene, &(struct presences){1, &presence});
        size_t trainings[COVERAGE_N] = {0}, attacks[COVERAGE_N] = {0}, n = 0;
        count_states(states, trainings, attacks);
        assert_covers(&scene, trainings, attacks);
        for (int i = 0; i < COVERAGE_N; i++)
            n += scene.coverage.trainings[i] + scene.coverage.attacks[i];
        assert_int_equal(n, N_TASKS);
        assert_int_equal(scene.coverage.n_uncovered, 0);
        assert_int_equal(scene.coverage.n_aside,
                         trainings[OUTCOME_SET_ASIDE] +
                             attacks[OUTCOME_SET_ASIDE]);
        store_stage_close(&scene.stage);
    }
}

/* A third result of a task is one too many as well. */
static void what_was_computed_twice_is_counted(void **state)
{
    (void)state;
    struct scene scene = {.stage = store_stage_open(&fake_sweep_small)};
    for (uint64_t i = 0; i < 3; i++)
        store_stage_add(&scene.stage, &fake_sweep_small, FAKE_ATTACKS,
                        OUTCOME_DONE, i + 1);
    store_stage_add(&scene.stage, &fake_sweep_small, 0, OUTCOME_FAILED, 1);
    store_stage_add(&scene.stage, &fake_sweep_small, 0, OUTCOME_DONE, 2);
    take(&scene, &nobody);
    assert_int_equal(scene.coverage.n_twice, 2);
    assert_int_equal(scene.coverage.n_results, 2);
    store_stage_close(&scene.stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_nobody_has_begun_is_pending),
        cmocka_unit_test(what_runs_is_told_unless_it_has_a_result),
        cmocka_unit_test(parts_are_tasks_of_their_own),
        cmocka_unit_test(attacks_of_what_diverged_have_no_network),
        cmocka_unit_test(results_of_cells_that_are_gone_are_counted_apart),
        cmocka_unit_test(damage_is_named),
        cmocka_unit_test(every_task_is_in_one_state_whatever_happened),
        cmocka_unit_test(what_was_computed_twice_is_counted),
    };
    return cmocka_run_group_tests_name("coverage", tests, NULL, NULL);
}

/* Evaluations in parts, as the ledger hands them out and recalls them. */
#include "sweep/ledger.h"
#include "tests/fake_play.h"
#include "tests/test.h"

/* One cell with two attacks of 12 samples: whole, in parts of 5, of 3. */
static struct play play;
enum { WHOLE, FIVES, THREES, TRAINING = 0, FIRST = 1, SECOND = 2 };

static int open_shared(void **state)
{
    (void)state;
    play_open(&play, 1, 2);
    return 0;
}

static int close_shared(void **state)
{
    (void)state;
    play_close(&play);
    return 0;
}

static struct outcome outcome_of(size_t task, size_t first, size_t n,
                                 enum outcome_state state, double wall_s)
{
    struct outcome outcome = play_outcome(&play, task, state, 2);
    outcome.span = (struct span){first, n, n ? PLAY_SAMPLES : 0};
    outcome.wall_s = wall_s;
    return outcome;
}

static void open_ledger(struct arena *arena, int cut, size_t n,
                        const struct outcome *outcomes, struct ledger *ledger)
{
    *arena = arena_open();
    ledger_open(&play.cut[cut], &play.cells, 3, arena, ledger);
    for (size_t i = 0; i < n; i++)
        ledger_recall(ledger, &outcomes[i]);
    ledger_cut(ledger);
}

struct wanted {
    size_t first, n;
    enum task_state state;
};

/* The tasks of one attack. */
static void assert_parts(struct ledger *ledger, size_t attack, size_t n,
                         const struct wanted *wanted)
{
    struct task *task = ledger_find(ledger, play.digests[attack]);
    assert_non_null(task);
    for (size_t i = 0; i < n; i++, task++) {
        struct span span = {wanted[i].first, wanted[i].n,
                            wanted[i].n ? PLAY_SAMPLES : 0};
        assert_int_equal(task->attack, attack - 1);
        assert_true(digest_equal(task->digest, play.digests[attack]));
        assert_true(span_equal(task->span, span));
        assert_int_equal(task->state, wanted[i].state);
        assert_ptr_equal(ledger_find_part(ledger, task->digest, span), task);
    }
    const struct task *end = ledger->tasks + ledger->n_tasks;
    assert_true(task == end || task->attack != attack - 1);
    size_t count[TASK_N_STATES] = {0};
    for (size_t i = 0; i < ledger->n_tasks; i++)
        count[ledger->tasks[i].state]++;
    assert_memory_equal(count, ledger->count, sizeof count);
    assert_int_equal(ledger->first[ledger->cells->n], ledger->n_tasks);
}

#define PARTS(ledger, attack, ...)                                             \
    do {                                                                       \
        const struct wanted wanted[] = {__VA_ARGS__};                          \
        assert_parts(ledger, attack, sizeof wanted / sizeof *wanted, wanted);  \
    } while (0)

static void an_attack_is_cut_as_the_experiment_says(void **state)
{
    (void)state;
    struct arena arena;
    struct ledger ledger;
    open_ledger(&arena, WHOLE, 0, NULL, &ledger);
    assert_int_equal(ledger.n_tasks, 3);
    PARTS(&ledger, FIRST, {0, 0, TASK_WAITING});
    arena_close(&arena);
    open_ledger(&arena, FIVES, 0, NULL, &ledger);
    assert_int_equal(ledger.n_tasks, 7);
    PARTS(&ledger, SECOND, {0, 5, TASK_WAITING}, {5, 5, TASK_WAITING},
          {10, 2, TASK_WAITING});
    arena_close(&arena);
}

static void what_is_done_stays_done_whatever_the_size_of_parts(void **state)
{
    (void)state;
    struct arena arena;
    struct ledger ledger;
    const struct outcome outcomes[] = {
        outcome_of(FIRST, 5, 5, OUTCOME_DONE, 1),
        outcome_of(SECOND, 0, 0, OUTCOME_DONE, 1)};
    open_ledger(&arena, THREES, 2, outcomes, &ledger);
    PARTS(&ledger, FIRST, {0, 3, TASK_WAITING}, {3, 2, TASK_WAITING},
          {5, 5, TASK_DONE}, {10, 2, TASK_WAITING});
    PARTS(&ledger, SECOND, {0, 0, TASK_DONE});
    arena_close(&arena);
    open_ledger(&arena, WHOLE, 2, outcomes, &ledger);
    PARTS(&ledger, FIRST, {0, 5, TASK_WAITING}, {5, 5, TASK_DONE},
          {10, 2, TASK_WAITING});
    PARTS(&ledger, SECOND, {0, 0, TASK_DONE});
    arena_close(&arena);
    open_ledger(&arena, FIVES, 2, outcomes, &ledger);
    PARTS(&ledger, FIRST, {0, 5, TASK_WAITING}, {5, 5, TASK_DONE},
          {10, 2, TASK_WAITING});
    arena_close(&arena);
}

/* Two runs may have computed the same: then what most comes of counts. */
static void of_parts_that_overlap_the_most_samples_count(void **state)
{
    (void)state;
    struct arena arena;
    struct ledger ledger;
    const struct outcome outcomes[] = {
        outcome_of(FIRST, 3, 3, OUTCOME_DONE, 1),
        outcome_of(FIRST, 0, 5, OUTCOME_DONE, 1),
        outcome_of(FIRST, 5, 5, OUTCOME_DONE, 1),
        outcome_of(FIRST, 9, 3, OUTCOME_DONE, 1)};
    open_ledger(&arena, THREES, 4, outcomes, &ledger);
    PARTS(&ledger, FIRST, {0, 5, TASK_DONE}, {5, 5, TASK_DONE},
          {10, 2, TASK_WAITING});
    arena_close(&arena);
}

static void what_failed_is_tried_again_and_counts_its_attempts(void **state)
{
    (void)state;
    struct arena arena;
    struct ledger ledger;
    const struct outcome outcomes[] = {
        outcome_of(FIRST, 3, 3, OUTCOME_FAILED, 1),
        outcome_of(FIRST, 0, 5, OUTCOME_TIMED_OUT, 1)};
    open_ledger(&arena, THREES, 2, outcomes, &ledger);
    PARTS(&ledger, FIRST, {0, 3, TASK_WAITING}, {3, 3, TASK_WAITING},
          {6, 3, TASK_WAITING}, {9, 3, TASK_WAITING});
    assert_int_equal(ledger.tasks[1].attempts, 0);
    assert_int_equal(ledger.tasks[2].attempts, 2);
    assert_int_equal(ledger.tasks[2].recalled, OUTCOME_FAILED);
    arena_close(&arena);
}

/* Where data cannot be opened, parts tell of how many samples they are. */
static void without_data_the_parts_tell_what_is_missing(void **state)
{
    (void)state;
    struct arena arena;
    struct ledger ledger;
    const struct outcome outcome = outcome_of(FIRST, 5, 5, OUTCOME_DONE, 1);
    play.cells.at[0].n_test = 0;
    open_ledger(&arena, THREES, 1, &outcome, &ledger);
    play.cells.at[0].n_test = PLAY_SAMPLES;
    PARTS(&ledger, FIRST, {0, 3, TASK_WAITING}, {3, 2, TASK_WAITING},
          {5, 5, TASK_DONE}, {10, 2, TASK_WAITING});
    PARTS(&ledger, SECOND, {0, 0, TASK_WAITING});
    arena_close(&arena);
}

static void assert_next(struct ledger *ledger, size_t attack, size_t first)
{
    const struct task *task = ledger_next(ledger);
    assert_non_null(task);
    assert_int_equal(task->attack, attack - 1);
    assert_int_equal(task->span.first, first);
}

/* The first attack takes 10.4 s for all samples, the second 25 s. */
static void the_longest_parts_come_first(void **state)
{
    (void)state;
    struct arena arena;
    struct ledger ledger;
    const struct outcome outcomes[] = {
        play_outcome(&play, TRAINING, OUTCOME_DONE, 1),
        outcome_of(FIRST, 0, 3, OUTCOME_DONE, 2.6),
        outcome_of(SECOND, 0, 3, OUTCOME_DONE, 6.25)};
    open_ledger(&arena, FIVES, 3, outcomes, &ledger);
    ledger_start(&ledger);
    static const size_t wanted[][2] = {{SECOND, 5}, {FIRST, 5}, {SECOND, 3},
                                       {SECOND, 10}, {FIRST, 3}, {FIRST, 10}};
    for (size_t i = 0; i < 6; i++)
        assert_next(&ledger, wanted[i][0], wanted[i][1]);
    assert_null(ledger_next(&ledger));
    arena_close(&arena);
}

/* What nobody has measured yet might be longest of all. */
static void attacks_of_unknown_length_come_first(void **state)
{
    (void)state;
    struct arena arena;
    struct ledger ledger;
    const struct outcome outcomes[] = {
        play_outcome(&play, TRAINING, OUTCOME_DONE, 1),
        outcome_of(FIRST, 5, 5, OUTCOME_DONE, 100)};
    open_ledger(&arena, FIVES, 2, outcomes, &ledger);
    ledger_start(&ledger);
    for (size_t i = 0; i < 3; i++)
        assert_next(&ledger, SECOND, 5 * i);
    assert_next(&ledger, FIRST, 0);
    assert_next(&ledger, FIRST, 10);
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_attack_is_cut_as_the_experiment_says),
        cmocka_unit_test(what_is_done_stays_done_whatever_the_size_of_parts),
        cmocka_unit_test(of_parts_that_overlap_the_most_samples_count),
        cmocka_unit_test(what_failed_is_tried_again_and_counts_its_attempts),
        cmocka_unit_test(without_data_the_parts_tell_what_is_missing),
        cmocka_unit_test(the_longest_parts_come_first),
        cmocka_unit_test(attacks_of_unknown_length_come_first),
    };
    return cmocka_run_group_tests_name("ledger_parts", tests, open_shared,
                                       close_shared);
}

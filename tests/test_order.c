/* Which cells come first, and how many there are: priority and budget. */
#include "core/training.h"
#include "core/settings.h"
#include "sweep/ledger.h"
#include "tests/read_experiment.h"
#include "tests/test.h"

#include <string.h>

#define AXES                                                                   \
    "encoding = [\"direct\", \"poisson\", \"latency\"];"                       \
    "regularizer = ( \"none\", { kind = \"mpd_sgr\"; weight = [0.1, 1]; } );"  \
    "seeds = 2;"

enum { N_CELLS = 3 * 3 * 2 };

static struct cells read_cells(const char *text, struct experiment *experiment,
                               struct arena *arena)
{
    *experiment = read_experiment_text(arena, text);
    return space_enumerate(experiment, arena);
}

/* What the file below says, once more. */
static double priority_of(const struct cell *cell, struct arena *arena)
{
    const char *text = spec_print(&cell->spec, true, arena);
    double sum = 0;
    if (strstr(text, "encoding = poisson\n"))
        sum += 2;
    if (strstr(text, "regularizer.weight = 1\n"))
        sum += 1.5;
    if (strstr(text, "training.seed = 2\n") && strstr(text, "= latency\n"))
        sum -= 7;
    return sum;
}

static const char priorities[] =
    "priority = ( { encoding = \"poisson\"; value = 2; },"
    " { regularizer = { weight = 1; }; value = 1.5; },"
    " { encoding = \"latency\"; training = { seed = 2; }; value = -7; } );" AXES;

static size_t find(const struct cells *cells, struct digest digest)
{
    size_t i = 0;
    while (i < cells->n && !digest_equal(cells->at[i].digest, digest))
        i++;
    return i;
}

/* The same cells; the higher first, and of one priority as they were. */
static void cells_come_in_the_order_of_their_priorities(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct experiment plain, experiment;
    struct cells before = read_cells(AXES, &plain, &arena);
    struct cells cells = read_cells(priorities, &experiment, &arena);
    assert_int_equal(before.n, N_CELLS);
    assert_int_equal(cells.n, N_CELLS);
    for (size_t i = 0; i < cells.n; i++)
        assert_true(find(&before, cells.at[i].digest) < before.n);
    for (size_t i = 1; i < cells.n; i++) {
        double earlier = priority_of(&cells.at[i - 1], &arena);
        double later = priority_of(&cells.at[i], &arena);
        assert_true(earlier >= later);
        if (earlier == later)
            assert_true(find(&before, cells.at[i - 1].digest) <
                        find(&before, cells.at[i].digest));
    }
    assert_true(priority_of(&cells.at[0], &arena) == 3.5);
    assert_true(priority_of(&cells.at[N_CELLS - 1], &arena) == -7);
    arena_close(&arena);
}

static void the_ledger_hands_out_trainings_in_that_order(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct experiment experiment;
    struct cells cells = read_cells(priorities, &experiment, &arena);
    struct ledger ledger;
    ledger_open(&experiment, &cells, 1, &arena, &ledger);
    ledger_start(&ledger);
    for (size_t i = 0; i < N_CELLS; i++)
        assert_int_equal(ledger_next(&ledger)->cell, i);
    assert_null(ledger_next(&ledger));
    arena_close(&arena);
}

static double cost_of_epochs(void *self, const struct spec *spec,
                             struct span span)
{
    (void)self;
    (void)span;
    const struct training_bptt *training = spec->at[SPEC_TRAINING].params;
    return (double)training->n_epochs;
}

/* Though the costliest trainings begin first where nothing else is asked. */
static void priority_counts_more_than_cost(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "training = { n_epochs = [2, 50]; };",
        "training = { n_epochs = [2, 50]; };"
        "priority = ( { training = { n_epochs = 2; }; value = 1; } );"};
    for (size_t i = 0; i < 2; i++) {
        struct arena arena = arena_open();
        struct experiment experiment;
        struct cells cells = read_cells(texts[i], &experiment, &arena);
        struct ledger ledger;
        ledger_open(&experiment, &cells, 1, &arena, &ledger);
        ledger.rule = (struct cost_rule){NULL, cost_of_epochs, NULL};
        ledger_start(&ledger);
        const struct cell *first = &cells.at[ledger_next(&ledger)->cell];
        assert_non_null(strstr(spec_print(&first->spec, true, &arena),
                               i ? "n_epochs = 2\n" : "n_epochs = 50\n"));
        arena_close(&arena);
    }
}

/* Those in a smaller budget are the first of those in a larger one. */
static void a_budget_of_trials_takes_the_first_cells(void **state)
{
    (void)state;
    static const char *const files[] = {AXES, priorities};
    struct arena arena = arena_open();
    for (size_t f = 0; f < 2; f++) {
        struct experiment experiment;
        struct cells all = read_cells(files[f], &experiment, &arena);
        for (size_t n = 1; n <= N_CELLS + 1; n++) {
            struct cells some = read_cells(
                arena_print(&arena, "budget = { n_trials = %zu; };%s", n,
                            files[f]),
                &experiment, &arena);
            assert_int_equal(some.n, n < N_CELLS ? n : N_CELLS);
            assert_int_equal(some.n + some.n_beyond, N_CELLS);
            for (size_t i = 0; i < some.n; i++)
                assert_true(
                    digest_equal(some.at[i].digest, all.at[i].digest));
        }
    }
    arena_close(&arena);
}

/* Networks that attacks of those cells are made on come on top. */
static void sources_of_cells_beyond_the_budget_are_not_trained(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct experiment experiment;
    static const char text[] =
        "encoding = [\"direct\", \"latency\"]; attacks = ( { kind = \"fgsm\";"
        " source = { seed = 9; }; } );";
    struct cells all = read_cells(text, &experiment, &arena);
    assert_int_equal(all.n, 4);
    struct cells one = read_cells(
        arena_print(&arena, "budget = { n_trials = 1; };"
                            "priority = ( { encoding = \"latency\"; value = 1;"
                            " } ); %s",
                    text),
        &experiment, &arena);
    assert_int_equal(one.n, 2);
    assert_int_equal(one.n_beyond, 1);
    assert_true(one.at[1].only_source);
    for (size_t i = 0; i < 2; i++)
        assert_non_null(strstr(spec_print(&one.at[i].spec, true, &arena),
                               "encoding = latency\n"));
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_come_in_the_order_of_their_priorities),
        cmocka_unit_test(the_ledger_hands_out_trainings_in_that_order),
        cmocka_unit_test(priority_counts_more_than_cost),
        cmocka_unit_test(a_budget_of_trials_takes_the_first_cells),
        cmocka_unit_test(sources_of_cells_beyond_the_budget_are_not_trained),
    };
    return cmocka_run_group_tests_name("order", tests, NULL, NULL);
}

/* Alternatives that are there for some cells only, against a plain statement:
 * of the grid, the cells of which every line that has a condition has it
 * fulfilled. */
#include "sweep/ledger.h"
#include "sweep/study.h"
#include "tests/read_experiment.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <string.h>

/* A cell with all lines of `is` has one of the lines `needs`. */
struct need {
    const char *is[3], *needs[4];
};

static bool has_all(const char *text, const char *const *lines)
{
    for (; *lines; lines++)
        if (!strstr(text, *lines))
            return false;
    return true;
}

static bool has_one(const char *text, const char *const *lines)
{
    for (; *lines; lines++)
        if (strstr(text, *lines))
            return true;
    return false;
}

static bool has_digest(const struct cells *cells, struct digest digest)
{
    for (size_t i = 0; i < cells->n; i++)
        if (digest_equal(cells->at[i].digest, digest))
            return true;
    return false;
}

/* `text` has conditions that `grid` has not. */
static void assert_conditional(const char *grid, const char *text,
                               const struct need *needs, size_t n_needs,
                               size_t n)
{
    struct arena arena = arena_open();
    struct experiment plain = read_experiment_text(&arena, grid);
    struct experiment experiment = read_experiment_text(&arena, text);
    struct cells all = space_enumerate(&plain, &arena);
    struct cells some = space_enumerate(&experiment, &arena);
    for (size_t i = 0; i < all.n; i++) {
        const char *cell = spec_print(&all.at[i].spec, true, &arena);
        bool is_there = true;
        for (size_t k = 0; k < n_needs; k++)
            is_there = is_there && (!has_all(cell, needs[k].is) ||
                                    has_one(cell, needs[k].needs));
        assert_int_equal(has_digest(&some, all.at[i].digest), is_there);
    }
    assert_int_equal(some.n, n);
    assert_null(some.unmet);
    assert_int_equal(some.n + some.n_outside + some.n_pruned + some.n_doubled,
                     space_count(&experiment));
    assert_int_equal(some.n_outside, all.n - n);
    for (size_t i = 0; i < space_count(&experiment); i++) {
        struct cell cell = space_cell(&experiment, i, &arena);
        assert_int_equal(has_digest(&some, cell.digest), !cell.outside);
        assert_true(!cell.outside || strstr(cell.pruned, "outside of `when`"));
    }
    arena_close(&arena);
}

static void an_alternative_is_there_where_its_condition_holds(void **state)
{
    (void)state;
    static const struct need need = {
        {"surrogate = rectangular\n"}, {"regularizer = none\n"}};
    assert_conditional(
        "regularizer = ( \"none\", { kind = \"mpd_sgr\"; weight = [0.1, 1]; } "
        "); surrogate = ( \"triangular\", { kind = \"rectangular\"; width = [1, 2, 4];"
        " } ); seeds = 2;",
        "regularizer = ( \"none\", { kind = \"mpd_sgr\"; weight = [0.1, 1]; } "
        "); surrogate = ( \"triangular\", { kind = \"rectangular\"; width = [1, 2, 4];"
        " when = { regularizer = \"none\"; }; } ); seeds = 2;",
        &need, 1, 2 * (3 + 3));
}

static void conditions_name_values_and_several_rules_are_a_choice(void **state)
{
    (void)state;
    static const struct need needs[] = {
        {{"encoding = poisson\n"}, {"network.n_steps = 8\n"}},
        {{"neuron.leak = 0.5\n"},
         {"encoding = direct\n", "network.n_steps = 8\n"}},
    };
    assert_conditional(
        "encoding = [\"direct\", \"poisson\"]; network = { n_steps = [2, 4, 8];"
        " }; neuron = ( { leak = 0.9; }, { leak = 0.5; } );",
        "encoding = ( \"direct\", { kind = \"poisson\";"
        " when = { network = { n_steps = 8; }; }; } );"
        "network = { n_steps = [2, 4, 8]; };"
        "neuron = ( { leak = 0.9; }, { leak = 0.5; when = ("
        " { encoding = \"direct\"; }, { network = { n_steps = [8]; }; } ); } );",
        needs, 2, 2 * 3 + 2);
}

/* A tree: a parameter of a parameter. */
static void conditions_can_depend_on_conditional_alternatives(void **state)
{
    (void)state;
    static const struct need needs[] = {
        {{"surrogate = rectangular\n"}, {"regularizer = none\n"}},
        {{"encoding = latency\n"}, {"surrogate = rectangular\n"}},
    };
    assert_conditional(
        "regularizer = [\"none\", \"mpd_sgr\"];"
        "surrogate = [\"triangular\", \"rectangular\"];"
        "encoding = [\"direct\", \"latency\"];",
        "regularizer = [\"none\", \"mpd_sgr\"];"
        "surrogate = ( \"triangular\", { kind = \"rectangular\";"
        " when = { regularizer = \"none\"; }; } );"
        "encoding = ( \"direct\", { kind = \"latency\";"
        " when = { surrogate = \"rectangular\"; }; } );",
        needs, 2, 2 + 2);
}

static void an_attack_is_made_on_some_cells(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct experiment experiment = read_experiment_text(
        &arena, "encoding = [\"direct\", \"poisson\"];"
                "attacks = ( \"fgsm\", { kind = \"pgd\"; n_steps = [7, 20];"
                " when = { encoding = \"direct\"; }; } );");
    struct cells cells = space_enumerate(&experiment, &arena);
    assert_int_equal(cells.n, 2);
    assert_int_equal(space_count_attacks(&experiment), 3);
    assert_null(cells.unmet);
    for (size_t i = 0; i < 6; i++) {
        struct evaluation one = space_evaluation(
            &experiment, &cells.at[i / 3], i % 3, &arena);
        bool is_there = i < 3 || i % 3 == 0;
        assert_int_equal(one.pruned == NULL, is_there);
        assert_true(is_there || strstr(one.pruned, "outside of `when`"));
    }
    arena_close(&arena);
}

/* Through the ledger, which makes attacks once for all cells. */
static void equal_attacks_for_different_cells_are_one_each(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct experiment experiment = read_experiment_text(
        &arena, "encoding = [\"direct\", \"poisson\", \"latency\"];"
                "attacks = ( { kind = \"pgd\"; when = { encoding = "
                "[\"direct\", \"latency\"]; }; }, { kind = \"pgd\"; when ="
                " { encoding = [\"poisson\", \"latency\"]; }; } );");
    struct cells cells = space_enumerate(&experiment, &arena);
    struct ledger ledger;
    ledger_open(&experiment, &cells, 1, &arena, &ledger);
    static const size_t expected[] = {0, 1, 0};
    assert_int_equal(ledger.n_tasks, 6);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(ledger.tasks[2 * i + 1].attack, expected[i]);
    assert_string_equal(
        space_evaluation(&experiment, &cells.at[2], 1, &arena).pruned,
        "the same as attack 0");
    arena_close(&arena);
}

static void conditions_that_contradict_each_other_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *place;
    } cases[] = {
        {"training = { kind = \"dummy\"; };\n"
         "regularizer = [\"none\", \"mpd_sgr\"];\n"
         "surrogate = ( \"triangular\", { kind = \"rectangular\";\n"
         "  when = { regularizer = \"none\"; }; } );\n"
         "encoding = ( \"direct\", { kind = \"latency\"; when =\n"
         "  { surrogate = \"rectangular\"; regularizer = \"mpd_sgr\"; }; } );\n",
         "x.cfg:5: when: no combination of this file fulfils it"},
        {"training = { kind = \"dummy\"; };\n"
         "encoding = [\"direct\", \"latency\"];\n"
         "surrogate = [\"triangular\", \"rectangular\"];\n"
         "exclude = ( { encoding = \"latency\"; surrogate = \"rectangular\"; } );\n"
         "attacks = ( { kind = \"fgsm\"; when =\n"
         "  { encoding = \"latency\"; surrogate = \"rectangular\"; }; } );\n",
         "x.cfg:5: when: no combination of this file fulfils it"},
    };
    struct scratch scratch = scratch_make();
    const char *path = scratch_path(&scratch, "x.cfg");
    for (size_t i = 0; i < KIND_COUNT(cases); i++) {
        struct arena arena = arena_open();
        struct study study;
        scratch_write(path, cases[i].text, strlen(cases[i].text));
        assert_int_equal(study_open(path, &arena, &study), STATUS_INVALID);
        if (!strstr(status_reason(), cases[i].place))
            print_error("%s\n", status_reason());
        assert_non_null(strstr(status_reason(), cases[i].place));
        arena_close(&arena);
    }
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_alternative_is_there_where_its_condition_holds),
        cmocka_unit_test(conditions_name_values_and_several_rules_are_a_choice),
        cmocka_unit_test(conditions_can_depend_on_conditional_alternatives),
        cmocka_unit_test(an_attack_is_made_on_some_cells),
        cmocka_unit_test(equal_attacks_for_different_cells_are_one_each),
        cmocka_unit_test(conditions_that_contradict_each_other_are_refused),
    };
    return cmocka_run_group_tests_name("when", tests, NULL, NULL);
}

#include "analysis/groups.h"
#include "io/twins.h"
#include "tests/test.h"

#include <math.h>
#include <stdlib.h>

/* Results that are made of settings and seeds alone. */
static struct results make_results(const char *const *specs, size_t n,
                                   struct arena *arena)
{
    struct result_trial *trials = ARENA_ARRAY(arena, struct result_trial, n);
    for (size_t i = 0; i < n; i++) {
        struct settings settings = settings_parse(specs[i], arena);
        const char *seed = settings_get(&settings, "training.seed");
        trials[i] = (struct result_trial){
            .cell = "its digest",
            .state = "done",
            .settings = settings,
            .seed = seed ? strtod(seed, NULL) : (double)NAN};
    }
    return (struct results){.n_trials = n, .trials = trials};
}

#define CELL(encoding, regularizer, rate, seed)                                \
    "encoding = " encoding "\n" regularizer                                    \
    "optimizer = sgd\noptimizer.rate = " rate "\n"                             \
    "training = bptt\ntraining.seed = " seed "\n"
#define NONE "regularizer = none\n"
#define WEIGHT(weight)                                                         \
    "regularizer = mpd_sgr\nregularizer.weight = " weight "\n"

/* The order is that of the file: what follows the regularizer in the text
 * stands between a cell and its twin. */
static const char *const many[] = {
    CELL("direct", NONE, "0.1", "1"),          /* 0 */
    CELL("direct", NONE, "0.1", "2"),          /* 1 */
    CELL("direct", NONE, "0.5", "1"),          /* 2 */
    CELL("direct", WEIGHT("0.1"), "0.1", "1"), /* 3 */
    CELL("direct", WEIGHT("0.1"), "0.1", "2"), /* 4 */
    CELL("direct", WEIGHT("0.1"), "0.1", "3"), /* 5 */
    CELL("direct", WEIGHT("1"), "0.5", "1"),   /* 6 */
    CELL("poisson", WEIGHT("1"), "0.1", "1"),  /* 7 */
};

static void assert_group(const struct group *group, const char *family,
                         const char *regularizer, size_t n,
                         const size_t *trials, const int64_t *twins)
{
    assert_string_equal(group->family, family);
    assert_string_equal(group->defence, regularizer);
    assert_int_equal(group->n, n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(group->trials[i], trials[i]);
        assert_int_equal(group->twins[i], twins[i]);
    }
}

static void a_regularized_group_stands_beside_its_twin(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct results results = make_results(many, 8, &arena);
    struct groups groups = groups_make(&results, &arena);
    assert_int_equal(groups.n, 5);
    assert_int_equal(groups.n_families, 3);
    assert_true(groups.defence_varies && groups.seed_varies);
    const struct group *at = groups.at;
    assert_group(&at[0], "direct, rate=0.1", "no regularizer", 2,
                 (size_t[]){0, 1}, (int64_t[]){-1, -1});
    assert_group(&at[1], "direct, rate=0.1", "mpd_sgr weight=0.1", 3,
                 (size_t[]){3, 4, 5}, (int64_t[]){0, 1, -1});
    assert_group(&at[2], "direct, rate=0.5", "no regularizer", 1,
                 (size_t[]){2}, (int64_t[]){-1});
    assert_group(&at[3], "direct, rate=0.5", "mpd_sgr weight=1", 1,
                 (size_t[]){6}, (int64_t[]){2});
    assert_group(&at[4], "poisson, rate=0.1", "mpd_sgr weight=1", 1,
                 (size_t[]){7}, (int64_t[]){-1});
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(at[i].undefended, i % 2 == 0 && i < 4);
    assert_string_equal(at[1].label, "direct, rate=0.1, mpd_sgr weight=0.1");
    arena_close(&arena);
}

#define TRAINED(regularizer, adversary)                                        \
    regularizer "adversary = " adversary "\ntraining = bptt\n"                 \
                "training.seed = 1\n"

/* All that defends is of one twin. */
static void defences_of_any_axis_have_one_twin(void **state)
{
    (void)state;
    static const char *const specs[] = {
        TRAINED(NONE, "none"), TRAINED(NONE, "pgd"),
        TRAINED(WEIGHT("1"), "none"), TRAINED(WEIGHT("1"), "pgd")};
    struct arena arena = arena_open();
    struct results results = make_results(specs, 4, &arena);
    struct groups groups = groups_make(&results, &arena);
    assert_int_equal(groups.n, 4);
    assert_int_equal(groups.n_families, 1);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(groups.at[i].undefended, i == 0);
        assert_int_equal(groups.at[i].trials[0], i);
        assert_int_equal(groups.at[i].twins[0], i == 0 ? GROUPS_NO_TRIAL : 0);
    }
    arena_close(&arena);
}

/* A defence that all have is taken as given. */
static void what_all_have_is_no_difference(void **state)
{
    (void)state;
    static const char *const specs[] = {TRAINED(NONE, "pgd"),
                                        TRAINED(WEIGHT("1"), "pgd")};
    struct arena arena = arena_open();
    struct results results = make_results(specs, 2, &arena);
    struct groups groups = groups_make(&results, &arena);
    assert_true(groups.at[0].undefended && !groups.at[1].undefended);
    assert_int_equal(groups.at[1].twins[0], 0);
    assert_true(twins_is_defended(&results.trials[0].settings));
    arena_close(&arena);
}

static void weights_of_one_regularizer_have_no_twin(void **state)
{
    (void)state;
    static const char *const specs[] = {TRAINED(WEIGHT("1"), "none"),
                                        TRAINED(WEIGHT("2"), "none")};
    struct arena arena = arena_open();
    struct results results = make_results(specs, 2, &arena);
    struct groups groups = groups_make(&results, &arena);
    for (size_t i = 0; i < 2; i++) {
        assert_false(groups.at[i].undefended);
        assert_int_equal(groups.at[i].twins[0], GROUPS_NO_TRIAL);
    }
    arena_close(&arena);
}

static void without_regularizers_there_is_a_family_a_group(void **state)
{
    (void)state;
    static const char *const specs[] = {CELL("direct", NONE, "0.1", "1"),
                                        CELL("direct", NONE, "0.1", "2"),
                                        CELL("poisson", NONE, "0.1", "1")};
    struct arena arena = arena_open();
    struct results results = make_results(specs, 3, &arena);
    struct groups groups = groups_make(&results, &arena);
    assert_int_equal(groups.n, 2);
    assert_false(groups.defence_varies);
    assert_string_equal(groups.at[0].label, "direct");
    assert_string_equal(groups.at[0].defence, "");
    assert_int_equal(groups.at[0].n, 2);
    assert_int_equal(groups.at[0].twins[0], GROUPS_NO_TRIAL);
    arena_close(&arena);
}

static void a_single_cell_has_a_label(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct results one = make_results(many, 1, &arena);
    struct groups groups = groups_make(&one, &arena);
    assert_int_equal(groups.n, 1);
    assert_string_equal(groups.at[0].label, "its digest");
    struct results seeds = make_results(many, 2, &arena);
    groups = groups_make(&seeds, &arena);
    assert_int_equal(groups.n, 1);
    assert_string_equal(groups.at[0].label, "all cells");
    arena_close(&arena);
}

static void no_cells_make_no_groups(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct results results = make_results(many, 0, &arena);
    assert_int_equal(groups_make(&results, &arena).n, 0);
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_regularized_group_stands_beside_its_twin),
        cmocka_unit_test(defences_of_any_axis_have_one_twin),
        cmocka_unit_test(what_all_have_is_no_difference),
        cmocka_unit_test(weights_of_one_regularizer_have_no_twin),
        cmocka_unit_test(without_regularizers_there_is_a_family_a_group),
        cmocka_unit_test(a_single_cell_has_a_label),
        cmocka_unit_test(no_cells_make_no_groups),
    };
    return cmocka_run_group_tests_name("groups", tests, NULL, NULL);
}

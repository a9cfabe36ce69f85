/* The section `zip` against a plain statement of it: of the grid, the cells in
 * which the lists named stand at the same place. */
#include "sweep/space.h"
#include "tests/read_experiment.h"
#include "tests/test.h"

#include <string.h>

enum { NAMES = 3, PLACES = 3 };

/* A list of a zip by the lines that its values make in a cell's text. A cell
 * with none of them goes with all. */
struct name {
    const char *lines[PLACES + 1];
};

struct lists {
    struct name names[NAMES + 1];
};

static size_t place_of(const struct name *name, const char *text)
{
    for (size_t i = 0; name->lines[i]; i++)
        if (strstr(text, name->lines[i]))
            return i + 1;
    return 0;
}

static bool agrees(const struct lists *zip, const char *text)
{
    size_t place = 0;
    for (size_t i = 0; zip->names[i].lines[0]; i++) {
        size_t one = place_of(&zip->names[i], text);
        if (place && one && one != place)
            return false;
        place = one ? one : place;
    }
    return true;
}

static bool has_digest(const struct cells *cells, struct digest digest)
{
    for (size_t i = 0; i < cells->n; i++)
        if (digest_equal(cells->at[i].digest, digest))
            return true;
    return false;
}

/* Of the grid's cells exactly those that agree are there with the zip. */
static void assert_zipped(const char *axes, const char *zip,
                          const struct lists *zips, size_t n_zips, size_t n)
{
    struct arena arena = arena_open();
    struct experiment grid = read_experiment_text(&arena, axes);
    struct experiment zipped = read_experiment_text(
        &arena, arena_print(&arena, "%s\n%s", axes, zip));
    struct cells all = space_enumerate(&grid, &arena);
    struct cells some = space_enumerate(&zipped, &arena);
    size_t n_agree = 0;
    for (size_t i = 0; i < all.n; i++) {
        const char *text = spec_print(&all.at[i].spec, true, &arena);
        bool all_agree = true;
        for (size_t z = 0; z < n_zips; z++)
            all_agree = all_agree && agrees(&zips[z], text);
        n_agree += all_agree;
        assert_int_equal(has_digest(&some, all.at[i].digest), all_agree);
    }
    assert_int_equal(some.n, n_agree);
    assert_int_equal(some.n, n);
    assert_int_equal(some.n_doubled, 0);
    arena_close(&arena);
}

static const struct lists steps_and_batch = {
    {{{"network.n_steps = 2\n", "network.n_steps = 4\n",
       "network.n_steps = 8\n"}},
     {{"training.batch_size = 64\n", "training.batch_size = 32\n",
       "training.batch_size = 16\n"}}}};

static void zipped_lists_advance_together(void **state)
{
    (void)state;
    static const char axes[] =
        "network = { n_steps = [2, 4, 8]; };"
        "training = { batch_size = [64, 32, 16]; n_epochs = [1, 2]; };"
        "neuron = { leak = [0.5, 0.9]; }; seeds = 2;";
    assert_zipped(axes, "zip = [\"network.n_steps\", \"training.batch_size\"];",
                  &steps_and_batch, 1, 3 * 2 * 2 * 2);
    assert_zipped(axes,
                  "zip = ( \"network.n_steps\", \"training.batch_size\" );",
                  &steps_and_batch, 1, 3 * 2 * 2 * 2);
}

static void several_zips_combine_with_each_other(void **state)
{
    (void)state;
    static const struct lists zips[] = {
        {{{{"network.n_steps = 2\n", "network.n_steps = 4\n"}},
          {{"optimizer.learning_rate = 0.1\n",
            "optimizer.learning_rate = 0.2\n"}},
          {{"training.seed = 1\n", "training.seed = 2\n"}}}},
        {{{{"optimizer.momentum = 0\n", "optimizer.momentum = 0.5\n",
            "optimizer.momentum = 0.9\n"}},
          {{"neuron.leak = 0.5\n", "neuron.leak = 0.7\n",
            "neuron.leak = 0.9\n"}}}},
    };
    assert_zipped("network = { n_steps = [2, 4]; };"
                  "optimizer = { kind = \"sgd\"; learning_rate = [0.1, 0.2];"
                  " momentum = [0, 0.5, 0.9]; };"
                  "neuron = { leak = [0.5, 0.7, 0.9]; }; seeds = 2;",
                  "zip = ( [\"network.n_steps\", \"optimizer.learning_rate\","
                  " \"seeds\"], [\"optimizer.momentum\", \"neuron.leak\"] );",
                  zips, 2, 2 * 3);
}

/* With alternatives: each that has the list advances, others go with all. */
static void alternatives_without_the_list_go_with_all(void **state)
{
    (void)state;
    static const struct lists zip = {
        {{{"regularizer.weight = 0.1\n", "regularizer.weight = 0.4\n"}},
         {{"training.n_epochs = 3\n", "training.n_epochs = 5\n"}}}};
    assert_zipped("regularizer = ( \"none\", { kind = \"mpd_sgr\";"
                  " weight = [0.1, 0.4]; }, { kind = \"mpd_sgr\"; range = 0.5;"
                  " weight = 0.7; } ); training = { n_epochs = [3, 5]; };",
                  "zip = [\"regularizer.weight\", \"training.n_epochs\"];",
                  &zip, 1, 2 + 2 + 2);
}

static void alternatives_themselves_can_be_zipped(void **state)
{
    (void)state;
    static const struct lists zip = {
        {{{"encoding = direct\n", "encoding = poisson\n",
           "encoding = latency\n"}},
         {{"surrogate = triangular\n", "surrogate = atan\n",
           "surrogate = sigmoid\n"}},
         {{"network.n_steps = 2\n", "network.n_steps = 4\n",
           "network.n_steps = 8\n"}}}};
    assert_zipped("encoding = [\"direct\", \"poisson\", \"latency\"];"
                  "surrogate = ( \"triangular\", { kind = \"atan\";"
                  " slope = [1, 2]; }, \"sigmoid\" );"
                  "network = { n_steps = [2, 4, 8]; };",
                  "zip = [\"encoding\", \"surrogate\", \"network.n_steps\"];",
                  &zip, 1, 4);
}

/* A list of a hundred thousand is no square of it. */
static void long_lists_are_zipped_at_once(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct experiment experiment = read_experiment_text(
        &arena, "training = { seed = { from = 1; to = 100000; count = 100000;"
                " }; }; neuron = { leak = { from = 0; to = 1;"
                " count = 100000; }; };"
                "zip = [\"seeds\", \"neuron.leak\"];");
    assert_int_equal(space_count(&experiment), 100000);
    struct cell last = space_cell(&experiment, 99999, &arena);
    const char *text = spec_print(&last.spec, true, &arena);
    assert_non_null(strstr(text, "training.seed = 100000\n"));
    assert_non_null(strstr(text, "neuron.leak = 1\n"));
    arena_close(&arena);
}

static void parameters_of_attacks_are_zipped(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct experiment experiment = read_experiment_text(
        &arena, "attacks = ( \"fgsm\", { kind = \"pgd\"; n_steps = [7, 20];"
                " step = [0.2, 0.05]; epsilons = ([0, 0.1], [0.2]); } );"
                "zip = [\"attacks.n_steps\", \"attacks.step\"];");
    static const char *const expected[][2] = {
        {"attack = fgsm\n", ""},
        {"attack.n_steps = 7\n", "attack.step = 0.2\n"},
        {"attack.n_steps = 7\n", "attack.step = 0.2\n"},
        {"attack.n_steps = 20\n", "attack.step = 0.05\n"},
        {"attack.n_steps = 20\n", "attack.step = 0.05\n"}};
    assert_int_equal(space_count_attacks(&experiment), KIND_COUNT(expected));
    struct cell cell = space_cell(&experiment, 0, &arena);
    for (size_t i = 0; i < KIND_COUNT(expected); i++) {
        struct evaluation one = space_evaluation(&experiment, &cell, i, &arena);
        const char *text = spec_print(&one.spec, true, &arena);
        assert_null(one.pruned);
        assert_non_null(strstr(text, expected[i][0]));
        assert_non_null(strstr(text, expected[i][1]));
    }
    arena_close(&arena);
}

/* Cells that were there before the lists were zipped keep their identity, and
 * rules hold as they do in a grid. */
static void rules_exclude_zipped_cells(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct experiment experiment = read_experiment_text(
        &arena, "network = { n_steps = [2, 4, 8]; };"
                "training = { batch_size = [64, 32, 16]; }; seeds = 2;"
                "zip = [\"network.n_steps\", \"training.batch_size\"];"
                "exclude = ( { network = { n_steps = 4; };"
                " training = { batch_size = 32; seed = 1; }; },"
                " { network = { n_steps = 4; };"
                " training = { batch_size = 64; }; } );");
    struct cells cells = space_enumerate(&experiment, &arena);
    assert_int_equal(cells.n, 5);
    assert_int_equal(cells.n_pruned, 1);
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zipped_lists_advance_together),
        cmocka_unit_test(several_zips_combine_with_each_other),
        cmocka_unit_test(alternatives_without_the_list_go_with_all),
        cmocka_unit_test(alternatives_themselves_can_be_zipped),
        cmocka_unit_test(long_lists_are_zipped_at_once),
        cmocka_unit_test(parameters_of_attacks_are_zipped),
        cmocka_unit_test(rules_exclude_zipped_cells),
    };
    return cmocka_run_group_tests_name("zip", tests, NULL, NULL);
}

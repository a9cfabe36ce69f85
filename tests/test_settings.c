#include "tests/test.h"

#include "core/settings.h"
#include "core/spec.h"

#include <string.h>

static struct settings parse(const char *text, struct arena *arena)
{
    return settings_parse(text, arena);
}

/* parsing ------------------------------------------------------------- */

static void lines_become_keys_and_values(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct settings settings =
        parse("neuron = lif\nno line of ours\nneuron.leak = 0.5\n\n"
              "dataset.folder = \"a = b\"\nlast = 1",
              &arena);
    static const struct setting expected[] = {{"neuron", "lif"},
                                              {"neuron.leak", "0.5"},
                                              {"dataset.folder", "\"a = b\""},
                                              {"last", "1"}};
    assert_int_equal(settings.n, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(settings.at[i].key, expected[i].key);
        assert_string_equal(settings.at[i].value, expected[i].value);
        assert_string_equal(settings_get(&settings, expected[i].key),
                            expected[i].value);
    }
    assert_null(settings_get(&settings, "leak"));
    assert_int_equal(parse("", &arena).n, 0);
    arena_close(&arena);
}

static void a_specs_text_is_taken_apart_line_by_line(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct spec spec = spec_defaults(&arena);
    const char *text = spec_print(&spec, true, &arena), *again = "";
    struct settings settings = parse(text, &arena);
    for (size_t i = 0; i < settings.n; i++)
        again = arena_print(&arena, "%s%s = %s\n", again, settings.at[i].key,
                            settings.at[i].value);
    assert_string_equal(again, text);
    arena_close(&arena);
}

/* order --------------------------------------------------------------- */

static void kinds_are_ordered_as_in_the_registry(void **state)
{
    (void)state;
    for (size_t a = 0; a < SPEC_N_AXES; a++) {
        const struct axis *axis = spec_axes[a];
        for (size_t i = 0; i < axis->n_kinds; i++)
            for (size_t k = 0; k < axis->n_kinds; k++) {
                int order = settings_compare_values(axis->name,
                                                    axis->kinds[i]->name,
                                                    axis->kinds[k]->name);
                assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
            }
        assert_true(settings_compare_values(axis->name, "unheard_of",
                                            axis->kinds[0]->name) > 0);
    }
    assert_true(settings_compare_values("encoding", "aa", "bb") < 0);
}

static void numbers_are_ordered_by_value_and_the_rest_by_letters(void **state)
{
    (void)state;
    static const char key[] = "regularizer.weight";
    assert_true(settings_compare_values(key, "9", "10") < 0);
    assert_true(settings_compare_values(key, "1e-05", "0.001") < 0);
    assert_true(settings_compare_values(key, "-1", "-2") > 0);
    assert_true(settings_compare_values(key, "0.5", "0.5") == 0);
    assert_true(settings_compare_values("neuron.reset", "hard", "soft") < 0);
    assert_true(settings_compare_values("network.hidden", "[1]", "[2]") < 0);
}

static void cells_are_ordered_by_their_first_difference(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct settings cells[] = {
        parse("encoding = direct\nneuron = lif\nneuron.leak = 0.5\n", &arena),
        parse("encoding = direct\nneuron = lif\nneuron.leak = 0.75\n", &arena),
        parse("encoding = direct\nneuron = if\n", &arena),
        parse("encoding = poisson\nneuron = lif\n", &arena),
        parse("encoding = poisson\nneuron = lif\nneuron.leak = 0.5\n", &arena),
    };
    for (size_t i = 0; i < 5; i++)
        for (size_t k = 0; k < 5; k++) {
            int order = settings_compare(&cells[i], &cells[k]);
            assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
        }
    arena_close(&arena);
}

/* variation ----------------------------------------------------------- */

static void expect_keys(const struct variation *variation, size_t n,
                        const char *const *keys)
{
    assert_int_equal(variation->n, n);
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(variation->keys[i], keys[i]);
        assert_true(variation_has(variation, keys[i]));
    }
}

/* A weight that only one kind has does not vary because the other lacks it,
 * and one that each kind has in its own way varies within a kind only. */
static void a_parameter_varies_within_one_kind(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct settings cells[] = {
        parse("encoding = direct\nregularizer = none\ntraining.seed = 1\n",
              &arena),
        parse("encoding = direct\nregularizer = mpd_sgr\n"
              "regularizer.weight = 0.1\nregularizer.range = 0\n",
              &arena),
        parse("encoding = direct\nregularizer = mpd_sgr\n"
              "regularizer.weight = 0.2\nregularizer.range = 0\n",
              &arena),
    };
    struct variation two = settings_vary(2, cells, &arena);
    expect_keys(&two, 1, (const char *const[]){"regularizer"});
    struct variation three = settings_vary(3, cells, &arena);
    expect_keys(&three, 2,
                (const char *const[]){"regularizer", "regularizer.weight"});
    struct variation pair = settings_vary(2, cells + 1, &arena);
    expect_keys(&pair, 1, (const char *const[]){"regularizer.weight"});
    struct variation alone = settings_vary(1, cells, &arena);
    expect_keys(&alone, 0, NULL);
    assert_false(variation_has(&alone, "regularizer"));
    arena_close(&arena);
}

static void kinds_with_parameters_of_one_name_are_kept_apart(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct settings cells[] = {
        parse("surrogate = triangular\nsurrogate.width = 1\n", &arena),
        parse("surrogate = rectangular\nsurrogate.width = 2\n", &arena),
    };
    struct variation variation = settings_vary(2, cells, &arena);
    expect_keys(&variation, 1, (const char *const[]){"surrogate"});
    arena_close(&arena);
}

static const char *const kinds[] = {"direct", "poisson", "latency"};

/* The canonical order is the axes', whichever cell a key was first seen in. */
static void keys_come_in_the_order_of_the_text(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct settings cells[24];
    for (size_t i = 0; i < 24; i++)
        cells[i] = parse(
            arena_print(&arena,
                        "encoding = %s\nneuron = lif\nneuron.leak = 0.%zu\n"
                        "surrogate = %s\n%straining = bptt\n"
                        "training.seed = %zu\n",
                        kinds[i % 3], i % 2 + 1, i < 12 ? "atan" : "sigmoid",
                        i < 12 ? "" : i % 2 ? "surrogate.slope = 4\n"
                                            : "surrogate.slope = 8\n",
                        i % 5),
            &arena);
    struct variation variation = settings_vary(24, cells, &arena);
    expect_keys(&variation, 5,
                (const char *const[]){"encoding", "neuron.leak", "surrogate",
                                      "surrogate.slope", "training.seed"});
    arena_close(&arena);
}

static void a_key_can_be_left_out(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct settings cells[] = {
        parse("encoding = direct\ntraining = bptt\ntraining.seed = 1\n",
              &arena),
        parse("encoding = poisson\ntraining = bptt\ntraining.seed = 2\n",
              &arena),
        parse("encoding = direct\ntraining = bptt\ntraining.seed = 2\n",
              &arena),
    };
    struct variation all = settings_vary(3, cells, &arena);
    struct variation less = variation_without(&all, "training.seed", &arena);
    expect_keys(&all, 2, (const char *const[]){"encoding", "training.seed"});
    expect_keys(&less, 1, (const char *const[]){"encoding"});
    assert_true(variation_same(&less, &cells[0], &cells[2]));
    assert_false(variation_same(&less, &cells[0], &cells[1]));
    assert_false(variation_same(&all, &cells[0], &cells[2]));
    less = variation_without(&all, "nothing", &arena);
    assert_int_equal(less.n, 2);
    arena_close(&arena);
}

static void cells_that_lack_a_key_agree_in_that(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    const char *keys[] = {"regularizer.weight"};
    struct variation variation = {1, keys};
    struct settings with = parse("regularizer.weight = 1\n", &arena);
    struct settings without = parse("regularizer = none\n", &arena);
    assert_true(variation_same(&variation, &without, &without));
    assert_false(variation_same(&variation, &with, &without));
    assert_false(variation_same(&variation, &without, &with));
    arena_close(&arena);
}

/* labels -------------------------------------------------------------- */

static void a_label_tells_what_varies(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    const char *keys[] = {"encoding", "network.hidden", "regularizer",
                          "regularizer.weight", "training.seed"};
    struct variation variation = {5, keys};
    struct settings cell =
        parse("encoding = poisson\nnetwork.hidden = [10, 20]\n"
              "regularizer = mpd_sgr\nregularizer.weight = 0.1\n"
              "training.seed = 2\n",
              &arena);
    assert_string_equal(
        variation_label(&variation, &cell, &arena),
        "poisson, hidden=[10,20], mpd_sgr weight=0.1, seed=2");
    cell = parse("encoding = direct\nregularizer = none\n", &arena);
    assert_string_equal(variation_label(&variation, &cell, &arena),
                        "direct, no regularizer");
    variation.n = 0;
    assert_string_equal(variation_label(&variation, &cell, &arena), "");
    arena_close(&arena);
}

static void names_that_two_axes_share_are_written_in_full(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    const char *keys[] = {"optimizer.momentum", "normalization.momentum",
                          "neuron.leak"};
    struct variation variation = {3, keys};
    struct settings cell =
        parse("normalization.momentum = 0.1\nneuron.leak = 0.5\n"
              "optimizer.momentum = 0.9\n",
              &arena);
    assert_string_equal(
        variation_label(&variation, &cell, &arena),
        "optimizer.momentum=0.9, normalization.momentum=0.1, leak=0.5");
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_become_keys_and_values),
        cmocka_unit_test(a_specs_text_is_taken_apart_line_by_line),
        cmocka_unit_test(kinds_are_ordered_as_in_the_registry),
        cmocka_unit_test(numbers_are_ordered_by_value_and_the_rest_by_letters),
        cmocka_unit_test(cells_are_ordered_by_their_first_difference),
        cmocka_unit_test(a_parameter_varies_within_one_kind),
        cmocka_unit_test(kinds_with_parameters_of_one_name_are_kept_apart),
        cmocka_unit_test(keys_come_in_the_order_of_the_text),
        cmocka_unit_test(a_key_can_be_left_out),
        cmocka_unit_test(cells_that_lack_a_key_agree_in_that),
        cmocka_unit_test(a_label_tells_what_varies),
        cmocka_unit_test(names_that_two_axes_share_are_written_in_full),
    };
    return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}

/* What of a space is not run, and its attacks. */
#include "sweep/space.h"
#include "tests/read_experiment.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <string.h>

static void assert_pruned(const char *text, size_t n_pruned, size_t n_all)
{
    struct arena arena = arena_open();
    struct experiment experiment = read_experiment_text(&arena, text);
    struct cells cells = space_enumerate(&experiment, &arena);
    assert_int_equal(space_count(&experiment), n_all);
    assert_int_equal(cells.n_pruned, n_pruned);
    assert_int_equal(cells.n, n_all - n_pruned);
    arena_close(&arena);
}

static void rules_exclude_what_fulfils_all_their_conditions(void **state)
{
    (void)state;
    static const char axes[] =
        "encoding = [\"direct\", \"poisson\", \"latency\"];"
        "regularizer = (\"none\", { kind = \"mpd_sgr\"; weight = [0.1, 0.5, 1]; }"
        "); neuron = ({ kind = \"lif\"; leak = [0.5, 0.9]; }, \"if\");";
    static const struct {
        const char *rules;
        size_t n_pruned; /* of 3 x 4 x 3 */
    } cases[] = {
        {"", 0},
        {"exclude = ();", 0},
        {"exclude = { encoding = \"poisson\"; };", 12},
        {"exclude = ( { encoding = [\"poisson\", \"latency\"]; } );", 24},
        {"exclude = ( { encoding = \"poisson\"; regularizer = \"none\"; } );", 3},
        {"exclude = ( { encoding = \"poisson\"; },"
         " { regularizer = \"none\"; } );", 18},
        {"exclude = ( { regularizer = { weight = 0.50; }; } );", 9},
        {"exclude = ( { regularizer = { weight = [0.1, 1]; };"
         " encoding = \"direct\"; } );", 6},
        {"exclude = ( { regularizer = { weight = { from = 0.5; to = 1;"
         " count = 2; }; }; } );", 18},
        {"exclude = ( { neuron = { leak = 0.9; }; } );", 12},
        {"exclude = ( { neuron = { threshold = 1; leak = 0.9; }; } );", 12},
        {"exclude = ( { neuron = { kind = [\"if\", \"lif\"]; leak = 0.9; }; } );",
         12},
        {"exclude = ( { neuron = { kind = \"if\"; threshold = 1; }; } );", 12},
        {"exclude = ( { neuron = { kind = \"if\"; };"
         " regularizer = { kind = \"mpd_sgr\"; }; } );", 9},
    };
    struct arena arena = arena_open();
    for (size_t i = 0; i < KIND_COUNT(cases); i++)
        assert_pruned(arena_print(&arena, "%s%s", axes, cases[i].rules),
                      cases[i].n_pruned, 36);
    arena_close(&arena);
}

static void a_pruned_cell_names_the_rule_or_the_objection(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct arena arena = arena_open();
    const char *path = scratch_path(&scratch, "main.cfg");
    static const char file[] =
        "surrogate = [\"triangular\", \"sigmoid\", \"atan\"];\n"
        "regularizer = \"mpd_sgr\";\nexclude = (\n"
        "@include \"rule.part\"\n,\n{ surrogate =\n\"atan\"; } );\n";
    static const char part[] = "\n{ surrogate = \"triangular\"; }\n";
    scratch_write(path, file, strlen(file));
    scratch_write(scratch_path(&scratch, "rule.part"), part, strlen(part));
    struct experiment experiment = read_experiment_file(&arena, path);
    assert_string_equal(
        space_cell(&experiment, 0, &arena).pruned,
        arena_print(&arena, "excluded by %s/rule.part:2", scratch.folder));
    assert_string_equal(space_cell(&experiment, 1, &arena).pruned,
                        "regularizer mpd_sgr: the surrogate has no bounded "
                        "support; give range or share");
    assert_string_equal(space_cell(&experiment, 2, &arena).pruned,
                        arena_print(&arena, "excluded by %s:6", path));
    assert_int_equal(space_enumerate(&experiment, &arena).n, 0);
    arena_close(&arena);
    scratch_remove(&scratch);
}

/* attacks ------------------------------------------------------------- */

static void attacks_are_evaluations_of_each_cell(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct experiment experiment = read_experiment_text(
        &arena, "attacks = ( \"fgsm\", { kind = \"pgd\"; n_steps = [7, 20];"
                " epsilons = ([0], [0, 8/255]); } );");
    struct cell cell = space_cell(&experiment, 0, &arena);
    assert_int_equal(space_count(&experiment), 1);
    assert_int_equal(space_count_attacks(&experiment), 5);
    struct digest digests[5];
    for (size_t i = 0; i < 5; i++) {
        struct evaluation evaluation =
            space_evaluation(&experiment, &cell, i, &arena);
        assert_null(evaluation.pruned);
        assert_true(
            digest_equal(evaluation.digest, spec_digest(&evaluation.spec)));
        struct spec without = spec_without_attack(evaluation.spec);
        assert_true(digest_equal(spec_digest(&without), cell.digest));
        for (size_t k = 0; k < i; k++)
            assert_false(digest_equal(digests[k], evaluation.digest));
        digests[i] = evaluation.digest;
    }
    struct evaluation last = space_evaluation(&experiment, &cell, 4, &arena);
    assert_non_null(strstr(spec_print(&last.spec, false, &arena),
                           "attack.epsilons = [0, 0.03137254901960784]\n"));
    arena_close(&arena);
}

static void an_attack_that_is_listed_twice_is_done_once(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct experiment experiment = read_experiment_text(
        &arena, "attacks = ( \"fgsm\", { kind = \"pgd\"; n_steps = [7, 8]; },"
                "{ kind = \"pgd\"; n_steps = 8; batch_size = 2; }, \"fgsm\" );");
    static const char *const expected[] = {
        NULL, NULL, NULL, "the same as attack 2", "the same as attack 0"};
    struct cell cell = space_cell(&experiment, 0, &arena);
    assert_int_equal(space_count_attacks(&experiment), 5);
    for (size_t i = 0; i < 5; i++) {
        const char *pruned =
            space_evaluation(&experiment, &cell, i, &arena).pruned;
        assert_string_equal(pruned ? pruned : "",
                            expected[i] ? expected[i] : "");
    }
    arena_close(&arena);
}

static void a_rule_on_the_attack_prunes_evaluations_only(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct experiment experiment = read_experiment_text(
        &arena, "encoding = [\"direct\", \"poisson\", \"latency\"];\n"
                "attacks = (\"fgsm\", { kind = \"pgd\"; n_steps = [7, 20]; });\n"
                "exclude = ({ encoding = \"poisson\";\n"
                "  attack = { n_steps = 20; }; }, { encoding = \"latency\"; });");
    struct cells cells = space_enumerate(&experiment, &arena);
    assert_int_equal(cells.n, 2);
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 3; k++) {
            struct cell cell = space_cell(&experiment, i, &arena);
            const char *pruned =
                space_evaluation(&experiment, &cell, k, &arena).pruned;
            assert_int_equal(pruned != NULL, i == 2 || (i == 1 && k == 2));
        }
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_exclude_what_fulfils_all_their_conditions),
        cmocka_unit_test(a_pruned_cell_names_the_rule_or_the_objection),
        cmocka_unit_test(attacks_are_evaluations_of_each_cell),
        cmocka_unit_test(an_attack_that_is_listed_twice_is_done_once),
        cmocka_unit_test(a_rule_on_the_attack_prunes_evaluations_only),
    };
    return cmocka_run_group_tests_name("space_pruning", tests, NULL, NULL);
}

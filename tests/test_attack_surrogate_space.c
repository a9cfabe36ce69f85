/* What an attack goes back through, as experiments ask for it. */
#include "tests/test.h"

#include "core/surrogate.h"
#include "sweep/space.h"
#include "tests/read_experiment.h"
#include "tests/small_net.h"
#include "tests/text.h"

#include <string.h>

static const char *name_of(const struct experiment *experiment, size_t i,
                           struct arena *arena)
{
    struct cell cell = space_cell(experiment, 0, arena);
    struct evaluation evaluation =
        space_evaluation(experiment, &cell, i, arena);
    struct spec alone = {0};
    alone.at[SPEC_ATTACK_SURROGATE] =
        evaluation.spec.at[SPEC_ATTACK_SURROGATE];
    return arena_print(arena, "%s %s%s",
                       evaluation.spec.at[SPEC_ATTACK].kind->name,
                       spec_print(&alone, true, arena),
                       evaluation.pruned ? evaluation.pruned : "");
}

static void lists_in_an_attack_are_several_evaluations(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "pgd attack_surrogate = own\nattack_surrogate.scale = 1\n",
        "pgd attack_surrogate = atan\nattack_surrogate.slope = 1\n",
        "pgd attack_surrogate = atan\nattack_surrogate.slope = 3\n",
        "bim attack_surrogate = own\nattack_surrogate.scale = 1\n",
        "bim attack_surrogate = atan\nattack_surrogate.slope = 1\n",
        "bim attack_surrogate = atan\nattack_surrogate.slope = 3\n",
        "fgsm attack_surrogate = own\nattack_surrogate.scale = 1\n",
        "fgsm attack_surrogate = own\nattack_surrogate.scale = 1\n"
        "the same as attack 6",
        "fgsm attack_surrogate = own\nattack_surrogate.scale = 2\n",
    };
    struct arena arena = arena_open();
    struct experiment experiment = read_experiment_text(
        &arena,
        "attacks = ( { kind = [\"pgd\", \"bim\"]; surrogate = (\"own\","
        " { kind = \"atan\"; slope = [1, 3]; }); }, \"fgsm\","
        " { kind = \"fgsm\"; surrogate = { scale = [1, 2]; }; } );");
    assert_int_equal(space_count_attacks(&experiment), KIND_COUNT(expected));
    for (size_t i = 0; i < KIND_COUNT(expected); i++)
        assert_string_equal(name_of(&experiment, i, &arena), expected[i]);
    arena_close(&arena);
}

/* Of a network that was trained with one of them, three others are left. */
static void the_matrix_is_its_own_three_others_and_the_adaptive(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    static const struct {
        const char *trained;
        size_t n_pruned;
    } cases[] = {{"triangular", 1}, {"rectangular", 1}, {"atan", 0}};
    for (size_t k = 0; k < KIND_COUNT(cases); k++) {
        struct experiment experiment = read_experiment_text(
            &arena, arena_print(&arena,
                                "surrogate = \"%s\";\nattacks = { kind = "
                                "[\"pgd\", \"bim\"]; surrogate = "
                                "\"matrix\"; };",
                                cases[k].trained));
        size_t n = space_count_attacks(&experiment), n_pruned = 0;
        assert_int_equal(n, 2 * surrogate_n_matrix);
        for (size_t i = 0; i < n; i++) {
            const char *name = name_of(&experiment, i, &arena);
            const char *kind = surrogate_matrix[i % surrogate_n_matrix]->name;
            text_assert_has(name, arena_print(&arena,
                                              " attack_surrogate = %s\n",
                                              kind));
            n_pruned += strstr(name, "network's own") != NULL;
        }
        assert_int_equal(n_pruned, 2 * cases[k].n_pruned);
        assert_true(n / 2 - cases[k].n_pruned >= 5);
        assert_string_equal(surrogate_matrix[n / 2 - 1]->name, "assg");
    }
    arena_close(&arena);
}

static void the_matrix_stands_in_lists_with_others(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct experiment experiment = read_experiment_text(
        &arena,
        "attacks = { surrogate = (\"matrix\", { scale = [1, 2]; }); };");
    size_t n = surrogate_n_matrix;
    assert_int_equal(space_count_attacks(&experiment), n + 2);
    text_assert_has(name_of(&experiment, n, &arena), "the same as attack 0");
    text_assert_has(name_of(&experiment, n + 1, &arena), "scale = 2\n");
    arena_close(&arena);
}

static void one_of_other_parameters_is_another(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct spec spec = small_spec("surrogate = triangular\nattack = pgd\n"
                                  "attack_surrogate = triangular\n",
                                  &arena);
    text_assert_has(spec_objection(&spec, &arena), "network's own");
    spec = small_spec("surrogate = triangular\nattack = pgd\n"
                      "attack_surrogate = triangular\n"
                      "attack_surrogate.width = 0.5\n",
                      &arena);
    assert_null(spec_objection(&spec, &arena));
    spec = small_spec("surrogate = psg\nattack = pgd\n"
                      "attack_surrogate = psg\n", &arena);
    assert_null(spec_objection(&spec, &arena)); /* of the width at first */
    arena_close(&arena);
}

static void rules_can_exclude_by_it(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct experiment experiment = read_experiment_text(
        &arena, "attacks = { kind = [\"pgd\", \"fgsm\"];"
                " surrogate = [\"own\", \"atan\"]; };"
                "exclude = { attack = \"fgsm\"; attack_surrogate = \"atan\"; };");
    for (size_t i = 0; i < 4; i++)
        assert_true(!strstr(name_of(&experiment, i, &arena), "excluded") ==
                    (i != 3));
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_in_an_attack_are_several_evaluations),
        cmocka_unit_test(the_matrix_is_its_own_three_others_and_the_adaptive),
        cmocka_unit_test(the_matrix_stands_in_lists_with_others),
        cmocka_unit_test(one_of_other_parameters_is_another),
        cmocka_unit_test(rules_can_exclude_by_it),
    };
    return cmocka_run_group_tests_name("attack_surrogate_space", tests, NULL,
                                       NULL);
}

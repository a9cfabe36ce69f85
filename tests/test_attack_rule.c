/* How an attack goes back, from the experiment file to what is stored:
 * core/backward_rule.c. */
#include "tests/test.h"

#include "core/backward_rule.h"
#include "core/model.h"
#include "sweep/space.h"
#include "tests/read_experiment.h"
#include "tests/small_net.h"

#include <string.h>

/* specs --------------------------------------------------------------- */

static struct digest digest_with(const char *text)
{
    struct arena arena = arena_open();
    struct spec spec = small_spec(text, &arena);
    struct digest digest = spec_digest(&spec);
    arena_close(&arena);
    return digest;
}

static void bptt_is_no_part_of_the_identity(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct spec spec = small_spec("attack = fgsm\n", &arena);
    assert_string_equal(spec.at[SPEC_ATTACK_RULE].kind->name, "bptt");
    struct digest digest = spec_digest(&spec);
    assert_null(strstr(spec_print_identity(&spec, &arena), "attack_rule"));
    assert_non_null(strstr(spec_print(&spec, true, &arena),
                           "attack_rule = bptt\n"));
    spec.at[SPEC_ATTACK_RULE] = (struct choice){NULL, NULL};
    assert_true(digest_equal(digest, spec_digest(&spec)));
    for (size_t i = 1; i < backward_rule_axis.n_kinds; i++) {
        const char *text =
            arena_print(&arena, "attack = fgsm\nattack_rule = %s\n",
                        backward_rule_axis.kinds[i]->name);
        assert_false(digest_equal(digest, digest_with(text)));
        spec = small_spec(text, &arena);
        spec = spec_without_attack(spec);
        assert_true(digest_equal(spec_digest(&spec), digest_with("")));
    }
    arena_close(&arena);
}

static bool is_refused(const char *text, const char *reason)
{
    struct arena arena = arena_open();
    struct spec spec = small_spec(text, &arena);
    const char *objection = spec_objection(&spec, &arena);
    bool refused = reason ? objection && strstr(objection, reason)
                          : objection != NULL;
    if (reason && !refused)
        print_error("%s: %s\n", text, objection ? objection : "allowed");
    arena_close(&arena);
    return refused;
}

static void what_has_no_effect_is_refused(void **state)
{
    (void)state;
    static const char *const kinds[] = {"bptr", "rga", "conversion", "hart"};
    struct arena arena = arena_open();
    for (size_t i = 0; i < 4; i++) {
        const char *rule = arena_print(&arena, "attack_rule = %s\n", kinds[i]);
        assert_false(
            is_refused(arena_print(&arena, "attack = pgd\n%s", rule), NULL));
        assert_true(is_refused(
            arena_print(&arena, "attack = square\n%s", rule), "no gradient"));
        assert_true(is_refused(arena_print(&arena,
                                           "attack = pgd\n"
                                           "attack_surrogate = atan\n%s",
                                           rule),
                               "surrogate is without effect"));
        assert_true(is_refused(arena_print(&arena,
                                           "attack = pgd\n"
                                           "attack_surrogate = own\n"
                                           "attack_surrogate.scale = 2\n%s",
                                           rule),
                               "surrogate is without effect"));
    }
    assert_false(is_refused("attack = square\nattack_rule = bptt\n", NULL));
    arena_close(&arena);
}

/* Of these neurons a rate is not a function of one current, leak and threshold.
 */
static bool is_linear(const struct kind *neuron)
{
    static const char *const names[] = {"lif", "if", "nlif", "plif", "pif"};
    for (size_t i = 0; i < 5; i++)
        if (!strcmp(neuron->name, names[i]))
            return true;
    return false;
}

static void rules_of_one_threshold_want_neurons_that_have_one(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    for (size_t i = 0; i < neuron_axis.n_kinds; i++)
        for (size_t k = 0; k < backward_rule_axis.n_kinds; k++) {
            const char *rule = backward_rule_axis.kinds[k]->name;
            const char *text = arena_print(
                &arena, "neuron = %s\nattack = pgd\nattack_rule = %s\n",
                neuron_axis.kinds[i]->name, rule);
            bool wants = !strcmp(rule, "rga") || !strcmp(rule, "conversion");
            assert_true(is_refused(text, NULL) ==
                        (wants && !is_linear(neuron_axis.kinds[i])));
        }
    assert_true(is_refused("neuron = talif\nattack = pgd\nattack_rule = rga\n",
                           "one threshold a layer"));
    arena_close(&arena);
}

static void only_attacks_go_by_it(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct spec spec = small_spec("attack = pgd\nattack_rule = hart\n", &arena);
    struct data_set data =
        small_data((struct image_shape){5, 5, 1}, 3, 6, 6, 1, &arena);
    for (int purpose = MODEL_ATTACK; purpose <= MODEL_TRAIN; purpose++) {
        const struct model *model =
            model_lay_out(&spec, &data, 2, (enum model_purpose)purpose,
                          (struct trial_means){0}, &arena);
        for (size_t i = 0; i < model->n_layers; i++)
            assert_string_equal(
                model->layers[i].spiking.rule.rule->kind.name,
                purpose == MODEL_ATTACK ? "hart" : "bptt");
    }
    arena_close(&arena);
}

/* experiments --------------------------------------------------------- */

static const char *name_of(const struct experiment *experiment, size_t i,
                           struct arena *arena)
{
    struct cell cell = space_cell(experiment, 0, arena);
    struct spec alone = {0};
    struct evaluation evaluation =
        space_evaluation(experiment, &cell, i, arena);
    alone.at[SPEC_ATTACK_RULE] = evaluation.spec.at[SPEC_ATTACK_RULE];
    return arena_print(arena, "%s %s %s%s",
                       evaluation.spec.at[SPEC_ATTACK].kind->name,
                       evaluation.spec.at[SPEC_ATTACK_SURROGATE].kind->name,
                       spec_print(&alone, true, arena),
                       evaluation.pruned ? evaluation.pruned : "");
}

static void rules_in_an_attack_are_several_evaluations(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "pgd own attack_rule = bptt\n",
        "pgd own attack_rule = hart\nattack_rule.gamma = 0.5\n",
        "pgd own attack_rule = hart\nattack_rule.gamma = 2\n",
        "bim own attack_rule = bptt\n",
        "bim own attack_rule = hart\nattack_rule.gamma = 0.5\n",
        "bim own attack_rule = hart\nattack_rule.gamma = 2\n",
        "fgsm own attack_rule = bptt\n",
        "fgsm own attack_rule = bptt\nthe same as attack 6",
        "fgsm own attack_rule = bptr\n",
        "fgsm own attack_rule = bptr\nthe same as attack 8",
    };
    struct arena arena = arena_open();
    struct experiment experiment = read_experiment_text(
        &arena,
        "attacks = ( { kind = [\"pgd\", \"bim\"]; rule = (\"bptt\","
        " { kind = \"hart\"; gamma = [0.5, 2]; }); }, \"fgsm\","
        " { kind = \"fgsm\"; rule = [\"bptt\", \"bptr\", \"bptr\"]; } );");
    assert_int_equal(space_count_attacks(&experiment), KIND_COUNT(expected));
    for (size_t i = 0; i < KIND_COUNT(expected); i++)
        assert_string_equal(name_of(&experiment, i, &arena), expected[i]);
    arena_close(&arena);
}

/* The rule's kinds run faster than the surrogate's, and rows of all three
 * faster than kinds, those of the rule fastest. */
static void rules_and_surrogates_are_combined(void **state)
{
    (void)state;
    static const char *const expected[] = {"own bptt",  "own bptt",
                                           "own bptr",  "own bptr",
                                           "atan bptt", "atan bptt",
                                           "atan bptr", "atan bptr"};
    struct arena arena = arena_open();
    struct experiment experiment = read_experiment_text(
        &arena, "attacks = { kind = \"pgd\"; n_steps = [3, 5];"
                " surrogate = [\"own\", \"atan\"];"
                " rule = [\"bptt\", \"bptr\"]; };"
                "exclude = { attack_rule = \"bptr\"; attack = { n_steps = 5; }; };");
    assert_int_equal(space_count_attacks(&experiment), 8);
    for (size_t i = 0; i < 8; i++) {
        struct cell cell = space_cell(&experiment, 0, &arena);
        struct evaluation evaluation =
            space_evaluation(&experiment, &cell, i, &arena);
        const char *pruned = evaluation.pruned;
        assert_string_equal(
            arena_print(&arena, "%s %s",
                        evaluation.spec.at[SPEC_ATTACK_SURROGATE].kind->name,
                        evaluation.spec.at[SPEC_ATTACK_RULE].kind->name),
            expected[i]);
        assert_true(!pruned == (i != 3 && i < 6));
        if (i == 3)
            assert_non_null(strstr(pruned, "exclude"));
        if (i == 6)
            assert_non_null(strstr(pruned, "surrogate is without effect"));
    }
    arena_close(&arena);
}

static void rows_of_all_three_are_combined(void **state)
{
    (void)state;
    struct arena arena = arena_open();
    struct experiment experiment = read_experiment_text(
        &arena, "attacks = { kind = \"pgd\"; n_steps = [3, 5];"
                " surrogate = { kind = \"atan\"; slope = [1, 2, 3]; };"
                " rule = { kind = \"hart\"; gamma = [1, 2]; }; };");
    static const double slopes[] = {1, 2, 3}, gammas[] = {1, 2};
    static const size_t steps[] = {3, 5};
    assert_int_equal(space_count_attacks(&experiment), 12);
    for (size_t i = 0; i < 12; i++) {
        struct cell cell = space_cell(&experiment, 0, &arena);
        struct evaluation evaluation =
            space_evaluation(&experiment, &cell, i, &arena);
        const char *text = spec_print(&evaluation.spec, true, &arena);
        const char *expected[] = {
            arena_print(&arena, "attack.n_steps = %zu\n", steps[i / 6]),
            arena_print(&arena, "attack_surrogate.slope = %g\n",
                        slopes[i / 2 % 3]),
            arena_print(&arena, "attack_rule.gamma = %g\n", gammas[i % 2])};
        for (size_t k = 0; k < 3; k++)
            assert_non_null(strstr(text, expected[k]));
    }
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bptt_is_no_part_of_the_identity),
        cmocka_unit_test(what_has_no_effect_is_refused),
        cmocka_unit_test(rules_of_one_threshold_want_neurons_that_have_one),
        cmocka_unit_test(only_attacks_go_by_it),
        cmocka_unit_test(rules_in_an_attack_are_several_evaluations),
        cmocka_unit_test(rules_and_surrogates_are_combined),
        cmocka_unit_test(rows_of_all_three_are_combined),
    };
    return cmocka_run_group_tests_name("attack_rule", tests, NULL, NULL);
}

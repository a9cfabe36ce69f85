/* The rules by which attacks go back, against numbers of an independent
 * implementation in PyTorch: tests/oracle/torch_rules.py and
 * tests/oracle/torch_rules.txt. */
#include "tests/oracle_scene.h"
#include "tests/test.h"

#include <string.h>

/* A rule of the file, as lines of a spec. */
static const char *print_rule(const char *name, double first, double second,
                              struct arena *arena)
{
    if (!strcmp(name, "rga"))
        return arena_print(arena,
                           "attack_rule = rga\nattack_rule.gamma = %g\n"
                           "attack_rule.extent = %g\n",
                           first, second);
    if (!strcmp(name, "hart"))
        return arena_print(
            arena, "attack_rule = hart\nattack_rule.gamma = %g\n", first);
    if (!strcmp(name, "bptr"))
        return "attack_rule = bptr\n";
    return arena_print(
        arena, "attack_rule = conversion\nattack_rule.activation = %s\n",
        name);
}

/* "rule" has been read. Returns with the next word. */
static void check_rule(FILE *file, char word[64])
{
    char rule[64], name[64];
    double phase, first, second;
    static struct oracle_step step;
    struct arena arena = arena_open();
    assert_int_equal(fscanf(file, "%63s %lf %63s %lf %lf", rule, &phase, name,
                            &first, &second),
                     5);
    oracle_open(&step, oracle_find(name),
                arena_print(&arena, "attack = pgd\n%s",
                            print_rule(rule, first, second, &arena)),
                MODEL_ATTACK, phase);
    struct model_batch batch = {ORACLE_N_IMAGES, step.images,     step.ids,
                                0,               RNG_ENCODE_TEST, 0};
    model_forward_test(step.model, &batch, NULL);
    oracle_take_loss(&step, 1);
    model_backward_images(step.model, &batch, step.d_images);
    assert_int_equal(fscanf(file, "%63s", word), 1);
    assert_string_equal(word, "tensor");
    oracle_check_tensor(&step, file);
    assert_int_equal(fscanf(file, "%63s", word), 1);
    arena_close(&step.arena);
    arena_close(&arena);
}

static void each_rule_is_that_of_an_independent_implementation(void **state)
{
    (void)state;
    FILE *file = fopen("tests/oracle/torch_rules.txt", "r");
    char word[64];
    size_t n_rules = 0;
    assert_non_null(file);
    assert_int_equal(fscanf(file, "#%*[^\n] %63s", word), 1);
    for (; !strcmp(word, "rule"); n_rules++)
        check_rule(file, word);
    assert_string_equal(word, "end");
    assert_int_equal(n_rules, 18);
    fclose(file);
}

static int print_worst(void **state)
{
    (void)state;
    print_message("largest relative error of gradients: %.1e\n",
                  oracle_worst_gradient());
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_is_that_of_an_independent_implementation),
    };
    return cmocka_run_group_tests_name("rule_oracle", tests, NULL,
                                       print_worst);
}

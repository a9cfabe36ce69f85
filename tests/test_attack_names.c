/* What attacks are called beside each other. */
#include "io/attack_names.h"
#include "tests/test.h"

#include <string.h>

static void assert_names(size_t n, const char *const *texts,
                         const char *const *wanted)
{
    struct arena arena = arena_open();
    struct settings *settings = ARENA_ARRAY(&arena, struct settings, n);
    for (size_t i = 0; i < n; i++)
        settings[i] = settings_parse(texts[i], &arena);
    const char **names = attack_names_make(n, settings, &arena);
    for (size_t i = 0; i < n; i++)
        assert_string_equal(names[i], wanted[i]);
    arena_close(&arena);
}

static void a_kind_and_what_varies_of_it_is_the_name(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "attack = fgsm\nattack.epsilons = [0,0.5]\n",
        "attack = pgd\nattack.epsilons = [0,0.5]\nattack.n_steps = 7\n",
        "attack = pgd\nattack.epsilons = [0,0.5]\nattack.n_steps = 20\n"};
    static const char *const wanted[] = {"fgsm", "pgd n_steps=7",
                                         "pgd n_steps=20"};
    assert_names(3, texts, wanted);
}

static void epsilons_are_named_where_nothing_else_differs(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "attack = pgd\nattack.epsilons = [0,0.5]\nattack.n_steps = 7\n",
        "attack = pgd\nattack.epsilons = [0,0.25]\nattack.n_steps = 20\n",
        "attack = pgd\nattack.epsilons = [0,0.25]\nattack.n_steps = 7\n"};
    static const char *const wanted[] = {
        "pgd epsilons=[0,0.5] n_steps=7", "pgd n_steps=20",
        "pgd epsilons=[0,0.25] n_steps=7"};
    assert_names(3, texts, wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kind_and_what_varies_of_it_is_the_name),
        cmocka_unit_test(epsilons_are_named_where_nothing_else_differs),
    };
    return cmocka_run_group_tests_name("attack_names", tests, NULL, NULL);
}

/* Which attacks are held against each other. */
#include "tests/checks_stage.h"
#include "tests/test.h"

#define ATAN "attack_surrogate = atan\nattack_surrogate.slope = 2\n"
#define HART "attack_rule = hart\nattack_rule.gamma = 1\n"

/* A better one by another way says nothing of what there is to reach by this
 * one. The first of each pair stands here; the second leaves less. */
static void attacks_by_different_ways_back_are_not_compared(void **state)
{
    (void)state;
    static const struct {
        const char *first, *second;
        bool is_like;
    } cases[] = {
        {"", "attack_surrogate = own\nattack_surrogate.scale = 1\n"
             "attack_rule = bptt\n", true},
        {ATAN, ATAN, true},
        {HART, HART, true},
        {"", ATAN, false},
        {ATAN, "", false},
        {ATAN, "attack_surrogate = atan\nattack_surrogate.slope = 1\n", false},
        {"", HART, false},
        {ATAN HART, ATAN, false},
        {HART, "attack_rule = hart\nattack_rule.gamma = 2\n", false},
        {"", "attack_source = cell\nattack_source.changes = \"x\"\n", false},
        {"attack_source = cell\nattack_source.changes = \"x\"\n",
         "attack_source = cell\nattack_source.changes = \"x\"\n", false},
    };
    struct arena arena = arena_open();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture many, single, other;
        fixture_open(&many, "pgd", cases[i].first);
        fixture_open(&single, "fgsm", cases[i].second);
        fixture_open(&other, "pgd",
                     arena_print(&arena, "attack.objective = dlr\n%s",
                                 cases[i].second));
        single.accuracy[2] -= 0.25;
        other.accuracy[2] -= 0.5;
        struct check_result results[] = {
            fixture_judge_pair(&many, &single, CHECK_ITERATIVE),
            fixture_judge_pair(&many, &other, CHECK_OBJECTIVES)};
        for (size_t k = 0; k < 2; k++)
            if (cases[i].is_like)
                expect_result(results[k], VERDICT_FAIL, k ? 0.5 : 0.25);
            else
                expect_nothing(results[k]);
        fixture_close(&many);
        fixture_close(&single);
        fixture_close(&other);
    }
    arena_close(&arena);
}

/* Who knows the draw wins more than who averages over draws. */
static void an_attack_that_knows_the_draw_is_compared_with_its_like(
    void **state)
{
    (void)state;
    struct fixture many, single;
    fixture_open(&many, "pgd", "");
    for (int knows = 0; knows < 2; knows++) {
        struct check_cell drawn = {.n_classes = 2, .random = true};
        struct check_result results[CHECK_N];
        fixture_open(&single, "fgsm",
                     knows ? "attack.fixed_draw = true\n" : "");
        single.accuracy[2] -= 0.25;
        const struct check_curve curves[] = {many.curve, single.curve};
        fixture_check(&drawn, curves, 2, 0, results);
        if (knows)
            expect_nothing(results[CHECK_ITERATIVE]);
        else
            expect_result(results[CHECK_ITERATIVE], VERDICT_FAIL, 0.25);
        fixture_close(&single);
    }
    fixture_close(&many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attacks_by_different_ways_back_are_not_compared),
        cmocka_unit_test(
            an_attack_that_knows_the_draw_is_compared_with_its_like),
    };
    return cmocka_run_group_tests_name("checks alike", tests, NULL, NULL);
}

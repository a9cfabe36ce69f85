#include "analysis/audit.h"
#include "tests/results_stage.h"
#include "tests/test.h"
#include "tests/text.h"

#include <stdlib.h>
#include <string.h>

static char *print(bool unsound, size_t n_most)
{
    struct fake_sweep sweep = fake_sweep_small;
    sweep.unsound = unsound;
    struct results_stage stage = results_stage_open(&sweep);
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    audit_print(&stage.results, n_most, out);
    fclose(out);
    results_stage_close(&stage);
    return text;
}

static void all_rules_are_counted(void **state)
{
    (void)state;
    char *text = print(false, 10);
    text_assert_has(text, "0 attacked networks fail some rule, ");
    text_assert_has(text,
                    "\n  epsilon_zero          48     0     0     0  at ");
    text_assert_has(text, "\n  monotone              36     0     0    12  a ");
    text_assert_has(text,
                    "\n  iterative             24     0     0    24  an ");
    text_assert_has(text,
                    "\n  ball_and_box          48     0     0     0  no ");
    text_assert_has(text,
                    "\n  gradient_free          0    36     0    12  an ");
    assert_null(strstr(text, "\n  fail "));
    free(text);
}

static void what_fails_comes_first_with_its_figure(void **state)
{
    (void)state;
    char *text = print(true, 10);
    text_assert_has(text, "\n  monotone              32     0     4    12  a ");
    text_assert_has(text, "\n  fail     0.01  pgd n_steps=20 of poisson, "
                          "rectangular, mpd_sgr weight=0.1\n");
    text_assert_has(text, "warns above 0, fails above 0.05\n");
    text_assert_has(text, "fails above 1e-06\n");
    text_assert_has(text, "; warns above 0, never fails\n");
    assert_true(strstr(text, "\n  fail ") < strstr(text, "\n  warn "));
    free(text);
}

static void long_lists_are_cut_unless_all_is_asked_for(void **state)
{
    (void)state;
    char *few = print(true, 3), *all = print(true, SIZE_MAX);
    text_assert_has(few, "  ... and 9 more (--all lists them)\n");
    assert_null(strstr(all, " more (--all"));
    assert_int_equal(text_count(all, "\n  fail "), 4 + 8 + 4 + 12);
    assert_true(text_count(few, "\n  fail ") == 3 + 3 + 3 + 3);
    free(few);
    free(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_rules_are_counted),
        cmocka_unit_test(what_fails_comes_first_with_its_figure),
        cmocka_unit_test(long_lists_are_cut_unless_all_is_asked_for),
    };
    return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}

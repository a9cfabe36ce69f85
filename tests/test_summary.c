#include "analysis/summary.h"
#include "io/segment.h"
#include "tests/results_stage.h"
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>

static char *print(const struct results *results)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    enum status status = summary_print(results, out);
    fclose(out);
    assert_int_equal(status, STATUS_OK);
    return text;
}

static void tasks_are_counted_by_their_state(void **state)
{
    (void)state;
    struct fake_sweep sweep = fake_sweep_small;
    sweep.fails = true;
    struct results_stage stage = results_stage_open(&sweep);
    char *text = print(&stage.results);
    static const char wanted[] =
        "                    done    diverged      failed   timed out "
        "  set aside interrupted     pending  incomplete\n"
        "trainings             10           1           1           0 "
        "          0           0           0           0\n"
        "evaluations           39           0           0           1 "
        "          0           0           8           0\n";
    assert_int_equal(strncmp(text, wanted, strlen(wanted)), 0);
    assert_non_null(strstr(text, "\nWhat went wrong (3):\n"));
    assert_non_null(strstr(text, "signal 11 (Segmentation fault)"));
    assert_null(strstr(text, "Damaged"));
    free(text);
    results_stage_close(&stage);
}

static void a_sound_sweep_has_nothing_to_tell(void **state)
{
    (void)state;
    struct results_stage stage = results_stage_open(&fake_sweep_small);
    char *text = print(&stage.results);
    assert_non_null(strstr(text, "\ntrainings             12 "));
    assert_null(strstr(text, "went wrong"));
    free(text);
    results_stage_close(&stage);
}

static void damage_is_told(void **state)
{
    (void)state;
    struct results_stage stage = results_stage_open(&fake_sweep_small);
    scratch_write(
        scratch_path(&stage.scratch, "segments/00000099-00000009.seg"),
        "rubbish", 7);
    results_close(&stage.results);
    results_stage_rebuild(&stage);
    results_stage_read(&stage);
    char *text = print(&stage.results);
    assert_non_null(strstr(text, "\nDamaged; what was lost in it is not "
                                 "here, unless it was computed again:\n"
                                 "00000099-00000009.seg: "));
    free(text);
    results_stage_close(&stage);
}

/* A sweep of which a cell was computed by another build. */
static void several_builds_are_told(void **state)
{
    (void)state;
    struct results_stage stage = results_stage_open(&fake_sweep_small);
    char *text = print(&stage.results);
    assert_null(strstr(text, "Several builds"));
    free(text);
    assert_string_equal(results_stage_attribute(&stage, "builds"),
                        "0.0.1 1234567, gcc 12, -O2, avx9\n");
    stage.results.builds = "0.0.1 1234567, gcc 12, -O2, avx9\nunknown\n";
    text = print(&stage.results);
    assert_non_null(strstr(text, "\nSeveral builds or engines of spikesweep "
                                 "computed"));
    assert_non_null(strstr(text, ":\n  0.0.1 1234567, gcc 12, -O2, avx9\n"
                                 "  unknown\n"));
    free(text);
    results_stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tasks_are_counted_by_their_state),
        cmocka_unit_test(a_sound_sweep_has_nothing_to_tell),
        cmocka_unit_test(damage_is_told),
        cmocka_unit_test(several_builds_are_told),
    };
    return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}

#include "analysis/plot.h"
#include "tests/scratch.h"
#include "tests/test.h"
#include "tests/text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct plot plot = {
    .script = "$data << EOD\n1 2\n2 4\nEOD\nplot $data using 1:2 with lines "
              "notitle\n",
    .width = 480,
    .height = 320};

static bool has_gnuplot(void)
{
    return access("/usr/bin/gnuplot", X_OK) == 0;
}

static void read_start(const char *path, char *start, size_t n)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t n_read = fread(start, 1, n - 1, file);
    start[n_read] = '\0';
    fclose(file);
}

static void every_format_is_what_it_says(void **state)
{
    (void)state;
    static const char *const names[PLOT_N_FORMATS] = {"a.svg", "a b.png",
                                                      "it's.pdf"};
    static const char *const starts[PLOT_N_FORMATS] = {"<?xml", "\x89PNG",
                                                       "%PDF-"};
    if (!has_gnuplot())
        skip();
    struct scratch scratch = scratch_make();
    for (int i = 0; i < PLOT_N_FORMATS; i++) {
        const char *path = scratch_path(&scratch, names[i]);
        char start[6];
        assert_int_equal(
            plot_draw_file(&plot, (enum plot_format)i, path, false),
            STATUS_OK);
        read_start(path, start, sizeof start);
        assert_memory_equal(start, starts[i], strlen(starts[i]));
    }
    scratch_remove(&scratch);
}

static void the_script_stays_if_asked_for(void **state)
{
    (void)state;
    if (!has_gnuplot())
        skip();
    struct scratch scratch = scratch_make();
    const char *path = scratch_path(&scratch, "a.svg");
    const char *script = scratch_path(&scratch, "a.svg.gp");
    char text[200];
    assert_int_equal(plot_draw_file(&plot, PLOT_SVG, path, false), STATUS_OK);
    assert_int_not_equal(access(script, F_OK), 0);
    assert_int_equal(plot_draw_file(&plot, PLOT_SVG, path, true), STATUS_OK);
    read_start(script, text, sizeof text);
    assert_string_equal(text, plot.script);
    scratch_remove(&scratch);
}

static void a_folder_that_is_not_there_is_told(void **state)
{
    (void)state;
    assert_int_equal(
        plot_draw_file(&plot, PLOT_SVG, "/nowhere/a.svg", false),
        STATUS_NOT_FOUND);
    text_assert_has(status_reason(), "/nowhere/a.svg");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_is_what_it_says),
        cmocka_unit_test(the_script_stays_if_asked_for),
        cmocka_unit_test(a_folder_that_is_not_there_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* A tuning as a text, and what is no such text. */
#include "io/tuning_file.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>

struct scene {
    struct scratch scratch;
    struct arena arena;
    const char *path, *text; /* text: of what is built in */
    struct tuning_file file;
};

static struct scene open_scene(void)
{
    struct scene scene = {.scratch = scratch_make(), .arena = arena_open()};
    struct tuning_file builtin = tuning_file_builtin();
    scene.path = scratch_path(&scene.scratch, "tuning.txt");
    scene.text = tuning_file_print(&builtin, &scene.arena);
    return scene;
}

static void close_scene(struct scene *scene)
{
    arena_close(&scene->arena);
    scratch_remove(&scene->scratch);
}

static enum status read_text(struct scene *scene, const char *text)
{
    scratch_write(scene->path, text, strlen(text));
    return tuning_file_read(scene->path, &scene->arena, &scene->file);
}

static void what_was_written_is_read(void **state)
{
    (void)state;
    struct scene scene = open_scene();
    struct tuning_file builtin = tuning_file_builtin();
    assert_int_equal(read_text(&scene, scene.text), STATUS_OK);
    assert_true(tuning_file_agrees(&scene.file, &builtin));
    assert_string_equal(scene.file.origin, "built in");
    builtin.tuning.densest[1][2][3] += 0.01;
    assert_false(tuning_file_agrees(&scene.file, &builtin));
    close_scene(&scene);
}

/* The text with one part of it replaced. */
static const char *with(struct scene *scene, const char *part,
                        const char *other)
{
    const char *at = strstr(scene->text, part);
    assert_non_null(at);
    return arena_print(&scene->arena, "%.*s%s%s", (int)(at - scene->text),
                       scene->text, other, at + strlen(part));
}

static void expect_refused(struct scene *scene, const char *text,
                           const char *reason)
{
    assert_int_equal(read_text(scene, text), STATUS_DAMAGED);
    if (!strstr(status_reason(), reason))
        fail_msg("%s\nis refused for: %s", text, status_reason());
}

static void mistakes_are_named_with_their_line(void **state)
{
    (void)state;
    struct scene scene = open_scene();
    static const char *const cases[][3] = {
        {"linear.input", "linear.inputs", ":6: unknown key linear.inputs"},
        {"linear.input", "linear.weights", ":6: linear.weights is there twice"},
        {"origin = built in", "origin = a\norigin = b", "origin is there twice"},
        {"origin = built in\n", "", "no origin"},
        {"linear.forward = 0.1", "linear.forward = ", ":4: linear.forward = "},
        {"0.15", "1.15", "6 densities of 0.001 to 1 are allowed"},
        {"0.15", "0", "6 densities of"},
        {"0.15", "nan", "6 densities of"},
        {"0.15", "0.15x", "6 densities of"},
        {"0.15", "0.15 0.15", "6 densities of"},
        {"linear.forward = ", "linear.forward: ", ":4: not KEY = VALUE"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_refused(&scene, with(&scene, cases[i][0], cases[i][1]),
                       cases[i][2]);
    close_scene(&scene);
}

static void a_file_that_is_cut_off_is_refused_wherever(void **state)
{
    (void)state;
    struct scene scene = open_scene();
    for (size_t n = 0; n < strlen(scene.text); n++) {
        const char *text =
            arena_print(&scene.arena, "%.*s", (int)n, scene.text);
        assert_int_equal(read_text(&scene, text), STATUS_DAMAGED);
    }
    scratch_write(scene.path, "origin = x\n\0linear", 18);
    assert_int_equal(
        tuning_file_read(scene.path, &scene.arena, &scene.file),
        STATUS_DAMAGED);
    close_scene(&scene);
}

static void a_named_file_has_to_be_there(void **state)
{
    (void)state;
    struct scene scene = open_scene();
    struct tuning_file builtin = tuning_file_builtin();
    assert_int_not_equal(
        tuning_file_choose(scene.path, &scene.arena, &scene.file), STATUS_OK);
    assert_non_null(strstr(status_reason(), "tuning.txt: cannot open"));
    setenv("XDG_CACHE_HOME", scene.scratch.folder, 1);
    assert_int_equal(tuning_file_choose(NULL, &scene.arena, &scene.file),
                     STATUS_OK);
    assert_true(tuning_file_agrees(&scene.file, &builtin));
    close_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(mistakes_are_named_with_their_line),
        cmocka_unit_test(a_file_that_is_cut_off_is_refused_wherever),
        cmocka_unit_test(a_named_file_has_to_be_there),
    };
    return cmocka_run_group_tests_name("tuning_file", tests, NULL, NULL);
}

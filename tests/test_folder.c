#include "sweep/folder.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct tuning_file tuning = {"here", {{{{0.25}}}}};

static void assert_holds(const char *path, const char *text)
{
    struct bytes read = scratch_read(path);
    assert_int_equal(read.n, strlen(text));
    assert_memory_equal(read.at, text, read.n);
    bytes_free(&read);
}

static void results_lie_beside_who_asks_for_them(void **state)
{
    (void)state;
    static const char *const names[][2] = {
        {"a.cfg", "a.sweep"},          {"/x/y/a.cfg", "a.sweep"},
        {"a.b.cfg", "a.b.sweep"},      {"a", "a.sweep"},
        {"../x.y/a", "a.sweep"},       {".cfg", ".cfg.sweep"},
    };
    struct arena arena = arena_open();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_string_equal(folder_default(names[i][0], &arena), names[i][1]);
    arena_close(&arena);
}

static void every_experiment_is_kept(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    const char *folder = scratch_path(&scratch, "sweep");
    static const char *const texts[] = {"one", "one", "two", "", "one more"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(folder_open(folder, texts[i], &tuning), STATUS_OK);
    assert_int_equal(scratch_count(folder, ".cfg"), 4);
    assert_holds(scratch_path(&scratch, "sweep/experiment-1.cfg"), "one");
    assert_holds(scratch_path(&scratch, "sweep/experiment-2.cfg"), "two");
    assert_holds(scratch_path(&scratch, "sweep/experiment-3.cfg"), "");
    assert_holds(scratch_path(&scratch, "sweep/experiment.cfg"), "one more");
    scratch_remove(&scratch);
}

/* In a folder that somebody else has made. */
static void links_are_not_followed_for_writing(void **state)
{
    (void)state;
    static const char *const names[] = {"models", "segments", "checkpoints"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct scratch scratch = scratch_make();
        const char *own = scratch_path(&scratch, "sweep");
        const char *elsewhere = scratch_path(&scratch, "elsewhere");
        assert_int_equal(mkdir(own, 0755), 0);
        assert_int_equal(mkdir(elsewhere, 0755), 0);
        const char *link = arena_print(&scratch.arena, "%s/%s", own, names[i]);
        assert_int_equal(symlink(elsewhere, link), 0);
        assert_int_equal(folder_open(own, "one", &tuning), STATUS_INVALID);
        assert_non_null(strstr(status_reason(), "symbolic link"));
        assert_non_null(strstr(status_reason(), names[i]));
        scratch_remove(&scratch);
    }
}

/* Whatever the umask allows: nobody else writes into a sweep's folders. */
static void folders_are_not_for_others_to_write(void **state)
{
    (void)state;
    static const char *const names[] = {"sweep", "sweep/models",
                                        "sweep/segments", "sweep/checkpoints"};
    struct scratch scratch = scratch_make();
    mode_t before = umask(0);
    assert_int_equal(
        folder_open(scratch_path(&scratch, "sweep"), "one", &tuning),
        STATUS_OK);
    umask(before);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct stat found;
        assert_int_equal(stat(scratch_path(&scratch, names[i]), &found), 0);
        assert_int_equal(found.st_mode & 0777, 0755);
    }
    scratch_remove(&scratch);
}

/* Not the file that a link of that name leads to. */
static void a_link_is_replaced_by_what_is_written(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    const char *victim = scratch_path(&scratch, "victim");
    scratch_write(victim, "precious", 8);
    const char *own = scratch_path(&scratch, "sweep");
    assert_int_equal(mkdir(own, 0755), 0);
    assert_int_equal(
        symlink(victim, scratch_path(&scratch, "sweep/experiment.cfg")), 0);
    assert_int_equal(folder_open(own, "one", &tuning), STATUS_OK);
    assert_holds(victim, "precious");
    assert_holds(scratch_path(&scratch, "sweep/experiment.cfg"), "one");
    scratch_remove(&scratch);
}

/* The folder of the sweep itself may be one that a link leads to. */
static void the_folder_itself_may_be_a_link(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    const char *link = scratch_path(&scratch, "sweep");
    assert_int_equal(mkdir(scratch_path(&scratch, "elsewhere"), 0755), 0);
    assert_int_equal(symlink(scratch_path(&scratch, "elsewhere"), link), 0);
    assert_int_equal(folder_open(link, "one", &tuning), STATUS_OK);
    scratch_remove(&scratch);
}

/* A text is another one if it only begins alike. */
static void a_longer_experiment_is_another_one(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    assert_int_equal(folder_open(scratch.folder, "long", &tuning), STATUS_OK);
    assert_int_equal(folder_open(scratch.folder, "longer", &tuning), STATUS_OK);
    assert_int_equal(folder_open(scratch.folder, "long", &tuning), STATUS_OK);
    assert_int_equal(scratch_count(scratch.folder, ".cfg"), 3);
    scratch_remove(&scratch);
}

static void leftovers_of_crashes_are_deleted(void **state)
{
    (void)state;
    static const char *const left[] = {"x.tmp", "models/x.tmp",
                                       "segments/x.tmp"};
    struct scratch scratch = scratch_make();
    assert_int_equal(folder_open(scratch.folder, "", &tuning), STATUS_OK);
    for (size_t i = 0; i < 3; i++) {
        scratch_write(scratch_path(&scratch, left[i]), "half", 4);
        scratch_age(scratch_path(&scratch, left[i]));
    }
    scratch_write(scratch_path(&scratch, "models/x.h5"), "whole", 5);
    assert_int_equal(folder_open(scratch.folder, "", &tuning), STATUS_OK);
    for (size_t i = 0; i < 3; i++)
        assert_int_not_equal(access(scratch_path(&scratch, left[i]), F_OK), 0);
    assert_holds(scratch_path(&scratch, "models/x.h5"), "whole");
    scratch_remove(&scratch);
}

static void what_holds_no_sweep_is_refused(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    assert_int_equal(folder_check(scratch.folder), STATUS_NOT_FOUND);
    assert_non_null(strstr(status_reason(), "no segments/ in it"));
    assert_int_equal(folder_open(scratch.folder, "", &tuning), STATUS_OK);
    assert_int_equal(folder_check(scratch.folder), STATUS_OK);
    scratch_remove(&scratch);
}

/* Densities of a half everywhere. */
static struct tuning_file halves(void)
{
    struct tuning_file file = {.origin = "halves"};
    double *at = &file.tuning.densest[0][0][0];
    for (size_t i = 0; i < sizeof file.tuning / sizeof *at; i++)
        at[i] = 0.5;
    return file;
}

static struct tuning_file chosen(const char *folder, const char *path,
                                 struct arena *arena)
{
    struct tuning_file file;
    assert_int_equal(folder_choose_tuning(folder, path, arena, &file),
                     STATUS_OK);
    return file;
}

static void a_sweep_goes_by_the_tuning_that_it_began_with(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct arena arena = arena_open();
    struct tuning_file mine = halves(), builtin = tuning_file_builtin();
    const char *folder = scratch_path(&scratch, "sweep");
    const char *path = scratch_path(&scratch, "mine.txt");
    const char *other = scratch_path(&scratch, "other.txt");
    const char *text = tuning_file_print(&mine, &arena);
    scratch_write(path, text, strlen(text));
    text = tuning_file_print(&builtin, &arena);
    scratch_write(other, text, strlen(text));
    struct tuning_file file = chosen(folder, path, &arena);
    assert_true(tuning_file_agrees(&file, &mine));
    assert_int_equal(folder_open(folder, "", &file), STATUS_OK);
    assert_int_equal(folder_open(folder, "", &builtin), STATUS_OK);
    for (int i = 0; i < 2; i++) {
        file = chosen(folder, i ? path : NULL, &arena);
        assert_true(tuning_file_agrees(&file, &mine));
        assert_string_equal(file.origin, "halves");
    }
    assert_int_equal(folder_choose_tuning(folder, other, &arena, &file),
                     STATUS_INVALID);
    assert_non_null(strstr(status_reason(), "by another tuning (halves)"));
    arena_close(&arena);
    scratch_remove(&scratch);
}

static void a_sweep_that_kept_no_tuning_goes_by_what_is_built_in(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct arena arena = arena_open();
    struct tuning_file builtin = tuning_file_builtin(), file;
    const char *cache = scratch_path(&scratch, "cache/spikesweep");
    assert_int_equal(folder_open(scratch.folder, "", &builtin), STATUS_OK);
    assert_int_equal(unlink(scratch_path(&scratch, "tuning.txt")), 0);
    setenv("XDG_CACHE_HOME", scratch_path(&scratch, "cache"), 1);
    assert_int_equal(mkdir(scratch_path(&scratch, "cache"), 0777), 0);
    assert_int_equal(mkdir(cache, 0777), 0);
    struct tuning_file mine = halves();
    const char *text = tuning_file_print(&mine, &arena);
    scratch_write(scratch_path(&scratch, "cache/spikesweep/tuning.txt"), text,
                  strlen(text));
    file = chosen(scratch.folder, NULL, &arena);
    assert_true(tuning_file_agrees(&file, &builtin));
    file = chosen(scratch_path(&scratch, "new"), NULL, &arena);
    assert_true(tuning_file_agrees(&file, &mine));
    arena_close(&arena);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_lie_beside_who_asks_for_them),
        cmocka_unit_test(every_experiment_is_kept),
        cmocka_unit_test(links_are_not_followed_for_writing),
        cmocka_unit_test(folders_are_not_for_others_to_write),
        cmocka_unit_test(a_link_is_replaced_by_what_is_written),
        cmocka_unit_test(the_folder_itself_may_be_a_link),
        cmocka_unit_test(a_longer_experiment_is_another_one),
        cmocka_unit_test(leftovers_of_crashes_are_deleted),
        cmocka_unit_test(what_holds_no_sweep_is_refused),
        cmocka_unit_test(a_sweep_goes_by_the_tuning_that_it_began_with),
        cmocka_unit_test(a_sweep_that_kept_no_tuning_goes_by_what_is_built_in),
    };
    return cmocka_run_group_tests_name("folder", tests, NULL, NULL);
}

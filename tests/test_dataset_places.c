#include "io/dataset.h"
#include "tests/data_files.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A scratch folder whose paths stand in for all places of the cache but the
 * one in /tmp: an entry of "own", "xdg" and "home". */
struct scene {
    struct scratch scratch;
    struct arena arena;
};

static struct scene make_scene(void)
{
    struct scene scene = {scratch_make(), arena_open()};
    setenv("SPIKESWEEP_CACHE", scratch_path(&scene.scratch, "own"), 1);
    setenv("XDG_CACHE_HOME", scratch_path(&scene.scratch, "xdg"), 1);
    setenv("HOME", scratch_path(&scene.scratch, "home"), 1);
    return scene;
}

static void remove_scene(struct scene *scene)
{
    arena_close(&scene->arena);
    scratch_remove(&scene->scratch);
}

static enum status open_made(struct scene *scene, const char *n_train)
{
    struct data_set data;
    struct choice choice = data_choice(&scene->arena, "synthetic", "n_train",
                                       n_train, NULL);
    TRY(dataset_open(&choice, &scene->arena, &data));
    assert_int_equal(data.train.n, strtoul(n_train, NULL, 10));
    return STATUS_OK;
}

/* A file where a folder is wanted: not even root can write below it. */
static void block(struct scene *scene, const char *name)
{
    scratch_write(scratch_path(&scene->scratch, name), "", 0);
}

static size_t count(struct scene *scene, const char *name)
{
    return scratch_count(scratch_path(&scene->scratch, name), ".data");
}

static void the_first_place_is_taken(void **state)
{
    (void)state;
    struct scene scene = make_scene();
    setenv("SPIKESWEEP_CACHE", scratch_path(&scene.scratch, "own/deep/er"), 1);
    assert_int_equal(open_made(&scene, "40"), STATUS_OK);
    assert_int_equal(count(&scene, "own/deep/er"), 1);
    assert_int_equal(scratch_count(scene.scratch.folder, ""), 1);
    remove_scene(&scene);
}

static void empty_variables_name_no_place(void **state)
{
    (void)state;
    struct scene scene = make_scene();
    setenv("SPIKESWEEP_CACHE", "", 1);
    setenv("XDG_CACHE_HOME", "", 1);
    assert_int_equal(open_made(&scene, "40"), STATUS_OK);
    assert_int_equal(count(&scene, "home/.cache/spikesweep"), 1);
    remove_scene(&scene);
}

static void the_next_place_is_taken_if_one_cannot_be_written(void **state)
{
    (void)state;
    struct scene scene = make_scene();
    block(&scene, "own");
    assert_int_equal(open_made(&scene, "40"), STATUS_OK);
    assert_int_equal(count(&scene, "xdg/spikesweep"), 1);
    block(&scene, "xdg/spikesweep/file");
    setenv("XDG_CACHE_HOME",
           scratch_path(&scene.scratch, "xdg/spikesweep/file"), 1);
    assert_int_equal(open_made(&scene, "40"), STATUS_OK);
    assert_int_equal(count(&scene, "home/.cache/spikesweep"), 1);
    assert_string_equal(status_reason(), "");
    remove_scene(&scene);
}

static void a_cache_in_a_later_place_is_used(void **state)
{
    (void)state;
    struct scene scene = make_scene();
    setenv("SPIKESWEEP_CACHE", "", 1);
    assert_int_equal(open_made(&scene, "40"), STATUS_OK);
    setenv("SPIKESWEEP_CACHE", scratch_path(&scene.scratch, "own"), 1);
    assert_int_equal(open_made(&scene, "40"), STATUS_OK);
    assert_int_equal(scratch_count(scene.scratch.folder, ""), 1);
    remove_scene(&scene);
}

/* In children, which have mounts of their own. 2: not allowed here. */

static int open_read_only(void *self)
{
    struct scene *scene = self;
    if (!scratch_mount_read_only(scene->scratch.folder))
        return 2;
    return open_made(scene, "40") == STATUS_OK && count(scene, "own") == 1;
}

static void a_cache_that_can_only_be_read_is_used(void **state)
{
    (void)state;
    struct scene scene = make_scene();
    assert_int_equal(open_made(&scene, "40"), STATUS_OK);
    int result = scratch_fork(open_read_only, &scene);
    remove_scene(&scene);
    if (result == 2)
        skip();
    assert_int_equal(result, 1);
}

/* /tmp itself is small here: what is in the scratch folder is out of sight. */
static int open_with_full_disk(void *self)
{
    struct scene *scene = self;
    if (!scratch_mount_small("/tmp", 64 * 4096))
        return 2;
    setenv("SPIKESWEEP_CACHE", "/dev/null/own", 1);
    setenv("XDG_CACHE_HOME", "/dev/zero/xdg", 1);
    setenv("HOME", "", 1);
    if (open_made(scene, "40") != STATUS_OK ||
        open_made(scene, "40000") != STATUS_FULL)
        return 3;
    char folder[64];
    snprintf(folder, sizeof folder, "/tmp/spikesweep-%ld", (long)geteuid());
    const char *reason = status_reason();
    return strstr(reason, "/dev/null: is there, but not a folder") &&
           strstr(reason, folder) && strstr(reason, "No space left") &&
           strstr(reason, "/dev/zero: is there, but not a folder") &&
           strstr(reason, "set SPIKESWEEP_CACHE") &&
           scratch_count(folder, "") == 1;
}

static void if_no_place_takes_it_all_are_named(void **state)
{
    (void)state;
    struct scene scene = make_scene();
    int result = scratch_fork(open_with_full_disk, &scene);
    remove_scene(&scene);
    if (result == 2)
        skip();
    assert_int_equal(result, 1);
}

static int open_in_foreign_folder(void *self)
{
    struct scene *scene = self;
    char folder[64];
    if (!scratch_mount_small("/tmp", 64 * 4096))
        return 2;
    setenv("SPIKESWEEP_CACHE", "", 1);
    setenv("XDG_CACHE_HOME", "", 1);
    setenv("HOME", "", 1);
    snprintf(folder, sizeof folder, "/tmp/spikesweep-%ld", (long)geteuid());
    if (open_made(scene, "40") != STATUS_OK || chmod(folder, 0777) != 0)
        return 3;
    enum status refused = open_made(scene, "40");
    const char *found = strstr(status_reason(), "ours alone");
    return refused == STATUS_DENIED && found && chmod(folder, 0700) == 0 &&
           open_made(scene, "40") == STATUS_OK;
}

static void a_public_folder_that_others_can_write_is_not_trusted(void **state)
{
    (void)state;
    struct scene scene = make_scene();
    int result = scratch_fork(open_in_foreign_folder, &scene);
    remove_scene(&scene);
    if (result == 2)
        skip();
    assert_int_equal(result, 1);
}

static void leftovers_go_after_a_day(void **state)
{
    (void)state;
    struct scene scene = make_scene();
    assert_int_equal(open_made(&scene, "40"), STATUS_OK);
    const char *old = scratch_path(&scene.scratch, "own/a.tmp");
    block(&scene, "own/a.tmp");
    block(&scene, "own/b.tmp");
    struct timespec times[2] = {{1000000000, 0}, {1000000000, 0}};
    assert_int_equal(utimensat(AT_FDCWD, old, times, 0), 0);
    assert_int_equal(open_made(&scene, "41"), STATUS_OK);
    assert_int_equal(access(old, F_OK), -1);
    assert_int_equal(scratch_count(scratch_path(&scene.scratch, "own"), ""),
                     3);
    remove_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_place_is_taken),
        cmocka_unit_test(empty_variables_name_no_place),
        cmocka_unit_test(the_next_place_is_taken_if_one_cannot_be_written),
        cmocka_unit_test(a_cache_in_a_later_place_is_used),
        cmocka_unit_test(a_cache_that_can_only_be_read_is_used),
        cmocka_unit_test(if_no_place_takes_it_all_are_named),
        cmocka_unit_test(a_public_folder_that_others_can_write_is_not_trusted),
        cmocka_unit_test(leftovers_go_after_a_day),
    };
    return cmocka_run_group_tests_name("dataset_places", tests, NULL, NULL);
}

#include "tests/idx_scene.h"
#include "tests/test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The one cache file. */
static const char *cache_file(struct idx_scene *scene)
{
    char line[512] = "";
    assert_int_equal(scratch_count(scene->cache, ".data"), 1);
    FILE *pipe = popen(arena_print(&scene->arena, "echo %s/*.data",
                                   scene->cache),
                       "r");
    assert_non_null(pipe);
    assert_non_null(fgets(line, sizeof line, pipe));
    pclose(pipe);
    line[strcspn(line, "\n")] = '\0';
    return arena_copy_text(&scene->arena, line);
}

static void the_second_opening_only_maps(void **state)
{
    (void)state;
    struct stat first, second;
    struct idx_scene scene = idx_scene_make(&idx_files_small);
    idx_scene_open(&scene);
    const char *path = cache_file(&scene);
    assert_int_equal(stat(path, &first), 0);
    struct data_set data = idx_scene_open_subset(&scene, "3", "3");
    assert_int_equal(stat(cache_file(&scene), &second), 0);
    assert_true(first.st_ino == second.st_ino);
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[1024];
    size_t n_shared = 0;
    while (fgets(line, sizeof line, maps))
        n_shared += strstr(line, path) && strstr(line, " r--s ");
    fclose(maps);
    assert_int_equal(n_shared, 2);
    assert_int_equal(data.train.n, 3);
    idx_scene_remove(&scene);
}

static int open_in_child(void *self)
{
    struct data_set data = idx_scene_open(self);
    return data.train.n == 30 ? data.train.images[77] : 0;
}

static void processes_that_open_at_once_share_one_file(void **state)
{
    (void)state;
    struct idx_scene scene = idx_scene_make(&idx_files_small);
    for (int run = 0; run < 10; run++) {
        pid_t children[4];
        int result, first = -1;
        for (int i = 0; i < 4; i++) {
            children[i] = fork();
            assert_true(children[i] >= 0);
            if (children[i] == 0)
                _exit(open_in_child(&scene));
        }
        for (int i = 0; i < 4; i++) {
            assert_int_equal(waitpid(children[i], &result, 0), children[i]);
            assert_true(WIFEXITED(result) && WEXITSTATUS(result) > 0);
            assert_true(i == 0 || result == first);
            first = result;
        }
        assert_int_equal(scratch_count(scene.cache, ""), 1);
        assert_int_equal(unlink(cache_file(&scene)), 0);
    }
    idx_scene_remove(&scene);
}

static void a_changed_source_makes_a_new_cache(void **state)
{
    (void)state;
    struct idx_scene scene = idx_scene_make(&idx_files_small);
    struct data_set old = idx_scene_open(&scene);
    struct bytes images = idx_file_bytes(&idx_files_small, 0);
    const char *path = scratch_path(&scene.scratch, idx_file_names[0]);
    images.at[20] ^= 1;
    scratch_write(path, images.at, images.n);
    struct timespec times[2] = {{1000000000, 0}, {1000000000, 1}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    struct data_set new = idx_scene_open(&scene);
    assert_false(digest_equal(old.fingerprint, new.fingerprint));
    assert_int_equal(scratch_count(scene.cache, ".data"), 2);
    times[1].tv_nsec++;
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    idx_scene_open(&scene);
    assert_int_equal(scratch_count(scene.cache, ".data"), 3);
    bytes_free(&images);
    idx_scene_remove(&scene);
}

static void a_damaged_cache_is_made_again(void **state)
{
    (void)state;
    struct idx_scene scene = idx_scene_make(&idx_files_small);
    idx_scene_open(&scene);
    const char *path = cache_file(&scene);
    struct bytes whole = scratch_read(path);
    for (uint64_t seed = 0; seed < scratch_n_seeds(300); seed++) {
        struct bytes damaged = {NULL, 0, 0};
        bytes_append(&damaged, whole.at, whole.n);
        scratch_damage(&damaged, seed);
        scratch_write(path, damaged.at, damaged.n);
        idx_scene_open(&scene);
        struct bytes again = scratch_read(path);
        assert_int_equal(again.n, whole.n);
        assert_memory_equal(again.at, whole.at, whole.n);
        bytes_free(&again);
        bytes_free(&damaged);
    }
    bytes_free(&whole);
    idx_scene_remove(&scene);
}

static void the_cache_of_another_set_is_not_taken_for_it(void **state)
{
    (void)state;
    struct idx_scene scene = idx_scene_make(&idx_files_small);
    idx_scene_open(&scene);
    const char *path = cache_file(&scene);
    struct bytes right = scratch_read(path);
    const char *held = scratch_path(&scene.scratch, "held");
    assert_int_equal(rename(path, held), 0);
    struct idx_files set = idx_files_small;
    set.n_classes = 2;
    idx_files_write(scene.scratch.folder, &set);
    struct timespec times[2] = {{1000000000, 0}, {1000000000, 1}};
    assert_int_equal(
        utimensat(AT_FDCWD, scratch_path(&scene.scratch, idx_file_names[1]),
                  times, 0),
        0);
    idx_scene_open(&scene);
    path = cache_file(&scene);
    scratch_write(path, right.at, right.n);
    assert_int_equal(idx_scene_open(&scene).n_classes, 2);
    bytes_free(&right);
    idx_scene_remove(&scene);
}

/* As io/dataset_cache.c has it: magic and words, before their checksum. */
enum {
    WORDS_AT = 8,
    FINGERPRINT_AT = 72,
    SEALED = 8 + 8 * (10 + 2 * DATA_CHANNELS_MAX)
};

/* The header's sizes become these, and all its checksums are right. */
static void claim(struct bytes *file, const uint64_t sizes[6])
{
    struct bytes sealed = {NULL, 0, 0};
    size_t n = SEALED + 16;
    memcpy(file->at + WORDS_AT, sizes, 6 * sizeof *sizes);
    struct digest fingerprint = digest_fold(
        digest_of(sizes, 6 * sizeof *sizes), file->at + n, file->n - n);
    memcpy(file->at + FINGERPRINT_AT, &fingerprint.high, 8);
    memcpy(file->at + FINGERPRINT_AT + 8, &fingerprint.low, 8);
    bytes_append(&sealed, file->at, SEALED);
    bytes_seal(&sealed, 0);
    assert_int_equal(sealed.n, n);
    memcpy(file->at, sealed.at, n);
    bytes_free(&sealed);
}

/* Of as many bytes each, as far as they are counted in 64 bits: a sum that is
 * what it was, more channels than there may be, labels beyond the classes. */
static void a_cache_that_claims_what_cannot_be_is_made_again(void **state)
{
    (void)state;
    struct idx_files set = {30, 10, 28, 28, 3, false};
    struct idx_scene scene = idx_scene_make(&set);
    struct data_set right = idx_scene_open(&scene);
    const char *path = cache_file(&scene);
    struct bytes whole = scratch_read(path);
    const uint64_t half = UINT64_C(1) << 63;
    const uint64_t claims[][6] = {{28, 28, 1, 3, 30 + half, 10 + half},
                                  {1, 1, 784, 3, 30, 10},
                                  {28, 28, 1, 1, 30, 10},
                                  {half, 2, 784, 3, 30, 10}};
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
        claim(&whole, claims[i]);
        scratch_write(path, whole.at, whole.n);
        struct data_set again = idx_scene_open(&scene);
        assert_int_equal(again.train.n, right.train.n);
        assert_int_equal(again.shape.n_channels, 1);
        assert_int_equal(again.n_classes, right.n_classes);
    }
    bytes_free(&whole);
    idx_scene_remove(&scene);
}

static void a_killed_maker_leaves_nothing_that_harms(void **state)
{
    (void)state;
    struct idx_files set = {6000, 100, 28, 28, 10, true};
    struct idx_scene scene = idx_scene_make(&set);
    for (unsigned run = 0; run < 12; run++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            _exit(open_in_child(&scene));
        usleep(run * 4000);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
    }
    struct data_set data = idx_scene_open(&scene);
    assert_int_equal(data.train.n, 6000);
    assert_int_equal(scratch_count(scene.cache, ".data"), 1);
    idx_scene_remove(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_second_opening_only_maps),
        cmocka_unit_test(processes_that_open_at_once_share_one_file),
        cmocka_unit_test(a_changed_source_makes_a_new_cache),
        cmocka_unit_test(a_damaged_cache_is_made_again),
        cmocka_unit_test(the_cache_of_another_set_is_not_taken_for_it),
        cmocka_unit_test(a_cache_that_claims_what_cannot_be_is_made_again),
        cmocka_unit_test(a_killed_maker_leaves_nothing_that_harms),
    };
    return cmocka_run_group_tests_name("dataset_cache", tests, NULL, NULL);
}

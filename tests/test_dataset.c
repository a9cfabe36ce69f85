#include "io/dataset.h"
#include "tests/data_files.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A scratch folder with a small IDX set, and in it the folder "cache". */
struct scene {
    struct scratch scratch;
    struct arena arena;
    const char *cache;
};

static struct scene make_scene(const struct idx_files *set)
{
    struct scene scene = {.scratch = scratch_make(), .arena = arena_open()};
    scene.cache = scratch_path(&scene.scratch, "cache");
    assert_int_equal(setenv("SPIKESWEEP_CACHE", scene.cache, 1), 0);
    idx_files_write(scene.scratch.folder, set);
    return scene;
}

static void remove_scene(struct scene *scene)
{
    arena_close(&scene->arena);
    scratch_remove(&scene->scratch);
}

static enum status try_open(struct scene *scene, const char *n_train,
                            const char *n_test, struct data_set *data)
{
    const char *folder =
        arena_print(&scene->arena, "\"%s\"", scene->scratch.folder);
    struct choice choice =
        data_choice(&scene->arena, "idx", "folder", folder, "n_train",
                    n_train, "n_test", n_test, NULL);
    return dataset_open(&choice, &scene->arena, data);
}

static struct data_set open_subset(struct scene *scene, const char *n_train,
                                   const char *n_test)
{
    struct data_set data;
    if (try_open(scene, n_train, n_test, &data) != STATUS_OK)
        fail_msg("refused: %s", status_reason());
    return data;
}

static struct data_set open_all(struct scene *scene)
{
    return open_subset(scene, "0", "0");
}

/* The one cache file. */
static const char *cache_file(struct scene *scene)
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

/* what is in a set ----------------------------------------------------- */

/* Every sample of files 2 * part and 2 * part + 1 once, with its label. */
static void assert_holds(const struct split *split,
                         const struct idx_files *set, size_t part)
{
    struct bytes images = idx_file_bytes(set, 2 * part);
    struct bytes labels = idx_file_bytes(set, 2 * part + 1);
    size_t size = set->height * set->width;
    bool seen[64] = {false};
    assert_int_equal(split->n, part ? set->n_test : set->n_train);
    for (size_t i = 0; i < split->n; i++) {
        size_t at = data_find_image(images.at + 16, split->n, size,
                                    split->images + i * size);
        assert_true(at < split->n && !seen[at]);
        assert_int_equal(split->labels[i], labels.at[8 + at]);
        seen[at] = true;
    }
    bytes_free(&images);
    bytes_free(&labels);
}

static void a_set_holds_every_sample_of_its_files(void **state)
{
    (void)state;
    for (int gzip = 0; gzip < 2; gzip++) {
        struct idx_files set = idx_files_small;
        set.gzip = gzip;
        struct scene scene = make_scene(&set);
        struct data_set data = open_all(&scene);
        assert_int_equal(data.shape.height, 5);
        assert_int_equal(data.shape.width, 4);
        assert_int_equal(data.shape.n_channels, 1);
        assert_int_equal(data.n_classes, 3);
        assert_holds(&data.train, &set, 0);
        assert_holds(&data.test, &set, 1);
        remove_scene(&scene);
    }
}

static void the_fingerprint_is_of_the_content(void **state)
{
    (void)state;
    struct idx_files set = idx_files_small;
    struct scene plain = make_scene(&set);
    struct data_set first = open_all(&plain);
    struct data_set part = open_subset(&plain, "7", "5");
    remove_scene(&plain);
    set.gzip = true;
    struct scene packed = make_scene(&set);
    struct data_set second = open_all(&packed);
    remove_scene(&packed);
    assert_true(digest_equal(first.fingerprint, second.fingerprint));
    assert_true(digest_equal(first.fingerprint, part.fingerprint));
    set.n_test--;
    struct scene other = make_scene(&set);
    struct data_set third = open_all(&other);
    remove_scene(&other);
    assert_false(digest_equal(first.fingerprint, third.fingerprint));
}

static void mean_and_deviation_are_of_all_training_images(void **state)
{
    (void)state;
    struct scene scene = make_scene(&idx_files_small);
    struct bytes images = idx_file_bytes(&idx_files_small, 0);
    struct data_set data = open_subset(&scene, "6", "0");
    double mean = 0, variance = 0, n = (double)(images.n - 16);
    for (size_t i = 16; i < images.n; i++)
        mean += images.at[i] / 255.0 / n;
    for (size_t i = 16; i < images.n; i++)
        variance += pow(images.at[i] / 255.0 - mean, 2) / n;
    assert_true(fabs(data.mean[0] - mean) < 1e-6);
    assert_true(fabs(data.deviation[0] - sqrt(variance)) < 1e-6);
    bytes_free(&images);
    remove_scene(&scene);
}

static void equal_pixels_have_deviation_1(void **state)
{
    (void)state;
    struct scene scene = make_scene(&idx_files_small);
    struct bytes images = idx_file_bytes(&idx_files_small, 0);
    memset(images.at + 16, 51, images.n - 16);
    data_file_write(scene.scratch.folder, idx_file_names[0], false, &images);
    struct data_set data = open_all(&scene);
    assert_true(fabsf(data.mean[0] - 0.2f) < 1e-6f);
    assert_true(fabsf(data.deviation[0] - 1.0f) < 1e-6f);
    bytes_free(&images);
    remove_scene(&scene);
}

/* subsets -------------------------------------------------------------- */

/* Of the first n samples each class has as many as any other, or one fewer,
 * or all that there are. */
static void assert_balanced(const struct split *split, size_t n_classes)
{
    size_t counts[256] = {0}, all[256] = {0};
    for (size_t i = 0; i < split->n; i++)
        all[split->labels[i]]++;
    for (size_t i = 0; i < split->n; i++) {
        size_t most = 0;
        counts[split->labels[i]]++;
        for (size_t k = 0; k < n_classes; k++)
            most = counts[k] > most ? counts[k] : most;
        for (size_t k = 0; k < n_classes; k++)
            assert_true(counts[k] + 1 >= most || counts[k] == all[k]);
    }
}

static void any_first_samples_are_balanced(void **state)
{
    (void)state;
    struct scene scene = make_scene(&idx_files_small);
    struct data_set data = open_all(&scene);
    assert_balanced(&data.train, 3);
    assert_balanced(&data.test, 3);
    struct bytes labels = idx_file_bytes(&idx_files_small, 1);
    memset(labels.at + 8, 9, 25); /* 9 often, 0 to 2 seldom, 3 to 8 never */
    data_file_write(scene.scratch.folder, idx_file_names[1], false, &labels);
    data = open_all(&scene);
    assert_int_equal(data.n_classes, 10);
    assert_balanced(&data.train, 10);
    bytes_free(&labels);
    remove_scene(&scene);
}

static void a_larger_subset_contains_the_smaller(void **state)
{
    (void)state;
    struct scene scene = make_scene(&idx_files_small);
    struct data_set small = open_subset(&scene, "10", "7");
    struct data_set large = open_subset(&scene, "21", "20");
    assert_int_equal(small.train.n, 10);
    assert_int_equal(small.test.n, 7);
    assert_int_equal(large.train.n, 21);
    assert_int_equal(large.test.n, 20);
    assert_memory_equal(small.train.images, large.train.images, 10 * 20);
    assert_memory_equal(small.train.labels, large.train.labels, 10);
    assert_memory_equal(small.test.images, large.test.images, 7 * 20);
    assert_memory_equal(small.test.labels, large.test.labels, 7);
    remove_scene(&scene);
}

static void samples_are_shuffled_within_their_class(void **state)
{
    (void)state;
    struct scene scene = make_scene(&idx_files_small);
    struct bytes images = idx_file_bytes(&idx_files_small, 0);
    struct data_set data = open_all(&scene);
    size_t before = 0, n_descents = 0;
    for (size_t i = 0; i < 30; i += 3) { /* all of class 0 */
        size_t at = data_find_image(images.at + 16, 30, 20,
                                    data.train.images + i * 20);
        n_descents += at < before;
        before = at;
    }
    assert_true(n_descents >= 2);
    bytes_free(&images);
    remove_scene(&scene);
}

static void more_than_there_are_is_refused_with_their_number(void **state)
{
    (void)state;
    struct data_set data = {.n_classes = 77};
    struct scene scene = make_scene(&idx_files_small);
    assert_int_equal(try_open(&scene, "31", "0", &data), STATUS_INVALID);
    assert_non_null(strstr(status_reason(), "n_train is 31"));
    assert_non_null(strstr(status_reason(), "there are 30"));
    assert_int_equal(try_open(&scene, "30", "21", &data), STATUS_INVALID);
    assert_non_null(strstr(status_reason(), "n_test is 21"));
    assert_int_equal(data.n_classes, 77);
    open_subset(&scene, "30", "20");
    remove_scene(&scene);
}

/* the cache ------------------------------------------------------------ */

static void the_second_opening_only_maps(void **state)
{
    (void)state;
    struct stat first, second;
    struct scene scene = make_scene(&idx_files_small);
    open_all(&scene);
    const char *path = cache_file(&scene);
    assert_int_equal(stat(path, &first), 0);
    struct data_set data = open_subset(&scene, "3", "3");
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
    remove_scene(&scene);
}

static int open_in_child(void *self)
{
    struct data_set data = open_all(self);
    return data.train.n == 30 ? data.train.images[77] : 0;
}

static void processes_that_open_at_once_share_one_file(void **state)
{
    (void)state;
    struct scene scene = make_scene(&idx_files_small);
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
    remove_scene(&scene);
}

static void a_changed_source_makes_a_new_cache(void **state)
{
    (void)state;
    struct scene scene = make_scene(&idx_files_small);
    struct data_set old = open_all(&scene);
    struct bytes images = idx_file_bytes(&idx_files_small, 0);
    const char *path = scratch_path(&scene.scratch, idx_file_names[0]);
    images.at[20] ^= 1;
    scratch_write(path, images.at, images.n);
    struct timespec times[2] = {{1000000000, 0}, {1000000000, 1}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    struct data_set new = open_all(&scene);
    assert_false(digest_equal(old.fingerprint, new.fingerprint));
    assert_int_equal(scratch_count(scene.cache, ".data"), 2);
    times[1].tv_nsec++;
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    open_all(&scene);
    assert_int_equal(scratch_count(scene.cache, ".data"), 3);
    bytes_free(&images);
    remove_scene(&scene);
}

static void a_damaged_cache_is_made_again(void **state)
{
    (void)state;
    struct scene scene = make_scene(&idx_files_small);
    open_all(&scene);
    const char *path = cache_file(&scene);
    struct bytes whole = scratch_read(path);
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct bytes damaged = {NULL, 0, 0};
        bytes_append(&damaged, whole.at, whole.n);
        scratch_damage(&damaged, seed);
        scratch_write(path, damaged.at, damaged.n);
        open_all(&scene);
        struct bytes again = scratch_read(path);
        assert_int_equal(again.n, whole.n);
        assert_memory_equal(again.at, whole.at, whole.n);
        bytes_free(&again);
        bytes_free(&damaged);
    }
    bytes_free(&whole);
    remove_scene(&scene);
}

static void a_killed_maker_leaves_nothing_that_harms(void **state)
{
    (void)state;
    struct idx_files set = {6000, 100, 28, 28, 10, true};
    struct scene scene = make_scene(&set);
    for (unsigned run = 0; run < 12; run++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            _exit(open_in_child(&scene));
        usleep(run * 4000);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
    }
    struct data_set data = open_all(&scene);
    assert_int_equal(data.train.n, 6000);
    assert_int_equal(scratch_count(scene.cache, ".data"), 1);
    remove_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_set_holds_every_sample_of_its_files),
        cmocka_unit_test(the_fingerprint_is_of_the_content),
        cmocka_unit_test(mean_and_deviation_are_of_all_training_images),
        cmocka_unit_test(equal_pixels_have_deviation_1),
        cmocka_unit_test(any_first_samples_are_balanced),
        cmocka_unit_test(a_larger_subset_contains_the_smaller),
        cmocka_unit_test(samples_are_shuffled_within_their_class),
        cmocka_unit_test(more_than_there_are_is_refused_with_their_number),
        cmocka_unit_test(the_second_opening_only_maps),
        cmocka_unit_test(processes_that_open_at_once_share_one_file),
        cmocka_unit_test(a_changed_source_makes_a_new_cache),
        cmocka_unit_test(a_damaged_cache_is_made_again),
        cmocka_unit_test(a_killed_maker_leaves_nothing_that_harms),
    };
    return cmocka_run_group_tests_name("dataset", tests, NULL, NULL);
}

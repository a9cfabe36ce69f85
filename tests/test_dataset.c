#include "tests/idx_scene.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

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
        struct idx_scene scene = idx_scene_make(&set);
        struct data_set data = idx_scene_open(&scene);
        assert_int_equal(data.shape.height, 5);
        assert_int_equal(data.shape.width, 4);
        assert_int_equal(data.shape.n_channels, 1);
        assert_int_equal(data.n_classes, 3);
        assert_holds(&data.train, &set, 0);
        assert_holds(&data.test, &set, 1);
        idx_scene_remove(&scene);
    }
}

static void the_fingerprint_is_of_the_content(void **state)
{
    (void)state;
    struct idx_files set = idx_files_small;
    struct idx_scene plain = idx_scene_make(&set);
    struct data_set first = idx_scene_open(&plain);
    struct data_set part = idx_scene_open_subset(&plain, "7", "5");
    idx_scene_remove(&plain);
    set.gzip = true;
    struct idx_scene packed = idx_scene_make(&set);
    struct data_set second = idx_scene_open(&packed);
    idx_scene_remove(&packed);
    assert_true(digest_equal(first.fingerprint, second.fingerprint));
    assert_true(digest_equal(first.fingerprint, part.fingerprint));
    set.n_test--;
    struct idx_scene other = idx_scene_make(&set);
    struct data_set third = idx_scene_open(&other);
    idx_scene_remove(&other);
    assert_false(digest_equal(first.fingerprint, third.fingerprint));
}

static void mean_and_deviation_are_of_all_training_images(void **state)
{
    (void)state;
    struct idx_scene scene = idx_scene_make(&idx_files_small);
    struct bytes images = idx_file_bytes(&idx_files_small, 0);
    struct data_set data = idx_scene_open_subset(&scene, "6", "0");
    double mean = 0, variance = 0, n = (double)(images.n - 16);
    for (size_t i = 16; i < images.n; i++)
        mean += images.at[i] / 255.0 / n;
    for (size_t i = 16; i < images.n; i++)
        variance += pow(images.at[i] / 255.0 - mean, 2) / n;
    assert_true(fabs(data.mean[0] - mean) < 1e-6);
    assert_true(fabs(data.deviation[0] - sqrt(variance)) < 1e-6);
    bytes_free(&images);
    idx_scene_remove(&scene);
}

static void equal_pixels_have_deviation_1(void **state)
{
    (void)state;
    struct idx_scene scene = idx_scene_make(&idx_files_small);
    struct bytes images = idx_file_bytes(&idx_files_small, 0);
    memset(images.at + 16, 51, images.n - 16);
    data_file_write(scene.scratch.folder, idx_file_names[0], false, &images);
    struct data_set data = idx_scene_open(&scene);
    assert_true(fabsf(data.mean[0] - 0.2f) < 1e-6f);
    assert_true(fabsf(data.deviation[0] - 1.0f) < 1e-6f);
    bytes_free(&images);
    idx_scene_remove(&scene);
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
    struct idx_scene scene = idx_scene_make(&idx_files_small);
    struct data_set data = idx_scene_open(&scene);
    assert_balanced(&data.train, 3);
    assert_balanced(&data.test, 3);
    struct bytes labels = idx_file_bytes(&idx_files_small, 1);
    memset(labels.at + 8, 9, 25); /* 9 often, 0 to 2 seldom, 3 to 8 never */
    data_file_write(scene.scratch.folder, idx_file_names[1], false, &labels);
    data = idx_scene_open(&scene);
    assert_int_equal(data.n_classes, 10);
    assert_balanced(&data.train, 10);
    bytes_free(&labels);
    idx_scene_remove(&scene);
}

static void a_larger_subset_contains_the_smaller(void **state)
{
    (void)state;
    struct idx_scene scene = idx_scene_make(&idx_files_small);
    struct data_set small = idx_scene_open_subset(&scene, "10", "7");
    struct data_set large = idx_scene_open_subset(&scene, "21", "20");
    assert_int_equal(small.train.n, 10);
    assert_int_equal(small.test.n, 7);
    assert_int_equal(large.train.n, 21);
    assert_int_equal(large.test.n, 20);
    assert_memory_equal(small.train.images, large.train.images, 10 * 20);
    assert_memory_equal(small.train.labels, large.train.labels, 10);
    assert_memory_equal(small.test.images, large.test.images, 7 * 20);
    assert_memory_equal(small.test.labels, large.test.labels, 7);
    idx_scene_remove(&scene);
}

static void samples_are_shuffled_within_their_class(void **state)
{
    (void)state;
    struct idx_scene scene = idx_scene_make(&idx_files_small);
    struct bytes images = idx_file_bytes(&idx_files_small, 0);
    struct data_set data = idx_scene_open(&scene);
    size_t before = 0, n_descents = 0;
    for (size_t i = 0; i < 30; i += 3) { /* all of class 0 */
        size_t at = data_find_image(images.at + 16, 30, 20,
                                    data.train.images + i * 20);
        n_descents += at < before;
        before = at;
    }
    assert_true(n_descents >= 2);
    bytes_free(&images);
    idx_scene_remove(&scene);
}

static void more_than_there_are_is_refused_with_their_number(void **state)
{
    (void)state;
    struct data_set data = {.n_classes = 77};
    struct idx_scene scene = idx_scene_make(&idx_files_small);
    assert_int_equal(idx_scene_try(&scene, "31", "0", &data), STATUS_INVALID);
    assert_non_null(strstr(status_reason(), "n_train is 31"));
    assert_non_null(strstr(status_reason(), "there are 30"));
    assert_int_equal(idx_scene_try(&scene, "30", "21", &data), STATUS_INVALID);
    assert_non_null(strstr(status_reason(), "n_test is 21"));
    assert_int_equal(data.n_classes, 77);
    idx_scene_open_subset(&scene, "30", "20");
    idx_scene_remove(&scene);
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
    };
    return cmocka_run_group_tests_name("dataset", tests, NULL, NULL);
}

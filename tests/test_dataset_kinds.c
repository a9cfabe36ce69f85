#include "core/dataset.h"
#include "io/dataset.h"
#include "tests/data_files.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct scene {
    struct scratch scratch;
    struct arena arena;
};

static struct scene make_scene(void)
{
    struct scene scene = {scratch_make(), arena_open()};
    setenv("SPIKESWEEP_CACHE", scratch_path(&scene.scratch, "cache"), 1);
    return scene;
}

static void remove_scene(struct scene *scene)
{
    arena_close(&scene->arena);
    scratch_remove(&scene->scratch);
}

static struct data_set open_choice(struct scene *scene, struct choice choice)
{
    struct data_set data;
    if (dataset_open(&choice, &scene->arena, &data) != STATUS_OK)
        fail_msg("refused: %s", status_reason());
    return data;
}

static void assert_refused(struct scene *scene, struct choice choice,
                           enum status status, const char *part)
{
    struct data_set data;
    assert_int_equal(dataset_open(&choice, &scene->arena, &data), status);
    if (!strstr(status_reason(), part))
        fail_msg("\"%s\" does not say \"%s\"", status_reason(), part);
}

static void count_labels(const struct split *split, size_t counts[10])
{
    memset(counts, 0, 10 * sizeof *counts);
    for (size_t i = 0; i < split->n; i++)
        counts[split->labels[i]]++;
}

/* CIFAR-10 ------------------------------------------------------------- */

enum { N_RECORDS = 4, RECORD_SIZE = 3073, IMAGE_SIZE = 3072 };

/* Each record of the bytes is in the split, its planes turned to pixels. */
static void assert_holds(const struct split *split, const struct bytes *bytes)
{
    for (size_t r = 0; r < bytes->n / RECORD_SIZE; r++) {
        const unsigned char *record = bytes->at + r * RECORD_SIZE;
        unsigned char image[IMAGE_SIZE];
        for (size_t y = 0; y < 32; y++)
            for (size_t x = 0; x < 32; x++)
                for (size_t c = 0; c < 3; c++)
                    image[(y * 32 + x) * 3 + c] =
                        record[1 + c * 1024 + y * 32 + x];
        size_t at =
            data_find_image(split->images, split->n, IMAGE_SIZE, image);
        assert_true(at < split->n);
        assert_int_equal(split->labels[at], record[0]);
    }
}

static void planes_of_cifar10_become_pixels(void **state)
{
    (void)state;
    struct scene scene = make_scene();
    cifar10_files_write(scene.scratch.folder, N_RECORDS);
    struct data_set data = open_choice(
        &scene,
        data_choice_in(&scene.arena, "cifar10", scene.scratch.folder));
    assert_int_equal(data.shape.height, 32);
    assert_int_equal(data.shape.width, 32);
    assert_int_equal(data.shape.n_channels, 3);
    assert_int_equal(data.n_classes, 10);
    assert_int_equal(data.train.n, 5 * N_RECORDS);
    assert_int_equal(data.test.n, N_RECORDS);
    for (size_t b = 0; b < 6; b++) {
        struct bytes bytes = cifar10_batch_bytes(b, N_RECORDS);
        assert_holds(b < 5 ? &data.train : &data.test, &bytes);
        bytes_free(&bytes);
    }
    remove_scene(&scene);
}

static void write_batch(struct scene *scene, size_t b, struct bytes *bytes)
{
    data_file_write(scene->scratch.folder, cifar10_file_names[b], false,
                    bytes);
    bytes_free(bytes);
}

static void a_batch_that_is_not_whole_is_refused(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 3072, 3074, 4 * 3073 - 1};
    struct scene scene = make_scene();
    struct choice choice =
        data_choice_in(&scene.arena, "cifar10", scene.scratch.folder);
    for (size_t i = 0; i < 6 * KIND_COUNT(lengths); i++) {
        cifar10_files_write(scene.scratch.folder, N_RECORDS);
        struct bytes bytes = cifar10_batch_bytes(0, N_RECORDS);
        bytes.n = lengths[i / 6];
        write_batch(&scene, i % 6, &bytes);
        assert_refused(&scene, choice, STATUS_DAMAGED,
                       "records of 3073 bytes");
        assert_non_null(strstr(status_reason(), cifar10_file_names[i % 6]));
    }
    remove_scene(&scene);
}

static void a_missing_batch_and_a_wrong_label_are_refused(void **state)
{
    (void)state;
    struct scene scene = make_scene();
    struct choice choice =
        data_choice_in(&scene.arena, "cifar10", scene.scratch.folder);
    cifar10_files_write(scene.scratch.folder, N_RECORDS);
    struct bytes bytes = cifar10_batch_bytes(3, N_RECORDS);
    bytes.at[2 * RECORD_SIZE] = 10;
    write_batch(&scene, 3, &bytes);
    assert_refused(&scene, choice, STATUS_INVALID,
                   "data_batch_4.bin: a label is 10, allowed are 0 to 9");
    unlink(scratch_path(&scene.scratch, "data_batch_2.bin"));
    assert_refused(&scene, choice, STATUS_NOT_FOUND,
                   "data_batch_2.bin: no such file");
    remove_scene(&scene);
}

/* Sums over the planes of the files, by a loop of their own. */
static void assert_statistics(const struct data_set *data,
                              const char *const paths[5])
{
    double sum[3] = {0}, squares[3] = {0}, n = 0;
    for (size_t b = 0; b < 5; b++) {
        struct bytes bytes = scratch_read(paths[b]);
        for (size_t i = 0; i < bytes.n; i++) {
            size_t within = i % RECORD_SIZE;
            double pixel = bytes.at[i] / 255.0;
            if (within == 0)
                continue;
            sum[(within - 1) / 1024] += pixel;
            squares[(within - 1) / 1024] += pixel * pixel;
            n += 1.0 / 3.0;
        }
        bytes_free(&bytes);
    }
    for (size_t c = 0; c < 3; c++) {
        double mean = sum[c] / n;
        double deviation = sqrt(squares[c] / n - mean * mean);
        assert_true(fabs(data->mean[c] - mean) < 1e-6);
        assert_true(fabs(data->deviation[c] - deviation) < 1e-6);
    }
}

/* Copies files into the scratch folder, so that no cache knows them yet; false
 * if there is none. */
static bool copy_files(struct scene *scene, const char *folder,
                       const char *const *names, size_t n, const char *ending)
{
    for (size_t i = 0; i < n; i++) {
        const char *name =
            arena_print(&scene->arena, "%s%s", names[i], ending);
        const char *path = arena_print(&scene->arena, "%s/%s", folder, name);
        if (access(path, R_OK) != 0)
            return false;
        struct bytes bytes = scratch_read(path);
        scratch_write(scratch_path(&scene->scratch, name), bytes.at, bytes.n);
        bytes_free(&bytes);
    }
    return true;
}

/* Needs CIFAR-10's binary version, or a part of it. */
static void the_real_cifar10_is_read(void **state)
{
    (void)state;
    const char *given = getenv("SPIKESWEEP_TEST_CIFAR10");
    const char *folder = given ? given : "../shared/data/cifar10";
    struct scene scene = make_scene();
    const char *paths[6];
    for (size_t b = 0; b < 6; b++)
        paths[b] = scratch_path(&scene.scratch, cifar10_file_names[b]);
    if (!copy_files(&scene, folder, cifar10_file_names, 6, "")) {
        remove_scene(&scene);
        print_message("no CIFAR-10 in $SPIKESWEEP_TEST_CIFAR10\n");
        skip();
    }
    struct data_set data = open_choice(
        &scene,
        data_choice_in(&scene.arena, "cifar10", scene.scratch.folder));
    struct bytes test = scratch_read(paths[5]);
    assert_int_equal(data.test.n * RECORD_SIZE, test.n);
    assert_holds(&data.test, &test);
    assert_statistics(&data, paths);
    assert_true(data.mean[0] > 0.47 && data.mean[0] < 0.51);
    bytes_free(&test);
    remove_scene(&scene);
}

/* Fashion-MNIST -------------------------------------------------------- */

static void the_real_fashion_mnist_is_read(void **state)
{
    (void)state;
    size_t counts[10];
    struct scene scene = make_scene();
    if (!copy_files(&scene, "/usr/share/datasets/fashion-mnist",
                    idx_file_names, 4, ".gz")) {
        remove_scene(&scene);
        print_message("Debian's dataset-fashion-mnist is not installed\n");
        skip();
    }
    struct data_set data = open_choice(
        &scene,
        data_choice_in(&scene.arena, "fashion_mnist", scene.scratch.folder));
    assert_int_equal(data.train.n, 60000);
    assert_int_equal(data.test.n, 10000);
    count_labels(&data.train, counts);
    for (size_t k = 0; k < 10; k++)
        assert_int_equal(counts[k], 6000);
    data.train.n = 1234;
    count_labels(&data.train, counts);
    for (size_t k = 0; k < 10; k++)
        assert_int_equal(counts[k], k < 4 ? 124 : 123);
    /* As they are generally used for it: 0.2860 and 0.3530. */
    assert_true(fabsf(data.mean[0] - 0.2860f) < 5e-5f);
    assert_true(fabsf(data.deviation[0] - 0.3530f) < 5e-5f);
    remove_scene(&scene);
}

/* synthetic ------------------------------------------------------------ */

static void synthetic_samples_do_not_depend_on_their_number(void **state)
{
    (void)state;
    struct scene scene = make_scene();
    struct data_set usual =
        open_choice(&scene, data_choice(&scene.arena, "synthetic", NULL));
    assert_int_equal(usual.train.n, 512);
    assert_int_equal(usual.test.n, 256);
    struct data_set fewer = open_choice(
        &scene, data_choice(&scene.arena, "synthetic", "n_train", "33",
                            "n_test", "5", NULL));
    assert_int_equal(fewer.train.n, 33);
    assert_int_equal(fewer.test.n, 5);
    assert_memory_equal(usual.train.images, fewer.train.images, 33 * 64);
    assert_memory_equal(usual.test.images, fewer.test.images, 5 * 64);
    assert_memory_equal(usual.train.labels, fewer.train.labels, 33);
    assert_memory_not_equal(usual.train.images, usual.test.images, 64);
    remove_scene(&scene);
}

static void synthetic_sets_have_the_shape_asked_for(void **state)
{
    (void)state;
    struct scene scene = make_scene();
    struct data_set data = open_choice(
        &scene,
        data_choice(&scene.arena, "synthetic", "height", "5", "width", "7",
                    "n_channels", "3", "n_classes", "6", "noise", "0", NULL));
    assert_int_equal(data.shape.height, 5);
    assert_int_equal(data.shape.width, 7);
    assert_int_equal(data.shape.n_channels, 3);
    assert_int_equal(data.n_classes, 6);
    for (size_t i = 0; i < data.train.n; i++) {
        assert_int_equal(data.train.labels[i], i % 6);
        assert_memory_equal(data.train.images + i * 105,
                            data.train.images + i % 6 * 105, 105);
    }
    assert_true(data.deviation[2] > 0.2f && data.deviation[2] < 0.4f);
    remove_scene(&scene);
}

static size_t nearest_mean(double means[4][64],
                           const unsigned char *image)
{
    double best = INFINITY;
    size_t nearest = 0;
    for (size_t k = 0; k < 4; k++) {
        double distance = 0;
        for (size_t p = 0; p < 64; p++)
            distance += pow(image[p] - means[k][p], 2);
        nearest = distance < best ? k : nearest;
        best = fmin(best, distance);
    }
    return nearest;
}

/* By the means of the training classes, even with much noise. */
static void synthetic_classes_can_be_learned(void **state)
{
    (void)state;
    double means[4][64] = {{0}};
    size_t n_right = 0;
    struct scene scene = make_scene();
    struct data_set data = open_choice(
        &scene,
        data_choice(&scene.arena, "synthetic", "noise", "0.5", NULL));
    for (size_t i = 0; i < 512 * 64; i++)
        means[data.train.labels[i / 64]][i % 64] +=
            data.train.images[i] / 128.0;
    for (size_t i = 0; i < 256; i++)
        n_right += nearest_mean(means, data.test.images + i * 64) ==
                   data.test.labels[i];
    assert_true(n_right > 240);
    remove_scene(&scene);
}

static void a_synthetic_set_beyond_memory_is_refused(void **state)
{
    (void)state;
    struct scene scene = make_scene();
    assert_refused(&scene,
                   data_choice(&scene.arena, "synthetic", "n_train",
                               "100000000", "height", "256", "width", "256",
                               NULL),
                   STATUS_INVALID,
                   "100000256 images of 256 x 256 x 1 bytes are too many, at "
                   "most 65536");
    remove_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planes_of_cifar10_become_pixels),
        cmocka_unit_test(a_batch_that_is_not_whole_is_refused),
        cmocka_unit_test(a_missing_batch_and_a_wrong_label_are_refused),
        cmocka_unit_test(the_real_cifar10_is_read),
        cmocka_unit_test(the_real_fashion_mnist_is_read),
        cmocka_unit_test(synthetic_samples_do_not_depend_on_their_number),
        cmocka_unit_test(synthetic_sets_have_the_shape_asked_for),
        cmocka_unit_test(synthetic_classes_can_be_learned),
        cmocka_unit_test(a_synthetic_set_beyond_memory_is_refused),
    };
    return cmocka_run_group_tests_name("dataset_kinds", tests, NULL, NULL);
}

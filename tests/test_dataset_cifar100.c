#include "core/dataset.h"
#include "tests/data_files.h"
#include "tests/data_scene.h"
#include "tests/test.h"

#include <string.h>
#include <unistd.h>

enum { RECORD_SIZE = 3074, IMAGE_SIZE = 3072, N_TRAIN = 7, N_TEST = 4 };

/* Record i: coarse label 3 i mod 20, fine label 17 i mod 100, and planes in
 * which each byte tells its place. */
static unsigned char file[N_TRAIN * RECORD_SIZE + 1];

static void fill_record(size_t i, unsigned char *record)
{
    record[0] = (unsigned char)(3 * i % 20);
    record[1] = (unsigned char)(17 * i % 100);
    for (size_t k = 0; k < IMAGE_SIZE; k++)
        record[2 + k] = (unsigned char)(k * 7 + k / 256 + 31 * i);
}

static void write_file(struct data_scene *scene, const char *name, size_t n)
{
    for (size_t i = 0; i < n; i++)
        fill_record(i, file + i * RECORD_SIZE);
    data_scene_write(scene, name, file, n * RECORD_SIZE);
}

static void write_files(struct data_scene *scene)
{
    write_file(scene, "train.bin", N_TRAIN);
    write_file(scene, "test.bin", N_TEST);
}

static void assert_holds(const struct split *split, size_t n, size_t i_label)
{
    assert_int_equal(split->n, n);
    for (size_t i = 0; i < n; i++) {
        unsigned char record[RECORD_SIZE], image[IMAGE_SIZE];
        fill_record(i, record);
        for (size_t p = 0; p < 1024; p++)
            for (size_t c = 0; c < 3; c++)
                image[p * 3 + c] = record[2 + c * 1024 + p];
        size_t at =
            data_find_image(split->images, split->n, IMAGE_SIZE, image);
        assert_true(at < n);
        assert_int_equal(split->labels[at], record[i_label]);
    }
}

static struct choice choose(struct data_scene *scene, const char *labels)
{
    const char *folder =
        arena_print(&scene->arena, "\"%s\"", scene->scratch.folder);
    return data_choice(&scene->arena, "cifar100", "folder", folder, "labels",
                       labels, NULL);
}

/* Both, one after the other: a cache of one must not be taken for the other. */
static void fine_and_coarse_labels_are_told_apart(void **state)
{
    (void)state;
    struct data_scene scene = data_scene_make();
    write_files(&scene);
    struct data_set fine = data_scene_open(&scene, choose(&scene, "fine"));
    struct data_set coarse = data_scene_open(&scene, choose(&scene, "coarse"));
    assert_int_equal(fine.n_classes, 100);
    assert_int_equal(coarse.n_classes, 20);
    assert_holds(&fine.train, N_TRAIN, 1);
    assert_holds(&fine.test, N_TEST, 1);
    assert_holds(&coarse.train, N_TRAIN, 0);
    assert_holds(&coarse.test, N_TEST, 0);
    data_scene_remove(&scene);
}

static void a_file_that_is_not_whole_is_refused(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 3073, 3075, 4 * 3074 - 1};
    static const char *const names[] = {"train.bin", "test.bin"};
    struct data_scene scene = data_scene_make();
    for (size_t i = 0; i < 2 * KIND_COUNT(lengths); i++) {
        write_files(&scene);
        data_scene_write(&scene, names[i % 2], file, lengths[i / 2]);
        data_scene_refused(&scene, choose(&scene, "fine"), STATUS_DAMAGED,
                           "records of 3074 bytes");
        assert_non_null(strstr(status_reason(), names[i % 2]));
    }
    unlink(scratch_path(&scene.scratch, "test.bin"));
    data_scene_refused(&scene, choose(&scene, "fine"), STATUS_NOT_FOUND,
                       "test.bin: no such file");
    data_scene_remove(&scene);
}

static void labels_out_of_range_are_refused(void **state)
{
    (void)state;
    struct data_scene scene = data_scene_make();
    write_files(&scene);
    file[2 * RECORD_SIZE] = 20;
    file[2 * RECORD_SIZE + 1] = 100;
    data_scene_write(&scene, "test.bin", file, N_TEST * RECORD_SIZE);
    data_scene_refused(&scene, choose(&scene, "fine"), STATUS_INVALID,
                       "test.bin: a label is 100, allowed are 0 to 99");
    data_scene_refused(&scene, choose(&scene, "coarse"), STATUS_INVALID,
                       "test.bin: a label is 20, allowed are 0 to 19");
    data_scene_remove(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fine_and_coarse_labels_are_told_apart),
        cmocka_unit_test(a_file_that_is_not_whole_is_refused),
        cmocka_unit_test(labels_out_of_range_are_refused),
    };
    return cmocka_run_group_tests_name("dataset_cifar100", tests, NULL, NULL);
}

#include "core/dataset.h"
#include "io/dataset.h"
#include "tests/data_files.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct scene {
    struct scratch scratch;
    struct arena arena;
    struct choice choice; /* of the set in the scratch folder */
};

static struct scene make_scene(const char *kind)
{
    struct scene scene = {.scratch = scratch_make(), .arena = arena_open()};
    setenv("SPIKESWEEP_CACHE", scratch_path(&scene.scratch, "cache"), 1);
    scene.choice =
        data_choice_in(&scene.arena, kind, scene.scratch.folder);
    return scene;
}

static struct scene make_idx_scene(bool gzip)
{
    struct scene scene = make_scene("idx");
    struct idx_files set = idx_files_small;
    set.gzip = gzip;
    idx_files_write(scene.scratch.folder, &set);
    return scene;
}

static void remove_scene(struct scene *scene)
{
    arena_close(&scene->arena);
    scratch_remove(&scene->scratch);
}

static enum status try_open(struct scene *scene, struct data_set *data)
{
    return dataset_open(&scene->choice, &scene->arena, data);
}

static struct data_set open_set(struct scene *scene)
{
    struct data_set data;
    if (try_open(scene, &data) != STATUS_OK)
        fail_msg("refused: %s", status_reason());
    return data;
}

/* Refused with a reason that names the file and says `part`; nothing is
 * written. */
static void assert_refused(struct scene *scene, enum status status,
                           const char *name, const char *part)
{
    struct data_set data = {.n_classes = 77};
    assert_int_equal(try_open(scene, &data), status);
    assert_int_equal(data.n_classes, 77);
    if (!strstr(status_reason(), name) || !strstr(status_reason(), part))
        fail_msg("\"%s\" does not say \"%s\" and \"%s\"", status_reason(),
                 name, part);
    assert_int_equal(
        access(scratch_path(&scene->scratch, "cache"), F_OK), -1);
}

/* IDX ------------------------------------------------------------------ */

/* A lie: a piece of a file that is put over what is there, or a new length. */
struct lie {
    size_t file, at, n_bytes; /* n_bytes 0: `at` is the new length */
    const char *bytes;
    enum status status;
    const char *part;
};

static const char zeros[30] = {0};

static const struct lie lies[] = {
    {0, 0, 4, "\0\0\x08\x01", STATUS_INVALID, "0x00000801, and an IDX file of images begins with"},
    {1, 0, 4, "\0\0\x08\x03", STATUS_INVALID, "of labels begins with 0x00000801"},
    {2, 0, 4, "\0\0\x0d\x03", STATUS_INVALID, "begins with 0x00000d03"},
    {0, 4, 4, "\0\0\0\x1f", STATUS_DAMAGED, "claims 31 items of 20 bytes, but only 600"},
    {0, 4, 4, "\0\0\0\x1d", STATUS_INVALID, "claims 29 items of 20 bytes, but more than 580"},
    {1, 4, 4, "\0\0\0\x1f", STATUS_DAMAGED, "claims 31 items of 1 bytes, but only 30"},
    {1, 4, 4, "\0\0\0\x1d", STATUS_INVALID, "claims 29 items of 1 bytes, but more than 29"},
    {0, 4, 4, "\0\0\0\0", STATUS_INVALID, "claims 0 images, allowed are 1 to 100000000"},
    {3, 4, 4, "\0\0\0\0", STATUS_INVALID, "claims 0 labels"},
    {0, 4, 4, "\xff\xff\xff\xff", STATUS_INVALID, "claims 4294967295 images"},
    {0, 8, 4, "\0\0\0\0", STATUS_INVALID, "claims 0 pixels a side, allowed are 1 to 4096"},
    {0, 12, 4, "\0\0\x10\x01", STATUS_INVALID, "claims 4097 pixels a side"},
    {0, 12, 4, "\x80\0\0\x04", STATUS_INVALID, "claims 2147483652 pixels a side"},
    {0, 8, 8, "\0\0\0\x04\0\0\0\x04", STATUS_INVALID, "30 items of 16 bytes, but more"},
    /* More than any machine has: it must not be asked for. */
    {0, 4, 12, "\x05\xf5\xe1\0\0\0\x10\0\0\0\x10\0", STATUS_DAMAGED, "but only 600 bytes follow"},
    {2, 8, 8, "\0\0\0\x04\0\0\0\x05", STATUS_INVALID, "images of 4 x 5 pixels, but those of"},
    {0, 0, 0, NULL, STATUS_DAMAGED, "has 0 bytes, and the header of an IDX file of images 16"},
    {0, 15, 0, NULL, STATUS_DAMAGED, "has 15 bytes"},
    {0, 16, 0, NULL, STATUS_DAMAGED, "but only 0 bytes follow"},
    {0, 615, 0, NULL, STATUS_DAMAGED, "but only 599 bytes follow"},
    {0, 617, 0, NULL, STATUS_INVALID, "but more than 600 bytes follow"},
    {1, 7, 0, NULL, STATUS_DAMAGED, "IDX file of labels 8"},
    {3, 27, 0, NULL, STATUS_DAMAGED, "but only 19 bytes follow"},
    {3, 29, 0, NULL, STATUS_INVALID, "but more than 20 bytes follow"},
    {3, 10, 1, "\x03", STATUS_INVALID, "a label is 3, allowed are 0 to 2"},
    {1, 8, 30, zeros, STATUS_INVALID, "at least 2 classes are needed"},
};

static void tell_lie(struct scene *scene, const struct lie *lie, bool gzip)
{
    static const unsigned char zero = 0;
    struct bytes bytes = idx_file_bytes(&idx_files_small, lie->file);
    if (lie->n_bytes > 0)
        memcpy(bytes.at + lie->at, lie->bytes, lie->n_bytes);
    while (lie->n_bytes == 0 && bytes.n < lie->at)
        bytes_append(&bytes, &zero, 1);
    if (lie->n_bytes == 0)
        bytes.n = lie->at;
    data_file_write(scene->scratch.folder, idx_file_names[lie->file], gzip,
                    &bytes);
    bytes_free(&bytes);
}

static void every_lie_of_an_idx_file_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * KIND_COUNT(lies); i++) {
        const struct lie *lie = &lies[i / 2];
        struct scene scene = make_idx_scene(i % 2);
        tell_lie(&scene, lie, i % 2);
        assert_refused(&scene, lie->status, idx_file_names[lie->file],
                       lie->part);
        remove_scene(&scene);
    }
}

static void images_and_labels_must_be_as_many(void **state)
{
    (void)state;
    struct scene scene = make_scene("idx");
    struct idx_files set = idx_files_small, more = idx_files_small;
    more.n_train++;
    idx_files_write(scene.scratch.folder, &set);
    struct bytes labels = idx_file_bytes(&more, 1);
    data_file_write(scene.scratch.folder, idx_file_names[1], false, &labels);
    assert_refused(&scene, STATUS_INVALID, idx_file_names[1],
                   "has 31 labels, but");
    assert_non_null(strstr(status_reason(), "has 30 images"));
    bytes_free(&labels);
    remove_scene(&scene);
}

static void a_missing_file_is_named_with_what_to_do(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct scene scene = make_idx_scene(false);
        unlink(scratch_path(&scene.scratch, idx_file_names[i]));
        assert_refused(&scene, STATUS_NOT_FOUND, idx_file_names[i],
                       "no such file, plain or with .gz; the folder must");
        scene.choice.kind = kind_find(&dataset_axis, "fashion_mnist");
        assert_refused(&scene, STATUS_NOT_FOUND, idx_file_names[i],
                       "dataset-fashion-mnist");
        remove_scene(&scene);
    }
    struct scene scene = make_idx_scene(false);
    scene.choice = data_choice_in(&scene.arena, "idx", "");
    assert_refused(&scene, STATUS_INVALID, "idx", "folder is empty");
    scene.choice = data_choice_in(&scene.arena, "cifar10", "");
    assert_refused(&scene, STATUS_INVALID, "cifar10", "folder is empty");
    remove_scene(&scene);
}

static void a_folder_in_place_of_a_file_is_refused(void **state)
{
    (void)state;
    struct scene scene = make_idx_scene(false);
    const char *path = scratch_path(&scene.scratch, idx_file_names[2]);
    unlink(path);
    assert_int_equal(mkdir(path, 0777), 0);
    assert_refused(&scene, STATUS_INVALID, idx_file_names[2],
                   "is not a file");
    remove_scene(&scene);
}

static void fashion_mnist_has_its_own_size_and_classes(void **state)
{
    (void)state;
    struct idx_files set = {30, 20, 28, 28, 10, false};
    struct scene scene = make_scene("fashion_mnist");
    idx_files_write(scene.scratch.folder, &idx_files_small);
    assert_refused(&scene, STATUS_INVALID, idx_file_names[0],
                   "28 x 28 (kind idx takes any)");
    set.n_classes = 11;
    idx_files_write(scene.scratch.folder, &set);
    assert_refused(&scene, STATUS_INVALID, idx_file_names[1],
                   "a label is 10, allowed are 0 to 9");
    set.n_classes = 8;
    idx_files_write(scene.scratch.folder, &set);
    assert_int_equal(open_set(&scene).n_classes, 10);
    remove_scene(&scene);
}

/* Results write 255 where there is no label. */
static void the_label_255_is_refused(void **state)
{
    (void)state;
    struct idx_files set = {600, 20, 5, 4, 256, false};
    struct scene scene = make_scene("idx");
    idx_files_write(scene.scratch.folder, &set);
    assert_refused(&scene, STATUS_INVALID, idx_file_names[1],
                   "a label is 255, allowed are 0 to 254");
    set.n_classes = 255;
    idx_files_write(scene.scratch.folder, &set);
    assert_int_equal(open_set(&scene).n_classes, 255);
    remove_scene(&scene);
}

/* gzip ----------------------------------------------------------------- */

static void gzip_cut_short_anywhere_is_refused(void **state)
{
    (void)state;
    struct scene scene = make_idx_scene(true);
    const char *path =
        scratch_path(&scene.scratch, "train-labels-idx1-ubyte.gz");
    struct bytes bytes = scratch_read(path);
    for (size_t n = 0; n < bytes.n; n++) {
        scratch_write(path, bytes.at, n);
        assert_refused(&scene, STATUS_DAMAGED, "train-labels-idx1-ubyte.gz",
                       "");
    }
    bytes_free(&bytes);
    remove_scene(&scene);
}

/* The data of a gzip file are protected by its checksum, so what is accepted
 * must be what was written. */
static void damaged_gzip_is_refused_or_harmless(void **state)
{
    (void)state;
    struct scene scene = make_idx_scene(true);
    struct digest right = open_set(&scene).fingerprint;
    size_t n_refused = 0, n_seeds = scratch_n_seeds(400);
    for (uint64_t seed = 0; seed < n_seeds; seed++) {
        const char *path = scratch_path(
            &scene.scratch, arena_print(&scene.arena, "%s.gz",
                                        idx_file_names[seed % 4]));
        struct bytes bytes = scratch_read(path), damaged = scratch_read(path);
        struct data_set data;
        scratch_damage(&damaged, seed);
        scratch_write(path, damaged.at, damaged.n);
        if (try_open(&scene, &data) == STATUS_OK)
            assert_true(digest_equal(data.fingerprint, right));
        else {
            n_refused++;
            assert_non_null(strstr(status_reason(), idx_file_names[seed % 4]));
            assert_null(strstr(status_reason(), "fd:")); /* zlib's name */
        }
        scratch_write(path, bytes.at, bytes.n);
        bytes_free(&bytes);
        bytes_free(&damaged);
    }
    assert_in_range(n_refused, n_seeds - n_seeds / 4, n_seeds);
    remove_scene(&scene);
}

static void assert_sane(const struct data_set *data)
{
    assert_true(data->train.n > 0 && data->test.n > 0);
    assert_true(data->n_classes >= 2 && data->n_classes <= DATASET_CLASSES_MAX);
    assert_true(isfinite(data->mean[0]) && data->deviation[0] > 0);
    for (size_t i = 0; i < data->train.n; i++)
        assert_true(data->train.labels[i] < data->n_classes);
    for (size_t i = 0; i < data->test.n; i++)
        assert_true(data->test.labels[i] < data->n_classes);
}

static void a_reader_of_idx_survives_any_bytes(void **state)
{
    (void)state;
    struct scene scene = make_idx_scene(false);
    for (uint64_t seed = 0; seed < scratch_n_seeds(600); seed++) {
        const char *name = idx_file_names[seed % 4];
        struct bytes bytes = idx_file_bytes(&idx_files_small, seed % 4);
        struct data_set data;
        size_t n = bytes.n;
        if (seed % 8 < 4) /* the header only */
            bytes.n = seed % 2 ? 8 : 16;
        scratch_damage(&bytes, seed);
        if (seed % 8 < 4) {
            struct bytes rest = idx_file_bytes(&idx_files_small, seed % 4);
            size_t header = seed % 2 ? 8 : 16;
            bytes_append(&bytes, rest.at + header, n - header);
            bytes_free(&rest);
        }
        data_file_write(scene.scratch.folder, name, false, &bytes);
        if (try_open(&scene, &data) == STATUS_OK)
            assert_sane(&data);
        else
            assert_non_null(strstr(status_reason(), "-ubyte: "));
        bytes_free(&bytes);
        idx_files_write(scene.scratch.folder, &idx_files_small);
    }
    remove_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_lie_of_an_idx_file_is_refused),
        cmocka_unit_test(images_and_labels_must_be_as_many),
        cmocka_unit_test(a_missing_file_is_named_with_what_to_do),
        cmocka_unit_test(a_folder_in_place_of_a_file_is_refused),
        cmocka_unit_test(fashion_mnist_has_its_own_size_and_classes),
        cmocka_unit_test(the_label_255_is_refused),
        cmocka_unit_test(gzip_cut_short_anywhere_is_refused),
        cmocka_unit_test(damaged_gzip_is_refused_or_harmless),
        cmocka_unit_test(a_reader_of_idx_survives_any_bytes),
    };
    return cmocka_run_group_tests_name("dataset_files", tests, NULL, NULL);
}

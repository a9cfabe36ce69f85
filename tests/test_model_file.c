#include "io/model_file.h"
#include "core/rng.h"
#include "io/hdf5_util.h"
#include "tests/scratch.h"
#include "tests/test.h"

#include <float.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

enum { SEAL_SIZE = 16 };

/* A scratch folder, and in it "model.h5" of a small convolutional network with
 * random weights. */
struct scene {
    struct scratch scratch;
    struct arena arena;
    struct data_set data;
    struct spec spec;
    struct weights weights;
    const char *path;
};

static void set(struct scene *scene, enum spec_axis axis, const char *row,
                const char *text)
{
    struct choice *choice = &scene->spec.at[axis];
    const struct row *found = kind_find_row(choice->kind, row);
    assert_non_null(found);
    /* The parameters are the arena's own, const only for readers. */
    assert_int_equal(row_set(found, text, (void *)(uintptr_t)choice->params,
                             &scene->arena),
                     STATUS_OK);
}

static void choose(struct scene *scene, enum spec_axis axis, const char *name)
{
    const struct kind *kind = kind_find(spec_axes[axis], name);
    assert_non_null(kind);
    scene->spec.at[axis] =
        (struct choice){kind, kind_defaults(kind, &scene->arena)};
}

static size_t count_weights(const struct scene *scene)
{
    static struct tensor_place places[TRIAL_TENSORS_MAX];
    size_t n = trial_places(&scene->spec, &scene->data, places), end = 0;
    for (size_t i = 0; i < n; i++) {
        size_t here = places[i].offset;
        size_t size = 1;
        for (size_t k = 0; k < places[i].rank; k++)
            size *= places[i].extent[k];
        end = here + size > end ? here + size : end;
    }
    return end;
}

static void make_weights(struct scene *scene)
{
    struct rng_stream stream = {7, RNG_WEIGHTS, 0};
    size_t n = count_weights(scene);
    scene->weights =
        (struct weights){n, ARENA_ARRAY(&scene->arena, float, n)};
    rng_fill_normal(stream, 0, n, scene->weights.at);
    scene->weights.at[1] = -0.0f;
    scene->weights.at[2] = FLT_TRUE_MIN;
    scene->weights.at[3] = -FLT_MAX;
}

static struct scene make_scene(void)
{
    struct scene scene = {.scratch = scratch_make(), .arena = arena_open()};
    scene.data = (struct data_set){.shape = {8, 8, 2}, .n_classes = 5};
    scene.spec = spec_defaults(&scene.arena);
    choose(&scene, SPEC_NETWORK, "csnn");
    set(&scene, SPEC_NETWORK, "channels", "[3, 4]");
    set(&scene, SPEC_NETWORK, "hidden", "[6]");
    choose(&scene, SPEC_NORMALIZATION, "tdbn");
    make_weights(&scene);
    scene.path = scratch_path(&scene.scratch, "model.h5");
    assert_int_equal(model_file_write(scene.path, &scene.spec, &scene.data,
                                      &scene.weights),
                     STATUS_OK);
    return scene;
}

static void remove_scene(struct scene *scene)
{
    arena_close(&scene->arena);
    scratch_remove(&scene->scratch);
}

static enum status read_back(struct scene *scene, struct weights *weights)
{
    return model_file_read(scene->path, &scene->spec, &scene->data,
                           &scene->arena, weights);
}

/* Refused with this status and a reason that names the file and says `part`;
 * the out-parameter is untouched. */
static void assert_refused(struct scene *scene, enum status status,
                           const char *part)
{
    float mark = 0;
    struct weights weights = {77, &mark};
    assert_int_equal(read_back(scene, &weights), status);
    assert_non_null(strstr(status_reason(), "model.h5"));
    if (!strstr(status_reason(), part))
        fail_msg("\"%s\" does not say \"%s\"", status_reason(), part);
    assert_int_equal(weights.n, 77);
    assert_ptr_equal(weights.at, &mark);
}

static void assert_equal_weights(const struct weights *a,
                                 const struct weights *b)
{
    assert_int_equal(a->n, b->n);
    assert_memory_equal(a->at, b->at, a->n * sizeof(float));
}

static void weights_come_back_bit_for_bit(void **state)
{
    (void)state;
    static const char *const networks[] = {"mlp", "csnn", "wrn16"};
    static const char *const normalizations[] = {"none", "batch", "tdbn",
                                                 "bntt"};
    struct scene scene = make_scene();
    for (size_t i = 0; i < 12; i++) {
        struct weights weights = {0, NULL};
        choose(&scene, SPEC_NETWORK, networks[i / 4]);
        choose(&scene, SPEC_NORMALIZATION, normalizations[i % 4]);
        make_weights(&scene);
        assert_int_equal(model_file_write(scene.path, &scene.spec,
                                          &scene.data, &scene.weights),
                         STATUS_OK);
        assert_int_equal(read_back(&scene, &weights), STATUS_OK);
        assert_equal_weights(&weights, &scene.weights);
    }
    assert_int_equal(scratch_count(scene.scratch.folder, ""), 1);
    remove_scene(&scene);
}

static void equal_weights_make_equal_files(void **state)
{
    (void)state;
    struct scene scene = make_scene();
    struct bytes first = scratch_read(scene.path);
    usleep(1050000); /* HDF5 would keep the second in which it was made */
    choose(&scene, SPEC_ATTACK, "fgsm"); /* is not the cell's */
    assert_int_equal(model_file_write(scene.path, &scene.spec, &scene.data,
                                      &scene.weights),
                     STATUS_OK);
    struct bytes second = scratch_read(scene.path);
    assert_int_equal(first.n, second.n);
    assert_memory_equal(first.at, second.at, first.n);
    bytes_free(&first);
    bytes_free(&second);
    remove_scene(&scene);
}

static void other_readers_of_hdf5_see_tensors_and_spec(void **state)
{
    (void)state;
    struct scene scene = make_scene();
    hid_t file = -1;
    const char *text = "";
    hsize_t extent[4] = {0};
    assert_int_equal(hdf5_open(scene.path, &file), STATUS_OK);
    assert_int_equal(
        hdf5_get_text(file, "spec", scene.path, &scene.arena, &text),
        STATUS_OK);
    assert_string_equal(text, spec_print(&scene.spec, false, &scene.arena));
    hid_t dataset = H5Dopen2(file, "block1.weight", H5P_DEFAULT);
    hid_t space = H5Dget_space(dataset);
    assert_int_equal(H5Sget_simple_extent_ndims(space), 4);
    H5Sget_simple_extent_dims(space, extent, NULL);
    assert_int_equal(extent[0] * 1000 + extent[1] * 100 + extent[2] * 10 +
                         extent[3],
                     3334);
    assert_int_equal(hdf5_close(file, scene.path), STATUS_OK);
    remove_scene(&scene);
}

/* what is refused ------------------------------------------------------ */

/* Opens the file's HDF5 part for changes; `reseal` then makes it a file with a
 * valid checksum again. */
static hid_t open_part(struct scene *scene)
{
    struct bytes bytes = scratch_read(scene->path);
    scratch_write(scene->path, bytes.at, bytes.n - SEAL_SIZE);
    bytes_free(&bytes);
    hid_t file = H5Fopen(scene->path, H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(file >= 0);
    return file;
}

static void reseal(struct scene *scene, hid_t file)
{
    assert_true(H5Fclose(file) >= 0);
    struct bytes bytes = scratch_read(scene->path);
    bytes_seal(&bytes, 0);
    scratch_write(scene->path, bytes.at, bytes.n);
    bytes_free(&bytes);
}

static void replace_tensor(struct scene *scene, const char *name, hid_t type,
                           int rank, const hsize_t *extent)
{
    hid_t file = open_part(scene);
    assert_true(H5Ldelete(file, name, H5P_DEFAULT) >= 0);
    hid_t space = H5Screate_simple(rank, extent, NULL);
    hid_t dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT,
                               H5P_DEFAULT, H5P_DEFAULT);
    assert_true(dataset >= 0);
    H5Dclose(dataset);
    H5Sclose(space);
    reseal(scene, file);
}

/* A program that knew of fewer rows wrote a shorter text. */
static void a_model_of_an_older_program_is_its_cells(void **state)
{
    (void)state;
    struct scene scene = make_scene();
    struct weights weights;
    const char *text = spec_print_identity(&scene.spec, &scene.arena);
    assert_string_not_equal(text,
                            spec_print(&scene.spec, false, &scene.arena));
    hid_t file = open_part(&scene);
    assert_true(H5Adelete(file, "spec") >= 0);
    assert_true(hdf5_put_text(file, "spec", text) >= 0);
    reseal(&scene, file);
    assert_int_equal(read_back(&scene, &weights), STATUS_OK);
    assert_equal_weights(&weights, &scene.weights);
    set(&scene, SPEC_OPTIMIZER, "nesterov", "true");
    assert_refused(&scene, STATUS_INVALID, "of another cell");
    remove_scene(&scene);
}

static void a_missing_file_is_named(void **state)
{
    (void)state;
    struct scene scene = make_scene();
    assert_int_equal(remove(scene.path), 0);
    assert_refused(&scene, STATUS_NOT_FOUND, "No such file");
    remove_scene(&scene);
}

static void a_file_without_a_tensor_is_refused(void **state)
{
    (void)state;
    struct scene scene = make_scene();
    hid_t file = open_part(&scene);
    assert_true(H5Ldelete(file, "block1.running_mean", H5P_DEFAULT) >= 0);
    reseal(&scene, file);
    assert_refused(&scene, STATUS_INVALID,
                   "lacks the tensor block1.running_mean");
    remove_scene(&scene);
}

static void a_tensor_of_another_shape_is_refused(void **state)
{
    (void)state;
    struct scene scene = make_scene();
    static const hsize_t extents[][5] = {
        {3, 3, 4, 3}, {3, 3, 3, 5}, {9, 3, 4}, {3, 3, 3, 4, 1}, {108}};
    static const int ranks[] = {4, 4, 3, 5, 1};
    for (size_t i = 0; i < KIND_COUNT(ranks); i++) {
        replace_tensor(&scene, "block1.weight", H5T_IEEE_F32LE, ranks[i],
                       extents[i]);
        assert_refused(&scene, STATUS_INVALID,
                       "block1.weight is not an array of 3 x 3 x 3 x 4 real");
    }
    static const hsize_t right[] = {3, 3, 3, 4};
    replace_tensor(&scene, "block1.weight", H5T_STD_I32LE, 4, right);
    assert_refused(&scene, STATUS_INVALID, "block1.weight is not an array");
    replace_tensor(&scene, "block1.weight", H5T_IEEE_F32LE, 4, right);
    struct weights weights;
    assert_int_equal(read_back(&scene, &weights), STATUS_OK);
    remove_scene(&scene);
}

static void what_is_not_finite_is_refused(void **state)
{
    (void)state;
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < KIND_COUNT(bad); i++) {
        struct scene scene = make_scene();
        scene.weights.at[scene.weights.n - 1] = bad[i];
        assert_int_equal(model_file_write(scene.path, &scene.spec,
                                          &scene.data, &scene.weights),
                         STATUS_OK);
        assert_refused(&scene, STATUS_INVALID, "running_variance");
        assert_non_null(strstr(status_reason(), i ? "inf" : "nan"));
        remove_scene(&scene);
    }
}

static void the_model_of_another_cell_is_refused(void **state)
{
    (void)state;
    struct scene scene = make_scene();
    set(&scene, SPEC_TRAINING, "seed", "4711");
    assert_refused(&scene, STATUS_INVALID, "of another cell");
    remove_scene(&scene);
}

static void a_file_cut_short_anywhere_is_damaged(void **state)
{
    (void)state;
    struct scene scene = make_scene();
    struct bytes bytes = scratch_read(scene.path);
    for (size_t n = 0; n < bytes.n; n += n < 64 ? 1 : 97) {
        scratch_write(scene.path, bytes.at, n);
        assert_refused(&scene, STATUS_DAMAGED, n < SEAL_SIZE ? "cut short"
                                                             : "checksum");
    }
    bytes_free(&bytes);
    remove_scene(&scene);
}

static void a_reader_survives_any_bytes(void **state)
{
    (void)state;
    struct scene scene = make_scene();
    struct bytes bytes = scratch_read(scene.path);
    for (uint64_t seed = 0; seed < scratch_n_seeds(1000); seed++) {
        struct bytes damaged = {NULL, 0, 0};
        bytes_append(&damaged, bytes.at, bytes.n);
        scratch_damage(&damaged, seed);
        scratch_write(scene.path, damaged.at, damaged.n);
        bool same = damaged.n == bytes.n &&
                    memcmp(damaged.at, bytes.at, bytes.n) == 0;
        if (!same)
            assert_refused(&scene, STATUS_DAMAGED, "");
        bytes_free(&damaged);
    }
    bytes_free(&bytes);
    remove_scene(&scene);
}

/* writing -------------------------------------------------------------- */

static int write_on_full_disk(void *self)
{
    struct scene *scene = self;
    if (!scratch_mount_small(scene->scratch.folder, 4096))
        return 2;
    enum status status = model_file_write(scene->path, &scene->spec,
                                          &scene->data, &scene->weights);
    return status == STATUS_FULL &&
           scratch_count(scene->scratch.folder, "") == 0;
}

static void a_full_disk_leaves_no_file(void **state)
{
    (void)state;
    struct scene scene = make_scene();
    int result = scratch_fork(write_on_full_disk, &scene);
    remove_scene(&scene);
    if (result == 2)
        skip();
    assert_int_equal(result, 1);
}

static void a_folder_that_is_not_there_is_named(void **state)
{
    (void)state;
    struct scene scene = make_scene();
    const char *path = scratch_path(&scene.scratch, "none/model.h5");
    assert_int_equal(model_file_write(path, &scene.spec, &scene.data,
                                      &scene.weights),
                     STATUS_NOT_FOUND);
    assert_non_null(strstr(status_reason(), "none/model.h5: cannot write"));
    remove_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_come_back_bit_for_bit),
        cmocka_unit_test(equal_weights_make_equal_files),
        cmocka_unit_test(other_readers_of_hdf5_see_tensors_and_spec),
        cmocka_unit_test(a_model_of_an_older_program_is_its_cells),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(a_file_without_a_tensor_is_refused),
        cmocka_unit_test(a_tensor_of_another_shape_is_refused),
        cmocka_unit_test(what_is_not_finite_is_refused),
        cmocka_unit_test(the_model_of_another_cell_is_refused),
        cmocka_unit_test(a_file_cut_short_anywhere_is_damaged),
        cmocka_unit_test(a_reader_survives_any_bytes),
        cmocka_unit_test(a_full_disk_leaves_no_file),
        cmocka_unit_test(a_folder_that_is_not_there_is_named),
    };
    return cmocka_run_group_tests_name("model_file", tests, NULL, NULL);
}

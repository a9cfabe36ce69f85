#include "core/dataset.h"
#include "core/rng.h"
#include "io/dataset.h"
#include "io/hdf5_util.h"
#include "tests/data_files.h"
#include "tests/data_scene.h"
#include "tests/test.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum packing { PLAIN, IN_CHUNKS, BY_ALL, BY_OFFSET };

/* What a file is to hold: n images of 5 x 4 (x 3). */
struct content {
    size_t n, n_labels, n_channels; /* 0 channels: three dimensions */
    hid_t type, label_type;
    long long label; /* of the last image; -1: as the others */
    enum packing packing;
};

enum { N_TRAIN = 7, N_TEST = 5, H = 5, W = 4, SIZE_MOST = H * W * 3 };

static struct content usual(size_t n, size_t n_channels)
{
    return (struct content){n,           n, n_channels, H5T_STD_U8LE,
                            H5T_STD_I64BE, -1, BY_ALL};
}

static unsigned char pixel_at(size_t n, size_t i)
{
    struct rng_stream stream = {9, RNG_NOISE, n};
    return (unsigned char)rng_word(stream, i);
}

static void put(hid_t file, const char *name, hid_t type, hid_t memory,
                int rank, const hsize_t *extent, enum packing packing,
                const void *at)
{
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    hid_t space = H5Screate_simple(rank, extent, NULL);
    if (packing != PLAIN) {
        hsize_t chunk[4] = {extent[0] < 3 ? extent[0] : 3, 2, 4, 1};
        H5Pset_chunk(list, rank, chunk);
    }
    if (packing == BY_ALL) {
        H5Pset_shuffle(list);
        H5Pset_deflate(list, 6);
        H5Pset_fletcher32(list);
    }
    if (packing == BY_OFFSET)
        H5Pset_scaleoffset(list, H5Z_SO_INT, 0);
    hid_t set = H5Dcreate2(file, name, type, space, H5P_DEFAULT, list,
                           H5P_DEFAULT);
    assert_true(set >= 0);
    assert_true(!at || H5Dwrite(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                                at) >= 0);
    H5Dclose(set);
    H5Sclose(space);
    H5Pclose(list);
}

/* In place of the one that may be there. */
static hid_t make_file(const char *path)
{
    hid_t file;
    unlink(path);
    assert_int_equal(hdf5_create(path, path, &file), STATUS_OK);
    return file;
}

static void write_content(struct data_scene *scene, const char *name,
                          struct content content)
{
    hid_t file;
    unsigned char pixels[16 * SIZE_MOST];
    long long labels[16];
    size_t n_channels = content.n_channels ? content.n_channels : 1;
    hsize_t extent[4] = {content.n, H, W, content.n_channels};
    hsize_t n_labels = content.n_labels;
    MUST(content.n <= 16 && n_labels <= 16);
    for (size_t i = 0; i < content.n * H * W * n_channels; i++)
        pixels[i] = pixel_at(content.n, i);
    for (size_t i = 0; i < n_labels; i++)
        labels[i] = (long long)(i % 3);
    if (content.label != -1)
        labels[n_labels - 1] = content.label;
    file = make_file(scratch_path(&scene->scratch, name));
    put(file, "images", content.type, H5T_NATIVE_UCHAR,
        content.n_channels ? 4 : 3, extent, content.packing, pixels);
    put(file, "labels", content.label_type, H5T_NATIVE_LLONG, 1, &n_labels,
        content.packing, labels);
    H5Fclose(file);
}

static struct choice choose(struct data_scene *scene)
{
    return data_choice_in(&scene->arena, "hdf5", scene->scratch.folder);
}

static void write_set(struct data_scene *scene, size_t n_channels)
{
    write_content(scene, "train.h5", usual(N_TRAIN, n_channels));
    write_content(scene, "test.h5", usual(N_TEST, n_channels));
}

static void assert_holds(const struct data_set *data,
                         const struct split *split, size_t n)
{
    size_t size = image_size(data->shape);
    assert_int_equal(split->n, n);
    for (size_t i = 0; i < n; i++) {
        unsigned char image[SIZE_MOST];
        for (size_t k = 0; k < size; k++)
            image[k] = pixel_at(n, i * size + k);
        size_t at = data_find_image(split->images, n, size, image);
        assert_true(at < n);
        assert_int_equal(split->labels[at], i % 3);
    }
}

static void images_of_three_and_four_dimensions_are_read(void **state)
{
    (void)state;
    for (size_t n_channels = 0; n_channels <= 3; n_channels++) {
        struct data_scene scene = data_scene_make();
        write_set(&scene, n_channels);
        struct data_set data = data_scene_open(&scene, choose(&scene));
        assert_int_equal(data.shape.height, H);
        assert_int_equal(data.shape.width, W);
        assert_int_equal(data.shape.n_channels, n_channels ? n_channels : 1);
        assert_int_equal(data.n_classes, 3);
        assert_holds(&data, &data.train, N_TRAIN);
        assert_holds(&data, &data.test, N_TEST);
        data_scene_remove(&scene);
    }
}

static void datasets_may_be_in_pieces_or_whole(void **state)
{
    (void)state;
    struct data_scene scene = data_scene_make();
    struct content content = usual(N_TRAIN, 3);
    write_set(&scene, 3);
    for (enum packing packing = PLAIN; packing < BY_OFFSET; packing++) {
        content.packing = packing;
        write_content(&scene, "train.h5", content);
        struct data_set data = data_scene_open(&scene, choose(&scene));
        assert_holds(&data, &data.train, N_TRAIN);
    }
    data_scene_remove(&scene);
}

static void a_packed_file_is_read_like_any_other(void **state)
{
    (void)state;
    struct data_scene scene = data_scene_make();
    write_set(&scene, 1);
    const char *path = scratch_path(&scene.scratch, "train.h5");
    struct bytes bytes = scratch_read(path);
    data_file_write(scene.scratch.folder, "train.h5", true, &bytes);
    unlink(path);
    struct data_set data = data_scene_open(&scene, choose(&scene));
    assert_holds(&data, &data.train, N_TRAIN);
    bytes_free(&bytes);
    data_scene_remove(&scene);
}

/* refusals ------------------------------------------------------------- */

static void refuse_train(struct content content, const char *part)
{
    struct data_scene scene = data_scene_make();
    write_set(&scene, 1);
    write_content(&scene, "train.h5", content);
    data_scene_refused(&scene, choose(&scene), STATUS_INVALID, part);
    data_scene_remove(&scene);
}

static void what_is_no_image_or_label_is_refused(void **state)
{
    (void)state;
    struct content content = usual(N_TRAIN, 1);
    content.type = H5T_IEEE_F32LE;
    refuse_train(content, "must hold unsigned bytes");
    content.type = H5T_STD_I8LE;
    refuse_train(content, "must hold unsigned bytes");
    content = usual(N_TRAIN, 1);
    content.label_type = H5T_IEEE_F64LE;
    refuse_train(content, "train.h5: \"labels\" must hold integers");
    content = usual(N_TRAIN, 1);
    content.label = 255;
    refuse_train(content, "a label is 255, allowed are 0 to 254");
    content.label = -2;
    refuse_train(content, "a label is -2, allowed are 0 to 254");
    content = usual(N_TRAIN, 1);
    content.n_labels = N_TRAIN - 1;
    refuse_train(content, "has 6 labels, but 7 images");
    content = usual(N_TRAIN, 1);
    content.packing = BY_OFFSET;
    refuse_train(content, "\"images\" is packed by filters other than");
    content = usual(N_TRAIN, 3);
    refuse_train(content, "test.h5: images of 5 x 4 x 1, but those of");
    content = usual(1, 1);
    refuse_train(content, "all labels are 0");
    struct data_scene scene = data_scene_make();
    write_set(&scene, 1);
    content = usual(N_TEST, 1);
    content.label = 3;
    write_content(&scene, "test.h5", content);
    data_scene_refused(&scene, choose(&scene), STATUS_INVALID,
                       "test.h5: a label is 3, allowed are 0 to 2");
    data_scene_remove(&scene);
}

/* A file that claims images without having them, or none. */
static void claim(struct data_scene *scene, int rank, const hsize_t *extent,
                  bool chunked)
{
    hid_t file;
    hsize_t chunk[5] = {1, 1, 1, 1, 1}, n_labels = 1;
    const char *path = scratch_path(&scene->scratch, "train.h5");
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    file = make_file(path);
    hid_t space = H5Screate_simple(rank, extent, NULL);
    if (chunked)
        H5Pset_chunk(list, rank, chunk);
    H5Dclose(H5Dcreate2(file, "images", H5T_STD_U8LE, space, H5P_DEFAULT, list,
                        H5P_DEFAULT));
    put(file, "labels", H5T_STD_U8LE, H5T_NATIVE_UCHAR, 1, &n_labels, PLAIN,
        NULL);
    H5Sclose(space);
    H5Pclose(list);
    H5Fclose(file);
}

static void claims_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const struct {
        int rank;
        hsize_t extent[5];
        enum status status;
        const char *part;
    } cases[] = {
        {2, {7, 20}, STATUS_INVALID, "has 2 dimensions, allowed are 3 to 4"},
        {5, {7, 5, 4, 1, 1}, STATUS_INVALID, "has 5 dimensions"},
        {3, {0, 5, 4}, STATUS_INVALID, "claims 0 images"},
        {3, {1, 5000, 4}, STATUS_INVALID, "claims 5000 rows"},
        {4, {1, 5, 4, 65}, STATUS_INVALID, "claims 65 channels"},
        {3, {100000001, 1, 1}, STATUS_INVALID, "claims 100000001 images"},
        {3, {90000000, 4096, 4096}, STATUS_DAMAGED, "bytes can hold"}};
    struct data_scene scene = data_scene_make();
    write_set(&scene, 1);
    for (size_t i = 0; i < KIND_COUNT(cases); i++) {
        claim(&scene, cases[i].rank, cases[i].extent, true);
        data_scene_refused(&scene, choose(&scene), cases[i].status,
                           cases[i].part);
    }
    data_scene_remove(&scene);
}

/* Deflated well, but less than the chunk that it stands for. */
static void a_piece_that_unpacks_to_less_is_refused(void **state)
{
    (void)state;
    enum { N_BYTES = 7 * H * W };
    hid_t file;
    hsize_t extent[3] = {7, H, W}, origin[3] = {0}, n_labels = 7;
    unsigned char pixels[N_BYTES] = {1, 2, 3}, packed[4 * N_BYTES];
    struct data_scene scene = data_scene_make();
    const char *path = scratch_path(&scene.scratch, "train.h5");
    for (size_t less = 0; less < 2; less++) {
        uLongf n = sizeof packed;
        write_set(&scene, 0);
        assert_int_equal(compress(packed, &n, pixels, N_BYTES - less), Z_OK);
        file = make_file(path);
        hid_t list = H5Pcreate(H5P_DATASET_CREATE);
        hid_t space = H5Screate_simple(3, extent, NULL);
        H5Pset_chunk(list, 3, extent);
        H5Pset_deflate(list, 6);
        hid_t set = H5Dcreate2(file, "images", H5T_STD_U8LE, space,
                               H5P_DEFAULT, list, H5P_DEFAULT);
        assert_true(H5Dwrite_chunk(set, H5P_DEFAULT, 0, origin, n, packed) >=
                    0);
        put(file, "labels", H5T_STD_U8LE, H5T_NATIVE_UCHAR, 1, &n_labels,
            PLAIN, pixels);
        H5Dclose(set);
        H5Sclose(space);
        H5Pclose(list);
        H5Fclose(file);
        if (less)
            data_scene_refused(&scene, choose(&scene), STATUS_DAMAGED,
                               "its piece 0 does not unpack to 140 bytes");
        else
            assert_int_equal(data_scene_open(&scene, choose(&scene)).train.n,
                             7);
    }
    data_scene_remove(&scene);
}

static void files_cut_short_are_refused(void **state)
{
    (void)state;
    struct data_scene scene = data_scene_make();
    write_set(&scene, 1);
    struct bytes bytes =
        scratch_read(scratch_path(&scene.scratch, "train.h5"));
    for (size_t n = 0; n < bytes.n; n += n < 600 ? 7 : 97) {
        data_scene_write(&scene, "train.h5", bytes.at, n);
        data_scene_refused(&scene, choose(&scene), STATUS_DAMAGED, "train.h5");
    }
    bytes_free(&bytes);
    data_scene_remove(&scene);
}

/* In a process of its own, should the library not survive what it reads. */
static int open_in_child(void *self)
{
    struct data_scene *scene = self;
    struct data_set data;
    for (int i = 0; i < 2; i++) /* cmocka has handlers of its own */
        signal(i ? SIGSEGV : SIGFPE, SIG_DFL);
    struct choice choice = choose(scene);
    if (dataset_open(&choice, &scene->arena, &data) == STATUS_OK)
        return 0;
    return strstr(status_reason(), "train.h5") ? 1 : 2;
}

static void damaged_files_do_no_harm(void **state)
{
    (void)state;
    size_t n_refused = 0;
    struct data_scene scene = data_scene_make();
    write_set(&scene, 1);
    struct bytes whole =
        scratch_read(scratch_path(&scene.scratch, "train.h5"));
    for (uint64_t seed = 0; seed < scratch_n_seeds(200); seed++) {
        struct bytes bytes = {0};
        bytes_append(&bytes, whole.at, whole.n);
        scratch_damage(&bytes, seed);
        data_scene_write(&scene, "train.h5", bytes.at, bytes.n);
        bytes_free(&bytes);
        int result = scratch_fork(open_in_child, &scene);
        if (result > 1)
            print_message("seed %d: %d\n", (int)seed, result);
        assert_true(result <= 1);
        n_refused += result == 1;
    }
    assert_true(n_refused > 20);
    bytes_free(&whole);
    data_scene_remove(&scene);
}

static void missing_files_and_datasets_are_named(void **state)
{
    (void)state;
    hid_t file;
    struct data_scene scene = data_scene_make();
    write_set(&scene, 1);
    const char *path = scratch_path(&scene.scratch, "test.h5");
    file = make_file(path);
    H5Fclose(file);
    data_scene_refused(&scene, choose(&scene), STATUS_INVALID,
                       "test.h5: has no dataset \"images\"");
    unlink(path);
    data_scene_refused(&scene, choose(&scene), STATUS_NOT_FOUND,
                       "test.h5: no such file");
    data_scene_remove(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_of_three_and_four_dimensions_are_read),
        cmocka_unit_test(datasets_may_be_in_pieces_or_whole),
        cmocka_unit_test(a_packed_file_is_read_like_any_other),
        cmocka_unit_test(what_is_no_image_or_label_is_refused),
        cmocka_unit_test(claims_that_cannot_be_are_refused),
        cmocka_unit_test(a_piece_that_unpacks_to_less_is_refused),
        cmocka_unit_test(files_cut_short_are_refused),
        cmocka_unit_test(damaged_files_do_no_harm),
        cmocka_unit_test(missing_files_and_datasets_are_named),
    };
    return cmocka_run_group_tests_name("dataset_hdf5", tests, NULL, NULL);
}

/* Tensors in PyTorch's order, out (io/weights_file.h) and in (io/state_file.h);
 * recordings of events in one file (io/events_file.h). */
#include "io/durable.h"
#include "io/hdf5_put.h"
#include "io/hdf5_util.h"
#include "io/state_file.h"
#include "io/weights_file.h"
#include "tests/chain_scene.h"
#include "tests/recordings.h"
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

static const char *const networks[] = {
    "network = csnn\nnetwork.channels = [3]\nnetwork.hidden = [6]\n"
    "normalization = none\n",
    "network = csnn\nnetwork.channels = [3, 4]\nnormalization = bntt\n"
    "network.n_steps = 3\nneuron = feel\n",
    "network = resnet19\nnetwork.width = 2\nnormalization = tdbn\n",
    "network = mlp\nneuron = plif\nattention = temporal_channel\n",
};

/* Numbers only change their places, of networks of any kind. */
static void tensors_that_go_out_come_in_bit_for_bit(void **state)
{
    (void)state;
    for (size_t i = 0; i < KIND_COUNT(networks); i++) {
        struct chain_scene scene = chain_scene_make(networks[i]);
        struct weights back;
        const char *unused = "";
        assert_int_equal(weights_file_write(scene.path, &scene.spec,
                                            &scene.data, &scene.weights),
                         STATUS_OK);
        if (state_file_read(scene.path, NULL, &scene.spec, &scene.data,
                            &scene.arena, &back, &unused) != STATUS_OK)
            fail_msg("network %zu: %s", i, status_reason());
        assert_string_equal(unused, "");
        assert_int_equal(back.n, scene.weights.n);
        assert_memory_equal(back.at, scene.weights.at,
                            back.n * sizeof *back.at);
        chain_scene_remove(&scene);
    }
}

/* A convolution with a bias, its normalization, and the read-out, under other
 * names, written in no useful order. */
static void write_state(const char *path, size_t n_out)
{
    hid_t file;
    static float zeros[1024];
    size_t kernel[4] = {n_out, 2, 3, 3}, readout[2] = {5, n_out * 4 * 3};
    const float bias[3] = {0.5f, -1}, mean[3] = {2, 3}, variance[3] = {1, 4};
    assert_int_equal(hdf5_create(path, path, &file), STATUS_OK);
    hid_t group = hdf5_make_group(file, "state_dict");
    zeros[7] = 7;
    hdf5_put_floats(group, "net.2.weight", 4, kernel, zeros);
    hdf5_put_floats(group, "net.2.bias", 1, kernel, bias);
    hdf5_put_floats(group, "net.3.running_mean", 1, kernel, mean);
    hdf5_put_floats(group, "net.3.running_var", 1, kernel, variance);
    hdf5_put_integer(group, "net.3.num_batches_tracked", 9);
    hdf5_put_floats(group, "net.10.weight", 2, readout, zeros);
    assert_int_equal(hdf5_close(file, path), STATUS_OK);
}

#define SMALL                                                                  \
    "network = layers\nnetwork.layers = \"2C3-AP2\"\nnormalization = batch\n"

static float value_of(const struct chain_scene *scene,
                      const struct weights *weights, const char *name,
                      size_t i)
{
    static struct tensor_place places[TRIAL_TENSORS_MAX];
    size_t n = trial_places(&scene->spec, &scene->data, places);
    for (size_t k = 0; k < n; k++)
        if (strcmp(places[k].name, name) == 0)
            return weights->at[places[k].offset + i];
    fail_msg("no tensor %s", name);
    return 0;
}

static void modules_go_by_their_order_and_a_bias_into_the_mean(void **state)
{
    (void)state;
    struct chain_scene scene = chain_scene_make(SMALL);
    struct weights weights;
    const char *unused = "";
    write_state(scene.path, 2);
    if (state_file_read(scene.path, NULL, &scene.spec, &scene.data,
                        &scene.arena, &weights, &unused) != STATUS_OK)
        fail_msg("%s", status_reason());
    assert_string_equal(unused, "net.3.num_batches_tracked");
    assert_true(value_of(&scene, &weights, "block0.running_mean", 0) == 1.5f);
    assert_true(value_of(&scene, &weights, "block0.running_mean", 1) == 4.0f);
    assert_true(value_of(&scene, &weights, "block0.running_variance", 1) == 4);
    assert_true(value_of(&scene, &weights, "block0.scale", 0) == 1.0f);
    assert_true(value_of(&scene, &weights, "block0.shift", 1) == 0.0f);
    /* [o 0][i 0][y 2][x 1] is [2][1][0][0] here. */
    assert_true(value_of(&scene, &weights, "block0.weight",
                         (2 * 3 + 1) * 2 * 2) == 7.0f);
    chain_scene_remove(&scene);
}

static void assert_refused(const char *network, size_t n_out, const char *map,
                           const char *part)
{
    struct chain_scene scene = chain_scene_make(network);
    struct weights weights;
    const char *unused = "", *map_path = NULL;
    write_state(scene.path, n_out);
    if (map) {
        map_path = scratch_path(&scene.scratch, "map.txt");
        scratch_write(map_path, map, strlen(map));
    }
    assert_int_equal(state_file_read(scene.path, map_path, &scene.spec,
                                     &scene.data, &scene.arena, &weights,
                                     &unused),
                     STATUS_INVALID);
    if (!strstr(status_reason(), part))
        fail_msg("\"%s\" does not say \"%s\"", status_reason(), part);
    chain_scene_remove(&scene);
}

static void what_does_not_fit_is_refused_by_name(void **state)
{
    (void)state;
    assert_refused(SMALL, 3, NULL,
                   "tensor net.2.weight is 3 x 2 x 3 x 3, allowed is 2 x 2 x "
                   "3 x 3, which is block0.weight");
    assert_refused("network = mlp\nnetwork.hidden = [4, 4]\n", 2, NULL,
                   "has 2 weights of two or four dimensions, allowed are 3");
    assert_refused(SMALL, 2, "block0.weight = nobody\n",
                   "has no tensor nobody");
    assert_refused(SMALL, 2, "block0.weight\n", "allowed are lines OURS");
    assert_refused(SMALL, 2, "block0.weight = net.10.weight\n",
                   "tensor net.10.weight is 5 x 24");
}

/* events -------------------------------------------------------------- */

static void recordings_come_back_with_their_bytes(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct arena arena = arena_open();
    const char *path = scratch_path(&scratch, "events.h5");
    /* The last one is longer than what is written or read at a time. */
    static unsigned char bytes[50 + 5 * (HDF5_PART + 7)];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 37 + i / 251 + 5);
    struct recordings all = {0};
    recordings_add(&all, "Train/3/a.bin", 3, bytes, 35);
    recordings_add(&all, "b.bs2", EVENTS_LABEL_UNKNOWN, bytes, 0);
    recordings_add(&all, "c.bs2", 9, bytes + 35, 15);
    recordings_add(&all, "d.bs2", 0, bytes + 50, sizeof bytes - 50);
    struct events_set set = recordings_set(&all), back;
    struct bytes taken = {NULL, 0, 0};
    assert_int_equal(events_file_write(path, &set), STATUS_OK);
    assert_int_equal(events_file_open(path, &arena, &back), STATUS_OK);
    assert_int_equal(back.n, all.n);
    for (size_t k = 0; k < 2 * all.n; k++) { /* in order, and then again */
        size_t i = k % all.n;
        taken.n = 0;
        assert_string_equal(back.at[i].name, all.at[i].name);
        assert_int_equal(back.at[i].label, all.at[i].label);
        assert_int_equal(back.at[i].n_bytes, all.at[i].n_bytes);
        assert_int_equal(back.take(back.self, i, &taken), STATUS_OK);
        assert_int_equal(taken.n, all.at[i].n_bytes);
        if (taken.n > 0)
            assert_memory_equal(taken.at, all.bytes[i], taken.n);
    }
    bytes_free(&taken);
    events_set_close(&back);
    arena_close(&arena);
    scratch_remove(&scratch);
}

static void names_that_lead_out_of_the_folder_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"../a.bin", "/a.bin",  "a/../../b.bin",
                                        "a//b.bin", "a/./b.bin", ""};
    struct scratch scratch = scratch_make();
    struct arena arena = arena_open();
    const char *path = scratch_path(&scratch, "events.h5");
    unsigned char bytes[5] = {1, 2, 3, 4, 5};
    for (size_t i = 0; i < KIND_COUNT(names); i++) {
        struct recordings one = {0};
        recordings_add(&one, names[i], 1, bytes, 5);
        struct events_set set = recordings_set(&one), back;
        assert_int_equal(events_file_write(path, &set), STATUS_OK);
        assert_int_equal(events_file_open(path, &arena, &back),
                         STATUS_INVALID);
        assert_non_null(strstr(status_reason(), "below a folder"));
    }
    arena_close(&arena);
    scratch_remove(&scratch);
}

enum { CANNOT_MOUNT = 99, ROOM = 1 << 20 };

/* Of 2 MB that deflate cannot make smaller, one fits. */
static int fill_disk(void *self)
{
    static unsigned char bytes[2 * ROOM / 5 * 5];
    struct scratch *scratch = self;
    struct recordings one = {0};
    if (!scratch_mount_small(scratch->folder, ROOM))
        return CANNOT_MOUNT;
    for (size_t i = 0; i < sizeof bytes; i++) {
        uint64_t at = i;
        bytes[i] = (unsigned char)digest_of(&at, sizeof at).low;
    }
    recordings_add(&one, "a.bin", 1, bytes, sizeof bytes);
    struct events_set set = recordings_set(&one);
    const char *path = scratch_path(scratch, "events.h5");
    if (events_file_write(path, &set) != STATUS_FULL)
        return __LINE__;
    if (!strstr(status_reason(), "events.h5: cannot write the file: No space"))
        return __LINE__;
    if (scratch_count(scratch->folder, "") != 0)
        return __LINE__;
    /* Not by HDF5, which has lost its way in this process. */
    return durable_write(path, bytes, ROOM - (64 << 10)) == STATUS_OK
               ? 0
               : __LINE__;
}

static void of_a_full_disk_is_said_that_and_nothing_is_left(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    int result = scratch_fork(fill_disk, &scratch);
    scratch_remove(&scratch);
    if (result == CANNOT_MOUNT) {
        puts("[  SKIP  ] mounting is not allowed here");
        skip();
    }
    assert_int_equal(result, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tensors_that_go_out_come_in_bit_for_bit),
        cmocka_unit_test(modules_go_by_their_order_and_a_bias_into_the_mean),
        cmocka_unit_test(what_does_not_fit_is_refused_by_name),
        cmocka_unit_test(recordings_come_back_with_their_bytes),
        cmocka_unit_test(names_that_lead_out_of_the_folder_are_refused),
        cmocka_unit_test(of_a_full_disk_is_said_that_and_nothing_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "core/dataset.h"
#include "io/dataset.h"
#include "io/durable.h"
#include "tests/data_files.h"
#include "tests/data_scene.h"
#include "tests/test.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SIDE = 34 };

struct event {
    unsigned x, y, polarity, time_us;
};

static size_t pack(const struct event *events, size_t n, unsigned char *bytes)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char *at = bytes + 5 * i;
        at[0] = (unsigned char)events[i].x;
        at[1] = (unsigned char)events[i].y;
        at[2] = (unsigned char)(events[i].polarity << 7 |
                                (events[i].time_us >> 16 & 127));
        at[3] = (unsigned char)(events[i].time_us >> 8);
        at[4] = (unsigned char)events[i].time_us;
    }
    return 5 * n;
}

static void write_events(struct data_scene *scene, const char *name,
                         const struct event *events, size_t n)
{
    unsigned char bytes[5 * 32];
    MUST(n <= 32);
    data_scene_write(scene, name, bytes, pack(events, n, bytes));
}

static void write_text(struct data_scene *scene, const char *name,
                       const char *text)
{
    data_scene_write(scene, name, text, strlen(text));
}

static const char *dirname_of(struct data_scene *scene, const char *path)
{
    size_t n = (size_t)(strrchr(path, '/') - path);
    return arena_print(&scene->arena, "%.*s", (int)n, path);
}

/* From 1,000,000 us on, for 400,000: quarters begin at 1,100,000 and so on.
 * Three events of one pixel and polarity fall into the first. */
static const struct event golden[] = {
    {3, 5, 1, 1000000},  {3, 5, 1, 1000010},  {3, 5, 1, 1099999},
    {3, 5, 0, 1099999},  {33, 0, 0, 1100000}, {0, 33, 1, 1250000},
    {12, 7, 1, 1399998}, {12, 7, 1, 1399999}};

enum { N_GOLDEN = KIND_COUNT(golden) };

static void write_set(struct data_scene *scene)
{
    static const struct event single = {1, 2, 1, 0};
    write_events(scene, "1.bs2", golden, N_GOLDEN);
    write_events(scene, "20.bs2", &single, 1);
    write_text(scene, "train1K.txt", "#sample #class\r\n1\t7\r\n");
    write_text(scene, "test100.txt", "20  3\n");
}

static struct choice choose(struct data_scene *scene, const char *n_frames,
                            const char *saturation, const char *slices)
{
    const char *folder =
        arena_print(&scene->arena, "\"%s\"", scene->scratch.folder);
    return data_choice(&scene->arena, "nmnist", "folder", folder, "n_frames",
                       n_frames, "saturation", saturation, "slices", slices,
                       NULL);
}

struct pixel {
    size_t frame, x, y, polarity;
    uint8_t value;
};

/* These pixels, and all others dark. */
static void expect_pixels(const struct data_set *data, const uint8_t *image,
                          const struct pixel *pixels, size_t n_pixels)
{
    size_t sum = 0, expected = 0, n_channels = data->shape.n_channels;
    for (size_t i = 0; i < image_size(data->shape); i++)
        sum += image[i];
    for (size_t i = 0; i < n_pixels; i++) {
        const struct pixel *pixel = &pixels[i];
        size_t at = (pixel->y * SIDE + pixel->x) * n_channels +
                    2 * pixel->frame + pixel->polarity;
        assert_int_equal(image[at], pixel->value);
        expected += pixel->value;
    }
    assert_int_equal(sum, expected);
}

static void events_fall_into_frames_of_equal_duration(void **state)
{
    (void)state;
    static const struct pixel pixels[] = {{0, 3, 5, 1, 255}, {0, 3, 5, 0, 255},
                                          {1, 33, 0, 0, 255},
                                          {2, 0, 33, 1, 255},
                                          {3, 12, 7, 1, 255}};
    static const struct pixel single[] = {{0, 1, 2, 1, 255}};
    struct data_scene scene = data_scene_make();
    write_set(&scene);
    struct data_set data =
        data_scene_open(&scene, choose(&scene, "4", "1", "time"));
    assert_int_equal(data.shape.height, SIDE);
    assert_int_equal(data.shape.width, SIDE);
    assert_int_equal(data.shape.n_channels, 8);
    assert_int_equal(data.n_classes, 10);
    assert_int_equal(data.train.n, 1);
    assert_int_equal(data.train.labels[0], 7);
    assert_int_equal(data.test.labels[0], 3);
    expect_pixels(&data, data.train.images, pixels, KIND_COUNT(pixels));
    expect_pixels(&data, data.test.images, single, 1);
    data_scene_remove(&scene);
}

/* 255/4 and 3 255/4 rounded. */
static void counts_are_in_proportion_to_saturation(void **state)
{
    (void)state;
    static const struct pixel pixels[] = {{0, 3, 5, 1, 191}, {0, 3, 5, 0, 64},
                                          {0, 33, 0, 0, 64}, {1, 0, 33, 1, 64},
                                          {1, 12, 7, 1, 128}};
    static const struct pixel low[] = {{0, 3, 5, 1, 255}, {0, 3, 5, 0, 128},
                                       {0, 33, 0, 0, 128}, {1, 0, 33, 1, 128},
                                       {1, 12, 7, 1, 255}};
    struct data_scene scene = data_scene_make();
    write_set(&scene);
    struct data_set data =
        data_scene_open(&scene, choose(&scene, "2", "4", "time"));
    expect_pixels(&data, data.train.images, pixels, KIND_COUNT(pixels));
    data = data_scene_open(&scene, choose(&scene, "2", "2", "time"));
    expect_pixels(&data, data.train.images, low, KIND_COUNT(low));
    data_scene_remove(&scene);
}

static void events_fall_into_frames_of_equally_many(void **state)
{
    (void)state;
    static const struct pixel pixels[] = {
        {0, 3, 5, 1, 170}, {1, 3, 5, 1, 85}, {1, 3, 5, 0, 85},
        {2, 33, 0, 0, 85}, {2, 0, 33, 1, 85}, {3, 12, 7, 1, 170}};
    struct data_scene scene = data_scene_make();
    write_set(&scene);
    struct data_set data =
        data_scene_open(&scene, choose(&scene, "4", "3", "events"));
    expect_pixels(&data, data.train.images, pixels, KIND_COUNT(pixels));
    data_scene_remove(&scene);
}

/* As N-MNIST comes; what is no recording is left alone. */
static void folders_of_classes_do_for_lists(void **state)
{
    (void)state;
    static const struct event one = {1, 2, 1, 0}, two = {5, 6, 0, 0};
    static const struct pixel of_one[] = {{0, 1, 2, 1, 255}};
    static const struct pixel of_two[] = {{0, 5, 6, 0, 255}};
    struct data_scene scene = data_scene_make();
    const char *folder = scene.scratch.folder;
    for (int i = 0; i < 20; i++) {
        const char *path = arena_print(&scene.arena, "%s/%s/%d", folder,
                                       i < 10 ? "Train" : "Test", i % 10);
        assert_int_equal(durable_make_folder(dirname_of(&scene, path)),
                         STATUS_OK);
        assert_int_equal(durable_make_folder(path), STATUS_OK);
    }
    struct choice choice = data_choice(
        &scene.arena, "nmnist", "folder",
        arena_print(&scene.arena, "\"%s\"", folder), "n_frames", "1",
        "train_list", "\"\"", "test_list", "\"\"", NULL);
    data_scene_refused(&scene, choice, STATUS_DAMAGED,
                       "Train: there is no recording in its folders");
    write_events(&scene, "Train/8/00002.bin", &one, 1);
    write_events(&scene, "Test/0/00001.bin", &two, 1);
    write_text(&scene, "Train/8/readme.txt", "not a recording");
    struct data_set data = data_scene_open(&scene, choice);
    assert_int_equal(data.train.n, 1);
    assert_int_equal(data.test.n, 1);
    assert_int_equal(data.train.labels[0], 8);
    assert_int_equal(data.test.labels[0], 0);
    expect_pixels(&data, data.train.images, of_one, 1);
    expect_pixels(&data, data.test.images, of_two, 1);
    write_events(&scene, "Train/3/00009.bin", &two, 1);
    data = data_scene_open(&scene, choice);
    assert_int_equal(data.train.n, 2);
    assert_int_equal(data.train.labels[0] + data.train.labels[1], 11);
    rmdir(scratch_path(&scene.scratch, "Train/4"));
    data_scene_refused(&scene, choice, STATUS_NOT_FOUND, "Train/4");
    data_scene_remove(&scene);
}

static void a_changed_recording_is_read_anew(void **state)
{
    (void)state;
    static const struct event other = {9, 9, 0, 5};
    static const struct pixel pixels[] = {{0, 9, 9, 0, 255}};
    struct data_scene scene = data_scene_make();
    write_set(&scene);
    struct choice choice = choose(&scene, "1", "1", "time");
    struct data_set before = data_scene_open(&scene, choice);
    write_events(&scene, "20.bs2", &other, 1);
    struct data_set after = data_scene_open(&scene, choice);
    assert_false(digest_equal(before.fingerprint, after.fingerprint));
    expect_pixels(&after, after.test.images, pixels, 1);
    data_scene_remove(&scene);
}

/* refusals ------------------------------------------------------------- */

static void recordings_that_lie_are_refused(void **state)
{
    (void)state;
    static const struct {
        struct event events[2];
        const char *part;
    } cases[] = {
        {{{0, 0, 0, 0}, {34, 0, 0, 1}}, "event 1 is at (34, 0), allowed are"},
        {{{0, 240, 0, 0}, {0, 0, 0, 1}}, "event 0 is at (0, 240), allowed are"},
        {{{0, 0, 0, 70000}, {0, 0, 0, 69999}},
         "event 1 is at 69999 us, before the one before it at 70000 us"}};
    struct data_scene scene = data_scene_make();
    struct choice choice = choose(&scene, "4", "1", "time");
    for (size_t i = 0; i < KIND_COUNT(cases); i++) {
        write_set(&scene);
        write_events(&scene, "20.bs2", cases[i].events, 2);
        data_scene_refused(&scene, choice, STATUS_INVALID, cases[i].part);
        assert_non_null(strstr(status_reason(), "20.bs2"));
    }
    data_scene_remove(&scene);
}

static void recordings_cut_short_are_refused(void **state)
{
    (void)state;
    unsigned char bytes[5 * N_GOLDEN];
    struct data_scene scene = data_scene_make();
    struct choice choice = choose(&scene, "4", "1", "time");
    pack(golden, N_GOLDEN, bytes);
    write_set(&scene);
    for (size_t n = 0; n < sizeof bytes; n++) {
        data_scene_write(&scene, "1.bs2", bytes, n);
        if (n > 0 && n % 5 == 0)
            data_scene_open(&scene, choice);
        else
            data_scene_refused(&scene, choice, STATUS_DAMAGED,
                               "not a whole number of events of 5 bytes");
    }
    unlink(scratch_path(&scene.scratch, "1.bs2"));
    data_scene_refused(&scene, choice, STATUS_NOT_FOUND,
                       "1.bs2: no such file");
    data_scene_remove(&scene);
}

static void lists_that_are_none_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
    } cases[] = {{"1 7\n1 10\n", "test100.txt:2: is not a recording's number"},
                 {"#\n1\n", "test100.txt:2: is not"},
                 {"1 x\n", "test100.txt:1: is not"},
                 {"-1 7\n", "test100.txt:1: is not"},
                 {"../1 7\n", "test100.txt:1: is not"},
                 {"1 7 7\n", "test100.txt:1: is not"},
                 {"9999999999 1\n", "test100.txt:1: is not"},
                 {"2 1\n", "2.bs2: no such file"}};
    struct data_scene scene = data_scene_make();
    struct choice choice = choose(&scene, "4", "1", "time");
    write_set(&scene);
    for (size_t i = 0; i < KIND_COUNT(cases); i++) {
        write_text(&scene, "test100.txt", cases[i].text);
        data_scene_refused(&scene, choice,
                           i < 7 ? STATUS_INVALID : STATUS_NOT_FOUND,
                           cases[i].part);
    }
    write_text(&scene, "test100.txt", "# nothing\n\n");
    data_scene_refused(&scene, choice, STATUS_DAMAGED, "lists no recording");
    data_scene_write(&scene, "test100.txt", "1 7\n\0 8\n", 8);
    data_scene_refused(&scene, choice, STATUS_INVALID, "not a text");
    unlink(scratch_path(&scene.scratch, "test100.txt"));
    data_scene_refused(&scene, choice, STATUS_NOT_FOUND, "test100.txt");
    data_scene_remove(&scene);
}

/* Read or refused with a reason that names the file; nothing else happens. */
static void damaged_files_do_no_harm(void **state)
{
    (void)state;
    static const char *const names[] = {"1.bs2", "train1K.txt"};
    struct data_scene scene = data_scene_make();
    struct choice choice = choose(&scene, "4", "1", "time");
    size_t n_refused = 0;
    for (uint64_t seed = 0; seed < scratch_n_seeds(200); seed++) {
        struct data_set data;
        write_set(&scene);
        const char *name = names[seed % 2];
        struct bytes bytes = scratch_read(scratch_path(&scene.scratch, name));
        scratch_damage(&bytes, seed);
        data_scene_write(&scene, name, bytes.at, bytes.n);
        bytes_free(&bytes);
        if (dataset_open(&choice, &scene.arena, &data) == STATUS_OK)
            continue;
        n_refused++;
        assert_true(strstr(status_reason(), name) ||
                    strstr(status_reason(), ".bs2: no such file"));
    }
    assert_true(n_refused > 20);
    data_scene_remove(&scene);
}

/* the real thing -------------------------------------------------------- */

static void the_real_nmnist_is_read(void **state)
{
    (void)state;
    struct data_scene scene = data_scene_make();
    const char *folder = data_scene_real(&scene, "nmnist", "train1K.txt");
    if (!folder) {
        data_scene_remove(&scene);
        skip();
    }
    struct data_set data = data_scene_open(
        &scene, data_choice(&scene.arena, "nmnist", "folder",
                            arena_print(&scene.arena, "\"%s\"", folder),
                            "n_frames", "10", "saturation", "255", NULL));
    assert_int_equal(data.train.n, 1000);
    assert_int_equal(data.test.n, 100);
    uint64_t n_events = 0, n_on = 0, n_lit[10] = {0};
    for (size_t i = 0; i < 1000 * image_size(data.shape); i++) {
        n_events += data.train.images[i];
        n_on += i % 2 ? data.train.images[i] : 0;
        n_lit[i % 20 / 2] += data.train.images[i] > 0;
    }
    /* Some 4,100 events a recording, of both polarities, in every frame. */
    assert_true(n_events > 3800000 && n_events < 4400000);
    assert_true(n_on > n_events * 4 / 10 && n_on < n_events * 6 / 10);
    for (size_t t = 0; t < 10; t++)
        assert_true(n_lit[t] > 1000 * 20);
    data_scene_remove(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_fall_into_frames_of_equal_duration),
        cmocka_unit_test(counts_are_in_proportion_to_saturation),
        cmocka_unit_test(events_fall_into_frames_of_equally_many),
        cmocka_unit_test(folders_of_classes_do_for_lists),
        cmocka_unit_test(a_changed_recording_is_read_anew),
        cmocka_unit_test(recordings_that_lie_are_refused),
        cmocka_unit_test(recordings_cut_short_are_refused),
        cmocka_unit_test(lists_that_are_none_are_refused),
        cmocka_unit_test(damaged_files_do_no_harm),
        cmocka_unit_test(the_real_nmnist_is_read),
    };
    return cmocka_run_group_tests_name("dataset_events", tests, NULL, NULL);
}

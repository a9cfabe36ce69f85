#include "core/dataset.h"
#include "tests/data_files.h"
#include "tests/data_scene.h"
#include "tests/test.h"

#include <string.h>

/* 30 training samples in 3 classes, 10 of each. */
enum { N = 30, N_CLASSES = 3 };

static struct data_scene make_scene(void)
{
    struct data_scene scene = data_scene_make();
    idx_files_write(scene.scratch.folder, &idx_files_small);
    return scene;
}

static struct choice choose(struct data_scene *scene, const char *n_validation,
                            const char *seed, const char *n_train,
                            const char *n_test)
{
    const char *folder =
        arena_print(&scene->arena, "\"%s\"", scene->scratch.folder);
    return data_choice(&scene->arena, "idx", "folder", folder, "n_validation",
                       n_validation, "validation_seed", seed, "n_train",
                       n_train, "n_test", n_test, NULL);
}

/* Where the samples of a split lie among all; counts by class. */
static void find_places(const struct data_set *whole,
                        const struct data_set *data, const struct split *split,
                        bool seen[N], size_t counts[N_CLASSES])
{
    size_t size = image_size(data->shape);
    memset(counts, 0, N_CLASSES * sizeof *counts);
    for (size_t i = 0; i < split->n; i++) {
        float image[64];
        uint8_t label, pixels[64];
        uint32_t id = (uint32_t)i;
        MUST(size <= 64);
        data_gather(data, split, 1, &id, image, &label);
        for (size_t k = 0; k < size; k++)
            pixels[k] = (uint8_t)(image[k] * 255.0f + 0.5f);
        size_t at = data_find_image(whole->train.images, N, size, pixels);
        assert_true(at < N && !seen[at]);
        assert_int_equal(label, whole->train.labels[at]);
        seen[at] = true;
        counts[label]++;
    }
}

static void held_out_samples_are_balanced_and_not_learned(void **state)
{
    (void)state;
    struct data_scene scene = make_scene();
    struct data_set whole =
        data_scene_open(&scene, choose(&scene, "0", "0", "0", "0"));
    for (size_t n_held = 1; n_held < N; n_held++) {
        bool seen[N] = {false};
        size_t held[N_CLASSES], left[N_CLASSES];
        struct data_set data = data_scene_open(
            &scene, choose(&scene, arena_print(&scene.arena, "%zu", n_held),
                           "5", "0", "0"));
        assert_int_equal(data.test.n, n_held);
        assert_int_equal(data.train.n, N - n_held);
        find_places(&whole, &data, &data.test, seen, held);
        find_places(&whole, &data, &data.train, seen, left);
        for (size_t k = 0; k < N_CLASSES; k++) {
            assert_true(held[k] == n_held / 3 || held[k] == n_held / 3 + 1);
            assert_int_equal(held[k] + left[k], N / N_CLASSES);
        }
        assert_true(digest_equal(data.fingerprint, whole.fingerprint));
    }
    data_scene_remove(&scene);
}

static void subsets_of_both_are_balanced(void **state)
{
    (void)state;
    struct data_scene scene = make_scene();
    struct data_set whole =
        data_scene_open(&scene, choose(&scene, "0", "0", "0", "0"));
    struct data_set data =
        data_scene_open(&scene, choose(&scene, "12", "1", "6", "9"));
    bool seen[N] = {false};
    size_t counts[N_CLASSES];
    find_places(&whole, &data, &data.test, seen, counts);
    assert_true(counts[0] == 3 && counts[1] == 3 && counts[2] == 3);
    find_places(&whole, &data, &data.train, seen, counts);
    assert_true(counts[0] == 2 && counts[1] == 2 && counts[2] == 2);
    data_scene_remove(&scene);
}

static void the_seed_decides(void **state)
{
    (void)state;
    struct data_scene scene = make_scene();
    struct data_set a =
        data_scene_open(&scene, choose(&scene, "9", "1", "0", "0"));
    struct data_set again =
        data_scene_open(&scene, choose(&scene, "9", "1", "0", "0"));
    struct data_set b =
        data_scene_open(&scene, choose(&scene, "9", "2", "0", "0"));
    assert_memory_equal(a.test.index, again.test.index, 9 * sizeof(uint32_t));
    assert_memory_not_equal(a.test.index, b.test.index, 9 * sizeof(uint32_t));
    data_scene_remove(&scene);
}

static void too_many_are_refused(void **state)
{
    (void)state;
    struct data_scene scene = make_scene();
    data_scene_refused(&scene, choose(&scene, "30", "0", "0", "0"),
                       STATUS_INVALID,
                       "n_validation is 30, but there are 30 training samples; "
                       "allowed are 0 to 29");
    data_scene_refused(&scene, choose(&scene, "10", "0", "21", "0"),
                       STATUS_INVALID, "n_train is 21, but there are 20");
    data_scene_refused(&scene, choose(&scene, "10", "0", "0", "11"),
                       STATUS_INVALID, "n_test is 11, but there are 10");
    data_scene_remove(&scene);
}

static void a_made_set_makes_them_besides(void **state)
{
    (void)state;
    struct data_scene scene = data_scene_make();
    struct data_set data = data_scene_open(
        &scene, data_choice(&scene.arena, "synthetic", "n_train", "40",
                            "n_validation", "12", NULL));
    assert_int_equal(data.train.n, 40);
    assert_int_equal(data.test.n, 12);
    data_scene_remove(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(held_out_samples_are_balanced_and_not_learned),
        cmocka_unit_test(subsets_of_both_are_balanced),
        cmocka_unit_test(the_seed_decides),
        cmocka_unit_test(too_many_are_refused),
        cmocka_unit_test(a_made_set_makes_them_besides),
    };
    return cmocka_run_group_tests_name("dataset_validation", tests, NULL,
                                       NULL);
}

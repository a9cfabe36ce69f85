/* Cells whose weights are given (core/training.h), by files (io/model_given.h).
 */
#include "core/training.h"
#include "io/model_file.h"
#include "io/model_given.h"
#include "tests/scratch.h"
#include "tests/small_net.h"
#include "tests/small_trial.h"
#include "tests/test.h"

#include <string.h>

#define NETWORK                                                                \
    "network = csnn\nnetwork.channels = [4]\nnetwork.hidden = [8]\n"           \
    "network.n_steps = 3\nencoding.normalize = true\n"

/* A network that was trained here, and its file. */
struct scene {
    struct scratch scratch;
    struct arena arena;
    struct data_set data;
    struct spec trained;
    struct weights weights;
    struct record record;
    const char *path;
    char digest[DIGEST_TEXT_SIZE];
};

static struct scene make_scene(void)
{
    struct scene scene = {.scratch = scratch_make(), .arena = arena_open()};
    struct image_shape shape = {8, 8, 1};
    scene.data = small_data(shape, 4, 64, 48, 0.5, &scene.arena);
    scene.trained = small_spec(
        NETWORK "training.n_epochs = 2\ntraining.batch_size = 16\n",
        &scene.arena);
    struct small_watch watch = {0};
    struct trial_hooks hooks = small_hooks(&watch);
    trial_train(&scene.trained, &scene.data, &hooks, &scene.arena,
                &scene.weights, &scene.record);
    scene.path = scratch_path(&scene.scratch, "model.h5");
    assert_int_equal(model_file_write(scene.path, &scene.trained, &scene.data,
                                      &scene.weights),
                     STATUS_OK);
    digest_print(digest_of(scene.weights.at, scene.weights.n * sizeof(float)),
                 scene.digest);
    return scene;
}

static void remove_scene(struct scene *scene)
{
    arena_close(&scene->arena);
    scratch_remove(&scene->scratch);
}

static struct spec given_spec(struct scene *scene, const char *network,
                              const char *digest)
{
    return small_spec(arena_print(&scene->arena,
                                  "%straining = given\ntraining.batch_size = "
                                  "16\ntraining.digest = \"%s\"\n"
                                  "training.file = \"%s\"\n",
                                  network, digest, scene->path),
                      &scene->arena);
}

static void given_weights_do_what_they_did(void **state)
{
    (void)state;
    struct scene scene = make_scene();
    struct spec spec = given_spec(&scene, NETWORK, scene.digest);
    struct small_watch watch = {0};
    struct trial_hooks hooks = small_hooks(&watch);
    struct weights given, after;
    struct record record;
    assert_int_equal(
        model_given_read(&spec, &scene.data, &scene.arena, &given), STATUS_OK);
    hooks.given = &given;
    trial_train(&spec, &scene.data, &hooks, &scene.arena, &after, &record);
    assert_false(record.diverged);
    assert_int_equal(record.extent[DIM_EPOCH], 0);
    assert_int_equal(after.n, scene.weights.n);
    assert_memory_equal(after.at, scene.weights.at, after.n * sizeof(float));
    assert_memory_equal(record_f64(&record, FIELD_CLEAN_ACCURACY),
                        record_f64(&scene.record, FIELD_CLEAN_ACCURACY),
                        sizeof(double));
    assert_memory_equal(record_f64(&record, FIELD_CLEAN_LOSS),
                        record_f64(&scene.record, FIELD_CLEAN_LOSS),
                        sizeof(double));
    assert_memory_equal(record_u8(&record, FIELD_CLEAN_PREDICTION),
                        record_u8(&scene.record, FIELD_CLEAN_PREDICTION),
                        scene.data.test.n);
    assert_int_equal(*record_u64(&record, FIELD_MODEL_DIGEST_LOW),
                     *record_u64(&scene.record, FIELD_MODEL_DIGEST_LOW));
    remove_scene(&scene);
}

static void a_cell_is_its_weights_and_not_their_place(void **state)
{
    (void)state;
    struct scene scene = make_scene();
    struct spec here = given_spec(&scene, NETWORK, scene.digest);
    scene.path = "elsewhere.h5";
    struct spec there = given_spec(&scene, NETWORK, scene.digest);
    struct spec other = given_spec(&scene, NETWORK,
                                   "0123456789abcdef0123456789abcdef");
    assert_true(digest_equal(spec_digest(&here), spec_digest(&there)));
    assert_false(digest_equal(spec_digest(&here), spec_digest(&other)));
    remove_scene(&scene);
}

static void assert_refused(struct scene *scene, const struct spec *spec,
                           const struct data_set *data, const char *part)
{
    struct weights weights;
    assert_int_not_equal(
        model_given_read(spec, data, &scene->arena, &weights), STATUS_OK);
    if (!strstr(status_reason(), part))
        fail_msg("\"%s\" does not say \"%s\"", status_reason(), part);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    struct scene scene = make_scene();
    struct data_set data = scene.data;
    struct spec spec = given_spec(&scene, NETWORK, scene.digest);
    struct spec other = given_spec(&scene, NETWORK,
                                   "0123456789abcdef0123456789abcdef");
    assert_refused(&scene, &other, &data, "has weights of digest");
    struct spec wide = given_spec(&scene,
                                  "network = csnn\nnetwork.channels = [5]\n"
                                  "network.hidden = [8]\n",
                                  scene.digest);
    assert_refused(&scene, &wide, &data, "tensor block0.weight");
    data.mean[0] += 0.1f;
    assert_refused(&scene, &spec, &data, "is for images of mean");
    scene.path = "nowhere.h5";
    struct spec nowhere = given_spec(&scene, NETWORK, scene.digest);
    assert_refused(&scene, &nowhere, &data, "nowhere.h5");
    remove_scene(&scene);
}

static void a_cell_without_a_digest_makes_no_sense(void **state)
{
    (void)state;
    struct scene scene = make_scene();
    struct spec spec = given_spec(&scene, NETWORK, "");
    const char *objection = spec_objection(&spec, &scene.arena);
    assert_non_null(objection);
    assert_non_null(strstr(objection, "training given: needs `file`"));
    remove_scene(&scene);
}

static void memory_is_known_before(void **state)
{
    (void)state;
    struct scene scene = make_scene();
    struct arena arena = arena_open();
    struct spec spec = given_spec(&scene, NETWORK, scene.digest);
    struct small_watch watch = {0};
    struct trial_hooks hooks = small_hooks(&watch);
    struct weights given, after;
    struct record record;
    size_t wanted = trial_memory(&spec, &scene.data, hooks.means);
    assert_int_equal(model_given_read(&spec, &scene.data, &arena, &given),
                     STATUS_OK);
    hooks.given = &given;
    trial_train(&spec, &scene.data, &hooks, &arena, &after, &record);
    assert_int_equal(arena.n_bytes, wanted);
    arena_close(&arena);
    remove_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(given_weights_do_what_they_did),
        cmocka_unit_test(a_cell_is_its_weights_and_not_their_place),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(a_cell_without_a_digest_makes_no_sense),
        cmocka_unit_test(memory_is_known_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

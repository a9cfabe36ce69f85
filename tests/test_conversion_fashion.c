/* What conversion loses on real images, and that it loses less with time: as
 * long as there are no more steps than levels, beyond which spikes tell more
 * than was learned. */
#include "tests/data_scene.h"
#include "tests/small_net.h"
#include "tests/small_trial.h"
#include "tests/test.h"

#include "core/model.h"
#include "core/trial.h"
#include "io/dataset.h"

#include <math.h>
#include <string.h>

enum { N_TEST = 200, N_CLASSES = 10 };

#define TRAINED                                                                \
    "network = csnn\nnetwork.channels = [8]\nnetwork.hidden = [32]\n"          \
    "network.normalize_linear = true\nneuron = pif\nneuron.reset = soft\n"     \
    "conversion = qcfs\nconversion.n_levels = 63\ntraining.n_epochs = 2\n"      \
    "training.batch_size = 50\n"

struct scene {
    struct data_scene scene;
    struct data_set data;
    struct weights weights;
    struct record record;
    float analog[N_TEST * N_CLASSES]; /* logits */
};

/* Logits of the test split. */
static void run(struct scene *scene, const char *text,
                enum model_purpose purpose, float *logits)
{
    struct arena arena = arena_open();
    struct spec spec = small_spec(text, &arena);
    struct model *model =
        model_lay_out(&spec, &scene->data, N_TEST, purpose,
                      (struct trial_means){0}, &arena);
    size_t n_pixels = image_size(scene->data.shape);
    float *images = ARENA_ARRAY(&arena, float, N_TEST * n_pixels);
    uint8_t labels[N_TEST];
    uint32_t ids[N_TEST];
    for (size_t i = 0; i < N_TEST; i++)
        ids[i] = (uint32_t)i;
    data_gather(&scene->data, &scene->data.test, N_TEST, ids, images, labels);
    struct model_batch batch = {N_TEST, images, ids, 1, RNG_ENCODE_TEST, 0};
    memcpy(model->weights, scene->weights.at,
           model->n_values * sizeof *model->weights);
    model_forward_test(model, &batch, NULL);
    memcpy(logits, model->logits, N_TEST * N_CLASSES * sizeof *logits);
    arena_close(&arena);
}

static struct scene *open_scene(void)
{
    static struct scene scene;
    struct small_watch watch = {0};
    struct trial_hooks hooks = small_hooks(&watch);
    scene.scene = data_scene_make();
    struct arena *arena = &scene.scene.arena;
    struct spec spec = small_spec(
        "dataset = fashion_mnist\ndataset.n_train = 1000\n"
        "dataset.n_test = 200\n" TRAINED, arena);
    if (dataset_open(&spec.at[SPEC_DATASET], arena, &scene.data) != STATUS_OK) {
        print_message("%s\n", status_reason());
        data_scene_remove(&scene.scene);
        return NULL;
    }
    trial_train(&spec, &scene.data, &hooks, arena, &scene.weights,
                &scene.record);
    run(&scene, TRAINED, MODEL_TRAIN, scene.analog);
    return &scene;
}

/* The root of the mean square of what is between the logits, in units of the
 * analog network's own. */
static double error_of(struct scene *scene, size_t n_steps)
{
    static float spiking[N_TEST * N_CLASSES];
    struct arena arena = arena_open();
    double error = 0, all = 0;
    run(scene, arena_print(&arena, TRAINED "network.n_steps = %zu\n", n_steps),
        MODEL_ATTACK, spiking);
    for (size_t i = 0; i < N_TEST * N_CLASSES; i++) {
        error += pow((double)(spiking[i] - scene->analog[i]), 2);
        all += pow((double)scene->analog[i], 2);
    }
    arena_close(&arena);
    return sqrt(error / all);
}

static void what_conversion_loses_falls_with_time(void **state)
{
    (void)state;
    static const size_t steps[] = {2, 4, 8, 32};
    struct scene *scene = open_scene();
    double error[4];
    if (!scene)
        skip();
    for (size_t i = 0; i < 4; i++)
        error[i] = error_of(scene, steps[i]);
    double analog = *record_f64(&scene->record, FIELD_ANALOG_ACCURACY);
    double clean = *record_f64(&scene->record, FIELD_CLEAN_ACCURACY);
    print_message("logits' errors at T = 2, 4, 8, 32: %.3f %.3f %.3f %.3f; "
                  "accuracy %.3f, of T = 4 %.3f\n",
                  error[0], error[1], error[2], error[3], analog, clean);
    assert_true(analog > 0.65 && clean > 0.6);
    for (size_t i = 1; i < 4; i++)
        assert_true(error[i] < error[i - 1]);
    data_scene_remove(&scene->scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_conversion_loses_falls_with_time),
    };
    return cmocka_run_group_tests_name("conversion on Fashion-MNIST", tests,
                                       NULL, NULL);
}

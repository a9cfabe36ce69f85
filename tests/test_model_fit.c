/* Surrogates that follow moments, fitted once to clean images:
 * core/model_fit.c. */
#include "tests/test.h"

#include "core/model_fit.h"
#include "tests/small_net.h"

#include <math.h>
#include <string.h>

enum { N_IMAGES = 6, N_PIXELS = 25 };

static const char *const surrogates[] = {
    "pdsg", "ds_atgo", "pdsg\nattack = pgd\nattack_surrogate = ds_atgo",
    "ds_atgo\nattack = fgsm\nattack_surrogate = own\n"
    "attack_surrogate.scale = 2"};

struct scene {
    struct arena arena;
    struct spec spec;
    struct data_set data;
    struct model *model;
    float images[N_IMAGES * N_PIXELS];
    uint32_t ids[N_IMAGES];
};

static void scene_open(struct scene *scene, const char *surrogate)
{
    *scene = (struct scene){.arena = arena_open()};
    struct arena *arena = &scene->arena;
    scene->spec = small_spec(
        arena_print(arena,
                    "network = csnn\nnetwork.channels = [5, 3]\n"
                    "network.n_steps = 4\nsurrogate = %s\n",
                    surrogate),
        arena);
    scene->data = small_data((struct image_shape){5, 5, 1}, 3, 6, 6, 1, arena);
    scene->model =
        model_lay_out(&scene->spec, &scene->data, N_IMAGES, MODEL_ATTACK,
                      (struct trial_means){0}, arena);
    size_t n = small_count_values(&scene->spec, &scene->data);
    double *values = ARENA_ARRAY(arena, double, n);
    small_fill_values(&scene->spec, &scene->data, 1, 3, values);
    for (size_t i = 0; i < n; i++)
        scene->model->weights[i] = (float)values[i];
    for (size_t i = 0; i < N_IMAGES * N_PIXELS; i++)
        scene->images[i] = (float)scene->data.test.images[i] / 255;
    for (size_t i = 0; i < N_IMAGES; i++)
        scene->ids[i] = (uint32_t)i;
}

static struct model_batch batch_of(const struct scene *scene, size_t first,
                                   size_t n)
{
    return (struct model_batch){.n = n,
                                .images = scene->images + first * N_PIXELS,
                                .ids = scene->ids + first};
}

static void calibrate(struct scene *scene, size_t n)
{
    model_begin_calibration(scene->model);
    for (size_t i = 0; i < n; i++) {
        struct model_batch image = batch_of(scene, i, 1);
        model_forward_test(scene->model, &image, NULL);
    }
    model_end_calibration(scene->model, n);
}

/* Largest relative difference of widths and places of all layers. */
static double compare(const struct model *a, const struct model *b)
{
    double largest = 0;
    for (size_t k = 0; k < a->n_layers; k++) {
        const struct layer *one = &a->layers[k], *other = &b->layers[k];
        size_t n = one->spiking.n_steps * one->spiking.n_channels;
        for (size_t i = 0; i < n; i++) {
            double width = 1 / (double)one->inverse[i];
            double apart = 1 / (double)other->inverse[i] - width;
            double shift =
                (double)one->center[i] - (double)other->center[i];
            assert_true(isfinite(width) && width > 0);
            largest = fmax(largest, fabs(apart) / width);
            largest = fmax(largest, fabs(shift) / width);
        }
    }
    return largest;
}

static void one_by_one_they_make_what_one_pass_of_all_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < KIND_COUNT(surrogates); i++) {
        struct scene scene, other;
        scene_open(&scene, surrogates[i]);
        scene_open(&other, surrogates[i]);
        struct model_batch all = batch_of(&other, 0, N_IMAGES);
        model_forward_test(other.model, &all, NULL);
        calibrate(&scene, 2);
        assert_true(compare(scene.model, other.model) > 1e-3);
        calibrate(&scene, N_IMAGES);
        assert_true(compare(scene.model, other.model) < 1e-5);
        arena_close(&other.arena);
        arena_close(&scene.arena);
    }
}

/* Gradients by images `first` to `first + n`. */
static void take_gradient(struct scene *scene, size_t first, size_t n,
                          float *gradient)
{
    struct model *model = scene->model;
    struct model_batch batch = batch_of(scene, first, n);
    model_forward_test(model, &batch, NULL);
    memset(model->d_logits, 0, n * 3 * sizeof(float));
    for (size_t i = 0; i < n; i++)
        model->d_logits[i * 3] = 1;
    model_backward_images(model, &batch, gradient);
}

/* And does so where nothing was calibrated. */
static void from_then_on_no_image_depends_on_the_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < KIND_COUNT(surrogates); i++) {
        struct scene scene;
        float all[N_IMAGES * N_PIXELS], part[N_IMAGES * N_PIXELS];
        scene_open(&scene, surrogates[i]);
        take_gradient(&scene, 0, N_IMAGES, all);
        take_gradient(&scene, 2, 3, part);
        assert_memory_not_equal(all + 2 * N_PIXELS, part,
                                3 * N_PIXELS * sizeof(float));
        calibrate(&scene, 4);
        take_gradient(&scene, 0, N_IMAGES, all);
        take_gradient(&scene, 2, 3, part);
        assert_memory_equal(all + 2 * N_PIXELS, part,
                            3 * N_PIXELS * sizeof(float));
        arena_close(&scene.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_by_one_they_make_what_one_pass_of_all_does),
        cmocka_unit_test(from_then_on_no_image_depends_on_the_others),
    };
    return cmocka_run_group_tests_name("model_fit", tests, NULL, NULL);
}

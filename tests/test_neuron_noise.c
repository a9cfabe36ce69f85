/* Noise in the neurons' potentials: what it makes of spikes, and when. */
#include "core/model.h"
#include "tests/small_net.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

enum { N_NEURONS = 151, N_IMAGES = 200 };

struct scene {
    struct arena arena;
    struct spec spec;
    struct data_set data;
    struct model *model;
    float *images;
    uint32_t ids[N_IMAGES];
};

/* A layer whose current is its bias: all other weights are zero. */
static void open_scene(struct scene *scene, float current)
{
    *scene = (struct scene){.arena = arena_open()};
    struct arena *arena = &scene->arena;
    scene->spec = small_spec("network = mlp\nnetwork.hidden = [151]\n"
                             "network.n_steps = 1\nnormalization = none\n"
                             "neuron = nlif\nneuron.deviation = 0.4\n",
                             arena);
    scene->data =
        small_data((struct image_shape){3, 3, 1}, 3, 2, 2, 1, arena);
    scene->model = model_lay_out(&scene->spec, &scene->data, N_IMAGES,
                                 MODEL_TRAIN, (struct trial_means){0}, arena);
    scene->images = ARENA_ARRAY(arena, float, N_IMAGES * 9);
    for (size_t i = 0; i < N_IMAGES; i++)
        scene->ids[i] = (uint32_t)i;
    for (size_t i = 0; i < N_NEURONS; i++)
        scene->model->weights[scene->model->layers[0].main.at.shift + i] =
            current;
}

static const uint8_t *fire(struct scene *scene, uint32_t draw)
{
    struct model_batch batch = {N_IMAGES, scene->images, scene->ids,
                                7,        RNG_ENCODE_TRAIN, draw};
    model_forward_train(scene->model, &batch);
    return scene->model->layers[0].counts;
}

static size_t count(size_t n, const uint8_t *spikes)
{
    size_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += spikes[i];
    return sum;
}

/* Within four deviations of Phi((U - V_th) / deviation). */
static void noise_makes_spikes_likely_as_the_normal_says(void **state)
{
    (void)state;
    static const float currents[] = {0.3f, 0.8f, 1.0f, 1.5f};
    for (size_t i = 0; i < 4; i++) {
        struct scene scene;
        open_scene(&scene, currents[i]);
        double n = N_NEURONS * N_IMAGES;
        double p = 0.5 * erfc((1 - (double)currents[i]) / (0.4 * sqrt(2)));
        double rate = (double)count((size_t)n, fire(&scene, 0)) / n;
        assert_true(fabs(rate - p) < 4 * sqrt(p * (1 - p) / n));
        arena_close(&scene.arena);
    }
}

static void test_data_are_without_noise(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, 0.99f);
    struct model_batch batch = {N_IMAGES, scene.images, scene.ids,
                                7,        RNG_ENCODE_TEST, 0};
    assert_true(count(N_NEURONS * N_IMAGES, fire(&scene, 0)) > 0);
    model_forward_test(scene.model, &batch, NULL);
    assert_int_equal(count(N_NEURONS * N_IMAGES, scene.model->layers[0].counts),
                     0);
    arena_close(&scene.arena);
}

/* Nor does a sample's noise depend on its place in the batch. */
static void noise_goes_by_sample_and_draw(void **state)
{
    (void)state;
    struct scene scene;
    static uint8_t first[N_NEURONS * N_IMAGES], other[N_NEURONS * N_IMAGES];
    open_scene(&scene, 1.0f);
    memcpy(first, fire(&scene, 3), sizeof first);
    assert_memory_equal(first, fire(&scene, 3), sizeof first);
    memcpy(other, fire(&scene, 4), sizeof other);
    assert_memory_not_equal(first, other, sizeof first);
    assert_memory_not_equal(first, first + N_NEURONS, N_NEURONS);
    scene.ids[0] = 5;
    scene.ids[5] = 0;
    const uint8_t *swapped = fire(&scene, 3);
    assert_memory_equal(first, swapped + 5 * N_NEURONS, N_NEURONS);
    assert_memory_equal(first + 5 * N_NEURONS, swapped, N_NEURONS);
    arena_close(&scene.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_makes_spikes_likely_as_the_normal_says),
        cmocka_unit_test(test_data_are_without_noise),
        cmocka_unit_test(noise_goes_by_sample_and_draw),
    };
    return cmocka_run_group_tests_name("neuron_noise", tests, NULL, NULL);
}

/* Thresholds that follow their layer's potentials, against DS-ATGO's own
 * figures: normal potentials, of which the batch norm makes any deviation. */
#include "core/model.h"
#include "tests/small_net.h"
#include "tests/test.h"

#include <math.h>

enum { N_NEURONS = 400, N_IMAGES = 250, N_PIXELS = 64, N_STEPS = 3 };

struct scene {
    struct arena arena;
    struct spec spec;
    struct data_set data;
    struct model *model;
    struct model_batch batch;
    size_t n, n_inside, n_spikes; /* of the layer at step 0, in a test */
};

/* A layer of many inputs, scaled to `deviation` about `mean`. A momentum below
 * 1 lets the average lag behind. */
static void open_scene(struct scene *scene, float mean, float deviation,
                       const char *momentum)
{
    *scene = (struct scene){.arena = arena_open()};
    struct arena *arena = &scene->arena;
    scene->spec = small_spec(
        arena_print(arena,
                    "network = mlp\nnetwork.hidden = [400]\n"
                    "network.n_steps = 3\nnetwork.normalize_linear = true\n"
                    "normalization = batch\nnormalization.momentum = 1\n"
                    "neuron = adaptive\nneuron.leak = 0\n"
                    "neuron.momentum = %s\n",
                    momentum),
        arena);
    scene->data = small_data((struct image_shape){8, 8, 1}, 3, 2, 2, 1, arena);
    scene->model = model_lay_out(&scene->spec, &scene->data, N_IMAGES,
                                 MODEL_TRAIN, (struct trial_means){0}, arena);
    model_initialize(scene->model, 3);
    for (size_t i = 0; i < N_NEURONS; i++) {
        const struct branch_places *at = &scene->model->layers[0].main.at;
        scene->model->weights[at->scale + i] = deviation;
        scene->model->weights[at->shift + i] = mean;
    }
    float *images = ARENA_ARRAY(arena, float, N_IMAGES * N_PIXELS);
    uint32_t *ids = ARENA_ARRAY(arena, uint32_t, N_IMAGES);
    struct rng_stream stream = {3, RNG_SYNTHETIC, 5};
    rng_fill_uniform(stream, 0, N_IMAGES * N_PIXELS, images);
    for (size_t i = 0; i < N_IMAGES; i++)
        ids[i] = (uint32_t)i;
    scene->batch = (struct model_batch){N_IMAGES, images, ids,
                                        7,        RNG_ENCODE_TRAIN, 0};
}

static void count_tile(void *self, size_t worker, size_t layer,
                       size_t n_steps, size_t n, const float *x,
                       const float *s)
{
    (void)worker;
    (void)n_steps;
    struct scene *scene = self;
    for (size_t i = 0; layer == 0 && i < n; i++) {
        scene->n++;
        scene->n_inside += fabsf(x[i]) <= 0.5f;
        scene->n_spikes += s[i] > 0;
    }
}

static void settle_nothing(void *self, size_t worker, size_t layer)
{
    (void)self;
    (void)worker;
    (void)layer;
}

static float threshold_of(const struct scene *scene, size_t t)
{
    return scene->model->weights[scene->model->layers[0].own[0] + t];
}

static double share(size_t n, size_t of)
{
    return (double)n / (double)of;
}

static void shares_are_those_of_the_paper(void **state)
{
    (void)state;
    static const struct {
        float deviation;
        double inside;
    } cases[] = {{0.5f, 0.4772}, {1, 0.2417}, {2, 0.1210}};
    for (size_t i = 0; i < 3; i++) {
        struct scene scene;
        open_scene(&scene, 0, cases[i].deviation, "1");
        struct model_watch watch = {&scene, count_tile, settle_nothing};
        model_forward_train(scene.model, &scene.batch);
        model_forward_test(scene.model, &scene.batch, &watch);
        assert_int_equal(scene.n, N_NEURONS * N_IMAGES);
        assert_true(fabs(share(scene.n_inside, scene.n) - cases[i].inside) <
                    0.01);
        assert_true(fabs(share(scene.n_spikes, scene.n) - 0.1587) < 0.01);
        arena_close(&scene.arena);
    }
}

/* Without a leak all steps are alike, whatever spiked before. */
static void a_threshold_is_the_mean_and_a_deviation_more(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, 0.3f, 0.7f, "1");
    model_forward_train(scene.model, &scene.batch);
    for (size_t t = 0; t < N_STEPS; t++)
        assert_true(fabs((double)threshold_of(&scene, t) - 1.0) < 1e-3);
    arena_close(&scene.arena);
}

static void tests_go_by_the_running_average(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, 0.1f, 0.4f, "0.25");
    for (size_t i = 1; i <= 3; i++) {
        model_forward_train(scene.model, &scene.batch);
        double expected = 0.5 + 0.5 * pow(0.75, (double)i);
        for (size_t t = 0; t < N_STEPS; t++)
            assert_true(fabs((double)threshold_of(&scene, t) - expected) <
                        1e-3);
    }
    float before = threshold_of(&scene, 0);
    struct model_watch watch = {&scene, count_tile, settle_nothing};
    model_forward_test(scene.model, &scene.batch, &watch);
    assert_true(threshold_of(&scene, 0) == before);
    double z = ((double)before - 0.1) / 0.4;
    double expected = 0.5 * erfc(z / sqrt(2));
    assert_true(fabs(share(scene.n_spikes, scene.n) - expected) < 0.01);
    arena_close(&scene.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_are_those_of_the_paper),
        cmocka_unit_test(a_threshold_is_the_mean_and_a_deviation_more),
        cmocka_unit_test(tests_go_by_the_running_average),
    };
    return cmocka_run_group_tests_name("neuron_follow", tests, NULL, NULL);
}

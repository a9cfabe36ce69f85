/* Gates between spikes and the next layers: how often they open, which numbers
 * they go by, and how learned ones are trained. */
#include "core/gate.h"
#include "core/model.h"
#include "core/trial_parts.h"
#include "tests/small_net.h"
#include "tests/small_trial.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

enum { N_NEURONS = 151, N_IMAGES = 100, N_STEPS = 3 };
enum { N_FIRST = N_NEURONS * N_STEPS, N_ALL = N_FIRST * N_IMAGES };

struct scene {
    struct arena arena;
    struct spec spec;
    struct data_set data;
    struct model *model;
    float *images;
    uint32_t ids[N_IMAGES];
};

/* A layer whose neurons all fire at every step, and its gates. */
static void open_scene(struct scene *scene, const char *text)
{
    *scene = (struct scene){.arena = arena_open()};
    struct arena *arena = &scene->arena;
    scene->spec = small_spec(
        arena_print(arena, "network = mlp\nnetwork.hidden = [151]\n"
                           "network.n_steps = 3\nnormalization = none\n%s",
                    text),
        arena);
    scene->data =
        small_data((struct image_shape){3, 3, 1}, 3, 2, 2, 1, arena);
    scene->model = model_lay_out(&scene->spec, &scene->data, N_IMAGES,
                                 MODEL_TRAIN, (struct trial_means){0}, arena);
    model_initialize(scene->model, 1);
    const struct branch_places *at = &scene->model->layers[0].main.at;
    float *weights = scene->model->weights;
    memset(weights + at->weight, 0, 9 * N_NEURONS * sizeof *weights);
    for (size_t i = 0; i < N_NEURONS; i++)
        weights[at->shift + i] = 2;
    scene->images = ARENA_ARRAY(arena, float, N_IMAGES * 9);
    for (size_t i = 0; i < N_IMAGES; i++)
        scene->ids[i] = (uint32_t)i;
}

/* The spikes that come through, [B][T][N]. */
static const uint8_t *fire(struct scene *scene, bool train, enum rng_use use,
                           uint32_t draw)
{
    struct model_batch batch = {N_IMAGES, scene->images, scene->ids,
                                7,        use,           draw};
    if (train)
        model_forward_train(scene->model, &batch);
    else
        model_forward_test(scene->model, &batch, NULL);
    return scene->model->layers[0].counts;
}

static size_t count(size_t n, const uint8_t *spikes)
{
    size_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += spikes[i];
    return sum;
}

/* Within four deviations. */
static void expect_share(double n, size_t n_open, double p)
{
    assert_true(fabs((double)n_open / n - p) <= 4 * sqrt(p * (1 - p) / n));
}

static void dropout_keeps_its_share_for_all_steps(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, "gate = dropout\ngate.rate = 0.3\n");
    const uint8_t *spikes = fire(&scene, true, RNG_ENCODE_TRAIN, 0);
    expect_share(N_IMAGES * N_NEURONS, count(N_ALL, spikes) / N_STEPS, 0.7);
    for (size_t b = 0; b < N_IMAGES; b++)
        for (size_t t = 1; t < N_STEPS; t++)
            assert_memory_equal(spikes + b * N_FIRST,
                                spikes + b * N_FIRST + t * N_NEURONS,
                                N_NEURONS);
    struct source next = model_output(scene.model, 1);
    assert_true(fabs((double)next.scale - 1 / 0.7) < 1e-6);
    arena_close(&scene.arena);
}

static void dropout_can_draw_at_each_step(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, "gate = dropout\ngate.rate = 0.1\n"
                       "gate.each_step = true\n");
    const uint8_t *spikes = fire(&scene, true, RNG_ENCODE_TRAIN, 0);
    expect_share(N_ALL, count(N_ALL, spikes), 0.9);
    assert_memory_not_equal(spikes, spikes + N_NEURONS, N_NEURONS);
    arena_close(&scene.arena);
}

static void tests_have_no_dropout(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, "gate = dropout\n");
    fire(&scene, true, RNG_ENCODE_TRAIN, 0);
    const uint8_t *spikes = fire(&scene, false, RNG_ENCODE_TEST, 0);
    assert_int_equal(count(N_ALL, spikes), N_ALL);
    assert_true(model_output(scene.model, 1).scale == 1.0f);
    assert_false(trial_is_random(&scene.spec));
    arena_close(&scene.arena);
}

/* Each neuron by its own probability, in training, tests and attacks, where no
 * two of these have the same numbers. */
static void learned_gates_are_drawn_everywhere(void **state)
{
    (void)state;
    static const enum rng_use uses[] = {RNG_ENCODE_TRAIN, RNG_ENCODE_TEST,
                                        RNG_ENCODE_ATTACK};
    struct scene scene;
    static uint8_t kept[3][N_ALL];
    open_scene(&scene, "gate = stog\n");
    assert_true(trial_is_random(&scene.spec));
    float *keep = scene.model->weights + scene.model->layers[0].gates;
    for (size_t i = 0; i < N_NEURONS; i++) {
        assert_true(keep[i] == 1.0f);
        keep[i] = i % 2 ? 0.25f : 0.8f;
    }
    for (size_t k = 0; k < 3; k++) {
        size_t n_open[2] = {0, 0};
        memcpy(kept[k], fire(&scene, k == 0, uses[k], 0), N_ALL);
        for (size_t i = 0; i < N_ALL; i++)
            n_open[i % N_NEURONS % 2] += kept[k][i];
        expect_share(76 * N_IMAGES * N_STEPS, n_open[0], 0.8);
        expect_share(75 * N_IMAGES * N_STEPS, n_open[1], 0.25);
        assert_true(k == 0 || memcmp(kept[k], kept[k - 1], N_ALL) != 0);
        assert_true(k == 0 || memcmp(kept[k], kept[0], N_ALL) != 0);
    }
    assert_memory_not_equal(kept[0], kept[0] + N_NEURONS, N_NEURONS);
    assert_true(model_output(scene.model, 1).scale == 1.0f);
    arena_close(&scene.arena);
}

static void a_probability_of_one_is_an_open_gate(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, "gate = stog\n");
    for (uint32_t draw = 0; draw < 3; draw++)
        assert_int_equal(
            count(N_ALL, fire(&scene, false, RNG_ENCODE_TEST, draw)), N_ALL);
    arena_close(&scene.arena);
}

/* Nor do gates depend on a sample's place in the batch. */
static void gates_go_by_sample_and_draw(void **state)
{
    (void)state;
    struct scene scene;
    static uint8_t first[N_ALL];
    open_scene(&scene, "gate = dropout\n");
    memcpy(first, fire(&scene, true, RNG_ENCODE_TRAIN, 3), N_ALL);
    assert_memory_equal(first, fire(&scene, true, RNG_ENCODE_TRAIN, 3), N_ALL);
    assert_memory_not_equal(first, fire(&scene, true, RNG_ENCODE_TRAIN, 4),
                            N_ALL);
    assert_memory_not_equal(first, first + N_FIRST, N_FIRST);
    scene.ids[0] = 5;
    scene.ids[5] = 0;
    const uint8_t *swapped = fire(&scene, true, RNG_ENCODE_TRAIN, 3);
    assert_memory_equal(first, swapped + 5 * N_FIRST, N_FIRST);
    assert_memory_equal(first + 5 * N_FIRST, swapped, N_FIRST);
    arena_close(&scene.arena);
}

/* The layers of a csnn are two convolutions and a linear one: the second
 * convolution's spikes go to that, its own to the read-out. */
static void only_linear_layers_are_gated_on_demand(void **state)
{
    (void)state;
    struct scene scene = {.arena = arena_open()};
    scene.spec = small_spec("network = csnn\nnetwork.channels = [3, 4]\n"
                            "network.hidden = [5]\ngate = dropout\n"
                            "gate.only_linear = true\n",
                            &scene.arena);
    scene.data = small_data((struct image_shape){8, 8, 1}, 3, 2, 2, 1,
                            &scene.arena);
    scene.model =
        model_lay_out(&scene.spec, &scene.data, 2, MODEL_TRAIN,
                      (struct trial_means){0}, &scene.arena);
    assert_false(scene.model->layers[0].gated);
    assert_true(scene.model->layers[1].gated);
    assert_true(scene.model->layers[2].gated);
    arena_close(&scene.arena);
}

/* training ------------------------------------------------------------ */

/* Where the gates of a trained small mlp are, the last of what is trained. */
static const float *gates_of(const struct small_trial *trial)
{
    return trial->weights.at + model_count_weights(&trial->spec, &trial->data);
}

#define STOG SMALL_MLP "schedule = constant\ngate = stog\ngate.keep = 0.9\n"

static void gates_learn_within_their_bounds(void **state)
{
    (void)state;
    struct small_trial trial;
    small_trial_train(&trial, STOG "gate.minimum = 0.85\n"
                                   "optimizer.learning_rate = 2\n");
    const float *keep = gates_of(&trial);
    size_t n_least = 0, n_most = 0;
    for (size_t i = 0; i < 24; i++) {
        assert_true(keep[i] >= 0.85f && keep[i] <= 1.0f);
        n_least += keep[i] == 0.85f;
        n_most += keep[i] == 1.0f;
    }
    assert_true(n_least > 0 && n_most > 0);
    assert_false(trial.record.diverged);
    small_trial_close(&trial);
}

static void gates_rest_after_their_epochs(void **state)
{
    (void)state;
    struct small_trial none, two, all;
    small_trial_train(&none, STOG "gate.n_learning_epochs = 0\n");
    small_trial_train(&two, STOG "gate.n_learning_epochs = 2\n");
    small_trial_train(&all, STOG "gate.n_learning_epochs = 2\n"
                                 "training.n_epochs = 2\n");
    for (size_t i = 0; i < 24; i++)
        assert_true(gates_of(&none)[i] == 0.9f);
    assert_memory_not_equal(gates_of(&none), gates_of(&two),
                            24 * sizeof(float));
    assert_memory_equal(gates_of(&two), gates_of(&all), 24 * sizeof(float));
    const double *penalty = record_f64(&two.record, FIELD_WEIGHT_PENALTY);
    assert_true(penalty[0] > 0 && penalty[1] > 0 && penalty[2] == 0);
    small_trial_close(&none);
    small_trial_close(&two);
    small_trial_close(&all);
}

/* A silent layer's gates have no gradient but the prior's: gamma p. No weight
 * decay comes to that. */
static void a_prior_alone_shrinks_gates_as_gradient_descent_does(void **state)
{
    (void)state;
    struct small_trial trial;
    small_trial_train(&trial, STOG "normalization = none\n"
                                   "neuron.threshold = 1000\n"
                                   "gate.prior = 0.5\n"
                                   "optimizer.learning_rate = 0.02\n"
                                   "optimizer.momentum = 0.5\n"
                                   "optimizer.weight_decay = 0.1\n"
                                   "training.n_epochs = 1\n"
                                   "training.batch_size = 32\n");
    double p = 0.9, velocity = 0, penalty = 0;
    for (size_t i = 0; i < 3; i++) {
        penalty += 24 * 0.25 * p * p / 3;
        velocity = 0.5 * velocity + 0.5 * p;
        p -= 0.02 * velocity;
    }
    for (size_t i = 0; i < 24; i++)
        assert_true(fabs((double)gates_of(&trial)[i] - p) < 1e-6);
    assert_true(fabs(record_f64(&trial.record, FIELD_WEIGHT_PENALTY)[0] -
                     penalty) < 1e-5);
    small_trial_close(&trial);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dropout_keeps_its_share_for_all_steps),
        cmocka_unit_test(dropout_can_draw_at_each_step),
        cmocka_unit_test(tests_have_no_dropout),
        cmocka_unit_test(learned_gates_are_drawn_everywhere),
        cmocka_unit_test(a_probability_of_one_is_an_open_gate),
        cmocka_unit_test(gates_go_by_sample_and_draw),
        cmocka_unit_test(only_linear_layers_are_gated_on_demand),
        cmocka_unit_test(gates_learn_within_their_bounds),
        cmocka_unit_test(gates_rest_after_their_epochs),
        cmocka_unit_test(a_prior_alone_shrinks_gates_as_gradient_descent_does),
    };
    return cmocka_run_group_tests_name("gate", tests, NULL, NULL);
}

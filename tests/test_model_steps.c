/* A training whose loss is of each time step's logits. */
#include "tests/test.h"

#include "core/model.h"
#include "tests/small_net.h"
#include "tests/small_trial.h"

#include <math.h>
#include <string.h>

enum { N_IMAGES = 5 };

static const struct image_shape shape = {6, 6, 1};

/* Direct encoding, no statistics of the batch: a step depends on those before
 * it only, and a network of fewer steps is the beginning of one of more. */
#define PLAIN "normalization = none\nneuron = lif\nneuron.threshold = 0.5\n"
#define MLP PLAIN "network = mlp\nnetwork.hidden = [24, 12]\n"
#define CSNN PLAIN "network = csnn\nnetwork.channels = [4]\n"                  \
             "network.hidden = [9]\n"
#define WRN PLAIN "network = wrn16\nnetwork.width = 3\n"

struct scene {
    struct arena arena;
    struct spec spec;
    struct data_set data;
    struct model *model;
    struct model_batch batch;
    float *images;
    uint8_t labels[N_IMAGES];
    uint32_t ids[N_IMAGES];
};

static void open_scene(struct scene *scene, const char *text, size_t n_steps,
                       const char *loss)
{
    *scene = (struct scene){.arena = arena_open()};
    text = arena_print(&scene->arena, "%snetwork.n_steps = %zu\nloss = %s\n",
                       text, n_steps, loss);
    scene->spec = small_spec(text, &scene->arena);
    scene->data = small_data(shape, 3, 20, 5, 0.5, &scene->arena);
    scene->model =
        model_lay_out(&scene->spec, &scene->data, N_IMAGES, MODEL_TRAIN,
                      (struct trial_means){0}, &scene->arena);
    scene->images =
        ARENA_ARRAY(&scene->arena, float, N_IMAGES * image_size(shape));
    for (uint32_t i = 0; i < N_IMAGES; i++)
        scene->ids[i] = i;
    data_gather(&scene->data, &scene->data.train, N_IMAGES, scene->ids,
                scene->images, scene->labels);
    scene->batch = (struct model_batch){N_IMAGES, scene->images, scene->ids,
                                        1,        RNG_ENCODE_TRAIN, 0};
    model_initialize(scene->model, 3);
    for (size_t i = 0; i < scene->model->n_parameters; i++)
        scene->model->weights[i] *= 3;
    model_forward_train(scene->model, &scene->batch);
}

/* A gradient of a reading; no two are alike. */
static float push(size_t b, size_t k)
{
    return (float)sin(1.0 + (double)(3 * b + k));
}

static double relative(size_t n, const float *a, const float *b)
{
    float largest = 0, most = 0;
    for (size_t i = 0; i < n; i++) {
        largest = fmaxf(largest, fabsf(a[i]));
        most = fmaxf(most, fabsf(a[i] - b[i]));
    }
    assert_true(largest > 1e-3f);
    return (double)(most / largest);
}

static void check_mean(const char *text)
{
    struct scene scene;
    open_scene(&scene, text, 4, "tet");
    const struct model *model = scene.model;
    size_t n_steps = 4, n = model->n_classes;
    size_t n_differ = 0;
    assert_int_equal(model->n_readings, n_steps);
    for (size_t b = 0; b < N_IMAGES; b++)
        for (size_t k = 0; k < n; k++) {
            const float *own = model->read_logits + b * n_steps * n + k;
            double mean = 0;
            for (size_t t = 0; t < n_steps; t++)
                mean += (double)own[t * n] / (double)n_steps;
            n_differ += own[0] != own[3 * n];
            assert_true(fabs(mean - (double)model->logits[b * n + k]) < 1e-5);
        }
    assert_true(n_differ > N_IMAGES);
    arena_close(&scene.arena);
}

static void the_steps_logits_have_the_logits_as_their_mean(void **state)
{
    (void)state;
    check_mean(MLP);
    check_mean(CSNN);
    check_mean(WRN);
}

/* A gradient of 1/T at each step is a gradient of their mean. */
static void check_uniform(const char *text)
{
    struct scene steps, mean;
    open_scene(&steps, text, 4, "tet");
    open_scene(&mean, text, 4, "cross_entropy");
    size_t n = mean.model->n_classes;
    assert_int_equal(mean.model->n_readings, 1);
    assert_ptr_equal(mean.model->d_read_logits, mean.model->d_logits);
    for (size_t b = 0; b < N_IMAGES; b++)
        for (size_t k = 0; k < n; k++) {
            mean.model->d_logits[b * n + k] = push(b, k);
            for (size_t t = 0; t < 4; t++)
                steps.model->d_read_logits[(b * 4 + t) * n + k] =
                    push(b, k) / 4;
        }
    model_backward_train(steps.model, &steps.batch);
    model_backward_train(mean.model, &mean.batch);
    assert_true(relative(mean.model->n_parameters, mean.model->gradients,
                         steps.model->gradients) < 1e-5);
    arena_close(&steps.arena);
    arena_close(&mean.arena);
}

static void the_same_at_every_step_is_the_gradient_of_the_mean(void **state)
{
    (void)state;
    check_uniform(MLP);
    check_uniform(CSNN);
    check_uniform(WRN);
    check_uniform("network = csnn\nnetwork.channels = [4]\n");
}

/* The gradient of one step's logits is that of the last step of a network that
 * ends there. */
static void check_step(const char *text, size_t step)
{
    struct scene all, some;
    open_scene(&all, text, 4, "tet");
    open_scene(&some, text, step + 1, "tet");
    size_t n = all.model->n_classes, n_some = step + 1;
    for (size_t b = 0; b < N_IMAGES; b++)
        for (size_t k = 0; k < n; k++) {
            all.model->d_read_logits[(b * 4 + step) * n + k] = push(b, k);
            some.model->d_read_logits[(b * n_some + step) * n + k] =
                push(b, k);
        }
    model_backward_train(all.model, &all.batch);
    model_backward_train(some.model, &some.batch);
    assert_true(relative(all.model->n_parameters, all.model->gradients,
                         some.model->gradients) < 1e-5);
    arena_close(&all.arena);
    arena_close(&some.arena);
}

static void a_step_does_not_hear_of_those_that_come_after(void **state)
{
    (void)state;
    static const char *const texts[] = {MLP, CSNN, WRN};
    for (size_t i = 0; i < 3; i++)
        for (size_t step = 0; step < 4; step++)
            check_step(texts[i], step);
}

static void a_network_learns_by_tet(void **state)
{
    (void)state;
    static const char *const texts[] = {
        SMALL_MLP "training.n_epochs = 30\nloss = tet\n",
        SMALL_CSNN "training.n_epochs = 30\nloss = tet\nloss.lambda = 0\n"
                   "loss.label_smoothing = 0.1\n"};
    for (size_t i = 0; i < 2; i++) {
        struct small_trial trial;
        small_trial_train(&trial, texts[i]);
        assert_int_equal(trial.run.n_bytes,
                         trial_memory(&trial.spec, &trial.data,
                                      (struct trial_means){0}));
        assert_false(trial.record.diverged);
        assert_true(*record_f64(&trial.record, FIELD_CLEAN_ACCURACY) >= 0.9);
        assert_true(record_f64(&trial.record, FIELD_TRAIN_ACCURACY)[29] > 0.9);
        small_trial_close(&trial);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_steps_logits_have_the_logits_as_their_mean),
        cmocka_unit_test(
            the_same_at_every_step_is_the_gradient_of_the_mean),
        cmocka_unit_test(a_step_does_not_hear_of_those_that_come_after),
        cmocka_unit_test(a_network_learns_by_tet),
    };
    return cmocka_run_group_tests_name("model steps", tests, NULL, NULL);
}

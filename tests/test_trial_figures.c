/* What a trial measures after each of its epochs, where it is asked to. */
#include "tests/test.h"

#include "core/loss.h"
#include "core/model.h"
#include "tests/small_trial.h"

#include <math.h>
#include <string.h>

#define POISSON SMALL_CSNN "encoding = poisson\n"

static void train(struct small_trial *trial, const char *text,
                  const char *more)
{
    struct arena arena = arena_open();
    small_trial_train(trial, arena_print(&arena, "%s%s", text, more));
    assert_false(trial->record.diverged);
    assert_int_equal(trial->run.n_bytes,
                     trial_memory(&trial->spec, &trial->data,
                                  (struct trial_means){0}));
    arena_close(&arena);
}

static void without_being_asked_nothing_is_measured(void **state)
{
    (void)state;
    static const enum record_field fields[] = {
        FIELD_TEST_ACCURACY, FIELD_TEST_LOSS, FIELD_GENERALIZATION_GAP,
        FIELD_INSIDE_SHARE, FIELD_HESSIAN_EIGENVALUE};
    struct small_trial trial;
    train(&trial, SMALL_MLP, "");
    for (size_t i = 0; i < 5; i++) {
        size_t n = record_count(&trial.record, fields[i]);
        assert_true(n >= 6);
        for (size_t k = 0; k < n; k++)
            assert_true(isnan(record_f64(&trial.record, fields[i])[k]));
    }
    small_trial_close(&trial);
}

/* Whether two trials came to the same weights by the same way. */
static void check_same(const struct small_trial *a, const struct small_trial *b)
{
    assert_memory_equal(a->weights.at, b->weights.at,
                        a->weights.n * sizeof(float));
    assert_memory_equal(record_f64(&a->record, FIELD_TRAIN_LOSS),
                        record_f64(&b->record, FIELD_TRAIN_LOSS),
                        6 * sizeof(double));
    assert_memory_equal(record_u64(&a->record, FIELD_MEMBRANE_COUNT),
                        record_u64(&b->record, FIELD_MEMBRANE_COUNT),
                        record_count(&a->record, FIELD_MEMBRANE_COUNT) *
                            sizeof(uint64_t));
}

static void check_unchanged(const char *text)
{
    struct small_trial plain, measured;
    train(&plain, text, "");
    train(&measured, text,
          "training.test_each_epoch = true\ntraining.hessian_iterations = 2\n");
    check_same(&plain, &measured);
    small_trial_close(&plain);
    small_trial_close(&measured);
}

/* Whatever kinds of neurons and surrogates keep from batch to batch. */
static void measuring_does_not_change_the_training(void **state)
{
    (void)state;
    static const enum spec_axis axes[] = {SPEC_NEURON, SPEC_SURROGATE};
    for (size_t a = 0; a < 2; a++) {
        const struct axis *axis = spec_axes[axes[a]];
        for (size_t k = 0; k < axis->n_kinds; k++) {
            struct arena arena = arena_open();
            check_unchanged(arena_print(
                &arena, "%s%s = %s\noptimizer.learning_rate = 0.001\n", POISSON,
                axis->name, axis->kinds[k]->name));
            arena_close(&arena);
        }
    }
}

static void the_last_epochs_figures_are_those_of_the_result(void **state)
{
    (void)state;
    struct small_trial trial;
    train(&trial, POISSON, "training.test_each_epoch = true\n");
    const struct record *record = &trial.record;
    const double *accuracy = record_f64(record, FIELD_TEST_ACCURACY);
    const double *learned = record_f64(record, FIELD_TRAIN_ACCURACY);
    size_t n_layers = record->extent[DIM_LAYER], n_changes = 0;
    assert_true(accuracy[5] == *record_f64(record, FIELD_CLEAN_ACCURACY));
    assert_true(record_f64(record, FIELD_TEST_LOSS)[5] ==
                *record_f64(record, FIELD_CLEAN_LOSS));
    for (size_t e = 0; e < 6; e++) {
        assert_true(record_f64(record, FIELD_GENERALIZATION_GAP)[e] ==
                    learned[e] - accuracy[e]);
        n_changes += e > 0 && record_f64(record, FIELD_TEST_LOSS)[e] !=
                                  record_f64(record, FIELD_TEST_LOSS)[e - 1];
    }
    assert_int_equal(n_changes, 5);
    for (size_t i = 0; i < n_layers; i++) {
        double mean = 0;
        for (size_t t = 0; t < 4; t++)
            mean += record_f64(record, FIELD_MEMBRANE_INSIDE)[4 * i + t] / 4;
        assert_true(mean > 0);
        assert_true(fabs(record_f64(record, FIELD_INSIDE_SHARE)
                             [5 * n_layers + i] -
                         mean) < 1e-12);
    }
    small_trial_close(&trial);
}

/* the Hessian --------------------------------------------------------- */

/* The loss of the first samples around the trained weights. */
struct surroundings {
    struct arena arena;
    struct model *model;
    struct model_batch batch;
    uint8_t labels[16], predicted[16];
    const float *at;
};

static void open_surroundings(struct surroundings *around,
                              const struct small_trial *trial)
{
    static const uint32_t ids[16] = {0, 1, 2,  3,  4,  5,  6,  7,
                                     8, 9, 10, 11, 12, 13, 14, 15};
    around->arena = arena_open();
    around->model =
        model_lay_out(&trial->spec, &trial->data, 16, MODEL_TRAIN,
                      (struct trial_means){0}, &around->arena);
    float *images = ARENA_ARRAY(&around->arena, float,
                                16 * image_size(trial->data.shape));
    data_gather(&trial->data, &trial->data.train, 16, ids, images,
                around->labels);
    around->batch =
        (struct model_batch){16, images, ids, 1, RNG_ENCODE_TRAIN, 0};
    around->at = trial->weights.at;
    memcpy(around->model->weights, trial->weights.at,
           trial->weights.n * sizeof(float));
}

static void find_gradient(struct surroundings *around, const double *v,
                          double h, double *gradient)
{
    struct model *model = around->model;
    float loss[16];
    for (size_t i = 0; i < model->n_parameters; i++)
        model->weights[i] = (float)((double)around->at[i] + h * v[i]);
    model_forward_train(model, &around->batch);
    loss_cross_entropy(16, model->n_classes, model->logits, around->labels,
                       1.0f / 16, loss, around->predicted, model->d_logits);
    model_regularize(model, 0, 16);
    model_backward_train(model, &around->batch);
    for (size_t i = 0; i < model->n_parameters; i++)
        gradient[i] = (double)model->gradients[i];
}

static double norm_of(size_t n, const double *v)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i] * v[i];
    return sqrt(sum);
}

/* Power iteration in double, as plain as can be. */
static double plain_eigenvalue(struct surroundings *around, size_t n_times)
{
    size_t n = around->model->n_parameters;
    float *start = ARENA_ARRAY(&around->arena, float, n);
    double *v = ARENA_ARRAY(&around->arena, double, n), found = 0, h = 0;
    double *above = ARENA_ARRAY(&around->arena, double, n);
    double *below = ARENA_ARRAY(&around->arena, double, n);
    rng_fill_normal((struct rng_stream){1, RNG_CURVATURE, 0}, 0, n, start);
    for (size_t i = 0; i < n; i++) {
        v[i] = (double)start[i];
        above[i] = (double)around->at[i];
    }
    h = 0.01 * norm_of(n, above);
    for (size_t k = 0; k < n_times; k++) {
        double length = norm_of(n, v);
        for (size_t i = 0; i < n; i++)
            v[i] /= length;
        find_gradient(around, v, h, above);
        find_gradient(around, v, -h, below);
        found = 0;
        for (size_t i = 0; i < n; i++) {
            above[i] = (above[i] - below[i]) / (2 * h);
            found += above[i] * v[i];
            v[i] = above[i];
        }
    }
    return found;
}

static void the_eigenvalue_is_that_of_the_first_batchs_loss(void **state)
{
    (void)state;
    struct small_trial trial;
    struct surroundings around;
    train(&trial, SMALL_MLP, "training.hessian_iterations = 2\n"
                             "training.hessian_step = 0.01\n"
                             "training.l2_penalty = 0.01\n"
                             "regularizer = mpd_sgr\n");
    const double *found = record_f64(&trial.record, FIELD_HESSIAN_EIGENVALUE);
    open_surroundings(&around, &trial);
    double plain = plain_eigenvalue(&around, 2);
    assert_true(fabs(plain) > 1e-3);
    assert_true(fabs(found[5] / plain - 1) < 1e-2);
    for (size_t e = 0; e < 6; e++)
        assert_true(isfinite(found[e]) && found[e] != 0);
    arena_close(&around.arena);
    small_trial_close(&trial);
}

static void its_bits_are_the_same_on_any_number_of_threads(void **state)
{
    (void)state;
    double found[2][6];
    for (size_t i = 0; i < 2; i++) {
        struct small_trial trial;
        small_trial_open(&trial, SMALL_CSNN "training.hessian_iterations = 3\n"
                                            "training.test_each_epoch = true\n");
        struct trial_hooks hooks = small_hooks(&trial.watch);
        hooks.means.n_threads = 1 + 2 * i;
        trial_train(&trial.spec, &trial.data, &hooks, &trial.run,
                    &trial.weights, &trial.record);
        memcpy(found[i], record_f64(&trial.record, FIELD_HESSIAN_EIGENVALUE),
               sizeof found[i]);
        small_trial_close(&trial);
    }
    assert_memory_equal(found[0], found[1], sizeof found[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_being_asked_nothing_is_measured),
        cmocka_unit_test(measuring_does_not_change_the_training),
        cmocka_unit_test(the_last_epochs_figures_are_those_of_the_result),
        cmocka_unit_test(the_eigenvalue_is_that_of_the_first_batchs_loss),
        cmocka_unit_test(its_bits_are_the_same_on_any_number_of_threads),
    };
    return cmocka_run_group_tests_name("trial figures", tests, NULL, NULL);
}

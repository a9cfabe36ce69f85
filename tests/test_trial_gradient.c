/* What a training does to its gradients, seen in a single step. */
#include "tests/test.h"

#include "core/model.h"
#include "tests/small_trial.h"

#include <math.h>
#include <string.h>

/* One step of plain gradient descent at rate 1 on all samples. */
#define ONE_STEP                                                               \
    SMALL_MLP "schedule = constant\noptimizer.learning_rate = 1\n"             \
              "optimizer.momentum = 0\noptimizer.weight_decay = 0\n"           \
              "training.n_epochs = 1\ntraining.batch_size = 96\n"

/* The step, and what it began at. */
struct taken {
    struct arena arena;
    struct small_trial trial;
    size_t n;
    float *initial, *change; /* [n] */
};

static void take(struct taken *taken, const char *text)
{
    struct small_trial *trial = &taken->trial;
    taken->arena = arena_open();
    small_trial_train(
        trial, arena_print(&taken->arena, "%s%s", ONE_STEP, text));
    assert_false(trial->record.diverged);
    struct model *model =
        model_lay_out(&trial->spec, &trial->data, 1, MODEL_ATTACK,
                      (struct trial_means){0}, &taken->arena);
    model_initialize(model, 1);
    taken->n = model->n_parameters;
    taken->initial = model->weights;
    taken->change = ARENA_ARRAY(&taken->arena, float, taken->n);
    for (size_t i = 0; i < taken->n; i++)
        taken->change[i] = trial->weights.at[i] - model->weights[i];
}

static void drop(struct taken *taken)
{
    small_trial_close(&taken->trial);
    arena_close(&taken->arena);
}

static double length(const struct taken *taken)
{
    double sum = 0;
    for (size_t i = 0; i < taken->n; i++)
        sum += (double)taken->change[i] * (double)taken->change[i];
    return sqrt(sum);
}

static double recorded_norm(const struct taken *taken)
{
    return *record_f64(&taken->trial.record, FIELD_GRADIENT_NORM);
}

static void the_recorded_norm_is_that_of_the_step(void **state)
{
    (void)state;
    struct taken taken;
    take(&taken, "");
    assert_true(length(&taken) > 0.01);
    assert_true(fabs(recorded_norm(&taken) / length(&taken) - 1) < 1e-4);
    assert_true(*record_f64(&taken.trial.record, FIELD_WEIGHT_PENALTY) == 0);
    drop(&taken);
}

static void a_clipped_step_has_the_length_that_is_allowed(void **state)
{
    (void)state;
    struct taken whole, clipped;
    take(&whole, "");
    take(&clipped, "training.clip_norm = 0.005\n");
    assert_true(fabs(length(&clipped) / 0.005 - 1) < 1e-3);
    assert_true(recorded_norm(&clipped) == recorded_norm(&whole));
    double share = 0.005 / length(&whole);
    for (size_t i = 0; i < whole.n; i++)
        assert_true(fabs((double)clipped.change[i] -
                         share * (double)whole.change[i]) < 1e-6);
    drop(&whole);
    drop(&clipped);
}

static void no_entry_of_a_clipped_step_is_larger_than_allowed(void **state)
{
    (void)state;
    struct taken whole, clipped;
    size_t n_cut = 0;
    take(&whole, "");
    take(&clipped, "training.clip_value = 0.0078125\n");
    for (size_t i = 0; i < whole.n; i++) {
        double free = (double)whole.change[i];
        double bound = fmax(fmin(free, 0.0078125), -0.0078125);
        n_cut += bound != free;
        assert_true(fabs((double)clipped.change[i] - bound) < 1e-6);
    }
    assert_true(n_cut > 0 && n_cut < whole.n);
    drop(&whole);
    drop(&clipped);
}

/* On matrices -rate (l1 sign w + l2 w), on all else nothing. */
static void penalties_pull_at_weights_only(void **state)
{
    (void)state;
    struct taken whole, pulled;
    static struct tensor_place places[TRIAL_TENSORS_MAX];
    double penalty = 0;
    take(&whole, "");
    take(&pulled, "training.l1_penalty = 0.0625\ntraining.l2_penalty = 0.5\n");
    size_t n_places =
        trial_places(&whole.trial.spec, &whole.trial.data, places);
    for (size_t p = 0; p < n_places; p++) {
        const struct tensor_place *place = &places[p];
        bool matrix = place->rank == 2;
        size_t n = place->extent[0] * (matrix ? place->extent[1] : 1);
        for (size_t i = place->offset; i < place->offset + n; i++) {
            if (i >= whole.n)
                continue; /* running statistics */
            double w = (double)whole.initial[i];
            double pull = copysign(0.0625, w) + 0.5 * w;
            double moved =
                (double)pulled.change[i] - (double)whole.change[i];
            assert_true(fabs(moved + (matrix ? pull : 0)) < 1e-5);
            penalty += matrix ? 0.0625 * fabs(w) + 0.25 * w * w : 0;
        }
    }
    double recorded =
        *record_f64(&pulled.trial.record, FIELD_WEIGHT_PENALTY);
    assert_true(penalty > 1 && fabs(recorded / penalty - 1) < 1e-9);
    drop(&whole);
    drop(&pulled);
}

/* ending early -------------------------------------------------------- */

static void check_end(const char *text, size_t n_epochs)
{
    struct arena arena = arena_open();
    struct small_trial trial;
    small_trial_train(&trial, arena_print(&arena, "%s%s", SMALL_MLP, text));
    const double *loss = record_f64(&trial.record, FIELD_TRAIN_LOSS);
    assert_int_equal(*record_u64(&trial.record, FIELD_EPOCHS_RUN), n_epochs);
    assert_int_equal(trial.watch.n_calls, 6 * n_epochs);
    assert_false(trial.record.diverged);
    assert_true(*record_f64(&trial.record, FIELD_CLEAN_ACCURACY) > 0);
    for (size_t e = 0; e < 6; e++)
        assert_int_equal(isnan(loss[e]) != 0, e >= n_epochs);
    small_trial_close(&trial);
    arena_close(&arena);
}

static void training_ends_when_patience_is_lost(void **state)
{
    (void)state;
    check_end("", 6);
    check_end("training.patience = 2\n", 6);
    check_end("training.patience = 2\ntraining.min_improvement = 100\n", 3);
    check_end("training.patience = 1\ntraining.min_improvement = 100\n", 2);
    check_end("training.patience = 6\ntraining.min_improvement = 100\n", 6);
}

/* A trial whose test samples, here those held out, have wrong labels: the
 * better it learns, the larger their loss. */
static size_t count_epochs(const char *text)
{
    struct arena arena = arena_open();
    struct small_trial trial;
    static uint8_t wrong[50];
    small_trial_open(&trial, arena_print(&arena, "%s%s", SMALL_MLP, text));
    for (size_t i = 0; i < 50; i++)
        wrong[i] = (uint8_t)((trial.data.test.labels[i] + 1) % 3);
    trial.data.test.labels = wrong;
    struct trial_hooks hooks = small_hooks(&trial.watch);
    trial_train(&trial.spec, &trial.data, &hooks, &trial.run, &trial.weights,
                &trial.record);
    size_t n = *record_u64(&trial.record, FIELD_EPOCHS_RUN);
    assert_true(*record_f64(&trial.record, FIELD_CLEAN_LOSS) > 1);
    small_trial_close(&trial);
    arena_close(&arena);
    return n;
}

static void held_out_samples_tell_when_to_end(void **state)
{
    (void)state;
    assert_int_equal(count_epochs("training.patience = 1\n"), 6);
    assert_int_equal(count_epochs("dataset.n_validation = 50\n"), 6);
    assert_int_equal(count_epochs("training.patience = 1\n"
                                  "dataset.n_validation = 50\n"),
                     2);
}

/* The weights that a trial ends with; `wrong`: what it is tested on. */
static void train_on(struct small_trial *trial, const char *text, bool wrong)
{
    struct arena arena = arena_open();
    static uint8_t labels[50];
    small_trial_open(trial, arena_print(&arena, "%s%s", SMALL_MLP, text));
    for (size_t i = 0; i < 50; i++)
        labels[i] = (uint8_t)((trial->data.test.labels[i] + wrong) % 3);
    trial->data.test.labels = labels;
    struct trial_hooks hooks = small_hooks(&trial->watch);
    trial_train(&trial->spec, &trial->data, &hooks, &trial->run,
                &trial->weights, &trial->record);
    assert_false(trial->record.diverged);
    assert_int_equal(trial->run.n_bytes,
                     trial_memory(&trial->spec, &trial->data, hooks.means));
    arena_close(&arena);
}

/* What `kept` has at its end is what it had after its best epoch: where `ended`
 * has ended by itself. */
static void check_kept(const char *text, const char *best, bool wrong)
{
    struct small_trial kept, ended;
    train_on(&kept, text, wrong);
    train_on(&ended, best, wrong);
    assert_memory_equal(kept.weights.at, ended.weights.at,
                        kept.weights.n * sizeof *kept.weights.at);
    assert_true(*record_f64(&kept.record, FIELD_CLEAN_LOSS) ==
                *record_f64(&ended.record, FIELD_CLEAN_LOSS));
    small_trial_close(&kept);
    small_trial_close(&ended);
}

/* With wrong labels the first epoch is the best of those held out; the loss of
 * training falls in each. Constant rates make a training of fewer epochs the
 * beginning of a longer one. */
static void the_best_epochs_weights_are_kept(void **state)
{
    (void)state;
    static const char constant[] =
        "schedule = constant\noptimizer.learning_rate = 0.02\n";
    struct arena arena = arena_open();
    const char *held_out =
        arena_print(&arena, "%sdataset.n_validation = 50\n", constant);
    const char *best =
        arena_print(&arena, "%straining.keep = best\n", held_out);
    const char *one =
        arena_print(&arena, "%straining.n_epochs = 1\n", held_out);
    check_kept(best, one, true);
    check_kept(arena_print(&arena, "%straining.patience = 2\n", best), one,
               true);
    check_kept(arena_print(&arena, "%straining.min_improvement = 100\n", best),
               one, false);
    check_kept(arena_print(&arena, "%straining.keep = best\n", constant),
               constant, true);
    arena_close(&arena);
}

/* And by default those of the last one, which is another. */
static void the_last_epochs_weights_are_kept_by_default(void **state)
{
    (void)state;
    struct small_trial last, best;
    train_on(&last, "dataset.n_validation = 50\n"
                    "training.test_each_epoch = true\n", true);
    train_on(&best, "dataset.n_validation = 50\ntraining.keep = best\n",
             true);
    const double *loss = record_f64(&last.record, FIELD_TEST_LOSS);
    assert_true(*record_f64(&last.record, FIELD_CLEAN_LOSS) == loss[5]);
    assert_true(*record_f64(&best.record, FIELD_CLEAN_LOSS) == loss[0]);
    assert_true(loss[0] < loss[5]);
    assert_int_equal(*record_u64(&best.record, FIELD_EPOCHS_RUN), 6);
    small_trial_close(&last);
    small_trial_close(&best);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_recorded_norm_is_that_of_the_step),
        cmocka_unit_test(a_clipped_step_has_the_length_that_is_allowed),
        cmocka_unit_test(no_entry_of_a_clipped_step_is_larger_than_allowed),
        cmocka_unit_test(penalties_pull_at_weights_only),
        cmocka_unit_test(training_ends_when_patience_is_lost),
        cmocka_unit_test(held_out_samples_tell_when_to_end),
        cmocka_unit_test(the_best_epochs_weights_are_kept),
        cmocka_unit_test(the_last_epochs_weights_are_kept_by_default),
    };
    return cmocka_run_group_tests_name("trial gradient", tests, NULL, NULL);
}

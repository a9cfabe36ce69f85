/* Stage "train" of a trial, on small synthetic data. */
#include "tests/test.h"

#include "core/model.h"
#include "tests/small_net.h"
#include "tests/small_trial.h"

#include <math.h>
#include <string.h>

/* learning ------------------------------------------------------------ */

static void check_learning(const char *text)
{
    struct small_trial trial;
    small_trial_train(&trial, text);
    const double *loss = record_f64(&trial.record, FIELD_TRAIN_LOSS);
    double accuracy = *record_f64(&trial.record, FIELD_CLEAN_ACCURACY);
    assert_false(trial.record.diverged);
    if (!(accuracy >= 0.9) || !(loss[29] < 0.5 * loss[0]))
        fail_msg("accuracy %g, loss from %g to %g in\n%s", accuracy, loss[0],
                 loss[29], text);
    small_trial_close(&trial);
}

static void a_network_learns_far_beyond_chance(void **state)
{
    (void)state;
    static const char *const encodings[] = {
        "encoding = direct\n", "encoding = poisson\n", "encoding = latency\n"};
    static const char *const others[] = {
        "normalization = tdbn\nneuron = lif\n",
        "normalization = none\nneuron = if\nneuron.reset = soft\n"
        "neuron.threshold = 0.3\n",
        "normalization = batch\nsurrogate = sigmoid\n"
        "regularizer = mpd_sgr\nregularizer.range = 1\n"};
    for (size_t i = 0; i < 9; i++) {
        struct arena arena = arena_open();
        static const char *const networks[] = {SMALL_MLP, SMALL_CSNN};
        for (size_t k = 0; k < 2; k++)
            check_learning(arena_print(&arena,
                                       "%s%s%straining.n_epochs = 30\n",
                                       networks[k], encodings[i / 3],
                                       others[i % 3]));
        arena_close(&arena);
    }
}

/* Images of their own size; the loss falls in the first epoch. */
static void check_epoch(const char *text, struct image_shape shape)
{
    struct small_trial trial = {.arena = arena_open(), .run = arena_open()};
    trial.spec = small_spec(text, &trial.arena);
    trial.data = small_data(shape, 3, 480, 48, 0.3, &trial.arena);
    struct trial_hooks hooks = small_hooks(&trial.watch);
    assert_int_equal(trial_check(&trial.spec, &trial.data), STATUS_OK);
    size_t n_bytes = trial_memory(&trial.spec, &trial.data, hooks.means);
    trial_train(&trial.spec, &trial.data, &hooks, &trial.run, &trial.weights,
                &trial.record);
    assert_int_equal(trial.run.n_bytes, n_bytes);
    const double *loss = trial.watch.loss;
    double accuracy = *record_f64(&trial.record, FIELD_CLEAN_ACCURACY);
    assert_false(trial.record.diverged);
    if (!(accuracy > 0.6) || !(loss[59] < 0.6 * loss[0]))
        fail_msg("accuracy %g, loss from %g to %g in\n%s", accuracy, loss[0],
                 loss[59], text);
    small_trial_close(&trial);
}

static void deep_networks_learn_in_an_epoch_or_two(void **state)
{
    (void)state;
    check_epoch("network = wrn16\nnetwork.width = 4\nnetwork.widening = 2\n"
                "training.n_epochs = 1\ntraining.batch_size = 8\n",
                (struct image_shape){8, 7, 1});
    check_epoch("network = vgg11\nnetwork.width = 8\nschedule = cosine\n"
                "training.n_epochs = 2\ntraining.batch_size = 8\n",
                (struct image_shape){32, 32, 1});
}

static double last_term(const char *text)
{
    struct small_trial trial;
    small_trial_train(&trial, text);
    double term = record_f64(&trial.record, FIELD_REGULARIZER)[5];
    small_trial_close(&trial);
    return term;
}

static void the_regularizer_empties_the_surrogates_range(void **state)
{
    (void)state;
    double weak = last_term(SMALL_CSNN "regularizer = mpd_sgr\n"
                                       "regularizer.weight = 1e-06\n");
    double strong = last_term(SMALL_CSNN "regularizer = mpd_sgr\n"
                                         "regularizer.weight = 2\n");
    assert_true(weak > 0.1 && strong < 0.85 * weak);
}

/* From 0 on, a width for each layer of its own. */
static void a_learned_width_is_trained(void **state)
{
    (void)state;
    static struct tensor_place places[TRIAL_TENSORS_MAX];
    struct small_trial trial;
    small_trial_train(&trial, SMALL_CSNN "surrogate = psg\n");
    size_t n_places = trial_places(&trial.spec, &trial.data, places);
    float widths[2];
    size_t n_widths = 0;
    for (size_t i = 0; i < n_places; i++)
        if (strstr(places[i].name, ".log_width")) {
            assert_true(n_widths < 2);
            widths[n_widths++] = trial.weights.at[places[i].offset];
        }
    assert_int_equal(n_widths, 2);
    assert_true(isfinite(widths[0]) && isfinite(widths[1]));
    assert_true(fabsf(widths[0]) > 1e-3f && fabsf(widths[1]) > 1e-3f);
    assert_true(widths[0] != widths[1]);
    small_trial_close(&trial);
}

/* sameness ------------------------------------------------------------ */

static void a_trial_gives_the_same_bits_twice(void **state)
{
    (void)state;
    static const char text[] =
        SMALL_CSNN "encoding = poisson\nregularizer = mpd_sgr\n";
    struct small_trial first, second, other;
    small_trial_train(&first, text);
    small_trial_train(&second, text);
    small_trial_train(&other, SMALL_CSNN "encoding = poisson\n"
                                         "regularizer = mpd_sgr\n"
                                         "training.seed = 2\n");
    assert_int_equal(first.weights.n, second.weights.n);
    assert_memory_equal(first.weights.at, second.weights.at,
                        first.weights.n * sizeof(float));
    assert_true(digest_equal(record_digest(&first.record),
                             record_digest(&second.record)));
    assert_false(digest_equal(record_digest(&first.record),
                              record_digest(&other.record)));
    small_trial_close(&first);
    small_trial_close(&second);
    small_trial_close(&other);
}

/* With a learning rate of next to nothing a batch's loss tells the weights and
 * the batch: the forward pass knows of no surrogate. */
static void train_in_place(struct small_trial *trial, const char *text)
{
    struct arena arena = arena_open();
    small_trial_train(
        trial, arena_print(&arena, "%s%soptimizer.learning_rate = 1e-08\n",
                           SMALL_MLP, text));
    assert_int_equal(trial->watch.n_calls, 36);
    arena_close(&arena);
}

static double largest_change(const struct small_trial *a,
                             const struct small_trial *b)
{
    double most = 0;
    for (size_t i = 0; i < 36; i++)
        most = fmax(most, fabs(a->watch.loss[i] - b->watch.loss[i]));
    return most;
}

static void trials_of_one_seed_begin_and_go_on_alike(void **state)
{
    (void)state;
    static const char *const paired[] = {
        "surrogate = atan\n", "surrogate = rectangular\n",
        "regularizer = mpd_sgr\n", "neuron.detach_reset = true\n"};
    struct small_trial base, other;
    train_in_place(&base, "");
    for (size_t i = 0; i < 4; i++) {
        train_in_place(&other, paired[i]);
        assert_true(largest_change(&base, &other) < 1e-5);
        small_trial_close(&other);
    }
    train_in_place(&other, "training.seed = 2\n");
    assert_true(largest_change(&base, &other) > 1e-2);
    small_trial_close(&other);
    small_trial_close(&base);
}

/* Of three equal images with different labels each epoch leaves one out: which
 * epochs leave out the same one tells the order. */
static void find_order(const char *text, size_t first_alike[12])
{
    struct arena arena = arena_open();
    struct small_trial trial;
    small_trial_open(&trial, arena_print(&arena, "%s%s", text,
                                         "normalization = none\n"
                                         "optimizer.learning_rate = 1e-08\n"
                                         "training.n_epochs = 12\n"
                                         "training.batch_size = 2\n"));
    static const uint8_t black[3 * 36], labels[3] = {0, 1, 2};
    trial.data.train = (struct split){3, black, labels, NULL};
    struct trial_hooks hooks = small_hooks(&trial.watch);
    trial_train(&trial.spec, &trial.data, &hooks, &trial.run, &trial.weights,
                &trial.record);
    const double *loss = trial.watch.loss;
    for (size_t i = 0; i < 12; i++)
        for (size_t k = 0; k <= i; k++)
            if (fabs(loss[i] - loss[k]) < 1e-5) {
                first_alike[i] = k;
                break;
            }
    small_trial_close(&trial);
    arena_close(&arena);
}

static void the_order_of_the_data_is_the_seeds(void **state)
{
    (void)state;
    size_t base[12], paired[12], other[12], same[12] = {0};
    find_order("network = mlp\n", base);
    find_order("network = csnn\nnetwork.channels = [2]\n"
               "surrogate = atan\nencoding = poisson\n",
               paired);
    find_order("network = mlp\ntraining.seed = 2\n", other);
    assert_memory_equal(base, paired, sizeof base);
    assert_memory_not_equal(base, other, sizeof base);
    assert_memory_not_equal(base, same, sizeof base);
}

/* The whole data set in one batch, with weights that stay: only the encoding
 * can make a difference between epochs. */
static double change_of_epochs(const char *encoding)
{
    struct arena arena = arena_open();
    struct small_trial trial;
    small_trial_train(&trial,
                      arena_print(&arena,
                                  "%s%straining.n_epochs = 2\n"
                                  "training.batch_size = 96\n"
                                  "optimizer.learning_rate = 1e-08\n",
                                  SMALL_MLP, encoding));
    const double *loss = record_f64(&trial.record, FIELD_TRAIN_LOSS);
    double change = fabs(loss[1] - loss[0]);
    small_trial_close(&trial);
    arena_close(&arena);
    return change;
}

static void each_epoch_has_its_own_random_spikes(void **state)
{
    (void)state;
    assert_true(change_of_epochs("encoding = direct\n") < 1e-5);
    assert_true(change_of_epochs("encoding = latency\n") < 1e-5);
    assert_true(change_of_epochs("encoding = poisson\n") > 1e-4);
}

static void each_layer_begins_with_numbers_of_its_own(void **state)
{
    (void)state;
    struct small_trial trial;
    small_trial_open(&trial, "network = mlp\nnetwork.hidden = [36, 36, 36]\n"
                             "normalization = none\n");
    struct model *model = model_lay_out(&trial.spec, &trial.data, 1,
                                        MODEL_ATTACK, (struct trial_means){0},
                                        &trial.run);
    model_initialize(model, 7);
    const float *weights = model->weights;
    double bound = 1 / sqrt(36.0), sum = 0;
    for (size_t i = 0; i < 36 * 36; i++) {
        assert_true(fabs((double)weights[i]) <= bound);
        sum += (double)weights[i];
    }
    assert_true(fabs(sum) / (36 * 36) < 0.05 * bound);
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(weights + model->layers[i].main.at.weight,
                                    weights + model->layers[k].main.at.weight,
                                    36 * 36 * sizeof(float));
    for (size_t i = 0; i < 3; i++)
        assert_memory_not_equal(weights + model->layers[i].main.at.weight,
                                weights + model->layers[i].main.at.shift,
                                36 * sizeof(float));
    small_trial_close(&trial);
}

/* the rate ------------------------------------------------------------ */

/* Trains for one epoch of n_steps steps whose rate rises from 0: how many
 * parameters are not what they were at first. */
static size_t count_changed(const char *batch_size)
{
    struct arena arena = arena_open();
    struct small_trial trial;
    const char *text = arena_print(
        &arena, "%sschedule = constant\nschedule.warmup_epochs = 1\n"
                "schedule.warmup_from = 0\ntraining.n_epochs = 1\n"
                "training.batch_size = %s\n", SMALL_MLP, batch_size);
    small_trial_train(&trial, text);
    struct model *model =
        model_lay_out(&trial.spec, &trial.data, 1, MODEL_ATTACK,
                      (struct trial_means){0}, &arena);
    model_initialize(model, 1);
    size_t n_changed = 0;
    for (size_t i = 0; i < model->n_parameters; i++)
        n_changed += model->weights[i] != trial.weights.at[i];
    small_trial_close(&trial);
    arena_close(&arena);
    return n_changed;
}

static void a_schedule_goes_from_step_to_step(void **state)
{
    (void)state;
    assert_int_equal(count_changed("96"), 0);
    assert_true(count_changed("48") > 0);
}

/* failure ------------------------------------------------------------- */

static void set_real(struct spec *spec, enum spec_axis axis, const char *name,
                     double value)
{
    const struct row *row = kind_find_row(spec->at[axis].kind, name);
    unsigned char *params = (unsigned char *)(uintptr_t)spec->at[axis].params;
    assert_non_null(row);
    memcpy(params + row->offset, &value, sizeof value);
}

static void check_divergence(const char *text, double rate)
{
    struct small_trial trial;
    small_trial_open(&trial, text);
    set_real(&trial.spec, SPEC_OPTIMIZER, "learning_rate", rate);
    struct trial_hooks hooks = small_hooks(&trial.watch);
    trial_train(&trial.spec, &trial.data, &hooks, &trial.run, &trial.weights,
                &trial.record);
    assert_true(trial.record.diverged);
    assert_true(isnan(*record_f64(&trial.record, FIELD_CLEAN_ACCURACY)));
    size_t last = trial.record.extent[DIM_EPOCH] - 1;
    assert_true(last == 0 ||
                isnan(record_f64(&trial.record, FIELD_TRAIN_LOSS)[last]));
    assert_true(*record_u64(&trial.record, FIELD_N_PARAMETERS) > 0);
    small_trial_close(&trial);
}

static void a_run_that_diverges_is_recorded_as_such(void **state)
{
    (void)state;
    check_divergence(SMALL_CSNN, 1e30);
    check_divergence(SMALL_MLP "normalization = none\n", 1e30);
    check_divergence(SMALL_MLP "encoding = poisson\n"
                               "regularizer = mpd_sgr\n",
                     1e38);
    check_divergence(SMALL_CSNN "optimizer.weight_decay = 1\n", 1000);
    /* a single step, whose own loss is still good */
    check_divergence(SMALL_MLP "training.n_epochs = 1\n"
                               "training.batch_size = 96\n",
                     1e39);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    struct small_trial trial;
    small_trial_open(&trial, "network = csnn\nnetwork.channels = [2, 2, 2]\n");
    assert_int_equal(trial_check(&trial.spec, &trial.data), STATUS_INVALID);
    assert_non_null(strstr(status_reason(), "3 poolings"));
    assert_non_null(strstr(status_reason(), "6 x 6"));
    small_trial_close(&trial);
    small_trial_open(&trial, "network = csnn\nnetwork.channels = [2, 2]\n");
    assert_int_equal(trial_check(&trial.spec, &trial.data), STATUS_OK);
    trial.data.train.n = 1;
    assert_int_equal(trial_check(&trial.spec, &trial.data), STATUS_INVALID);
    assert_non_null(strstr(status_reason(), "1 training samples"));
    small_trial_close(&trial);
    small_trial_open(&trial, "network = vgg11\nnetwork.width = 1\n");
    assert_int_equal(trial_check(&trial.spec, &trial.data), STATUS_INVALID);
    assert_non_null(strstr(status_reason(), "vgg11: 3 poolings"));
    small_trial_close(&trial);
    small_trial_open(&trial, "network = wrn16\nnetwork.width = 1\n");
    assert_int_equal(trial_check(&trial.spec, &trial.data), STATUS_OK);
    small_trial_close(&trial);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_network_learns_far_beyond_chance),
        cmocka_unit_test(deep_networks_learn_in_an_epoch_or_two),
        cmocka_unit_test(the_regularizer_empties_the_surrogates_range),
        cmocka_unit_test(a_learned_width_is_trained),
        cmocka_unit_test(a_trial_gives_the_same_bits_twice),
        cmocka_unit_test(trials_of_one_seed_begin_and_go_on_alike),
        cmocka_unit_test(the_order_of_the_data_is_the_seeds),
        cmocka_unit_test(each_epoch_has_its_own_random_spikes),
        cmocka_unit_test(each_layer_begins_with_numbers_of_its_own),
        cmocka_unit_test(a_schedule_goes_from_step_to_step),
        cmocka_unit_test(a_run_that_diverges_is_recorded_as_such),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests_name("trial", tests, NULL, NULL);
}

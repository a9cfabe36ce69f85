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
    trial.data.train = (struct split){3, black, labels};
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

static void each_layer_begins_with_numbers_of_its_own(void **state)
{
    (void)state;
    struct small_trial trial;
    small_trial_open(&trial, "network = mlp\nnetwork.hidden = [36, 36, 36]\n"
                             "surrogate = atan\n");
    struct model *model = model_lay_out(&trial.spec, &trial.data, 1,
                                        MODEL_ATTACK, &trial.run);
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
            assert_memory_not_equal(weights + model->layers[i].at.weight,
                                    weights + model->layers[k].at.weight,
                                    36 * 36 * sizeof(float));
    small_trial_close(&trial);
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
    assert_true(isnan(record_f64(&trial.record, FIELD_TRAIN_LOSS)[5]));
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
}

/* the record ---------------------------------------------------------- */

static void training_takes_the_memory_that_was_foretold(void **state)
{
    (void)state;
    static const char *const texts[] = {
        SMALL_MLP, SMALL_CSNN "encoding = poisson\nregularizer = mpd_sgr\n",
        SMALL_CSNN "encoding = latency\nnetwork.pool = max\n"
                   "training.batch_size = 1000\n"};
    for (size_t i = 0; i < 3; i++) {
        struct small_trial trial;
        small_trial_train(&trial, texts[i]);
        assert_int_equal(trial.run.n_bytes,
                         trial_memory(&trial.spec, &trial.data));
        small_trial_close(&trial);
    }
}

static void check_step(const struct record *record, size_t at, double n)
{
    size_t n_bins = record->extent[DIM_BIN];
    const uint64_t *counts =
        record_u64(record, FIELD_MEMBRANE_COUNT) + at * n_bins;
    const double *edges = record_f64(record, FIELD_MEMBRANE_EDGE);
    double sum = 0, above = 0, inside = 0;
    for (size_t i = 0; i < n_bins; i++) {
        sum += (double)counts[i];
        above += edges[i] > -1e-9 ? (double)counts[i] : 0;
        inside += fabs(edges[i] + 0.05) < 1 ? (double)counts[i] : 0;
    }
    double rate = record_f64(record, FIELD_FIRING_RATE)[at];
    double share = record_f64(record, FIELD_MEMBRANE_INSIDE)[at];
    double omega = record_f64(record, FIELD_MEMBRANE_OMEGA)[at];
    assert_true(sum == n);
    /* edges are rounded, so a potential next to one may be on either side */
    assert_true(fabs(above / n - rate) < 2e-3);
    assert_true(fabs(inside / n - share) < 2e-3);
    assert_true(rate > 0 && rate < 1 && omega > 0 && omega < 1);
    assert_true(record_f64(record, FIELD_MEMBRANE_DEVIATION)[at] > 0);
}

static void the_membrane_histogram_counts_every_potential(void **state)
{
    (void)state;
    struct small_trial trial;
    small_trial_train(&trial, SMALL_CSNN);
    const struct record *record = &trial.record;
    assert_int_equal(record->extent[DIM_LAYER], 2);
    assert_int_equal(record->extent[DIM_STEP], 4);
    assert_true(isinf(record_f64(record, FIELD_MEMBRANE_EDGE)[0]));
    assert_true(*record_f64(record, FIELD_MEMBRANE_GAMMA) == 1.0);
    for (size_t t = 0; t < 4; t++) {
        check_step(record, t, 50 * 6 * 6 * 8);
        check_step(record, 4 + t, 50 * 16);
    }
    small_trial_close(&trial);
}

static void a_record_tells_its_epochs_and_samples(void **state)
{
    (void)state;
    struct small_trial trial;
    small_trial_train(&trial, SMALL_MLP "optimizer.learning_rate = 0.2\n");
    const struct record *record = &trial.record;
    size_t n_correct = 0;
    for (size_t i = 0; i < 50; i++) {
        uint8_t label = record_u8(record, FIELD_LABEL)[i];
        assert_int_equal(label, i % 3);
        n_correct += record_u8(record, FIELD_CLEAN_PREDICTION)[i] == label;
    }
    assert_true(*record_f64(record, FIELD_CLEAN_ACCURACY) ==
                (double)n_correct / 50);
    for (size_t i = 0; i < 6; i++) {
        double rate = 0.1 * (1 + cos(acos(-1) * (double)i / 6));
        assert_true(fabs(record_f64(record, FIELD_LEARNING_RATE)[i] - rate) <
                    1e-12);
        assert_true(record_f64(record, FIELD_EPOCH_TIME)[i] == 1);
        assert_true(record_f64(record, FIELD_REGULARIZER)[i] == 0);
    }
    assert_int_equal(trial.watch.done, 36);
    assert_int_equal(trial.watch.total, 36);
    small_trial_close(&trial);
}

static void an_estimate_counts_the_steps(void **state)
{
    (void)state;
    struct small_trial trial;
    small_trial_open(&trial, SMALL_MLP);
    struct trial_hooks hooks = small_hooks(&trial.watch);
    /* a step takes a second of that clock */
    double expected = 6 * 6 + 50 / (3.0 * 16);
    assert_true(fabs(trial_estimate(&trial.spec, &trial.data, &hooks) -
                     expected) < 1e-9);
    small_trial_close(&trial);
}

static void the_places_of_tensors_cover_the_vector_once(void **state)
{
    (void)state;
    struct small_trial trial;
    small_trial_open(&trial, SMALL_CSNN);
    static struct tensor_place places[TRIAL_TENSORS_MAX];
    uint8_t seen[4096] = {0};
    size_t n_values = model_count_values(&trial.spec, &trial.data);
    size_t n_places = trial_places(&trial.spec, &trial.data, places);
    assert_true(n_values < sizeof seen);
    for (size_t i = 0; i < n_places; i++) {
        size_t n = 1;
        for (size_t k = 0; k < places[i].rank; k++)
            n *= places[i].extent[k];
        for (size_t k = 0; k < n; k++)
            seen[places[i].offset + k]++;
    }
    for (size_t i = 0; i < sizeof seen; i++)
        assert_int_equal(seen[i], i < n_values);
    small_trial_close(&trial);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_network_learns_far_beyond_chance),
        cmocka_unit_test(the_regularizer_empties_the_surrogates_range),
        cmocka_unit_test(a_trial_gives_the_same_bits_twice),
        cmocka_unit_test(trials_of_one_seed_begin_and_go_on_alike),
        cmocka_unit_test(the_order_of_the_data_is_the_seeds),
        cmocka_unit_test(each_layer_begins_with_numbers_of_its_own),
        cmocka_unit_test(a_run_that_diverges_is_recorded_as_such),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(training_takes_the_memory_that_was_foretold),
        cmocka_unit_test(the_membrane_histogram_counts_every_potential),
        cmocka_unit_test(a_record_tells_its_epochs_and_samples),
        cmocka_unit_test(an_estimate_counts_the_steps),
        cmocka_unit_test(the_places_of_tensors_cover_the_vector_once),
    };
    return cmocka_run_group_tests_name("trial", tests, NULL, NULL);
}

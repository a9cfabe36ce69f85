/* What stage "train" of a trial tells, takes and estimates. */
#include "tests/test.h"

#include "core/model.h"
#include "tests/small_trial.h"

#include <math.h>
#include <string.h>

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
                         trial_memory(&trial.spec, &trial.data,
                                      (struct trial_means){0}));
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
        /* 1 s of the clock for each of 96 / 16 steps. */
        assert_true(record_f64(record, FIELD_EPOCH_TIME)[i] == 6);
        assert_true(record_f64(record, FIELD_REGULARIZER)[i] == 0);
    }
    const double *loss = record_f64(record, FIELD_TRAIN_LOSS);
    assert_true(loss[0] == trial.watch.loss[5]);
    assert_true(loss[5] == trial.watch.loss[35]);
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

static void check_places(const char *text)
{
    struct small_trial trial;
    small_trial_open(&trial, text);
    static struct tensor_place places[TRIAL_TENSORS_MAX];
    static uint8_t seen[1 << 16];
    memset(seen, 0, sizeof seen);
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

static void the_places_of_tensors_cover_the_vector_once(void **state)
{
    (void)state;
    check_places(SMALL_CSNN);
    check_places(SMALL_WRN);
    check_places(SMALL_WRN "normalization = none\n");
    check_places(SMALL_WRN "network.order = pre\n");
}

/* 16 layers with weights, 13 of neurons. */
static void a_residual_networks_layers_have_their_sizes(void **state)
{
    (void)state;
    struct small_trial trial;
    small_trial_train(&trial, SMALL_WRN);
    const struct record *record = &trial.record;
    static const size_t n_neurons[] = {36 * 4, 36 * 8, 36 * 8, 36 * 8, 36 * 8,
                                       9 * 16, 9 * 16, 9 * 16, 9 * 16,
                                       4 * 32, 4 * 32, 4 * 32, 4 * 32};
    assert_int_equal(record->extent[DIM_LAYER], 13);
    for (size_t i = 0; i < 13 * 4; i++)
        check_step(record, i, (double)(50 * n_neurons[i / 4]));
    size_t n = 9 * (4 + 4 * 8 + 3 * 64 + 8 * 16 + 3 * 256 + 16 * 32 + 3 * 1024);
    n += 4 * 8 + 8 * 16 + 16 * 32;     /* shortcuts */
    n += 2 * (4 + 5 * (8 + 16 + 32));  /* norms: 4 layers and a shortcut each */
    n += 32 * 3 + 3;                   /* read-out */
    assert_int_equal(*record_u64(record, FIELD_N_PARAMETERS), n);
    small_trial_close(&trial);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(training_takes_the_memory_that_was_foretold),
        cmocka_unit_test(the_membrane_histogram_counts_every_potential),
        cmocka_unit_test(a_record_tells_its_epochs_and_samples),
        cmocka_unit_test(an_estimate_counts_the_steps),
        cmocka_unit_test(the_places_of_tensors_cover_the_vector_once),
        cmocka_unit_test(a_residual_networks_layers_have_their_sizes),
    };
    return cmocka_run_group_tests_name("trial_record", tests, NULL, NULL);
}

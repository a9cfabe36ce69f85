/* The kinds of the axis "loss". */
#include "tests/test.h"

#include "core/loss.h"
#include "core/spec.h"

#include <math.h>
#include <string.h>

enum { N_SAMPLES = 5, N_CLASSES = 4, N_LOGITS = N_SAMPLES * N_CLASSES };

static const uint8_t labels[N_SAMPLES] = {0, 3, 1, 2, 2};

/* One sample's loss in the plainest way. */
static double plain_loss(const float *logits, size_t label)
{
    double sum = 0;
    for (size_t k = 0; k < N_CLASSES; k++)
        sum += exp((double)logits[k]);
    return log(sum) - (double)logits[label];
}

enum { N_STEPS = 3, N_READ = N_STEPS * N_LOGITS };

/* A kind as a line of a spec chooses it, on N_SAMPLES samples. */
struct found {
    float loss[N_SAMPLES], d_logits[N_READ];
    uint8_t predicted[N_SAMPLES];
};

static void find(const char *text, size_t n_readings, const float *logits,
                 float scale, struct found *found)
{
    struct arena arena = arena_open();
    struct spec spec;
    assert_int_equal(spec_parse(text, &spec, &arena), STATUS_OK);
    const struct choice *choice = &spec.at[SPEC_LOSS];
    struct loss_batch batch = {N_SAMPLES, n_readings,       N_CLASSES,
                               logits,    labels,           scale,
                               found->loss, found->predicted, found->d_logits};
    loss_of(choice->kind)->find(choice->params, &batch);
    arena_close(&arena);
}

static void fill_readings(float *logits)
{
    for (size_t i = 0; i < N_READ; i++)
        logits[i] = (float)(2 * sin(2.5 * (double)i) + 0.1 * (double)(i % 7));
}

/* In the plainest way. */
static double plain_smoothed(const float *logits, size_t label, double e)
{
    double loss = 0;
    for (size_t k = 0; k < N_CLASSES; k++)
        loss += ((k == label) * (1 - e) + e / N_CLASSES) *
                plain_loss(logits, k);
    return loss;
}

static double plain_tet(const float *logits, size_t label, double lambda,
                        double phi, double e)
{
    double entropy = 0, squares = 0;
    for (size_t t = 0; t < N_STEPS; t++)
        entropy += plain_smoothed(logits + t * N_CLASSES, label, e) / N_STEPS;
    for (size_t i = 0; i < N_STEPS * N_CLASSES; i++)
        squares += ((double)logits[i] - phi) * ((double)logits[i] - phi) /
                   (N_STEPS * N_CLASSES);
    return (1 - lambda) * entropy + lambda * squares;
}

/* The loss as it is defined, and its central differences. */
static void check_kind(const char *text, size_t n_readings,
                       double (*plain)(const float *logits, size_t label))
{
    float logits[N_READ];
    struct found found;
    size_t n_sample = n_readings * N_CLASSES;
    double step = 1.0 / 1024;
    fill_readings(logits);
    find(text, n_readings, logits, 0.25f, &found);
    for (size_t b = 0; b < N_SAMPLES; b++)
        assert_true(fabs((double)found.loss[b] /
                             plain(logits + b * n_sample, labels[b]) -
                         1) < 1e-6);
    for (size_t i = 0; i < N_SAMPLES * n_sample; i++) {
        const float *own = logits + i / n_sample * n_sample;
        size_t label = labels[i / n_sample];
        float held = logits[i];
        logits[i] = held + (float)step;
        double above = plain(own, label), width = (double)logits[i];
        logits[i] = held - (float)step;
        double below = plain(own, label);
        width -= (double)logits[i];
        logits[i] = held;
        assert_true(fabs(0.25 * (above - below) / width -
                         (double)found.d_logits[i]) < 1e-6);
    }
}

static double smoothed_tenth(const float *logits, size_t label)
{
    return plain_smoothed(logits, label, 0.1);
}

static double tet_usual(const float *logits, size_t label)
{
    return plain_tet(logits, label, 0.05, 1, 0);
}

static double tet_other(const float *logits, size_t label)
{
    return plain_tet(logits, label, 0.75, -2, 0.25);
}

static void smoothed_labels_give_this_loss_and_gradient(void **state)
{
    (void)state;
    check_kind("loss = cross_entropy\nloss.label_smoothing = 0.1\n", 1,
               smoothed_tenth);
}

static void tet_gives_this_loss_and_gradient(void **state)
{
    (void)state;
    check_kind("loss = tet\n", N_STEPS, tet_usual);
    check_kind("loss = tet\nloss.lambda = 0.75\nloss.phi = -2\n"
               "loss.label_smoothing = 0.25\n",
               N_STEPS, tet_other);
}

/* The default is the function that attacks and measurements use, bit for
 * bit. */
static void the_default_is_the_plain_cross_entropy(void **state)
{
    (void)state;
    float logits[N_READ], loss[N_SAMPLES], d_logits[N_LOGITS];
    uint8_t predicted[N_SAMPLES];
    struct found found;
    fill_readings(logits);
    find("", 1, logits, 0.3f, &found);
    loss_cross_entropy(N_SAMPLES, N_CLASSES, logits, labels, 0.3f, loss,
                       predicted, d_logits);
    assert_memory_equal(loss, found.loss, sizeof loss);
    assert_memory_equal(d_logits, found.d_logits, sizeof d_logits);
    assert_memory_equal(predicted, found.predicted, sizeof predicted);
}

/* The mean of three steps, of which one alone would say something else. */
static void tet_predicts_by_the_mean_over_time(void **state)
{
    (void)state;
    float logits[N_READ] = {0};
    struct found found;
    for (size_t b = 0; b < N_SAMPLES; b++) {
        float *own = logits + b * N_STEPS * N_CLASSES;
        own[0] = 3;
        own[N_CLASSES + 2] = 2;
        own[2 * N_CLASSES + 2] = 2;
    }
    find("loss = tet\n", N_STEPS, logits, 1, &found);
    for (size_t b = 0; b < N_SAMPLES; b++)
        assert_int_equal(found.predicted[b], 2);
}

static void a_loss_of_nan_is_nan(void **state)
{
    (void)state;
    float logits[N_READ];
    struct found found;
    fill_readings(logits);
    logits[5] = NAN;
    find("loss = tet\n", N_STEPS, logits, 1, &found);
    assert_true(isnan(found.loss[0]) && !isnan(found.loss[1]));
    find("loss = cross_entropy\nloss.label_smoothing = 0.1\n", 1, logits, 1,
         &found);
    assert_true(isnan(found.loss[1]) && !isnan(found.loss[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(smoothed_labels_give_this_loss_and_gradient),
        cmocka_unit_test(tet_gives_this_loss_and_gradient),
        cmocka_unit_test(the_default_is_the_plain_cross_entropy),
        cmocka_unit_test(tet_predicts_by_the_mean_over_time),
        cmocka_unit_test(a_loss_of_nan_is_nan),
    };
    return cmocka_run_group_tests_name("loss kinds", tests, NULL, NULL);
}

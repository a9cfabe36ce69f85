#include "tests/test.h"

#include "core/loss.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { N_SAMPLES = 5, N_CLASSES = 4, N_LOGITS = N_SAMPLES * N_CLASSES };

static const uint8_t labels[N_SAMPLES] = {0, 3, 1, 2, 2};

static void fill(float *logits)
{
    for (size_t i = 0; i < N_LOGITS; i++)
        logits[i] = (float)(3 * sin(2.5 * (double)i));
}

/* One sample's loss in the plainest way. */
static double plain_loss(const float *logits, size_t label)
{
    double sum = 0;
    for (size_t k = 0; k < N_CLASSES; k++)
        sum += exp((double)logits[k]);
    return log(sum) - (double)logits[label];
}

static void the_loss_is_the_cross_entropy_of_the_softmax(void **state)
{
    (void)state;
    float logits[N_LOGITS], loss[N_SAMPLES];
    uint8_t predicted[N_SAMPLES];
    fill(logits);
    loss_cross_entropy(N_SAMPLES, N_CLASSES, logits, labels, 1, loss,
                       predicted, NULL);
    for (size_t b = 0; b < N_SAMPLES; b++) {
        const float *own = logits + b * N_CLASSES;
        double plain = plain_loss(own, labels[b]);
        assert_true(fabs((double)loss[b] / plain - 1) < 1e-6);
        for (size_t k = 0; k < N_CLASSES; k++)
            assert_true(own[k] <= own[predicted[b]]);
    }
}

static void the_gradient_is_the_scaled_difference(void **state)
{
    (void)state;
    float logits[N_LOGITS], loss[N_SAMPLES], d_logits[N_LOGITS];
    uint8_t predicted[N_SAMPLES];
    double step = 1.0 / 1024;
    fill(logits);
    loss_cross_entropy(N_SAMPLES, N_CLASSES, logits, labels, 0.25f, loss,
                       predicted, d_logits);
    for (size_t i = 0; i < N_LOGITS; i++) {
        size_t b = i / N_CLASSES;
        float *own = logits + b * N_CLASSES, held = logits[i];
        logits[i] = held + (float)step;
        double above = plain_loss(own, labels[b]);
        double width = (double)logits[i];
        logits[i] = held - (float)step;
        double below = plain_loss(own, labels[b]);
        width -= (double)logits[i];
        logits[i] = held;
        double slope = (above - below) / width;
        assert_true(fabs(0.25 * slope - (double)d_logits[i]) < 1e-6);
    }
}

static void a_samples_gradients_add_up_to_zero(void **state)
{
    (void)state;
    float logits[N_LOGITS], loss[N_SAMPLES], d_logits[N_LOGITS];
    uint8_t predicted[N_SAMPLES];
    fill(logits);
    loss_cross_entropy(N_SAMPLES, N_CLASSES, logits, labels, 1, loss,
                       predicted, d_logits);
    for (size_t b = 0; b < N_SAMPLES; b++) {
        double sum = 0;
        for (size_t k = 0; k < N_CLASSES; k++)
            sum += (double)d_logits[b * N_CLASSES + k];
        assert_true(fabs(sum) < 1e-6);
    }
}

static void of_equal_logits_the_lowest_class_is_predicted(void **state)
{
    (void)state;
    float logits[3 * 3] = {1, 1, 1, 0, 2, 2, -1, -2, -1}, loss[3];
    uint8_t labels_0[3] = {0, 0, 0}, predicted[3];
    loss_cross_entropy(3, 3, logits, labels_0, 1, loss, predicted, NULL);
    assert_int_equal(predicted[0], 0);
    assert_int_equal(predicted[1], 1);
    assert_int_equal(predicted[2], 0);
    assert_true(fabs((double)loss[0] - log(3)) < 1e-6);
}

static void huge_logits_give_finite_numbers(void **state)
{
    (void)state;
    float logits[3 * 2] = {1e38f, -1e38f, -1e38f, 1e38f, 1e38f, 1e38f};
    float loss[3], d_logits[6];
    uint8_t zeros[3] = {0, 0, 0}, predicted[3];
    loss_cross_entropy(3, 2, logits, zeros, 1, loss, predicted, d_logits);
    assert_true(loss[0] == 0);
    assert_true(loss[1] == 2e38f);
    assert_true(fabs((double)loss[2] - log(2)) < 1e-6);
    float expected[6] = {0, 0, -1, 1, -0.5f, 0.5f};
    for (size_t i = 0; i < 6; i++)
        assert_true(d_logits[i] == expected[i]);
}

/* An attack follows the gradient of samples that the network is sure of. */
static void a_sure_sample_keeps_its_loss_and_gradient(void **state)
{
    (void)state;
    for (float margin = 10; margin <= 80; margin += 10) {
        float logits[2] = {margin, 0}, loss, d_logits[2];
        uint8_t label = 0, predicted;
        loss_cross_entropy(1, 2, logits, &label, 1, &loss, &predicted,
                           d_logits);
        double exact = log1p(exp(-(double)margin));
        assert_true(fabs((double)loss / exact - 1) < 1e-6);
        double slope = -1 / (1 + exp((double)margin));
        assert_true(fabs((double)d_logits[0] / slope - 1) < 1e-6);
        assert_true(fabs((double)d_logits[1] / slope + 1) < 1e-6);
    }
}

static void what_is_not_a_number_shows_in_the_loss(void **state)
{
    (void)state;
    for (size_t bad = 0; bad < 3; bad++) {
        float logits[3] = {1, 2, 3}, loss = 0;
        uint8_t label = 1, predicted = 9;
        logits[bad] = NAN;
        loss_cross_entropy(1, 3, logits, &label, 1, &loss, &predicted, NULL);
        assert_true(isnan(loss));
        assert_true(predicted < 3);
    }
}

/* divergence ---------------------------------------------------------- */

static double plain_divergence(const float *a, const float *b)
{
    double sum_a = 0, sum_b = 0, sum = 0;
    for (size_t k = 0; k < N_CLASSES; k++) {
        sum_a += exp((double)a[k]);
        sum_b += exp((double)b[k]);
    }
    for (size_t k = 0; k < N_CLASSES; k++)
        sum += exp((double)a[k]) / sum_a *
               ((double)a[k] - log(sum_a) - (double)b[k] + log(sum_b));
    return sum;
}

/* The difference quotient of entry i of `at`, which is a or b. */
static double divergence_by(float *at, size_t i, const float *a,
                            const float *b)
{
    float held = at[i];
    size_t own = i / N_CLASSES * N_CLASSES;
    at[i] = held + 0x1p-10f;
    double above = plain_divergence(a + own, b + own);
    at[i] = held - 0x1p-10f;
    double below = plain_divergence(a + own, b + own);
    at[i] = held;
    return (above - below) / 0x1p-9;
}

static void a_divergence_and_its_gradients_are_as_defined(void **state)
{
    (void)state;
    float a[N_LOGITS], b[N_LOGITS], loss[N_SAMPLES], d_a[N_LOGITS],
        d_b[N_LOGITS];
    fill(a);
    for (size_t i = 0; i < N_LOGITS; i++)
        b[i] = 0.5f * a[(i + 3) % N_LOGITS];
    loss_divergence(N_SAMPLES, N_CLASSES, a, b, 0.25f, loss, d_a, d_b);
    for (size_t i = 0; i < N_LOGITS; i++) {
        size_t own = i / N_CLASSES * N_CLASSES;
        double plain = plain_divergence(a + own, b + own);
        assert_true(plain > 0.01);
        assert_true(fabs((double)loss[i / N_CLASSES] - plain) < 1e-6);
        assert_true(fabs((double)d_a[i] - 0.25 * divergence_by(a, i, a, b)) <
                    1e-5);
        assert_true(fabs((double)d_b[i] - 0.25 * divergence_by(b, i, a, b)) <
                    1e-5);
    }
}

/* Sure predictions, too: no infinity, no difference of infinities. */
static void equal_predictions_do_not_diverge(void **state)
{
    (void)state;
    float a[N_LOGITS], loss[N_SAMPLES], d_a[N_LOGITS], d_b[N_LOGITS];
    fill(a);
    for (size_t i = 0; i < N_LOGITS; i++)
        a[i] *= 1000;
    loss_divergence(N_SAMPLES, N_CLASSES, a, a, 1, loss, d_a, d_b);
    for (size_t i = 0; i < N_LOGITS; i++)
        assert_true(loss[i / N_CLASSES] == 0 && d_a[i] == 0 && d_b[i] == 0);
}

/* The label's share against its rival in the plainest way. */
static double plain_share(const float *logits, size_t label, size_t rival)
{
    double own = exp((double)logits[label]);
    return own / (own + exp((double)logits[rival]));
}

static void rivals_are_the_largest_but_the_label(void **state)
{
    (void)state;
    const float logits[N_LOGITS] = {9, 1, 2, 1, /* of label 0 */
                                    5, 6, 6, 8, /* 3: the lower of two */
                                    0, 9, -1, -2, /* 1 */
                                    7, 3, 1, 2, -5, -6, 0, -4};
    const uint8_t expected[N_SAMPLES] = {2, 1, 0, 0, 3};
    const float one[1] = {4};
    uint8_t rivals[N_SAMPLES];
    loss_find_rivals(N_SAMPLES, N_CLASSES, logits, labels, rivals);
    assert_memory_equal(rivals, expected, N_SAMPLES);
    loss_find_rivals(1, 1, one, labels, rivals);
    assert_int_equal(rivals[0], 0);
}

static void a_share_and_its_gradient_are_as_defined(void **state)
{
    (void)state;
    float logits[N_LOGITS], share[N_SAMPLES], d_logits[N_LOGITS];
    const float factors[N_SAMPLES] = {1, -2, 0.5f, 3, 0.25f};
    uint8_t rivals[N_SAMPLES];
    double step = 1.0 / 1024;
    fill(logits);
    loss_find_rivals(N_SAMPLES, N_CLASSES, logits, labels, rivals);
    loss_share(N_SAMPLES, N_CLASSES, logits, labels, rivals, factors, share,
               d_logits);
    for (size_t i = 0; i < N_LOGITS; i++) {
        size_t b = i / N_CLASSES;
        float *own = logits + b * N_CLASSES, held = logits[i];
        double whole = plain_share(own, labels[b], rivals[b]);
        assert_true(fabs((double)share[b] - whole) < 1e-6);
        logits[i] = held + (float)step;
        double change = plain_share(own, labels[b], rivals[b]);
        double width = (double)logits[i];
        logits[i] = held - (float)step;
        change -= plain_share(own, labels[b], rivals[b]);
        width -= (double)logits[i];
        logits[i] = held;
        assert_true(fabs((double)factors[b] * change / width -
                         (double)d_logits[i]) < 2e-6);
    }
}

/* Nothing to stand against: a share of a half that nothing moves. */
static void without_a_rival_nothing_is_shared(void **state)
{
    (void)state;
    const float logits[2] = {4, -3};
    const uint8_t zero[2] = {0, 0};
    float share[2], d_logits[2] = {1, 1};
    loss_share(2, 1, logits, zero, zero, NULL, share, d_logits);
    assert_true(share[0] == share[1]);
    assert_true(d_logits[0] == 0 && d_logits[1] == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_loss_is_the_cross_entropy_of_the_softmax),
        cmocka_unit_test(the_gradient_is_the_scaled_difference),
        cmocka_unit_test(a_samples_gradients_add_up_to_zero),
        cmocka_unit_test(of_equal_logits_the_lowest_class_is_predicted),
        cmocka_unit_test(huge_logits_give_finite_numbers),
        cmocka_unit_test(a_sure_sample_keeps_its_loss_and_gradient),
        cmocka_unit_test(what_is_not_a_number_shows_in_the_loss),
        cmocka_unit_test(a_divergence_and_its_gradients_are_as_defined),
        cmocka_unit_test(equal_predictions_do_not_diverge),
        cmocka_unit_test(rivals_are_the_largest_but_the_label),
        cmocka_unit_test(a_share_and_its_gradient_are_as_defined),
        cmocka_unit_test(without_a_rival_nothing_is_shared),
    };
    return cmocka_run_group_tests_name("loss", tests, NULL, NULL);
}

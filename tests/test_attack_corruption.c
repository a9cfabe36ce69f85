/* Corruptions against plain statements of them. */
#include "tests/fake_victim.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

enum { HEIGHT = 23, WIDTH = 11, N_CHANNELS = 3, N = 4 };
enum { N_PIXELS = HEIGHT * WIDTH * N_CHANNELS, N_ALL = N * N_PIXELS };

static const float severities[] = {0x1p-20f, 0.05f, 0.2f, 0.5f, 0.99f, 1};

static void run(struct stage *stage, const char *name, float epsilon)
{
    const struct attack *attack = stage_attack(name);
    stage_run(stage, attack, stage_params(stage, attack, NULL, NULL),
              epsilon);
}

static void open_images(struct stage *stage)
{
    stage_open(stage, FAKE_LINEAR, N, N_PIXELS);
    stage->victim.shape = (struct image_shape){HEIGHT, WIDTH, N_CHANNELS};
}

static double clean_at(const struct stage *stage, size_t i, long y, long x,
                       size_t c)
{
    y = y < 0 ? 0 : y >= HEIGHT ? HEIGHT - 1 : y;
    x = x < 0 ? 0 : x >= WIDTH ? WIDTH - 1 : x;
    size_t place = (size_t)y * WIDTH + (size_t)x;
    return (double)stage->clean[i * N_PIXELS + place * N_CHANNELS + c];
}

/* The plane's bell all at once, not one line after the other. */
static double blurred(const struct stage *stage, size_t i, long y, long x,
                      size_t c, double deviation)
{
    long reach = (long)ceil(4 * deviation);
    double sum = 0, weights = 0;
    for (long v = -reach; v <= reach; v++)
        for (long h = -reach; h <= reach; h++) {
            double far = (double)(v * v + h * h);
            double weight = exp(-far / (2 * deviation * deviation));
            sum += weight * clean_at(stage, i, y + v, x + h, c);
            weights += weight;
        }
    return sum / weights;
}

static void blur_is_a_bell_of_four_epsilon_pixels(void **state)
{
    (void)state;
    struct stage stage;
    open_images(&stage);
    for (size_t s = 0; s < 6; s++) {
        run(&stage, "blur", severities[s]);
        for (size_t k = 0; k < N_ALL; k += 37) {
            size_t place = k % N_PIXELS / N_CHANNELS;
            double expected =
                blurred(&stage, k / N_PIXELS, (long)(place / WIDTH),
                        (long)(place % WIDTH), k % N_CHANNELS,
                        4 * (double)severities[s]);
            assert_true(stage_near(stage.batch.adversarial[k],
                                   (float)expected));
        }
    }
    stage_close(&stage);
}

static void a_blur_of_less_than_a_pixel_changes_nothing(void **state)
{
    (void)state;
    struct stage stage;
    open_images(&stage);
    run(&stage, "blur", 0x1p-20f);
    assert_memory_equal(stage.batch.adversarial, stage.clean,
                        N_ALL * sizeof *stage.clean);
    stage_close(&stage);
}

/* Away from the edges a point becomes a bell of that deviation. */
static void the_blur_of_a_point_has_the_bells_deviation(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, FAKE_LINEAR, 1, 61 * 61);
    stage.victim.shape = (struct image_shape){61, 61, 1};
    memset(stage.clean, 0, 61 * 61 * sizeof *stage.clean);
    stage.clean[30 * 61 + 30] = 1;
    run(&stage, "blur", 0.5f);
    double sum = 0, squares = 0;
    for (size_t k = 0; k < 61 * 61; k++) {
        double out = (double)stage.batch.adversarial[k];
        double off = (double)(k % 61) - 30;
        sum += out;
        squares += out * off * off;
    }
    assert_true(fabs(sum - 1) < 1e-5);
    assert_true(fabs(squares - 4) < 0.01);
    stage_close(&stage);
}

static void contrast_is_lost_around_each_channels_mean(void **state)
{
    (void)state;
    struct stage stage;
    open_images(&stage);
    for (size_t s = 0; s < 6; s++) {
        run(&stage, "contrast", severities[s]);
        double keep = 1 - (double)severities[s];
        for (size_t i = 0; i < N * N_CHANNELS; i++) {
            size_t first = i / N_CHANNELS * N_PIXELS + i % N_CHANNELS;
            double mean = 0;
            for (size_t k = first; k < first + N_PIXELS; k += N_CHANNELS)
                mean += (double)stage.clean[k];
            mean /= HEIGHT * WIDTH;
            for (size_t k = first; k < first + N_PIXELS; k += N_CHANNELS) {
                double old = (double)stage.clean[k];
                double expected = keep * old + (1 - keep) * mean;
                assert_true(stage_near(stage.batch.adversarial[k],
                                       (float)expected));
            }
        }
    }
    stage_close(&stage);
}

static void brightness_is_added_and_clipped(void **state)
{
    (void)state;
    struct stage stage;
    open_images(&stage);
    for (size_t s = 0; s < 6; s++) {
        run(&stage, "brightness", severities[s]);
        for (size_t k = 0; k < N_ALL; k++)
            assert_true(stage_near(stage.batch.adversarial[k],
                                   fminf(stage.clean[k] + severities[s], 1)));
    }
    for (size_t k = 0; k < N_ALL; k++)
        assert_true(stage.batch.adversarial[k] == 1);
    stage_close(&stage);
}

static void nobody_is_asked(void **state)
{
    (void)state;
    static const char *const kinds[] = {"blur", "contrast", "brightness"};
    struct stage stage;
    open_images(&stage);
    for (size_t k = 0; k < 3; k++) {
        run(&stage, kinds[k], 0.5f);
        assert_int_equal(stage.fake.n_calls, 0);
    }
    stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blur_is_a_bell_of_four_epsilon_pixels),
        cmocka_unit_test(a_blur_of_less_than_a_pixel_changes_nothing),
        cmocka_unit_test(the_blur_of_a_point_has_the_bells_deviation),
        cmocka_unit_test(contrast_is_lost_around_each_channels_mean),
        cmocka_unit_test(brightness_is_added_and_clipped),
        cmocka_unit_test(nobody_is_asked),
    };
    return cmocka_run_group_tests_name("attack_corruption", tests, NULL, NULL);
}

/* What attacks do that go on where FGSM stops: starts, balls, checkpoints. */
#include "core/attack_climb.h"
#include "tests/fake_victim.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

enum { N = 12, N_PIXELS = 61 };

/* Half of epsilon to either side at random, then half uphill: a pixel of a
 * linear victim ends where it began or a whole epsilon uphill. */
static void rfgsm_is_half_a_random_step_and_half_a_gradient_step(void **state)
{
    (void)state;
    const struct attack *rfgsm = stage_attack("rfgsm");
    struct stage stage;
    size_t n_moved = 0, n_sloped = 0;
    stage_open_grey(&stage, FAKE_LINEAR, N, N_PIXELS);
    stage.batch.only_last = true;
    void *params = stage_params(&stage, rfgsm, NULL, NULL);
    stage_run(&stage, rfgsm, params, 0.125f);
    assert_int_equal(stage.fake.n_calls, 1);
    assert_true(stage_near(fabsf(stage.fake.first_pixel[0] - stage.clean[0]),
                           0.0625f));
    for (size_t j = 0; j < (size_t)N * N_PIXELS; j++) {
        float way = stage.batch.adversarial[j] - stage.clean[j];
        bool is_flat = j % N_PIXELS % 7 == 3;
        bool is_up = (j % N_PIXELS % 2 == 1) != (stage.labels[j / N_PIXELS]);
        if (is_flat) {
            assert_true(stage_near(fabsf(way), 0.0625f));
            continue;
        }
        n_sloped++;
        n_moved += !stage_near(way, 0);
        assert_true(stage_near(way, 0) ||
                    stage_near(way, is_up ? 0.125f : -0.125f));
    }
    /* a fair coin: within 5 deviations */
    double expected = (double)n_sloped / 2;
    assert_true(fabs((double)n_moved - expected) < 5 * sqrt(expected / 2));
    stage_close(&stage);
}

static void pgd_l2_never_leaves_its_ball_by_a_rounding(void **state)
{
    (void)state;
    static const float epsilons[] = {0x1p-30f, 1e-4f, 0.01f, 0.25f,
                                     0.3f,     1,     2.7f,  100};
    const struct attack *attack = stage_attack("pgd_l2");
    for (int shape = FAKE_LINEAR; shape <= FAKE_BOWL; shape++)
        for (size_t e = 0; e < sizeof epsilons / sizeof *epsilons; e++)
            for (int is_last = 0; is_last < 2; is_last++) {
                struct stage stage;
                stage_open(&stage, (enum fake_shape)shape, N, N_PIXELS);
                stage.batch.only_last = is_last;
                void *params =
                    stage_params(&stage, attack, "n_restarts", "2");
                stage_run(&stage, attack, params, epsilons[e]);
                for (size_t i = 0; i < N; i++) {
                    size_t at = i * N_PIXELS;
                    assert_true(norm_distance(NORM_L2, N_PIXELS,
                                              stage.clean + at,
                                              stage.batch.adversarial + at) <=
                                (double)epsilons[e]);
                }
                stage_close(&stage);
            }
}

/* Of a linear victim in the middle of the box the best point of the ball is
 * clean + epsilon w / |w|. */
static void pgd_l2_goes_all_the_way_along_a_constant_gradient(void **state)
{
    (void)state;
    const struct attack *attack = stage_attack("pgd_l2");
    struct stage stage;
    stage_open_grey(&stage, FAKE_LINEAR, N, N_PIXELS);
    stage.fake.stubborn = true;
    void *params = stage_params(&stage, attack, NULL, NULL);
    stage_run(&stage, attack, params, 0.5f);
    double squares = 0;
    for (size_t k = 0; k < N_PIXELS; k++) {
        double w = k % 7 == 3 ? 0 : 0.25 + (double)(k % 5) / 8;
        squares += w * w;
    }
    for (size_t j = 0; j < (size_t)N * N_PIXELS; j++) {
        size_t k = j % N_PIXELS;
        double w = k % 7 == 3 ? 0 : 0.25 + (double)(k % 5) / 8;
        bool is_up = (k % 2 == 1) != (stage.labels[j / N_PIXELS]);
        double way = (is_up ? 0.5 : -0.5) * w / sqrt(squares);
        assert_true(fabs((double)stage.batch.adversarial[j] -
                         (double)stage.clean[j] - way) < 1e-5);
    }
    stage_close(&stage);
}

/* Restated: the shares 0.22, 0.41, 0.57, 0.70, 0.80, 0.87, 0.93, 0.99. */
static void checkpoints_are_those_of_auto_pgd(void **state)
{
    (void)state;
    static const size_t of_100[] = {22, 41, 57, 70, 80, 87, 93, 99};
    static const size_t of_10[] = {3, 5, 6, 7, 8, 9, 10};
    size_t since, n = 0, last = 0;
    for (size_t k = 1; k < 100; k++)
        if (climb_is_checkpoint(100, k, &since)) {
            assert_int_equal(k, of_100[n++]);
            assert_int_equal(since, k - last);
            last = k;
        }
    assert_int_equal(n, 8);
    n = last = 0;
    for (size_t k = 1; k <= 10; k++)
        if (climb_is_checkpoint(10, k, &since)) {
            assert_int_equal(k, of_10[n++]);
            assert_int_equal(since, k - last);
            last = k;
        }
    assert_int_equal(n, 7);
}

static void find_best(const char *name, float *loss)
{
    const struct attack *attack = stage_attack(name);
    struct stage stage;
    stage_open(&stage, FAKE_BOWL, N, N_PIXELS);
    stage.fake.stubborn = true;
    void *params = stage_params(&stage, attack, "n_steps", "100");
    stage_run(&stage, attack, params, 0.3f);
    stage_find_losses(&stage, loss);
    stage_close(&stage);
}

/* A concave loss whose highest point in the ball and box is the target, clipped
 * pixel by pixel. */
static void steps_that_shrink_find_the_summit(void **state)
{
    (void)state;
    static const char *const names[] = {"apgd", "sa_pgd"};
    float found[N];
    for (size_t a = 0; a < 2; a++) {
        find_best(names[a], found);
        struct stage stage;
        stage_open(&stage, FAKE_BOWL, N, N_PIXELS);
        for (size_t i = 0; i < N; i++) {
            double summit = 0;
            for (size_t k = 0; k < N_PIXELS; k++) {
                float target =
                    (float)((stage.ids[i] * 31 + k * 17) % 64) / 63;
                double off =
                    fabs((double)target -
                         (double)stage.clean[i * N_PIXELS + k]) -
                    0.3;
                summit -= off > 0 ? off * off : 0;
            }
            assert_true((double)found[i] <= summit + 1e-4);
            assert_true((double)found[i] > summit - 0.01);
        }
        stage_close(&stage);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfgsm_is_half_a_random_step_and_half_a_gradient_step),
        cmocka_unit_test(pgd_l2_never_leaves_its_ball_by_a_rounding),
        cmocka_unit_test(pgd_l2_goes_all_the_way_along_a_constant_gradient),
        cmocka_unit_test(checkpoints_are_those_of_auto_pgd),
        cmocka_unit_test(steps_that_shrink_find_the_summit),
    };
    return cmocka_run_group_tests_name("attack climb", tests, NULL, NULL);
}

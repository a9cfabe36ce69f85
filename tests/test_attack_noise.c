#include "tests/fake_victim.h"
#include "tests/test.h"

#include "core/rng.h"

#include <math.h>
#include <string.h>

enum { N = 6, N_PIXELS = 5000, N_ALL = N * N_PIXELS };

static void open_grey(struct stage *stage, enum fake_shape shape, float grey)
{
    stage_open(stage, shape, N, N_PIXELS);
    for (size_t i = 0; i < N_ALL; i++)
        stage->clean[i] = grey;
}

static void run_kind(struct stage *stage, const char *name,
                     const char *n_repeats, float epsilon)
{
    const struct attack *attack = stage_attack(name);
    void *params = stage_params(stage, attack, "n_repeats", n_repeats);
    stage_run(stage, attack, params, epsilon);
}

static void run(struct stage *stage, const char *n_repeats, float epsilon)
{
    run_kind(stage, "gaussian", n_repeats, epsilon);
}

static double noise_at(const struct stage *stage, size_t i)
{
    return (double)stage->batch.adversarial[i] - (double)stage->clean[i];
}

static void the_noise_has_the_moments_of_a_normal_one(void **state)
{
    (void)state;
    struct stage stage;
    open_grey(&stage, FAKE_LINEAR, 0.5f);
    run(&stage, "1", 0.0625f);
    double sum[5] = {0};
    for (size_t i = 0; i < N_ALL; i++)
        for (int power = 1; power < 5; power++)
            sum[power] += pow(noise_at(&stage, i) / 0.0625, power) / N_ALL;
    assert_true(fabs(sum[1]) < 4 / sqrt(N_ALL));
    assert_true(fabs(sum[2] - 1) < 4 * sqrt(2.0 / N_ALL));
    assert_true(fabs(sum[3]) < 4 * sqrt(15.0 / N_ALL));
    assert_true(fabs(sum[4] - 3) < 4 * sqrt(96.0 / N_ALL));
    stage_close(&stage);
}

static void the_noise_is_the_stream_of_seed_and_id(void **state)
{
    (void)state;
    struct stage stage;
    static float normal[N_PIXELS];
    open_grey(&stage, FAKE_LINEAR, 0.5f);
    run(&stage, "1", 0.0625f);
    for (size_t i = 0; i < N; i++) {
        struct rng_stream stream = {stage.batch.seed, RNG_NOISE,
                                    rng_lane(stage.ids[i], 0)};
        rng_fill_normal(stream, 0, N_PIXELS, normal);
        for (size_t k = 0; k < N_PIXELS; k++)
            assert_true(fabs(noise_at(&stage, i * N_PIXELS + k) -
                             0.0625 * (double)normal[k]) < 1e-6);
    }
    stage_close(&stage);
}

static void the_noise_scales_with_epsilon(void **state)
{
    (void)state;
    struct stage stage;
    static double noise[N_ALL];
    open_grey(&stage, FAKE_LINEAR, 0.5f);
    run(&stage, "1", 0.03125f);
    for (size_t i = 0; i < N_ALL; i++)
        noise[i] = noise_at(&stage, i);
    run(&stage, "1", 0.0625f);
    for (size_t i = 0; i < N_ALL; i++)
        assert_true(fabs(noise_at(&stage, i) - 2 * noise[i]) < 1e-6);
    stage_close(&stage);
}

/* Half of the noise leads out of the box at its edge. */
static void black_and_white_are_clipped(void **state)
{
    (void)state;
    for (int white = 0; white < 2; white++) {
        struct stage stage;
        open_grey(&stage, FAKE_LINEAR, (float)white);
        run(&stage, "1", 0.0625f);
        size_t n_same = 0;
        for (size_t i = 0; i < N_ALL; i++) {
            assert_true(white ? noise_at(&stage, i) <= 0
                              : noise_at(&stage, i) >= 0);
            n_same += noise_at(&stage, i) == 0;
        }
        assert_true(fabs((double)n_same / N_ALL - 0.5) <
                    5 * sqrt(0.25 / N_ALL));
        stage_close(&stage);
    }
}

static void one_noise_is_not_shown_to_the_victim(void **state)
{
    (void)state;
    struct stage stage;
    open_grey(&stage, FAKE_LINEAR, 0.5f);
    stage.fake.stubborn = true;
    run(&stage, "1", 0.0625f);
    assert_int_equal(stage.n_forward, 0);
    run(&stage, "5", 0.0625f);
    assert_int_equal(stage.n_forward, 5 * N);
    assert_int_equal(stage.n_backward, 0);
    stage_close(&stage);
}

/* All five noises are plain streams; the one of the largest loss is kept. */
static void of_several_noises_the_worst_is_kept(void **state)
{
    (void)state;
    enum { N_REPEATS = 5 };
    struct stage stage;
    static float noisy[N_PIXELS];
    size_t n_later = 0;
    open_grey(&stage, FAKE_BOWL, 0.5f);
    stage.fake.stubborn = true;
    run(&stage, "5", 0.0625f);
    for (size_t i = 0; i < N; i++) {
        float worst = -INFINITY;
        const float *found = stage.batch.adversarial + i * N_PIXELS;
        uint8_t label = stage.labels[i], predicted;
        uint32_t id = stage.ids[i];
        for (uint64_t k = 0; k < N_REPEATS; k++) {
            struct rng_stream stream = {stage.batch.seed, RNG_NOISE,
                                        rng_lane(id, k)};
            rng_fill_normal(stream, 0, N_PIXELS, noisy);
            for (size_t m = 0; m < N_PIXELS; m++)
                noisy[m] = fminf(fmaxf(0.5f + 0.0625f * noisy[m], 0), 1);
            float loss =
                fake_loss(&stage.fake, noisy, label, id, &predicted);
            n_later += k > 0 && loss > worst;
            worst = fmaxf(worst, loss);
        }
        float loss = fake_loss(&stage.fake, found, label, id, &predicted);
        assert_true(fabsf(loss / worst - 1) < 1e-5f);
    }
    assert_true(n_later > 0);
    stage_close(&stage);
}

/* uniform, salt and pepper -------------------------------------------- */

static void uniform_noise_has_the_moments_of_a_uniform_one(void **state)
{
    (void)state;
    struct stage stage;
    open_grey(&stage, FAKE_LINEAR, 0.5f);
    run_kind(&stage, "uniform", "1", 0.0625f);
    double sum[5] = {0};
    for (size_t i = 0; i < N_ALL; i++) {
        double noise = noise_at(&stage, i) / 0.0625;
        assert_true(fabs(noise) <= 1);
        for (int power = 1; power < 5; power++)
            sum[power] += pow(noise, power) / N_ALL;
    }
    assert_true(fabs(sum[1]) < 4 * sqrt(1.0 / 3 / N_ALL));
    assert_true(fabs(sum[2] - 1.0 / 3) < 4 * sqrt(4.0 / 45 / N_ALL));
    assert_true(fabs(sum[3]) < 4 * sqrt(1.0 / 7 / N_ALL));
    assert_true(fabs(sum[4] - 0.2) < 4 * sqrt(16.0 / 225 / N_ALL));
    stage_close(&stage);
}

/* Entries that are hit: as many as epsilon says, half of them white. */
static void salt_and_pepper_hit_their_share_of_entries(void **state)
{
    (void)state;
    static const float shares[] = {0.01f, 0.1f, 0.5f, 1};
    for (size_t s = 0; s < 4; s++) {
        struct stage stage;
        size_t n_black = 0, n_white = 0;
        double share = (double)shares[s], n_hit;
        open_grey(&stage, FAKE_LINEAR, 0.5f);
        run_kind(&stage, "salt_pepper", "1", shares[s]);
        for (size_t i = 0; i < N_ALL; i++) {
            float out = stage.batch.adversarial[i];
            assert_true(out == 0 || out == 0.5f || out == 1);
            n_black += out == 0;
            n_white += out == 1;
        }
        n_hit = (double)(n_black + n_white);
        assert_true(fabs(n_hit - share * N_ALL) <=
                    4 * sqrt(N_ALL * share * (1 - share)));
        assert_true(fabs((double)n_white - n_hit / 2) < 2 * sqrt(n_hit));
        stage_close(&stage);
    }
}

static void what_is_hit_stays_hit_at_larger_shares(void **state)
{
    (void)state;
    static float before[N_ALL];
    struct stage stage;
    open_grey(&stage, FAKE_LINEAR, 0.5f);
    run_kind(&stage, "salt_pepper", "1", 0.1f);
    memcpy(before, stage.batch.adversarial, sizeof before);
    run_kind(&stage, "salt_pepper", "1", 0.3f);
    for (size_t i = 0; i < N_ALL; i++)
        if (before[i] != 0.5f)
            assert_true(stage.batch.adversarial[i] == before[i]);
    stage_close(&stage);
}

/* The worst of five is no better than the first, which is plain noise. */
static void more_repeats_of_any_noise_hurt_no_less(void **state)
{
    (void)state;
    static const char *const kinds[] = {"gaussian", "uniform", "salt_pepper"};
    for (size_t k = 0; k < 3; k++) {
        struct stage stage;
        float once[N], worst[N];
        size_t n_worse = 0;
        open_grey(&stage, FAKE_BOWL, 0.5f);
        stage.fake.stubborn = true;
        run_kind(&stage, kinds[k], "1", 0.0625f);
        stage_find_losses(&stage, once);
        run_kind(&stage, kinds[k], "5", 0.0625f);
        stage_find_losses(&stage, worst);
        for (size_t i = 0; i < N; i++) {
            assert_true(worst[i] >= once[i]);
            n_worse += worst[i] > once[i];
        }
        assert_true(n_worse > 0);
        stage_close(&stage);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_noise_has_the_moments_of_a_normal_one),
        cmocka_unit_test(the_noise_is_the_stream_of_seed_and_id),
        cmocka_unit_test(the_noise_scales_with_epsilon),
        cmocka_unit_test(black_and_white_are_clipped),
        cmocka_unit_test(one_noise_is_not_shown_to_the_victim),
        cmocka_unit_test(of_several_noises_the_worst_is_kept),
        cmocka_unit_test(uniform_noise_has_the_moments_of_a_uniform_one),
        cmocka_unit_test(salt_and_pepper_hit_their_share_of_entries),
        cmocka_unit_test(what_is_hit_stays_hit_at_larger_shares),
        cmocka_unit_test(more_repeats_of_any_noise_hurt_no_less),
    };
    return cmocka_run_group_tests_name("attack_noise", tests, NULL, NULL);
}

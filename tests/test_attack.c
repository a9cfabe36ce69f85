/* What every attack has to hold to, whatever it does. */
#include "tests/fake_victim.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

enum { N = 12, N_PIXELS = 61, N_ALL = N * N_PIXELS };

static const enum fake_shape shapes[] = {FAKE_LINEAR, FAKE_BOWL, FAKE_TRAP,
                                         FAKE_BROKEN};
static const float epsilons[] = {0x1p-30f,    1.0f / 255, 8.0f / 255,
                                 0.05f,       0.1f,       0.3f,
                                 1.0f};

/* The attack's defaults, but for what takes long or finds the one best image
 * whatever its random numbers are. */
static void *params_of(struct stage *stage, const struct attack *attack)
{
    void *params = stage_params(stage, attack, NULL, NULL);
    static const char *const long_rows[][2] = {
        {"n_queries", "40"}, {"n_iterations", "4"}, {"n_steps", "5"}};
    for (size_t i = 0; i < 3; i++)
        if (kind_find_row(&attack->kind, long_rows[i][0]))
            stage_set(stage, attack, params, long_rows[i][0], long_rows[i][1]);
    return params;
}

/* Calls `check` for every kind on every shape of victim. The victim has all
 * that a few more parameters than the defaults bring into play. */
static void for_all(void (*check)(struct stage *stage,
                                  const struct attack *attack, void *params))
{
    for (size_t k = 0; k < attack_axis.n_kinds; k++)
        for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
            const struct attack *attack = attack_of(attack_axis.kinds[k]);
            struct stage stage;
            stage_open(&stage, shapes[s], N, N_PIXELS);
            void *params = params_of(&stage, attack);
            check(&stage, attack, params);
            if (kind_find_row(&attack->kind, "n_restarts"))
                stage_set(&stage, attack, params, "n_restarts", "3");
            if (kind_find_row(&attack->kind, "n_repeats"))
                stage_set(&stage, attack, params, "n_repeats", "4");
            check(&stage, attack, params);
            stage.fake.jitter = 0.125f;
            stage.victim.random = true;
            check(&stage, attack, params);
            stage_close(&stage);
        }
}

/* In double, where differences of such floats are exact. */
static void check_ball_and_box(struct stage *stage,
                               const struct attack *attack, void *params)
{
    for (size_t e = 0; e < sizeof epsilons / sizeof *epsilons; e++) {
        stage_run(stage, attack, params, epsilons[e]);
        for (size_t i = 0; i < N_ALL; i++) {
            double out = (double)stage->batch.adversarial[i];
            double distance = fabs(out - (double)stage->clean[i]);
            assert_true(out >= 0 && out <= 1);
            assert_true(attack->norm != NORM_LINF ||
                        distance <= (double)epsilons[e]);
        }
    }
}

static void an_attack_stays_in_its_ball_and_box_to_the_last_bit(void **state)
{
    (void)state;
    for_all(check_ball_and_box);
}

static void check_epsilon_zero(struct stage *stage,
                               const struct attack *attack, void *params)
{
    stage_run(stage, attack, params, 0);
    assert_memory_equal(stage->batch.adversarial, stage->clean,
                        N_ALL * sizeof *stage->clean);
}

static void at_epsilon_zero_the_input_comes_out_bit_for_bit(void **state)
{
    (void)state;
    for_all(check_epsilon_zero);
}

static void check_split(struct stage *stage, const struct attack *attack,
                        void *params)
{
    float whole[N_ALL];
    uint32_t n_zero[N];
    stage_run(stage, attack, params, 0.1f);
    memcpy(whole, stage->batch.adversarial, sizeof whole);
    memcpy(n_zero, stage->batch.n_zero_pixels, sizeof n_zero);
    for (size_t first = 0, n = 1; first < N; first += n, n += 2) {
        n = n < N - first ? n : N - first;
        stage_run_part(stage, attack, params, 0.1f, first, n);
    }
    assert_memory_equal(whole, stage->batch.adversarial, sizeof whole);
    assert_memory_equal(n_zero, stage->batch.n_zero_pixels, sizeof n_zero);
}

static void a_sample_is_attacked_alone_as_in_a_batch(void **state)
{
    (void)state;
    for_all(check_split);
}

/* What was wrong stays wrong; of what is right the loss does not fall. Noise
 * does not look. */
static void check_progress(struct stage *stage, const struct attack *attack,
                           void *params)
{
    if (attack->blind || stage->fake.shape == FAKE_BROKEN)
        return;
    stage_run(stage, attack, params, 0.1f);
    for (size_t i = 0; i < N; i++) {
        const float *clean = stage->clean + i * N_PIXELS;
        const float *found = stage->batch.adversarial + i * N_PIXELS;
        uint8_t label = stage->labels[i], before, after;
        uint32_t id = stage->ids[i];
        float loss = fake_loss(&stage->fake, clean, label, id, &before);
        float higher = fake_loss(&stage->fake, found, label, id, &after);
        assert_true(before == label || after != label);
        assert_true((after != label && before == label) ||
                    higher >= loss - 1e-6f);
    }
}

static void an_attack_is_never_worse_than_doing_nothing(void **state)
{
    (void)state;
    for_all(check_progress);
}

static void check_counts(struct stage *stage, const struct attack *attack,
                         void *params)
{
    for (int i = 0; i < 2; i++) {
        stage_run(stage, attack, params, i ? 0.1f : 0);
        assert_int_equal(stage->n_forward, stage->fake.n_forward);
        assert_int_equal(stage->n_backward, stage->fake.n_backward);
        assert_true(attack->gradient || stage->fake.n_backward == 0);
    }
}

static void passes_are_counted_as_the_victim_counts_them(void **state)
{
    (void)state;
    for_all(check_counts);
}

static void check_zeros(struct stage *stage, const struct attack *attack,
                        void *params)
{
    if (stage->fake.shape != FAKE_LINEAR || stage->victim.random)
        return;
    for (int i = 0; i < 2; i++) {
        stage_run(stage, attack, params, i ? 0.1f : 0);
        for (size_t k = 0; k < N; k++)
            assert_int_equal(stage->batch.n_zero_pixels[k],
                             attack->gradient ? (N_PIXELS - 3 + 6) / 7 : 0);
    }
}

static void zeros_in_the_clean_gradient_are_counted(void **state)
{
    (void)state;
    for_all(check_zeros);
}

/* A query may ask for each draw once, so that no draw is known beforehand. */
static void check_draws(struct stage *stage, const struct attack *attack,
                        void *params)
{
    stage_run(stage, attack, params, 0.1f);
    for (size_t i = 1; i < stage->fake.n_calls && i < FAKE_LOG_MAX; i++)
        assert_true(stage->fake.draw[i] > stage->fake.draw[i - 1]);
    size_t n_draws = stage->victim.random ? 10 : 1;
    assert_int_equal(stage->fake.n_calls % n_draws, 0);
}

static void every_query_takes_new_draws(void **state)
{
    (void)state;
    for_all(check_draws);
}

static void check_same(struct stage *stage, const struct attack *attack,
                       void *params)
{
    float before[N_ALL];
    stage_run(stage, attack, params, 0.1f);
    memcpy(before, stage->batch.adversarial, sizeof before);
    stage_run(stage, attack, params, 0.1f);
    assert_memory_equal(before, stage->batch.adversarial, sizeof before);
}

static void an_attack_repeated_finds_the_same(void **state)
{
    (void)state;
    for_all(check_same);
}

static void attacks_that_say_so_do_without_random_numbers(void **state)
{
    (void)state;
    for (size_t k = 0; k < attack_axis.n_kinds; k++) {
        const struct attack *attack = attack_of(attack_axis.kinds[k]);
        struct stage stage;
        stage_open(&stage, FAKE_BOWL, N, N_PIXELS);
        void *params = params_of(&stage, attack);
        float before[N_ALL];
        /* One step along the gradient of a bowl leads to the best image of an
         * L2 ball, so what tells is where a climb from elsewhere ends. */
        stage.batch.only_last = attack->norm == NORM_L2 &&
                                kind_find_row(&attack->kind, "random_start");
        stage_run(&stage, attack, params, 0.1f);
        memcpy(before, stage.batch.adversarial, sizeof before);
        stage.batch.seed++;
        stage_run(&stage, attack, params, 0.1f);
        bool is_same =
            !memcmp(before, stage.batch.adversarial, sizeof before);
        /* the smallest perturbation may be the same from anywhere */
        assert_true(is_same == attack->deterministic ||
                    (is_same && attack->minimal));
        stage_close(&stage);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_attack_stays_in_its_ball_and_box_to_the_last_bit),
        cmocka_unit_test(at_epsilon_zero_the_input_comes_out_bit_for_bit),
        cmocka_unit_test(a_sample_is_attacked_alone_as_in_a_batch),
        cmocka_unit_test(an_attack_is_never_worse_than_doing_nothing),
        cmocka_unit_test(passes_are_counted_as_the_victim_counts_them),
        cmocka_unit_test(zeros_in_the_clean_gradient_are_counted),
        cmocka_unit_test(every_query_takes_new_draws),
        cmocka_unit_test(an_attack_repeated_finds_the_same),
        cmocka_unit_test(attacks_that_say_so_do_without_random_numbers),
    };
    return cmocka_run_group_tests_name("attack", tests, NULL, NULL);
}

#include "tests/fake_victim.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

enum { N = 12, N_PIXELS = 61, N_ALL = N * N_PIXELS };

/* The direction that raises the loss of the linear victim: it is known from
 * the loss itself. */
static float uphill(const struct stage *stage, size_t i, size_t k)
{
    float image[N_PIXELS];
    uint8_t predicted;
    memcpy(image, stage->clean + i * N_PIXELS, sizeof image);
    image[k] += 0.25f;
    float above = fake_loss(&stage->fake, image, stage->labels[i],
                            stage->ids[i], &predicted);
    image[k] -= 0.5f;
    float below = fake_loss(&stage->fake, image, stage->labels[i],
                            stage->ids[i], &predicted);
    return above > below ? 1 : above < below ? -1 : 0;
}

/* All pixels moved by `way` uphill and clipped to the box. */
static void expect_moved(const struct stage *stage, float way)
{
    for (size_t i = 0; i < N_ALL; i++) {
        float moved = stage->clean[i] +
                      way * uphill(stage, i / N_PIXELS, i % N_PIXELS);
        moved = fminf(fmaxf(moved, 0), 1);
        assert_true(stage_near(stage->batch.adversarial[i], moved));
    }
}

/* steps --------------------------------------------------------------- */

static void fgsm_goes_one_epsilon_along_the_gradients_sign(void **state)
{
    (void)state;
    const struct attack *fgsm = stage_attack("fgsm");
    struct stage stage;
    stage_open(&stage, FAKE_LINEAR, N, N_PIXELS);
    stage.fake.stubborn = true;
    void *params = stage_params(&stage, fgsm, NULL, NULL);
    for (float epsilon = 0.01f; epsilon < 2; epsilon *= 3) {
        stage_run(&stage, fgsm, params, fminf(epsilon, 1));
        expect_moved(&stage, fminf(epsilon, 1));
    }
    stage_close(&stage);
}

/* The last image that the victim was asked about, by its first pixel. */
static void expect_went(const struct stage *stage, float way)
{
    float pixel = stage->fake.first_pixel[stage->fake.n_calls - 1];
    assert_true(stage_near(pixel, stage->clean[0] + way * uphill(stage, 0, 0)));
}

static void bim_goes_as_far_as_its_steps_and_the_ball_allow(void **state)
{
    (void)state;
    const struct attack *bim = stage_attack("bim");
    struct stage stage;
    stage_open_grey(&stage, FAKE_LINEAR, N, N_PIXELS);
    stage.fake.stubborn = true;
    void *params = stage_params(&stage, bim, "step", "0.015625");
    stage_set(&stage, bim, params, "n_steps", "3");
    stage_run(&stage, bim, params, 0.1f);
    expect_went(&stage, 3 * 0.015625f);
    stage_set(&stage, bim, params, "n_steps", "20");
    stage_run(&stage, bim, params, 0.1f);
    expect_went(&stage, 0.1f);
    expect_moved(&stage, 0.1f);
    stage_close(&stage);
}

static void a_step_is_two_and_a_half_epsilon_over_the_steps(void **state)
{
    (void)state;
    const struct attack *bim = stage_attack("bim");
    struct stage stage;
    stage_open_grey(&stage, FAKE_LINEAR, N, N_PIXELS);
    stage.fake.stubborn = true;
    void *params = stage_params(&stage, bim, "n_steps", "10");
    stage_run(&stage, bim, params, 0.08f);
    assert_int_equal(stage.fake.n_calls, 12);
    /* The clean image, FGSM's step, then the climb. */
    float up = uphill(&stage, 0, 0);
    assert_true(stage_near(stage.fake.first_pixel[0], stage.clean[0]));
    assert_true(
        stage_near(stage.fake.first_pixel[1], stage.clean[0] + 0.08f * up));
    for (size_t i = 1; i <= 10; i++) {
        float way = fminf(0.02f * (float)i, 0.08f) * up;
        assert_true(
            stage_near(stage.fake.first_pixel[i + 1], stage.clean[0] + way));
    }
    stage_close(&stage);
}

static void the_passes_of_each_attack_are_these(void **state)
{
    (void)state;
    static const struct {
        const char *name, *row, *value;
        size_t n_forward, n_backward;
    } cases[] = {
        {"fgsm", NULL, NULL, 2, 1},
        {"bim", NULL, NULL, 9, 7},
        {"bim", "n_steps", "20", 22, 20},
        {"bim", "n_steps", "2", 3, 2}, /* whose first step is FGSM's */
        {"bim", "step", "0.09", 9, 7},
        {"bim", "step", "0.1", 9, 7},
        {"pgd", NULL, NULL, 10, 8},
        {"pgd", "step", "0.1", 10, 8},
        {"pgd", "random_start", "false", 9, 7},
        {"pgd", "n_restarts", "4", 34, 29},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct attack *attack = stage_attack(cases[i].name);
        struct stage stage;
        stage_open(&stage, FAKE_LINEAR, N, N_PIXELS);
        stage.fake.stubborn = true;
        void *params =
            stage_params(&stage, attack, cases[i].row, cases[i].value);
        stage_run(&stage, attack, params, 0.1f);
        assert_int_equal(stage.n_forward, N * cases[i].n_forward);
        assert_int_equal(stage.n_backward, N * cases[i].n_backward);
        stage.victim.random = true;
        stage_set(&stage, attack, params, "n_draws", "6");
        stage_run(&stage, attack, params, 0.1f);
        assert_int_equal(stage.n_forward, 6 * N * cases[i].n_forward);
        assert_int_equal(stage.n_backward, 6 * N * cases[i].n_backward);
        stage_close(&stage);
    }
}

/* the best iterate ---------------------------------------------------- */

static void pgd_reaches_the_corner_of_a_linear_victim_as_fgsm(void **state)
{
    (void)state;
    const struct attack *fgsm = stage_attack("fgsm");
    const struct attack *pgd = stage_attack("pgd");
    struct stage stage;
    stage_open(&stage, FAKE_LINEAR, N, N_PIXELS);
    void *simple = stage_params(&stage, fgsm, NULL, NULL);
    void *params = stage_params(&stage, pgd, NULL, NULL);
    float corner[N], reached[N];
    for (float epsilon = 0.01f; epsilon < 1; epsilon *= 2) {
        stage_run(&stage, fgsm, simple, epsilon);
        stage_find_losses(&stage, corner);
        stage_run(&stage, pgd, params, epsilon);
        stage_find_losses(&stage, reached);
        for (size_t i = 0; i < N; i++)
            assert_true(reached[i] >= corner[i]);
    }
    stage_close(&stage);
}

/* A step of epsilon jumps over the bottom of the bowl. */
static void in_a_bowl_iterations_are_stronger_than_one_step(void **state)
{
    (void)state;
    const struct attack *fgsm = stage_attack("fgsm");
    static const char *const names[] = {"bim", "pgd"};
    struct stage stage;
    stage_open(&stage, FAKE_BOWL, N, N_PIXELS);
    stage.fake.stubborn = true;
    float single[N], iterated[N];
    void *params = stage_params(&stage, fgsm, NULL, NULL);
    stage_run(&stage, fgsm, params, 0.5f);
    stage_find_losses(&stage, single);
    for (size_t k = 0; k < 2; k++) {
        const struct attack *attack = stage_attack(names[k]);
        params = stage_params(&stage, attack, "n_steps", "40");
        stage_run(&stage, attack, params, 0.5f);
        stage_find_losses(&stage, iterated);
        for (size_t i = 0; i < N; i++)
            assert_true(iterated[i] > single[i]);
    }
    stage_close(&stage);
}

/* Only FGSM's step lands where the victim is wrong. With draws that differ,
 * too: both attacks ask for the same ones first. */
static void what_fgsm_finds_iterations_do_not_miss(void **state)
{
    (void)state;
    static const struct {
        const char *name, *row, *value;
    } cases[] = {{"bim", NULL, NULL},
                 {"bim", "step", "0.001"},
                 {"bim", "n_steps", "1"},
                 {"pgd", "step", "0.001"},
                 {"pgd", "random_start", "false"},
                 {"pgd", "n_restarts", "3"}};
    struct stage stage;
    stage_open_grey(&stage, FAKE_TRAP, N, N_PIXELS);
    stage.fake.trap_from = stage.clean[0] + 0.0999f;
    stage.fake.trap_to = stage.clean[0] + 0.1001f;
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        const struct attack *attack = stage_attack(cases[i / 2].name);
        void *params = stage_params(&stage, attack, cases[i / 2].row,
                                    cases[i / 2].value);
        stage.victim.random = i % 2;
        stage_run(&stage, attack, params, 0.1f);
        for (size_t k = 0; k < N_PIXELS; k++)
            assert_true(stage_near(stage.batch.adversarial[k],
                             stage.clean[k] + 0.1f));
    }
    stage_close(&stage);
}

/* The last iterate has the largest loss, but is right. */
static void a_wrong_iterate_is_kept_before_a_larger_loss(void **state)
{
    (void)state;
    const struct attack *bim = stage_attack("bim");
    struct stage stage;
    stage_open_grey(&stage, FAKE_TRAP, N, N_PIXELS);
    stage.fake.trap_from = stage.clean[0] + 0.04f;
    stage.fake.trap_to = stage.clean[0] + 0.06f;
    void *params = stage_params(&stage, bim, "step", "0.025");
    stage_set(&stage, bim, params, "n_steps", "4");
    stage_run(&stage, bim, params, 0.1f);
    for (size_t k = 0; k < N_PIXELS; k++)
        assert_true(stage_near(stage.batch.adversarial[k],
                               stage.clean[k] + 0.05f));
    /* Where nothing is wrong, the largest loss is kept. */
    stage.fake.trap_from = stage.fake.trap_to;
    stage_run(&stage, bim, params, 0.1f);
    for (size_t k = 0; k < N_PIXELS; k++)
        assert_true(stage_near(stage.batch.adversarial[k],
                               stage.clean[k] + 0.1f));
    stage_close(&stage);
}

/* who stays ----------------------------------------------------------- */

/* The first iterate in the trap is what comes out, though later ones have a
 * larger loss; who is beaten is not asked about again. */
static void a_beaten_sample_leaves_with_its_first_wrong_iterate(void **state)
{
    (void)state;
    const struct attack *bim = stage_attack("bim");
    struct stage stage;
    stage_open_grey(&stage, FAKE_TRAP, N, N_PIXELS);
    stage.fake.trap_from = stage.clean[0] + 0.02f;
    stage.fake.trap_to = stage.clean[0] + 0.09f;
    void *params = stage_params(&stage, bim, "step", "0.025");
    stage_set(&stage, bim, params, "n_steps", "4");
    stage_run(&stage, bim, params, 0.1f);
    for (size_t i = 0; i < N; i++) {
        float first = stage.batch.adversarial[i * N_PIXELS];
        bool is_wrong = first > stage.fake.trap_from &&
                        first < stage.fake.trap_to;
        float moved = first - stage.clean[i * N_PIXELS];
        assert_true(!is_wrong || moved < 0.03f || stage.clean[i * N_PIXELS] !=
                                                      stage.clean[0]);
        assert_int_equal(stage.batch.n_forward[i] < 6, is_wrong);
    }
    assert_true(stage_near(stage.batch.adversarial[0],
                           stage.clean[0] + 0.025f));
    stage_close(&stage);
}

/* Where answers are drawn, one wrong answer says little. */
static void nobody_leaves_a_random_victim_or_who_is_to_keep_going(void **state)
{
    (void)state;
    const struct attack *bim = stage_attack("bim");
    struct stage stage;
    stage_open(&stage, FAKE_BROKEN, N, N_PIXELS);
    void *params = stage_params(&stage, bim, NULL, NULL);
    stage_run(&stage, bim, params, 0.1f);
    assert_int_equal(stage.n_forward, N);
    stage_set(&stage, bim, params, "keep_going", "true");
    stage_run(&stage, bim, params, 0.1f);
    assert_int_equal(stage.n_forward, 9 * N);
    stage_set(&stage, bim, params, "keep_going", "false");
    stage.victim.random = true;
    stage_run(&stage, bim, params, 0.1f);
    assert_int_equal(stage.n_forward, 10 * 9 * N);
    stage_close(&stage);
}

static void who_is_skipped_is_left_as_he_is(void **state)
{
    (void)state;
    const struct attack *pgd = stage_attack("pgd");
    struct stage stage;
    stage_open(&stage, FAKE_BOWL, N, N_PIXELS);
    bool skip[N] = {false};
    float whole[N_ALL];
    void *params = stage_params(&stage, pgd, NULL, NULL);
    stage_run(&stage, pgd, params, 0.1f);
    memcpy(whole, stage.batch.adversarial, sizeof whole);
    skip[0] = skip[5] = true;
    stage.batch.skip = skip;
    stage_run(&stage, pgd, params, 0.1f);
    for (size_t i = 0; i < N_ALL; i++)
        assert_true(stage.batch.adversarial[i] ==
                    (skip[i / N_PIXELS] ? -99 : whole[i]));
    for (size_t i = 0; i < N; i++)
        assert_int_equal(stage.batch.n_forward[i] == 0, skip[i]);
    stage_close(&stage);
}

/* expectation over transformation ------------------------------------- */

/* The victim's gradients are off by more than they are, up and down in turn:
 * an even number of them averages to the truth, bit for bit. */
static void draws_are_averaged_before_a_step_is_taken(void **state)
{
    (void)state;
    const struct attack *fgsm = stage_attack("fgsm");
    struct stage stage;
    stage_open(&stage, FAKE_LINEAR, N, N_PIXELS);
    stage.fake.stubborn = true;
    float truth[N_ALL];
    void *params = stage_params(&stage, fgsm, "n_draws", "4");
    stage_run(&stage, fgsm, params, 0.1f);
    memcpy(truth, stage.batch.adversarial, sizeof truth);
    stage.fake.jitter = 4;
    stage.victim.random = true;
    stage_run(&stage, fgsm, params, 0.1f);
    size_t n_other = 0;
    for (size_t i = 0; i < N_ALL; i++)
        n_other += truth[i] != stage.batch.adversarial[i];
    assert_int_equal(n_other, 0);
    stage_set(&stage, fgsm, params, "n_draws", "1");
    stage_run(&stage, fgsm, params, 0.1f);
    for (size_t i = 0; i < N_ALL; i++)
        n_other += truth[i] != stage.batch.adversarial[i];
    assert_true(n_other > N_ALL / 4);
    stage_close(&stage);
}

static void a_deterministic_victim_is_asked_once_a_query(void **state)
{
    (void)state;
    const struct attack *fgsm = stage_attack("fgsm");
    struct stage stage;
    stage_open(&stage, FAKE_LINEAR, N, N_PIXELS);
    void *params = stage_params(&stage, fgsm, "n_draws", "50");
    stage_run(&stage, fgsm, params, 0.1f);
    assert_int_equal(stage.fake.n_calls, 2);
    stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fgsm_goes_one_epsilon_along_the_gradients_sign),
        cmocka_unit_test(bim_goes_as_far_as_its_steps_and_the_ball_allow),
        cmocka_unit_test(a_step_is_two_and_a_half_epsilon_over_the_steps),
        cmocka_unit_test(the_passes_of_each_attack_are_these),
        cmocka_unit_test(pgd_reaches_the_corner_of_a_linear_victim_as_fgsm),
        cmocka_unit_test(in_a_bowl_iterations_are_stronger_than_one_step),
        cmocka_unit_test(what_fgsm_finds_iterations_do_not_miss),
        cmocka_unit_test(a_wrong_iterate_is_kept_before_a_larger_loss),
        cmocka_unit_test(a_beaten_sample_leaves_with_its_first_wrong_iterate),
        cmocka_unit_test(
            nobody_leaves_a_random_victim_or_who_is_to_keep_going),
        cmocka_unit_test(who_is_skipped_is_left_as_he_is),
        cmocka_unit_test(draws_are_averaged_before_a_step_is_taken),
        cmocka_unit_test(a_deterministic_victim_is_asked_once_a_query),
    };
    return cmocka_run_group_tests_name("attack_gradient", tests, NULL, NULL);
}

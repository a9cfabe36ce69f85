/* Where the climbs of PGD start. */
#include "tests/fake_victim.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

enum { N = 12, N_PIXELS = 61, N_ALL = N * N_PIXELS };

/* With a step too small to matter the victim is asked about the clean image,
 * FGSM's step, and then each start twice. */
static void find_starts(struct stage *stage, const char *n_restarts,
                        float epsilon)
{
    const struct attack *pgd = stage_attack("pgd");
    void *params = stage_params(stage, pgd, "step", "1e-30");
    stage_set(stage, pgd, params, "n_steps", "1");
    stage_set(stage, pgd, params, "n_restarts", n_restarts);
    stage_run(stage, pgd, params, epsilon);
}

static void a_start_is_uniform_in_the_ball(void **state)
{
    (void)state;
    enum { SIDE = 20000 };
    struct stage stage;
    stage_open(&stage, FAKE_TRAP, 1, SIDE);
    double sum = 0, squares = 0;
    size_t n_outer = 0;
    for (size_t i = 0; i < SIDE; i++)
        stage.clean[i] = 0.5f;
    /* Wrong is a start whose first pixel is uphill, but not FGSM's step. */
    stage.fake.trap_from = 0.5001f;
    stage.fake.trap_to = 0.7499f;
    while (n_outer == 0 || !(stage.batch.adversarial[0] < 0.7499f)) {
        stage.batch.seed++;
        find_starts(&stage, "1", 0.25f);
        n_outer = 0;
        for (size_t i = 0; i < SIDE; i++)
            n_outer += fabsf(stage.batch.adversarial[i] - 0.5f) > 0.2f;
    }
    for (size_t i = 0; i < SIDE; i++) {
        double u = ((double)stage.batch.adversarial[i] - 0.5) / 0.25;
        sum += u / SIDE;
        squares += u * u / SIDE;
    }
    assert_true(fabs(sum) < 5 * sqrt(1.0 / 3 / SIDE));
    assert_true(fabs(squares - 1.0 / 3) < 5 * sqrt(4.0 / 45 / SIDE));
    assert_true(fabs((double)n_outer / SIDE - 0.2) < 5 * sqrt(0.16 / SIDE));
    stage_close(&stage);
}

/* The first pixel of the first sample at its start is in the log. */
static float start_of(struct stage *stage, uint64_t seed, uint32_t id,
                      float epsilon)
{
    stage->batch.seed = seed;
    stage->ids[0] = id;
    find_starts(stage, "1", epsilon);
    return stage->fake.first_pixel[2] - stage->clean[0];
}

static void a_start_depends_on_seed_and_id_and_scales_with_epsilon(
    void **state)
{
    (void)state;
    struct stage stage;
    stage_open_grey(&stage, FAKE_LINEAR, N, N_PIXELS);
    stage.fake.stubborn = true;
    float start = start_of(&stage, 1, 1, 0.25f);
    assert_true(start != 0);
    assert_true(start == start_of(&stage, 1, 1, 0.25f));
    assert_true(start != start_of(&stage, 2, 1, 0.25f));
    assert_true(start != start_of(&stage, 1, 2, 0.25f));
    assert_true(stage_near(start_of(&stage, 1, 1, 0.125f), start / 2));
    stage_close(&stage);
}

static void every_restart_starts_elsewhere(void **state)
{
    (void)state;
    struct stage stage;
    stage_open_grey(&stage, FAKE_LINEAR, N, N_PIXELS);
    stage.fake.stubborn = true;
    find_starts(&stage, "20", 0.25f);
    assert_int_equal(stage.fake.n_calls, 2 + 2 * 20);
    for (size_t i = 0; i < 20; i++)
        for (size_t k = 0; k < i; k++)
            assert_true(stage.fake.first_pixel[2 + 2 * i] !=
                        stage.fake.first_pixel[2 + 2 * k]);
    stage_close(&stage);
}

/* The first climbs are the same ones. FGSM's step jumps over the bottom. */
static void more_restarts_are_never_weaker(void **state)
{
    (void)state;
    static const char *const counts[] = {"1", "2", "5", "12"};
    const struct attack *pgd = stage_attack("pgd");
    struct stage stage;
    stage_open_grey(&stage, FAKE_BOWL, N, N_PIXELS);
    stage.fake.stubborn = true;
    void *params = stage_params(&stage, pgd, "n_steps", "5");
    float before[N], after[N];
    size_t n_better = 0;
    for (size_t r = 0; r < 4; r++) {
        stage_set(&stage, pgd, params, "n_restarts", counts[r]);
        stage_run(&stage, pgd, params, 0.5f);
        stage_find_losses(&stage, after);
        for (size_t i = 0; i < N && r > 0; i++) {
            assert_true(after[i] >= before[i]);
            n_better += after[i] > before[i];
        }
        memcpy(before, after, sizeof before);
    }
    assert_true(n_better > 0);
    stage_close(&stage);
}

static void without_a_random_start_pgd_is_bim(void **state)
{
    (void)state;
    const struct attack *pgd = stage_attack("pgd");
    const struct attack *bim = stage_attack("bim");
    struct stage stage;
    stage_open(&stage, FAKE_BOWL, N, N_PIXELS);
    float found[N_ALL];
    stage_run(&stage, bim, stage_params(&stage, bim, NULL, NULL), 0.2f);
    memcpy(found, stage.batch.adversarial, sizeof found);
    void *params = stage_params(&stage, pgd, "random_start", "false");
    stage_run(&stage, pgd, params, 0.2f);
    assert_memory_equal(found, stage.batch.adversarial, sizeof found);
    stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_start_is_uniform_in_the_ball),
        cmocka_unit_test(
            a_start_depends_on_seed_and_id_and_scales_with_epsilon),
        cmocka_unit_test(every_restart_starts_elsewhere),
        cmocka_unit_test(more_restarts_are_never_weaker),
        cmocka_unit_test(without_a_random_start_pgd_is_bim),
    };
    return cmocka_run_group_tests_name("attack_starts", tests, NULL, NULL);
}

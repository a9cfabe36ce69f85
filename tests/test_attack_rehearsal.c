/* What an estimate of an attack's time stands on: a batch that nobody leaves,
 * and the share of the whole that it says it was. */
#include "tests/fake_victim.h"
#include "tests/test.h"

#include <string.h>

enum { N = 4, N_PIXELS = 40 };

/* Frames of ones and zeros, as sda needs them. */
static void open_binary(struct stage *stage, bool holds_out)
{
    stage_open(stage, FAKE_LINEAR, N, N_PIXELS);
    for (size_t i = 0; i < N * N_PIXELS; i++)
        stage->clean[i] = i * i % 7 < 3;
    for (size_t i = 0; i < N; i++)
        fake_loss(&stage->fake, stage->clean + i * N_PIXELS, 0, 0,
                  &stage->labels[i]);
    stage->fake.stubborn = holds_out;
}

/* A gradient is two passes more. */
static double count_passes(const struct stage *stage)
{
    return (double)stage->fake.n_forward + 2 * (double)stage->fake.n_backward;
}

static float size_of(const struct attack *attack)
{
    return attack->norm == NORM_L0 ? 20 : 0.5f;
}

static double rehearse(struct stage *stage, const struct attack *attack)
{
    struct arena scratch = arena_open();
    struct attack_batch batch = stage->batch;
    batch.all_stay = true;
    batch.share = 1;
    batch.scratch = &scratch;
    for (size_t i = 0; i < N; i++)
        stage->epsilon[i] = size_of(attack);
    stage->fake.n_forward = stage->fake.n_backward = 0;
    attack->run(stage_params(stage, attack, NULL, NULL), &stage->victim,
                &batch);
    arena_close(&scratch);
    assert_true(batch.share > 0 && batch.share <= 1);
    return count_passes(stage) / batch.share;
}

/* At its defaults; whether the samples hold out or fall and are led back. */
static void no_attack_takes_more_than_its_rehearsal_says(void **state)
{
    (void)state;
    for (size_t k = 0; k < attack_axis.n_kinds; k++)
        for (int holds_out = 0; holds_out < 2; holds_out++) {
            const struct attack *attack = attack_of(attack_axis.kinds[k]);
            struct stage stage;
            open_binary(&stage, holds_out);
            double most = rehearse(&stage, attack);
            stage_run(&stage, attack, stage_params(&stage, attack, NULL, NULL),
                      size_of(attack));
            double passes = count_passes(&stage);
            if (passes > 1.01 * most)
                fail_msg("%s takes %g passes, more than %g",
                         attack->kind.name, passes, most);
            bool is_exact = attack->minimal && attack->norm != NORM_L0;
            if (is_exact && holds_out && passes < 0.8 * most)
                fail_msg("%s takes %g passes, far from %g", attack->kind.name,
                         passes, most);
            stage_close(&stage);
        }
}

/* sda, which here comes to an end early, as it may: 10 entries more are tried
 * in each of 500 iterations, up to all, each after a gradient; then there are
 * six halvings at most. */
static void of_the_sparse_attack_all_iterations_are_counted(void **state)
{
    (void)state;
    const struct attack *sda = stage_attack("sda");
    struct stage stage;
    open_binary(&stage, true);
    double most = rehearse(&stage, sda) / N, whole = 1;
    for (size_t k = 1; k <= 500; k++)
        whole += 3 + (double)(10 * k < N_PIXELS ? 10 * k : N_PIXELS);
    assert_true(most > whole + 6 && most < 1.05 * whole);
    stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_attack_takes_more_than_its_rehearsal_says),
        cmocka_unit_test(of_the_sparse_attack_all_iterations_are_counted),
    };
    return cmocka_run_group_tests_name("attack_rehearsal", tests, NULL, NULL);
}

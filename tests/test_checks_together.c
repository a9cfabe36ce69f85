/* What several attacks leave together: core/checks_together.c. */
#include "core/rng.h"
#include "tests/checks_stage.h"
#include "tests/test.h"

#include <math.h>

enum { N = 7 };

/* An attack through several surrogates, and what looks like it. */
static const struct {
    const char *kind, *more;
} suite[N] = {
    {"pgd", "attack_surrogate = own\nattack_surrogate.scale = 1\n"},
    {"pgd", "attack_surrogate = own\nattack_surrogate.scale = 2\n"},
    {"pgd", "attack_rule = bptr\nattack_surrogate = own\n"},
    {"pgd", "attack.n_steps = 11\nattack_surrogate = atan\n"},
    {"fgsm", "attack_surrogate = atan\n"},
    {"pgd", "attack_surrogates = atan\n"},
    {"pgd_l2", "attack_surrogate = atan\n"},
};

struct scene {
    struct fixture at[N];
    struct check_curve curves[N];
};

/* Predictions at random, and accuracies that are theirs. */
static void scene_open(struct scene *scene)
{
    struct rng_stream stream = {7, RNG_SYNTHETIC, 0};
    for (size_t k = 0, word = 0; k < N; k++) {
        struct fixture *at = &scene->at[k];
        fixture_open(at, suite[k].kind, suite[k].more);
        for (size_t e = 0; e < N_EPSILONS; e++) {
            size_t n_right = 0;
            for (size_t i = 0; i < N_SAMPLES; i++) {
                bool is_right = rng_word(stream, word++) % 4 > 0;
                at->prediction[e][i] = at->label[i] ^ !is_right;
                n_right += is_right;
            }
            at->accuracy[e] = (double)n_right / N_SAMPLES;
        }
        scene->curves[k] = at->curve;
    }
}

static void scene_close(struct scene *scene)
{
    for (size_t k = 0; k < N; k++)
        fixture_close(&scene->at[k]);
}

/* The mean over samples of the minimum over some attacks. */
static double mean_of_minimum(const struct scene *scene, const size_t *some,
                              size_t n, size_t e)
{
    double sum = 0;
    for (size_t i = 0; i < N_SAMPLES; i++) {
        double minimum = 1;
        for (size_t k = 0; k < n; k++) {
            const struct fixture *at = &scene->at[some[k]];
            minimum =
                fmin(minimum, at->prediction[e][i] == at->label[i] ? 1 : 0);
        }
        sum += minimum;
    }
    return sum / N_SAMPLES;
}

static void expect_together(const struct scene *scene,
                            struct check_together together,
                            const size_t *some, size_t n, size_t e)
{
    double lowest = 1, highest = 0;
    for (size_t k = 0; k < n; k++) {
        lowest = fmin(lowest, scene->at[some[k]].accuracy[e]);
        highest = fmax(highest, scene->at[some[k]].accuracy[e]);
    }
    assert_int_equal(together.n, n);
    assert_true(fabs(together.worst - mean_of_minimum(scene, some, n, e)) <
                1e-12);
    assert_true(together.lowest == lowest && together.highest == highest);
    assert_true(together.worst <= lowest);
}

/* And it is below the minimum of the means somewhere, or this would prove
 * little. */
static void surrogates_of_an_attack_are_taken_together_by_the_sample(
    void **state)
{
    (void)state;
    static const size_t pgd[] = {0, 1, 2}, of_norm[] = {0, 1, 2, 3, 4, 5};
    struct scene scene;
    size_t n_below = 0;
    scene_open(&scene);
    for (size_t e = 0; e < N_EPSILONS; e++) {
        for (size_t k = 0; k < 3; k++)
            expect_together(&scene,
                            check_over_surrogates(scene.curves, N, k, e), pgd,
                            3, e);
        for (size_t k = 3; k < N; k++)
            expect_together(&scene,
                            check_over_surrogates(scene.curves, N, k, e), &k,
                            1, e);
        for (size_t k = 0; k < 6; k++)
            expect_together(&scene, check_over_norm(scene.curves, N, k, e),
                            of_norm, 6, e);
        struct check_together all =
            check_over_surrogates(scene.curves, N, 0, e);
        n_below += all.worst < all.lowest;
    }
    assert_true(n_below > 0);
    scene_close(&scene);
}

static void what_was_not_run_is_not_counted(void **state)
{
    (void)state;
    static const size_t two[] = {0, 2}, one[] = {0};
    struct scene scene;
    scene_open(&scene);
    scene.curves[1].n_samples = 0;
    scene.at[2].epsilon[3] += 0.001;
    expect_together(&scene, check_over_surrogates(scene.curves, N, 0, 1), two,
                    2, 1);
    expect_together(&scene, check_over_surrogates(scene.curves, N, 0, 3), one,
                    1, 3);
    scene_close(&scene);
}

static void attacks_differ_in_their_surrogate_alone_or_not(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene);
    for (size_t a = 0; a < N; a++)
        for (size_t b = 0; b < N; b++)
            assert_true(check_is_but_for_surrogate(&scene.at[a].settings,
                                                   &scene.at[b].settings) ==
                        (a == b || (a < 3 && b < 3)));
    scene_close(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            surrogates_of_an_attack_are_taken_together_by_the_sample),
        cmocka_unit_test(what_was_not_run_is_not_counted),
        cmocka_unit_test(attacks_differ_in_their_surrogate_alone_or_not),
    };
    return cmocka_run_group_tests_name("checks_together", tests, NULL, NULL);
}

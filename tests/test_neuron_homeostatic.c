/* Thresholds that follow the difference from what is typical: by hand, and what
 * is gathered as typical. */
#include "core/model.h"
#include "core/neuron.h"
#include "tests/small_net.h"
#include "tests/small_trial.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

static void expect(const char *delayed, const char *reset, const float *x,
                   const float *s)
{
    struct arena arena = arena_open();
    struct spec spec = small_spec(
        arena_print(&arena, "neuron = talif\nneuron.leak = 0.5\n"
                            "neuron.delayed = %s\nneuron.reset = %s\n",
                    delayed, reset),
        &arena);
    static const float z[] = {0.9f, 1.2f, 2.0f}, typical[] = {0.5f, 1, 0};
    static const float rate = 0.25f;
    float found[3], fired[3], u[3];
    struct neuron_tile tile = {3, 1, {typical, &rate}, z, found, fired, u};
    neuron_of(spec.at[SPEC_NEURON].kind)
        ->forward(spec.at[SPEC_NEURON].params, &tile);
    for (size_t t = 0; t < 3; t++) {
        assert_true(fabsf(found[t] - x[t]) < 1e-6f);
        assert_true(fired[t] == s[t]);
    }
    arena_close(&arena);
}

/* U is 0.9, 0.45 + 1.2, and 2 or 2 + (1.65 - theta) / 2; theta moves from 1 by
 * a quarter of 0.4, 0.65, and U. */
static void a_threshold_moves_by_what_is_not_typical(void **state)
{
    (void)state;
    static const float spikes[] = {0, 1, 1};
    expect("false", "hard", (float[]){-0.2f, 0.3875f, 0.2375f}, spikes);
    expect("true", "hard", (float[]){-0.1f, 0.55f, 0.7375f}, spikes);
    expect("false", "soft", (float[]){-0.2f, 0.3875f, 0.3828125f}, spikes);
    expect("true", "soft", (float[]){-0.1f, 0.55f, 1.0125f}, spikes);
}

/* gathering ----------------------------------------------------------- */

#define TALIF SMALL_MLP "neuron = talif\nschedule = constant\n"

/* The typical potentials of a small mlp, [T][24], the last of all values. */
static const float *typical_of(const struct small_trial *trial)
{
    return trial->weights.at + trial->weights.n - (size_t)4 * 24;
}

static bool all_zero(size_t n, const float *at)
{
    for (size_t i = 0; i < n; i++)
        if (at[i] != 0.0f)
            return false;
    return true;
}

static void typical_potentials_are_not_trained(void **state)
{
    (void)state;
    struct small_trial trial;
    small_trial_train(&trial, TALIF "neuron.momentum = 0\n");
    assert_true(all_zero(4 * 24, typical_of(&trial)));
    small_trial_close(&trial);
}

/* Without a rate the weights do not depend on what is typical; with a momentum
 * of 1 that is the mean potential of the last batch. Adversaries change no
 * image here (epsilon 0), so the clean images' are the same before a step as
 * in it, but for the statistics that normalize. */
static void clean_images_are_gathered_beside_perturbed_ones(void **state)
{
    (void)state;
    static const char *const adversaries[] = {
        "", "adversary = pgd\nadversary.epsilon = 0\n",
        "adversary = pgd\nadversary.epsilon = 0\nadversary.clean_share = 0.5\n",
        "adversary = trades\nadversary.epsilon = 0\n"};
    float first[4 * 24];
    for (size_t i = 0; i < 4; i++) {
        struct small_trial trial;
        struct arena arena = arena_open();
        small_trial_train(&trial,
                          arena_print(&arena,
                                      TALIF "neuron.rate = 0\n"
                                            "normalization = none\n"
                                            "optimizer.learning_rate = 1e-08\n"
                                            "neuron.momentum = 1\n%s",
                                      adversaries[i]));
        if (i == 0)
            memcpy(first, typical_of(&trial), sizeof first);
        assert_false(all_zero(4 * 24, first));
        for (size_t k = 0; k < 4 * 24; k++)
            assert_true(fabsf(typical_of(&trial)[k] - first[k]) < 1e-4f);
        small_trial_close(&trial);
        arena_close(&arena);
    }
}

static void a_network_of_such_neurons_learns(void **state)
{
    (void)state;
    struct small_trial trial;
    small_trial_train(&trial, TALIF);
    assert_false(trial.record.diverged);
    assert_true(*record_f64(&trial.record, FIELD_CLEAN_ACCURACY) > 0.8);
    assert_false(all_zero(4 * 24, typical_of(&trial)));
    small_trial_close(&trial);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_threshold_moves_by_what_is_not_typical),
        cmocka_unit_test(typical_potentials_are_not_trained),
        cmocka_unit_test(clean_images_are_gathered_beside_perturbed_ones),
        cmocka_unit_test(a_network_of_such_neurons_learns),
    };
    return cmocka_run_group_tests_name("neuron_homeostatic", tests, NULL, NULL);
}

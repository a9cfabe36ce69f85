/* What regularizers do in a training, by themselves and together with other
 * axes. */
#include "tests/test.h"

#include "tests/small_trial.h"

#include <string.h>

/* The mean term of the last of 6 epochs. */
static double last_term(const char *regularizer, double weight)
{
    struct small_trial trial;
    struct arena arena = arena_open();
    small_trial_train(&trial, arena_print(&arena,
                                          SMALL_CSNN "regularizer = %s"
                                          "regularizer.weight = %g\n",
                                          regularizer, weight));
    double term = record_f64(&trial.record, FIELD_REGULARIZER)[5];
    assert_false(trial.record.diverged);
    small_trial_close(&trial);
    arena_close(&arena);
    return term;
}

static void every_term_falls_with_its_weight(void **state)
{
    (void)state;
    static const struct {
        const char *regularizer;
        double weight;
    } cases[] = {
        {"mpd_sgr\n", 2},
        {"mpd_sgr\nregularizer.statistics = analytic\n", 2},
        {"tgo\n", 10},
        {"pda\nregularizer.range = 0.8\n", 1},
        {"pda\nregularizer.form = share\n", 2},
        {"firing_rate\nregularizer.target = 0.4\n", 50},
        {"firing_rate\nregularizer.target = 0.05\n"
         "regularizer.bound = upper\n", 50},
        {"firing_rate\nregularizer.target = 0.5\nregularizer.bound = lower\n",
         50}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double weak = last_term(cases[i].regularizer, 1e-6);
        double strong = last_term(cases[i].regularizer, cases[i].weight);
        if (!(weak > 0) || !(strong < 0.85 * weak))
            fail_msg("%g became %g of %s", weak, strong,
                     cases[i].regularizer);
    }
}

/* The weights after epochs of one batch each. */
static struct weights train(struct small_trial *trial, const char *rest)
{
    struct arena arena = arena_open();
    small_trial_train(trial, arena_print(&arena,
                                         "network = mlp\n"
                                         "network.hidden = [24]\n%s",
                                         rest));
    arena_close(&arena);
    return trial->weights;
}

static bool trains_alike(const char *a, const char *b)
{
    struct small_trial trials[2];
    struct weights x = train(&trials[0], a), y = train(&trials[1], b);
    assert_int_equal(x.n, y.n);
    bool alike = !memcmp(x.at, y.at, x.n * sizeof *x.at);
    small_trial_close(&trials[0]);
    small_trial_close(&trials[1]);
    return alike;
}

#define ONE_STEP "training.n_epochs = 1\ntraining.batch_size = 96\n"
#define TWO_STEPS "training.n_epochs = 2\ntraining.batch_size = 96\n"
#define RISING "regularizer = tgo\nregularizer.initial = 0\n"
#define LASTING "regularizer = tgo\nregularizer.initial = 1\n"

/* A weight that begins at nothing is nothing in the first step, and half of
 * itself in the second of two. */
static void the_weight_of_tgo_rises_step_by_step(void **state)
{
    (void)state;
    assert_true(trains_alike(ONE_STEP RISING, ONE_STEP "regularizer = none\n"));
    assert_false(
        trains_alike(ONE_STEP LASTING, ONE_STEP "regularizer = none\n"));
    assert_false(
        trains_alike(TWO_STEPS RISING, TWO_STEPS "regularizer = none\n"));
    assert_false(trains_alike(TWO_STEPS RISING, TWO_STEPS LASTING));
}

/* TGO is its constraint and noisy neurons; in plain training, in adversarial
 * training, and in that with Parseval steps. */
static void tgo_goes_with_adversaries_and_parseval_steps(void **state)
{
    (void)state;
    static const char *const ways[] = {
        "", "adversary = pgd\n",
        "adversary = pgd\nretraction = parseval\n"
        "optimizer.weight_decay = 0\n"};
    for (size_t i = 0; i < 3; i++) {
        struct small_trial trial;
        struct arena arena = arena_open();
        small_trial_train(
            &trial,
            arena_print(&arena,
                        SMALL_CSNN "training.n_epochs = 30\nneuron = nlif\n"
                                   "regularizer = tgo\n%s",
                        ways[i]));
        double accuracy = *record_f64(&trial.record, FIELD_CLEAN_ACCURACY);
        const double *term = record_f64(&trial.record, FIELD_REGULARIZER);
        const double *loss = record_f64(&trial.record, FIELD_TRAIN_LOSS);
        assert_null(spec_objection(&trial.spec, &arena));
        assert_false(trial.record.diverged);
        if (!(accuracy >= 0.8) || !(term[29] < 0.9 * term[0]) ||
            !(loss[29] < 0.8 * loss[0]))
            fail_msg("accuracy %g, loss from %g to %g, term from %g to %g, %s",
                     accuracy, loss[0], loss[29], term[0], term[29], ways[i]);
        small_trial_close(&trial);
        arena_close(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_term_falls_with_its_weight),
        cmocka_unit_test(the_weight_of_tgo_rises_step_by_step),
        cmocka_unit_test(tgo_goes_with_adversaries_and_parseval_steps),
    };
    return cmocka_run_group_tests_name("trial_regularizer", tests, NULL, NULL);
}

/* A stage that is left and taken up again, as often as there is a place to. */
#include "core/checkpoint.h"
#include "tests/small_evaluation.h"
#include "tests/small_net.h"
#include "tests/test.h"

#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

/* Leaves the stage at every n-th offer, with a copy of all regions. */
struct leaver {
    size_t every, n_offers, n_left;
    bool has_copy;
    struct arena arena;
    struct checkpoint copy;
    jmp_buf out;
};

static bool is_due(void *self)
{
    struct leaver *leaver = self;
    return ++leaver->n_offers % leaver->every == 0;
}

static void keep(void *self, const struct checkpoint *checkpoint)
{
    struct leaver *leaver = self;
    if (!leaver->has_copy)
        leaver->copy = checkpoint_lay_out_copy(checkpoint, &leaver->arena);
    leaver->has_copy = true;
    checkpoint_copy(checkpoint, &leaver->copy);
    leaver->n_left++;
    longjmp(leaver->out, 1);
}

static bool restore(void *self, const struct checkpoint *checkpoint)
{
    struct leaver *leaver = self;
    if (leaver->has_copy)
        checkpoint_copy(&leaver->copy, checkpoint);
    return leaver->has_copy;
}

/* training ------------------------------------------------------------ */

static void train(struct small_trial *trial,
                  const struct checkpoint_keeper *keeper)
{
    struct trial_hooks hooks = small_hooks(&trial->watch);
    hooks.keeper = keeper;
    trial_train(&trial->spec, &trial->data, &hooks, &trial->run,
                &trial->weights, &trial->record);
}

/* Begins until it comes to the end; the memory of those before is given back
 * with all else. */
static size_t train_in_pieces(struct small_trial *trial, size_t every)
{
    struct leaver leaver = {.every = every, .arena = arena_open()};
    struct checkpoint_keeper keeper = {&leaver, restore, is_due, keep,
                                       NULL};
    setjmp(leaver.out);
    train(trial, &keeper);
    size_t n_left = leaver.n_left;
    arena_close(&leaver.arena);
    return n_left;
}

static void expect_same(const struct small_trial *trial,
                        const struct small_trial *other)
{
    assert_true(digest_equal(record_digest(&trial->record),
                             record_digest(&other->record)));
    assert_int_equal(trial->weights.n, other->weights.n);
    assert_memory_equal(trial->weights.at, other->weights.at,
                        trial->weights.n * sizeof(float));
}

static void check_training(const char *text)
{
    /* More than a measurement on clean data has, which begins anew. */
    static const size_t steps[] = {9, 13};
    struct small_trial whole;
    small_trial_train(&whole, text);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct small_trial trial;
        small_trial_open(&trial, text);
        size_t n_left = train_in_pieces(&trial, steps[i]);
        if (n_left < 1)
            fail_msg("left only %zu times:\n%s", n_left, text);
        expect_same(&whole, &trial);
        small_trial_close(&trial);
    }
    small_trial_close(&whole);
}

static void a_training_ends_in_the_same_bits(void **state)
{
    (void)state;
    check_training(SMALL_MLP);
    check_training(SMALL_CSNN "encoding = poisson\noptimizer = adam\n"
                              "schedule = one_cycle\n");
    check_training(SMALL_WRN "optimizer = adamw\ntraining.n_epochs = 2\n");
}

static bool never(void *self)
{
    (void)self;
    return false;
}

static void note_milestone(void *self, const struct checkpoint *checkpoint)
{
    struct leaver *leaver = self;
    leaver->n_left++;
    leaver->copy = checkpoint_lay_out_copy(checkpoint, &leaver->arena);
    leaver->has_copy = true;
    checkpoint_copy(checkpoint, &leaver->copy);
}

/* Trains until an epoch, from an earlier milestone if there is one. */
static void train_until(struct leaver *leaver, const char *text, int epoch,
                        struct small_trial *trial)
{
    struct checkpoint_keeper keeper = {leaver, restore, never, NULL,
                                       note_milestone};
    char until[64];
    snprintf(until, sizeof until, "training.until_epoch = %d\n", epoch);
    struct arena arena = arena_open();
    small_trial_open(trial, arena_print(&arena, "%s%s", text, until));
    train(trial, &keeper);
    arena_close(&arena);
}

/* From milestone to milestone: each as if trained from the beginning, and the
 * last as if there were no milestones at all. */
static void check_milestones(const char *text)
{
    struct leaver leaver = {.arena = arena_open()};
    struct small_trial whole, trial;
    for (int epoch = 1; epoch <= 2; epoch++) {
        struct leaver alone = {.arena = arena_open()};
        train_until(&leaver, text, epoch, &trial);
        train_until(&alone, text, epoch, &whole);
        expect_same(&whole, &trial);
        assert_int_equal(*record_u64(&trial.record, FIELD_EPOCHS_RUN), epoch);
        assert_true(isnan(record_f64(&trial.record, FIELD_TRAIN_LOSS)[epoch]));
        assert_int_equal(leaver.n_left, epoch);
        small_trial_close(&trial);
        small_trial_close(&whole);
        arena_close(&alone.arena);
    }
    train_until(&leaver, text, 0, &trial);
    small_trial_train(&whole, text);
    expect_same(&whole, &trial);
    assert_int_equal(leaver.n_left, 2); /* its end is no milestone */
    small_trial_close(&trial);
    small_trial_close(&whole);
    arena_close(&leaver.arena);
}

static void a_longer_training_goes_on_from_a_shorter_one(void **state)
{
    (void)state;
    check_milestones(SMALL_MLP "training.n_epochs = 3\nschedule = cosine\n");
    check_milestones(SMALL_MLP "training.n_epochs = 3\noptimizer = adam\n"
                               "training.keep = best\n"
                               "schedule = one_cycle\n");
}

static void whatever_a_training_keeps_goes_with_it(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "neuron = adaptive\n", "neuron = cuba\n",
        "neuron = talif\nadversary = pgd\nadversary.n_steps = 2\n",
        "neuron = nlif\nnormalization = tdbn\nregularizer = mpd_sgr\n"
        "regularizer.weight = 0.3\n",
        "surrogate = psg\nneuron = plif\n",
        "gate = stog\n",
        "gate = dropout\naugmentation = standard\n",
        "deflation = dominant\nretraction = parseval\n",
        "conversion = qcfs\nneuron = pif\n",
        "loss = tet\nadversary = trades\n",
        "training.l1_penalty = 0.001\ntraining.clip_norm = 1\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct arena arena = arena_open();
        check_training(arena_print(
            &arena, SMALL_CSNN "training.n_epochs = 4\n%s", texts[i]));
        arena_close(&arena);
    }
}

static void what_is_measured_after_an_epoch_is_measured_again(void **state)
{
    (void)state;
    check_training(SMALL_MLP "training.test_each_epoch = true\n"
                             "training.hessian_iterations = 3\n");
    check_training(SMALL_MLP "training.keep = best\ndataset.n_validation = 20\n"
                             "training.patience = 1\n"
                             "optimizer.learning_rate = 0.5\n");
}

static void a_training_that_diverges_does_so_in_pieces(void **state)
{
    (void)state;
    check_training(SMALL_MLP "optimizer.learning_rate = 1000\n"
                             "normalization = none\n");
}

/* evaluation ---------------------------------------------------------- */

static void open_evaluation(struct evaluation *evaluation, const char *attack)
{
    *evaluation = (struct evaluation){.arena = arena_open()};
    struct arena *arena = &evaluation->arena;
    evaluation->spec = small_spec(
        arena_print(arena,
                    SMALL_CSNN "attack = %sattack.epsilons = [0, 0.05, 0.3]\n"
                               "attack.batch_size = 20\n",
                    attack),
        arena);
}

static void run(struct evaluation *evaluation, const struct small_trial *trial,
                const struct small_trial *source,
                const struct checkpoint_keeper *keeper)
{
    struct trial_hooks hooks = small_hooks(&evaluation->watch);
    const struct trial_networks networks = {trial->weights, source->weights};
    hooks.keeper = keeper;
    assert_int_equal(trial_transfer_part(&evaluation->spec, &trial->data,
                                         (struct span){0}, &networks, &hooks,
                                         &evaluation->arena,
                                         &evaluation->record),
                     STATUS_OK);
}

static size_t run_in_pieces(struct evaluation *evaluation,
                            const struct small_trial *trial,
                            const struct small_trial *source, size_t every)
{
    struct leaver leaver = {.every = every, .arena = arena_open()};
    struct checkpoint_keeper keeper = {&leaver, restore, is_due, keep,
                                       NULL};
    setjmp(leaver.out);
    run(evaluation, trial, source, &keeper);
    size_t n_left = leaver.n_left;
    arena_close(&leaver.arena);
    return n_left;
}

/* Batches of 20 of 50 samples at three epsilons: seven places between. The
 * source is another network, or the same. */
static void check_transfer(const struct small_trial *trial,
                           const struct small_trial *source,
                           const char *attack, size_t every)
{
    struct evaluation whole, pieces;
    open_evaluation(&whole, attack);
    open_evaluation(&pieces, attack);
    run(&whole, trial, source, NULL);
    assert_true(run_in_pieces(&pieces, trial, source, every) >= 1);
    assert_true(digest_equal(record_digest(&whole.record),
                             record_digest(&pieces.record)));
    arena_close(&whole.arena);
    arena_close(&pieces.arena);
}

static void check_attack(const struct small_trial *trial, const char *attack,
                         size_t every)
{
    check_transfer(trial, trial, attack, every);
}

/* An attack that is left between its queries begins again where it began: it
 * has to be left less often than it queries to come to an end. */
static void an_attack_ends_in_the_same_bits(void **state)
{
    (void)state;
    struct small_trial trial;
    small_trial_train(&trial, SMALL_CSNN);
    check_attack(&trial, "fgsm\n", 4);
    check_attack(&trial, "pgd\nattack.n_steps = 3\nattack.n_bisections = 2\n",
                 19);
    check_attack(&trial, "pgd\nattack.n_steps = 3\nattack.warm_start = true\n"
                         "attack.n_doublings = 3\n", 7);
    check_attack(&trial, "square\nattack.n_queries = 5\n", 8);
    check_attack(&trial, "deepfool\nattack.n_iterations = 4\n", 6);
    check_attack(&trial, "gaussian\n", 3);
    check_attack(&trial, "pgd\nattack.n_steps = 3\n"
                         "attack_surrogate = assg\n", 7);
    check_attack(&trial, "pgd\nattack.n_steps = 3\n"
                         "attack_surrogate = pdsg\n", 7);
    small_trial_close(&trial);
}

/* What it leaves is of the samples, whichever network is asked; what a
 * surrogate has learned of the source, it learns anew. */
#define FROM_SEED_9                                                            \
    "attack_source = cell\nattack_source.changes = \"training.seed = 9\"\n"

static void an_attack_on_another_network_ends_in_the_same_bits(void **state)
{
    (void)state;
    struct small_trial trial, source;
    small_trial_train(&trial, SMALL_CSNN);
    small_trial_train(&source, SMALL_CSNN "training.seed = 9\n");
    static const struct {
        const char *attack;
        size_t every;
    } cases[] = {
        {"fgsm\n", 4},
        {"pgd\nattack.n_steps = 3\nattack.n_bisections = 2\n", 19},
        {"pgd\nattack.n_steps = 3\nattack.keep_going = true\n"
         "attack.warm_start = true\nattack.n_doublings = 3\n", 7},
        {"deepfool\nattack.n_iterations = 4\n", 6},
        {"pgd\nattack.n_steps = 3\nattack_surrogate = assg\n", 7},
        {"pgd\nattack.n_steps = 3\nattack_surrogate = pdsg\n", 7},
    };
    for (size_t i = 0; i < KIND_COUNT(cases); i++) {
        struct arena arena = arena_open();
        check_transfer(
            &trial, &source,
            arena_print(&arena, "%s" FROM_SEED_9, cases[i].attack),
            cases[i].every);
        arena_close(&arena);
    }
    small_trial_close(&trial);
    small_trial_close(&source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_training_ends_in_the_same_bits),
        cmocka_unit_test(a_longer_training_goes_on_from_a_shorter_one),
        cmocka_unit_test(whatever_a_training_keeps_goes_with_it),
        cmocka_unit_test(what_is_measured_after_an_epoch_is_measured_again),
        cmocka_unit_test(a_training_that_diverges_does_so_in_pieces),
        cmocka_unit_test(an_attack_ends_in_the_same_bits),
        cmocka_unit_test(an_attack_on_another_network_ends_in_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

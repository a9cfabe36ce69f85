/* Stage "evaluate" of a trial: attacks on networks that were just trained. */
#include "tests/test.h"

#include "core/attack.h"
#include "tests/small_net.h"
#include "tests/small_evaluation.h"

#include <math.h>
#include <string.h>

static const char *const networks[] = {
    SMALL_MLP, SMALL_MLP "encoding = poisson\n", SMALL_CSNN, SMALL_WRN,
    SMALL_CSNN "encoding = poisson\nregularizer = mpd_sgr\n",
    SMALL_CSNN "encoding = latency\n", SMALL_CSNN "surrogate = pdsg\n"};
enum { N_NETWORKS = KIND_COUNT(networks) };

#define EPSILONS "attack.epsilons = [0, 0.02, 0.1, 0.3, 1]\n"
#define FEW_DRAWS "attack.n_draws = 2\n"
static const double epsilons[] = {0, 0.02, 0.1, 0.3, 1};

static const char *const attacks[] = {
    "fgsm\n" EPSILONS FEW_DRAWS, "bim\n" EPSILONS FEW_DRAWS,
    "pgd\n" EPSILONS FEW_DRAWS "attack.n_restarts = 2\n",
    "gaussian\n" EPSILONS FEW_DRAWS, "salt_pepper\n" EPSILONS FEW_DRAWS,
    "square\n" EPSILONS FEW_DRAWS "attack.n_queries = 10\n"};
enum { N_ATTACKS = 6 };

/* Every attack on every network, run once for all tests. */
static struct small_trial trials[N_NETWORKS];
static struct evaluation evaluations[N_NETWORKS][N_ATTACKS];

static int evaluate_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_NETWORKS; i++) {
        small_trial_train(&trials[i], networks[i]);
        for (size_t k = 0; k < N_ATTACKS; k++)
            if (evaluate(&trials[i], networks[i], attacks[k],
                         &evaluations[i][k]) != STATUS_OK)
                return 1;
    }
    return 0;
}

static int forget_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_NETWORKS; i++) {
        for (size_t k = 0; k < N_ATTACKS; k++)
            arena_close(&evaluations[i][k].arena);
        small_trial_close(&trials[i]);
    }
    return 0;
}

/* Calls `check` for every attack on every network. */
static void for_all(void (*check)(const struct small_trial *trial,
                                  const char *text,
                                  struct evaluation *evaluation))
{
    for (size_t i = 0; i < N_NETWORKS; i++)
        for (size_t k = 0; k < N_ATTACKS; k++)
            check(&trials[i], networks[i], &evaluations[i][k]);
}

static double accuracy(const struct evaluation *evaluation, size_t e)
{
    return record_f64(&evaluation->record, FIELD_ROBUST_ACCURACY)[e];
}

/* what must hold ------------------------------------------------------ */

static void check_epsilon_zero(const struct small_trial *trial,
                               const char *text, struct evaluation *evaluation)
{
    (void)text;
    const struct record *clean = &trial->record;
    const struct record *robust = &evaluation->record;
    assert_int_equal(robust->extent[DIM_SAMPLE], 50);
    assert_memory_equal(record_u8(clean, FIELD_CLEAN_PREDICTION),
                        record_u8(robust, FIELD_ROBUST_PREDICTION), 50);
    assert_true(*record_f64(clean, FIELD_CLEAN_ACCURACY) ==
                accuracy(evaluation, 0));
    assert_true(*record_f64(clean, FIELD_CLEAN_LOSS) ==
                record_f64(robust, FIELD_ROBUST_LOSS)[0]);
    assert_true(record_f64(robust, FIELD_DISTANCE_MAX)[0] == 0);
}

static void epsilon_zero_gives_the_clean_predictions(void **state)
{
    (void)state;
    for_all(check_epsilon_zero);
}

static void check_ball_and_box(const struct small_trial *trial,
                               const char *text, struct evaluation *evaluation)
{
    (void)trial;
    (void)text;
    const struct record *record = &evaluation->record;
    const struct choice *attack = &evaluation->spec.at[SPEC_ATTACK];
    bool in_ball = attack_of(attack->kind)->norm != NORM_NONE;
    for (size_t e = 0; e < 5; e++) {
        double distance = record_f64(record, FIELD_DISTANCE_MAX)[e];
        assert_true(record_f64(record, FIELD_EPSILON)[e] == epsilons[e]);
        assert_true(record_f64(record, FIELD_PIXEL_MIN)[e] >= 0);
        assert_true(record_f64(record, FIELD_PIXEL_MAX)[e] <= 1);
        if (in_ball)
            assert_true(distance <= (double)(float)epsilons[e]);
        assert_true(e == 0 || distance > 0.5 * epsilons[e]);
    }
}

static void attacks_stay_in_ball_and_box(void **state)
{
    (void)state;
    for_all(check_ball_and_box);
}

static void check_counts(const struct small_trial *trial, const char *text,
                         struct evaluation *evaluation)
{
    (void)text;
    const struct record *record = &evaluation->record;
    for (size_t e = 0; e < 5; e++) {
        size_t n_correct = 0;
        for (size_t i = 0; i < 50; i++)
            n_correct +=
                record_u8(record, FIELD_ROBUST_PREDICTION)[e * 50 + i] ==
                trial->data.test.labels[i];
        assert_true(accuracy(evaluation, e) == (double)n_correct / 50);
        assert_true(record_u64(record, FIELD_N_ZERO_GRADIENT)[e] <= 50);
        double share = record_f64(record, FIELD_ZERO_GRADIENT_SHARE)[e];
        assert_true(share >= 0 && share <= 1);
    }
    assert_int_equal(evaluation->watch.done, 250);
    assert_int_equal(evaluation->watch.total, 250);
}

static void accuracies_are_those_of_the_predictions(void **state)
{
    (void)state;
    for_all(check_counts);
}

/* strength ------------------------------------------------------------ */

/* Of networks whose gradient the attack knows exactly. */
static void pgd_is_at_least_as_strong_as_fgsm(void **state)
{
    (void)state;
    static const size_t known[] = {0, 2};
    for (size_t i = 0; i < 2; i++) {
        const struct evaluation *fgsm = &evaluations[known[i]][0];
        const struct evaluation *pgd = &evaluations[known[i]][2];
        for (size_t e = 0; e < 4; e++)
            assert_true(accuracy(pgd, e) <= accuracy(fgsm, e));
        assert_true(accuracy(pgd, 0) > 0.8 && accuracy(pgd, 3) < 0.1);
    }
}

static void an_attack_hurts_more_than_noise(void **state)
{
    (void)state;
    const struct evaluation *pgd = &evaluations[2][2];
    const struct evaluation *noise = &evaluations[2][3];
    assert_true(accuracy(noise, 2) > accuracy(pgd, 2) + 0.2);
    assert_true(*record_u64(&pgd->record, FIELD_N_BACKWARD) == 1);
    assert_true(*record_u64(&noise->record, FIELD_N_BACKWARD) == 0);
}

/* What a surrogate as narrow as this lets through is nothing. */
static void gradients_of_nothing_are_counted(void **state)
{
    (void)state;
    static const char text[] =
        SMALL_MLP "surrogate = triangular\nsurrogate.width = 0.001\n"
                  "optimizer.learning_rate = 1e-08\n";
    struct small_trial trial;
    struct evaluation evaluation;
    small_trial_train(&trial, text);
    evaluate_well(&trial, text, "fgsm\nattack.epsilons = [0.1]\n",
                  &evaluation);
    const struct record *record = &evaluation.record;
    uint64_t n_zero = *record_u64(record, FIELD_N_ZERO_GRADIENT);
    double share = *record_f64(record, FIELD_ZERO_GRADIENT_SHARE);
    assert_true(n_zero >= 25 && share >= (double)n_zero / 50);
    assert_true(*record_u64(&evaluations[0][0].record,
                            FIELD_N_ZERO_GRADIENT) < 5);
    arena_close(&evaluation.arena);
    small_trial_close(&trial);
}

/* More draws make another attack, of a random encoding only. */
static double loss_with_draws(size_t i, const char *n_draws)
{
    struct arena arena = arena_open();
    struct evaluation evaluation;
    evaluate_well(&trials[i], networks[i],
                  arena_print(&arena,
                              "pgd\nattack.epsilons = [0.1]\n"
                              "attack.n_draws = %s\n",
                              n_draws),
                  &evaluation);
    double loss = *record_f64(&evaluation.record, FIELD_ROBUST_LOSS);
    arena_close(&evaluation.arena);
    arena_close(&arena);
    return loss;
}

static void a_random_encoding_is_asked_for_several_draws(void **state)
{
    (void)state;
    assert_true(loss_with_draws(0, "1") == loss_with_draws(0, "8"));
    assert_true(loss_with_draws(1, "1") != loss_with_draws(1, "8"));
}

/* sameness ------------------------------------------------------------ */

static void check_batches(const struct small_trial *trial, const char *text,
                          struct evaluation *evaluation)
{
    static const char *const sizes[] = {"1", "7", "1000"};
    struct digest digest = record_digest(&evaluation->record);
    struct arena arena = arena_open();
    for (size_t i = 0; i < 3; i++) {
        const struct choice *attack = &evaluation->spec.at[SPEC_ATTACK];
        const char *again =
            arena_print(&arena, "%s\n%sattack.batch_size = %s\n",
                        attack->kind->name, EPSILONS FEW_DRAWS, sizes[i]);
        if (kind_find_row(attack->kind, "n_restarts"))
            again = arena_print(&arena, "%sattack.n_restarts = 2\n", again);
        if (kind_find_row(attack->kind, "n_queries"))
            again = arena_print(&arena, "%sattack.n_queries = 10\n", again);
        struct evaluation other;
        evaluate_well(trial, text, again, &other);
        assert_true(digest_equal(digest, record_digest(&other.record)));
        arena_close(&other.arena);
    }
    arena_close(&arena);
}

static void not_a_bit_depends_on_the_attacks_batch_size(void **state)
{
    (void)state;
    for_all(check_batches);
}

static void the_first_samples_are_the_same_in_a_longer_run(void **state)
{
    (void)state;
    struct evaluation some;
    const struct record *all = &evaluations[1][2].record;
    evaluate_well(&trials[1], networks[1],
                  "pgd\n" EPSILONS FEW_DRAWS "attack.n_restarts = 2\n"
                  "attack.n_samples = 9\n",
                  &some);
    assert_int_equal(some.record.extent[DIM_SAMPLE], 9);
    for (size_t e = 0; e < 5; e++)
        assert_memory_equal(
            record_u8(&some.record, FIELD_ROBUST_PREDICTION) + e * 9,
            record_u8(all, FIELD_ROBUST_PREDICTION) + e * 50, 9);
    arena_close(&some.arena);
}

/* memory, refusals ---------------------------------------------------- */

static void pretend(void *self, const struct query *query)
{
    (void)self;
    memset(query->loss, 0, query->n * sizeof *query->loss);
    memset(query->predicted, 0, query->n);
    if (query->logits)
        memset(query->logits, 0, query->n * sizeof *query->logits);
    if (query->d_images)
        memset(query->d_images, 0, query->n * 36 * sizeof *query->d_images);
}

/* What an attack takes from its scratch, by running it. */
static size_t scratch_of(const struct small_trial *trial,
                         const struct choice *choice, size_t n, bool random)
{
    static float clean[50 * 36], adversarial[50 * 36];
    static uint8_t labels[50];
    static uint32_t ids[50], n_zero_pixels[50], n_forward[50], n_backward[50];
    static float epsilon[50];
    struct arena scratch = arena_open();
    struct victim victim = {.shape = trial->data.shape,
                            .n_pixels = 36,
                            .n_classes = trial->data.n_classes,
                            .n_max = n,
                            .random = random,
                            .ask = pretend};
    struct attack_batch batch = {
        .n = n, .n_pixels = 36, .clean = clean, .labels = labels, .ids = ids,
        .epsilon = epsilon, .adversarial = adversarial,
        .n_zero_pixels = n_zero_pixels, .n_forward = n_forward,
        .n_backward = n_backward, .scratch = &scratch};
    attack_of(choice->kind)->run(choice->params, &victim, &batch);
    size_t n_bytes = scratch.n_bytes;
    arena_close(&scratch);
    return n_bytes;
}

static void check_memory(const struct small_trial *trial, const char *text,
                         struct evaluation *evaluation)
{
    bool random = strstr(text, "poisson") != NULL;
    size_t n_scratch =
        scratch_of(trial, &evaluation->spec.at[SPEC_ATTACK], 50, random);
    assert_true(n_scratch > 50 * 36 * sizeof(float));
    assert_int_equal(evaluation->n_bytes + n_scratch,
                     trial_memory(&evaluation->spec, &trial->data,
                                  (struct trial_means){0}));
}

static void evaluating_takes_the_memory_that_was_foretold(void **state)
{
    (void)state;
    for_all(check_memory);
}

static void weights_of_another_network_are_refused(void **state)
{
    (void)state;
    struct evaluation evaluation;
    assert_int_equal(evaluate(&trials[0], SMALL_CSNN, "fgsm\n", &evaluation),
                     STATUS_INVALID);
    assert_non_null(strstr(status_reason(), "values"));
    assert_int_equal(evaluation.n_bytes, 0);
    arena_close(&evaluation.arena);
}

static void an_estimate_counts_samples_and_epsilons(void **state)
{
    (void)state;
    struct small_trial trial;
    small_trial_open(&trial, SMALL_MLP "attack = fgsm\n" EPSILONS
                                       "attack.batch_size = 20\n");
    struct trial_hooks hooks = small_hooks(&trial.watch);
    /* 20 samples take a second of that clock */
    assert_true(fabs(trial_estimate(&trial.spec, &trial.data, &hooks) -
                     5 * 50 / 20.0) < 1e-9);
    small_trial_close(&trial);
    /* of which 100 of 1000 queries are made, and two more */
    small_trial_open(&trial, SMALL_MLP "attack = square\n" EPSILONS
                                       "attack.batch_size = 20\n"
                                       "attack.n_queries = 1000\n");
    assert_true(fabs(trial_estimate(&trial.spec, &trial.data, &hooks) -
                     5 * 50 / 20.0 * 1002 / 102) < 1e-9);
    small_trial_close(&trial);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(epsilon_zero_gives_the_clean_predictions),
        cmocka_unit_test(attacks_stay_in_ball_and_box),
        cmocka_unit_test(accuracies_are_those_of_the_predictions),
        cmocka_unit_test(pgd_is_at_least_as_strong_as_fgsm),
        cmocka_unit_test(an_attack_hurts_more_than_noise),
        cmocka_unit_test(gradients_of_nothing_are_counted),
        cmocka_unit_test(a_random_encoding_is_asked_for_several_draws),
        cmocka_unit_test(not_a_bit_depends_on_the_attacks_batch_size),
        cmocka_unit_test(the_first_samples_are_the_same_in_a_longer_run),
        cmocka_unit_test(evaluating_takes_the_memory_that_was_foretold),
        cmocka_unit_test(weights_of_another_network_are_refused),
        cmocka_unit_test(an_estimate_counts_samples_and_epsilons),
    };
    return cmocka_run_group_tests_name("trial_evaluate", tests, evaluate_all,
                                       forget_all);
}

/* Attacks that know the random numbers of the verdict. */
#include "tests/test.h"

#include "tests/small_evaluation.h"
#include "tests/small_net.h"

#include <math.h>
#include <string.h>

#define EPSILONS "attack.epsilons = [0, 0.1, 0.15, 0.3]\n"
#define FIXED "attack.fixed_draw = true\n"
#define PGD "pgd\nattack.n_steps = 10\n" EPSILONS
enum { N = 50, N_EPSILONS = 4 };

/* Answers to an image are drawn, by the encoding, by gates, or not at all. */
static const char *const networks[] = {
    SMALL_MLP "encoding = poisson\n",
    SMALL_MLP "gate = stog\ngate.keep = 0.8\n",
    SMALL_MLP};
enum { N_DRAWN = 2, N_NETWORKS = 3 };
static struct small_trial trials[N_NETWORKS];

static int train_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_NETWORKS; i++)
        small_trial_train(&trials[i], networks[i]);
    return 0;
}

static int forget_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_NETWORKS; i++)
        small_trial_close(&trials[i]);
    return 0;
}

static struct evaluation under(size_t i, const char *attack)
{
    struct evaluation evaluation;
    evaluate_well(&trials[i], networks[i], attack, &evaluation);
    return evaluation;
}

static struct digest digest_under(size_t i, const char *attack)
{
    struct evaluation evaluation = under(i, attack);
    struct digest digest = record_digest(&evaluation.record);
    arena_close(&evaluation.arena);
    return digest;
}

static double accuracy(const struct evaluation *evaluation, size_t e)
{
    return record_f64(&evaluation->record, FIELD_ROBUST_ACCURACY)[e];
}

static void who_knows_the_draw_is_at_least_as_strong(void **state)
{
    (void)state;
    static const char *const fresh_draws[] = {
        PGD "attack.n_draws = 1\n", PGD "attack.n_draws = 10\n"};
    for (size_t i = 0; i < N_DRAWN; i++) {
        struct evaluation fixed = under(i, PGD FIXED);
        double n_more = 0;
        for (size_t k = 0; k < 2; k++) {
            struct evaluation fresh = under(i, fresh_draws[k]);
            assert_true(accuracy(&fixed, 0) == accuracy(&fresh, 0));
            for (size_t e = 1; e < N_EPSILONS; e++) {
                assert_true(accuracy(&fixed, e) <= accuracy(&fresh, e));
                n_more += N * (accuracy(&fresh, e) - accuracy(&fixed, e));
            }
            arena_close(&fresh.arena);
        }
        assert_true(n_more > 1);
        arena_close(&fixed.arena);
    }
}

/* The verdict is what the attacker saw: an iterative attack is at least as
 * strong as one step, sample by sample, and what is wrong stays wrong. */
static void nothing_is_left_to_chance(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_DRAWN; i++) {
        struct evaluation fgsm = under(i, "fgsm\n" EPSILONS FIXED);
        struct evaluation pgd = under(i, PGD FIXED);
        const uint8_t *label = trials[i].data.test.labels;
        const uint8_t *one =
            record_u8(&fgsm.record, FIELD_ROBUST_PREDICTION);
        const uint8_t *many =
            record_u8(&pgd.record, FIELD_ROBUST_PREDICTION);
        for (size_t k = 0; k < N_EPSILONS * N; k++) {
            assert_true(one[k] == label[k % N] || many[k] != label[k % N]);
            assert_true(one[k % N] == label[k % N] ||
                        one[k] == one[k % N]);
        }
        arena_close(&fgsm.arena);
        arena_close(&pgd.arena);
    }
}

/* A sample that is wrong as it is costs one query of one draw, and leaves. */
static void a_query_is_one_draw_and_samples_leave(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_DRAWN; i++) {
        struct evaluation pgd = under(i, PGD FIXED);
        const uint64_t *n_backward =
            record_u64(&pgd.record, FIELD_N_BACKWARD);
        assert_true(n_backward[0] == 1);
        for (size_t e = 1; e < N_EPSILONS; e++)
            assert_true(n_backward[e] <= 11);
        assert_true(n_backward[3] < n_backward[1]);
        arena_close(&pgd.arena);
    }
}

static void results_are_the_same_again_and_in_any_batches(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_DRAWN; i++) {
        struct digest digest = digest_under(i, PGD FIXED);
        assert_true(digest_equal(digest, digest_under(i, PGD FIXED)));
        assert_true(digest_equal(
            digest, digest_under(i, PGD FIXED "attack.batch_size = 7\n")));
        /* a query has one draw, whatever n_draws says */
        assert_true(digest_equal(
            digest, digest_under(i, PGD FIXED "attack.n_draws = 3\n")));
    }
}

static void where_nothing_is_drawn_nothing_changes(void **state)
{
    (void)state;
    assert_true(
        digest_equal(digest_under(2, PGD), digest_under(2, PGD FIXED)));
    assert_false(
        digest_equal(digest_under(0, PGD), digest_under(0, PGD FIXED)));
}

static bool is_refused(const char *text, struct arena *arena)
{
    struct spec spec = small_spec(text, arena);
    const char *objection = spec_objection(&spec, arena);
    assert_true(!objection || strstr(objection, "fixed_draw"));
    return objection != NULL;
}

static void warm_starts_and_bisections_are_valid_again(void **state)
{
    (void)state;
    static const char *const rows[] = {"attack.warm_start = true\n",
                                       "attack.n_bisections = 3\n"};
    struct arena arena = arena_open();
    for (size_t i = 0; i < N_DRAWN; i++)
        for (size_t k = 0; k < 2; k++) {
            const char *text = arena_print(
                &arena, "%sattack = %s%s", networks[i], PGD, rows[k]);
            assert_true(is_refused(text, &arena));
            text = arena_print(&arena, "%s%s", text, FIXED);
            assert_false(is_refused(text, &arena));
        }
    struct evaluation warm =
        under(0, PGD FIXED "attack.warm_start = true\n"
                           "attack.n_bisections = 3\n");
    for (size_t e = 1; e < N_EPSILONS; e++)
        assert_true(accuracy(&warm, e) <= accuracy(&warm, e - 1));
    arena_close(&warm.arena);
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_knows_the_draw_is_at_least_as_strong),
        cmocka_unit_test(nothing_is_left_to_chance),
        cmocka_unit_test(a_query_is_one_draw_and_samples_leave),
        cmocka_unit_test(results_are_the_same_again_and_in_any_batches),
        cmocka_unit_test(where_nothing_is_drawn_nothing_changes),
        cmocka_unit_test(warm_starts_and_bisections_are_valid_again),
    };
    return cmocka_run_group_tests_name("siege_fixed", tests, train_all,
                                       forget_all);
}

/* What an evaluation tells of each sample, and what it costs. */
#include "tests/small_evaluation.h"
#include "tests/small_net.h"
#include "tests/test.h"

#include <math.h>

#define EPSILONS "attack.epsilons = [0, 0.02, 0.1, 0.3, 1]\n"
static const double epsilons[] = {0, 0.02, 0.1, 0.3, 1};

static const char network[] = SMALL_MLP;
static const char *const attacks[] = {
    "fgsm\n" EPSILONS, "bim\n" EPSILONS,
    "pgd\n" EPSILONS "attack.n_restarts = 2\n", "gaussian\n" EPSILONS};
enum { N_ATTACKS = 4 };

/* Run once for all tests. */
static struct small_trial trial;
static struct evaluation evaluations[N_ATTACKS];

static int evaluate_all(void **state)
{
    (void)state;
    small_trial_train(&trial, network);
    for (size_t k = 0; k < N_ATTACKS; k++)
        evaluate_well(&trial, network, attacks[k], &evaluations[k]);
    return 0;
}

static int forget_all(void **state)
{
    (void)state;
    for (size_t k = 0; k < N_ATTACKS; k++)
        arena_close(&evaluations[k].arena);
    small_trial_close(&trial);
    return 0;
}

static double accuracy(const struct evaluation *evaluation, size_t e)
{
    return record_f64(&evaluation->record, FIELD_ROBUST_ACCURACY)[e];
}

static const double *distances(const struct evaluation *evaluation)
{
    return record_f64(&evaluation->record, FIELD_SAMPLE_DISTANCE);
}

static bool is_wrong(const struct evaluation *evaluation, size_t e, size_t i)
{
    const uint8_t *label = record_u8(&trial.record, FIELD_LABEL);
    return record_u8(&evaluation->record,
                     FIELD_ROBUST_PREDICTION)[e * 50 + i] != label[i];
}

static void check_distances(const struct evaluation *evaluation)
{
    for (size_t i = 0; i < 50; i++) {
        double smallest = (double)INFINITY;
        for (size_t e = 5; e-- > 0;)
            if (is_wrong(evaluation, e, i))
                smallest = epsilons[e];
        assert_true(distances(evaluation)[i] == smallest);
    }
}

static void a_distance_is_the_smallest_epsilon_that_was_enough(void **state)
{
    (void)state;
    for (size_t k = 0; k < N_ATTACKS; k++)
        check_distances(&evaluations[k]);
}

/* Halvings find a size that is enough, and narrow the gap below it. */
static void bisections_narrow_the_distances(void **state)
{
    (void)state;
    struct evaluation fine;
    const struct evaluation *coarse = &evaluations[0];
    evaluate_well(&trial, network,
                  "fgsm\n" EPSILONS "attack.n_bisections = 6\n", &fine);
    size_t n_less = 0;
    for (size_t i = 0; i < 50; i++) {
        double upper = distances(coarse)[i], gap = upper;
        assert_true(distances(&fine)[i] <= upper);
        for (size_t e = 0; e < 5; e++)
            if (epsilons[e] < upper)
                gap = upper - epsilons[e];
        n_less += isfinite(upper) && distances(&fine)[i] < upper;
        assert_true(!isfinite(upper) || upper == 0 ||
                    distances(&fine)[i] >= upper - gap);
    }
    assert_true(n_less > 25);
    uint64_t n_passes = 0;
    for (size_t i = 0; i < 50; i++)
        n_passes += record_u32(&fine.record, FIELD_BISECTION_BACKWARD)[i];
    assert_true(n_passes > 25);
    arena_close(&fine.arena);
}

/* The size that the bisection ends at is one that it tried. */
static void an_attack_of_the_distance_found_succeeds(void **state)
{
    (void)state;
    struct evaluation fine, again;
    struct arena arena = arena_open();
    evaluate_well(&trial, network,
                  "pgd\n" EPSILONS "attack.n_bisections = 8\n", &fine);
    for (size_t i = 0; i < 8; i++) {
        double distance = distances(&fine)[i];
        if (!isfinite(distance) || distance > 1)
            continue;
        evaluate_well(&trial, network,
                      arena_print(&arena,
                                  "pgd\nattack.epsilons = [%.17g]\n"
                                  "attack.n_samples = %zu\n",
                                  distance, i + 1),
                      &again);
        assert_true(record_u8(&again.record, FIELD_ROBUST_PREDICTION)[i] !=
                    record_u8(&trial.record, FIELD_LABEL)[i]);
        arena_close(&again.arena);
    }
    arena_close(&fine.arena);
    arena_close(&arena);
}

/* With a warm start a sample that was won is not attacked again, and stays
 * won. */
static void a_warm_start_keeps_what_was_won_and_saves_passes(void **state)
{
    (void)state;
    struct evaluation warm;
    const struct evaluation *cold = &evaluations[1];
    evaluate_well(&trial, network,
                  "bim\n" EPSILONS "attack.warm_start = true\n", &warm);
    uint64_t passes[2] = {0};
    for (size_t i = 0; i < 50; i++) {
        bool won = false;
        for (size_t e = 0; e < 5; e++) {
            won = won || is_wrong(&warm, e, i);
            assert_int_equal(is_wrong(&warm, e, i), won);
            assert_true(won || !is_wrong(cold, e, i));
        }
    }
    for (size_t i = 0; i < 5 * 50; i++) {
        passes[0] += record_u32(&cold->record, FIELD_SAMPLE_BACKWARD)[i];
        passes[1] += record_u32(&warm.record, FIELD_SAMPLE_BACKWARD)[i];
    }
    assert_true(passes[1] < passes[0]);
    arena_close(&warm.arena);
}

static void check_passes(const struct evaluation *evaluation)
{
    const struct record *record = &evaluation->record;
    uint64_t of_samples = 0, of_epsilons = 0;
    for (size_t i = 0; i < 5 * 50; i++)
        of_samples += record_u32(record, FIELD_SAMPLE_FORWARD)[i];
    for (size_t e = 0; e < 5; e++)
        of_epsilons += 50 * record_u64(record, FIELD_N_FORWARD)[e];
    assert_true(of_epsilons >= of_samples);
    assert_true(of_epsilons < of_samples + 5 * 50);
}

static void passes_of_samples_add_up_to_those_of_epsilons(void **state)
{
    (void)state;
    for (size_t k = 0; k < N_ATTACKS; k++)
        check_passes(&evaluations[k]);
}

static void the_area_is_that_under_the_curve(void **state)
{
    (void)state;
    const struct evaluation *pgd = &evaluations[2];
    double area = 0;
    for (size_t e = 0; e < 4; e++)
        area += (epsilons[e + 1] - epsilons[e]) *
                (accuracy(pgd, e) + accuracy(pgd, e + 1)) / 2;
    assert_true(fabs(*record_f64(&pgd->record, FIELD_ROBUST_AREA) - area) <
                1e-12);
}

/* What BIM moves off black and white in frames of events is no spike. */
static void entries_that_leave_0_and_1_are_counted(void **state)
{
    (void)state;
    struct small_trial frames = trial;
    struct evaluation evaluation;
    uint8_t images[50 * 36];
    for (size_t i = 0; i < sizeof images; i++)
        images[i] = i % 3 ? 255 : 0;
    assert_int_equal(image_size(trial.data.shape), 36);
    frames.data.test.images = images;
    frames.data.test.index = NULL;
    evaluate_well(&frames, network,
                  "bim\nattack.epsilons = [0, 0.1, 1]\n"
                  "attack.keep_going = true\nattack.step = 1\n",
                  &evaluation);
    const uint64_t *n = record_u64(&evaluation.record, FIELD_N_BETWEEN);
    assert_int_equal(n[0], 0);
    assert_true(n[1] > 0 && n[1] <= sizeof images);
    assert_int_equal(n[2], 0);
    arena_close(&evaluation.arena);
}

static void a_little_noise_changes_losses_a_little(void **state)
{
    (void)state;
    struct evaluation evaluation;
    evaluate_well(&trial, network, "fgsm\nattack.epsilons = [0.02]\n",
                  &evaluation);
    const double *change =
        record_f64(&evaluation.record, FIELD_LOSS_CHANGE);
    double sum = 0;
    for (size_t i = 0; i < 50; i++) {
        assert_true(change[i] >= 0 && isfinite(change[i]));
        sum += change[i];
    }
    assert_true(sum > 0 && sum / 50 < 1);
    arena_close(&evaluation.arena);
}

/* Beyond the list who was won stays won, and nothing is spent on him. */
static void doublings_extend_the_axis_to_its_end(void **state)
{
    (void)state;
    static const double sizes[] = {0, 0.05, 0.1, 0.2, 0.4, 0.8, 1};
    struct evaluation long_axis;
    evaluate_well(&trial, network,
                  "pgd\nattack.epsilons = [0, 0.05]\n"
                  "attack.n_doublings = 20\n",
                  &long_axis);
    const struct record *record = &long_axis.record;
    assert_int_equal(record->extent[DIM_EPSILON], 7);
    for (size_t e = 0; e < 7; e++)
        assert_true(record_f64(record, FIELD_EPSILON)[e] == sizes[e]);
    for (size_t e = 2; e < 7; e++)
        for (size_t i = 0; i < 50; i++)
            if (is_wrong(&long_axis, e - 1, i)) {
                assert_true(is_wrong(&long_axis, e, i));
                assert_int_equal(
                    record_u32(record, FIELD_SAMPLE_FORWARD)[e * 50 + i], 0);
            }
    assert_true(accuracy(&long_axis, 6) < 0.1);
    arena_close(&long_axis.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_distance_is_the_smallest_epsilon_that_was_enough),
        cmocka_unit_test(bisections_narrow_the_distances),
        cmocka_unit_test(an_attack_of_the_distance_found_succeeds),
        cmocka_unit_test(a_warm_start_keeps_what_was_won_and_saves_passes),
        cmocka_unit_test(passes_of_samples_add_up_to_those_of_epsilons),
        cmocka_unit_test(the_area_is_that_under_the_curve),
        cmocka_unit_test(doublings_extend_the_axis_to_its_end),
        cmocka_unit_test(entries_that_leave_0_and_1_are_counted),
        cmocka_unit_test(a_little_noise_changes_losses_a_little),
    };
    return cmocka_run_group_tests_name("trial_samples", tests, evaluate_all,
                                       forget_all);
}

/* Attacks that look for the smallest perturbation, where it is known. */
#include "tests/linear_victim.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

static const char *const as_it_is[] = {NULL};

/* Grey images stay clear of the box; of the others it takes a part of the way
 * to the plane. */
static void open_grey(struct linear_victim *linear)
{
    linear_open(linear, 0.4f, 0.6f);
}

static void open_wide(struct linear_victim *linear)
{
    linear_open(linear, 0, 1);
    for (size_t k = 0; k < LINEAR_N * LINEAR_PIXELS; k += 3)
        linear->clean[k] = (float)(k % 2);
    for (size_t i = 0; i < LINEAR_N; i++)
        linear->labels[i] =
            linear_predict(linear, linear->clean + i * LINEAR_PIXELS);
}

/* What was found is another class, in the box, and no farther than `share`
 * and `slack` beyond the smallest; floats may round it a little below. */
static void check_smallest(const struct linear_victim *linear, enum norm norm,
                           double share, double slack)
{
    for (size_t i = 0; i < LINEAR_N; i++) {
        const float *found = linear->found + i * LINEAR_PIXELS;
        double exact = linear_distance(linear, norm, i);
        double distance = linear_found(linear, norm, i);
        for (size_t k = 0; k < LINEAR_PIXELS; k++)
            assert_true(found[k] >= 0 && found[k] <= 1);
        assert_int_not_equal(linear_predict(linear, found), linear->labels[i]);
        assert_true(isfinite(exact) && exact > 1e-3);
        assert_true(distance > exact - 1e-6);
        assert_true(distance < (1 + share) * exact + slack);
    }
}

static void check_leaves_alone(struct linear_victim *linear, const char *attack,
                               enum norm norm)
{
    for (size_t i = 0; i < LINEAR_N; i++)
        linear->epsilon[i] = (float)(0.999 * linear_distance(linear, norm, i));
    linear_run(linear, attack, as_it_is);
    assert_memory_equal(linear->found, linear->clean, sizeof linear->clean);
}

/* The label as it should be, not as it is predicted. */
static void check_wrong_already(struct linear_victim *linear,
                                const char *attack)
{
    for (size_t i = 0; i < LINEAR_N; i++)
        linear->labels[i] = (uint8_t)((linear->labels[i] + 1) % LINEAR_CLASSES);
    linear_run(linear, attack, as_it_is);
    assert_memory_equal(linear->found, linear->clean, sizeof linear->clean);
    for (size_t i = 0; i < LINEAR_N; i++)
        assert_int_equal(linear->n_forward[i], 1);
}

static const struct {
    const char *name;
    enum norm norm;
} attacks[] = {{"deepfool", NORM_L2}, {"cw_l2", NORM_L2}, {"fab", NORM_LINF}};

enum { N_ATTACKS = sizeof attacks / sizeof *attacks };

static void what_lies_beyond_epsilon_is_not_found(void **state)
{
    (void)state;
    for (size_t a = 0; a < N_ATTACKS; a++) {
        struct linear_victim linear;
        open_wide(&linear);
        check_leaves_alone(&linear, attacks[a].name, attacks[a].norm);
    }
}

static void what_is_misclassified_as_it_is_has_distance_zero(void **state)
{
    (void)state;
    for (size_t a = 0; a < N_ATTACKS; a++) {
        struct linear_victim linear;
        open_grey(&linear);
        check_wrong_already(&linear, attacks[a].name);
    }
}

/* Noise of the logits of either sign: what is found beats it in all draws, and
 * is farther than without it. */
static void a_random_victim_is_beaten_in_every_draw(void **state)
{
    (void)state;
    for (size_t a = 0; a < N_ATTACKS; a++) {
        struct linear_victim linear;
        open_grey(&linear);
        linear.victim.random = true;
        linear.noise = 0.05f;
        linear_run(&linear, attacks[a].name, as_it_is);
        size_t n_found = 0;
        for (size_t i = 0; i < LINEAR_N; i++) {
            double distance = linear_found(&linear, attacks[a].norm, i);
            double exact = linear_distance(&linear, attacks[a].norm, i);
            assert_true(distance == 0 || distance > exact);
            n_found += distance > 0;
        }
        assert_true(n_found > 0);
    }
}

/* deepfool ------------------------------------------------------------ */

/* On planes the first step is exact: 1 + overshoot of the distance, and a
 * little that the authors' code adds. */
static void deepfool_steps_over_the_nearest_plane_by_its_overshoot(void **state)
{
    (void)state;
    struct linear_victim linear;
    open_grey(&linear);
    linear_run(&linear, "deepfool", as_it_is);
    check_smallest(&linear, NORM_L2, 0.02, 2e-4);
    for (size_t i = 0; i < LINEAR_N; i++) {
        double exact = linear_distance(&linear, NORM_L2, i);
        double distance = linear_found(&linear, NORM_L2, i);
        assert_true(fabs(distance - 1.02 * (exact + 1e-4)) < 1e-6);
        assert_int_equal(linear.n_forward[i], 1 + 3 + 1);
        assert_int_equal(linear.n_backward[i], 1 + 3);
    }
}

static void deepfool_within_the_box_is_near_the_smallest(void **state)
{
    (void)state;
    struct linear_victim linear;
    open_wide(&linear);
    linear_run(&linear, "deepfool", as_it_is);
    check_smallest(&linear, NORM_L2, 0.02, 2e-4);
}

/* With the runner-up alone the nearest plane may be missed. */
static void deepfool_looks_at_as_many_classes_as_it_is_told(void **state)
{
    (void)state;
    struct linear_victim linear;
    open_grey(&linear);
    linear_run(&linear, "deepfool", (const char *[]){"n_classes", "2", NULL});
    for (size_t i = 0; i < LINEAR_N; i++) {
        assert_int_equal(linear.n_backward[i], 1 + 1);
        assert_true(linear_found(&linear, NORM_L2, i) >
                    linear_distance(&linear, NORM_L2, i));
    }
}

/* cw_l2 --------------------------------------------------------------- */

static void cw_l2_finds_the_smallest_to_one_in_fifty(void **state)
{
    (void)state;
    struct linear_victim linear;
    open_grey(&linear);
    linear_run(&linear, "cw_l2", as_it_is);
    check_smallest(&linear, NORM_L2, 0.02, 2e-4);
    open_wide(&linear);
    linear_run(&linear, "cw_l2", as_it_is);
    check_smallest(&linear, NORM_L2, 0.02, 2e-4);
}

/* The largest other logit is kappa above the label's. */
static void cw_l2_reaches_the_margin_that_it_is_told(void **state)
{
    (void)state;
    struct linear_victim linear;
    open_grey(&linear);
    linear_run(&linear, "cw_l2", (const char *[]){"kappa", "0.5", NULL});
    for (size_t i = 0; i < LINEAR_N; i++) {
        double margin =
            linear_margin(&linear, i, linear.found + i * LINEAR_PIXELS);
        assert_true(margin >= 0.5 - 1e-5 && margin < 0.52);
    }
}

/* No step more than the searches have, and most searches end before. */
static void cw_l2_ends_a_search_that_has_come_to_a_stand(void **state)
{
    (void)state;
    struct linear_victim linear;
    open_grey(&linear);
    linear_run(&linear, "cw_l2",
               (const char *[]){"abort_early", "false", NULL});
    for (size_t i = 0; i < LINEAR_N; i++)
        assert_int_equal(linear.n_forward[i], 1 + 9 * 1000);
    linear_run(&linear, "cw_l2", as_it_is);
    for (size_t i = 0; i < LINEAR_N; i++)
        assert_true(linear.n_forward[i] < 1 + 9 * 500);
}

/* fab ----------------------------------------------------------------- */

/* From the clean image one step onto a plane is the smallest perturbation,
 * whether the box stops some of its pixels or not. */
static void fab_goes_onto_a_plane_by_the_shortest_way(void **state)
{
    (void)state;
    const char *const one_step[] = {"n_iterations", "1", "eta", "1.00001",
                                    NULL};
    struct linear_victim linear;
    for (int i = 0; i < 2; i++) {
        (i ? open_wide : open_grey)(&linear);
        linear_run(&linear, "fab", one_step);
        check_smallest(&linear, NORM_LINF, 2e-5, 1e-6);
    }
}

static void fab_finds_the_smallest_to_one_in_a_hundred(void **state)
{
    (void)state;
    struct linear_victim linear;
    for (int i = 0; i < 2; i++) {
        (i ? open_wide : open_grey)(&linear);
        linear_run(&linear, "fab", as_it_is);
        check_smallest(&linear, NORM_LINF, 0.01, 1e-6);
        for (size_t k = 0; k < LINEAR_N; k++) {
            assert_int_equal(linear.n_backward[k], 1 + 3 * 100);
            assert_int_equal(linear.n_forward[k], 1 + 2 * 3 * 100);
        }
    }
}

static void fab_loses_nothing_by_random_restarts(void **state)
{
    (void)state;
    struct linear_victim linear;
    open_wide(&linear);
    linear_run(&linear, "fab", (const char *[]){"n_restarts", "3", NULL});
    check_smallest(&linear, NORM_LINF, 0.01, 1e-6);
    for (size_t k = 0; k < LINEAR_N; k++)
        assert_int_equal(linear.n_backward[k], 1 + 3 * 3 * 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_lies_beyond_epsilon_is_not_found),
        cmocka_unit_test(what_is_misclassified_as_it_is_has_distance_zero),
        cmocka_unit_test(a_random_victim_is_beaten_in_every_draw),
        cmocka_unit_test(
            deepfool_steps_over_the_nearest_plane_by_its_overshoot),
        cmocka_unit_test(deepfool_within_the_box_is_near_the_smallest),
        cmocka_unit_test(deepfool_looks_at_as_many_classes_as_it_is_told),
        cmocka_unit_test(cw_l2_finds_the_smallest_to_one_in_fifty),
        cmocka_unit_test(cw_l2_reaches_the_margin_that_it_is_told),
        cmocka_unit_test(cw_l2_ends_a_search_that_has_come_to_a_stand),
        cmocka_unit_test(fab_goes_onto_a_plane_by_the_shortest_way),
        cmocka_unit_test(fab_finds_the_smallest_to_one_in_a_hundred),
        cmocka_unit_test(fab_loses_nothing_by_random_restarts),
    };
    return cmocka_run_group_tests_name("attack_minimal", tests, NULL, NULL);
}
